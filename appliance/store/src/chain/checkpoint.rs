//! Checkpoints (C2SP tlog-checkpoint): size and root of a log at a moment, signed by the log's key.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Hash, MAX_SIZE,
    note::{NoteError, Signer, Verifier},
};

/// The state of a log. Whoever keeps one can hold every later state against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name unique in the world that contains the tenant's id, as [`super::origin`] makes it.
    /// The log's key has it as its name.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Further lines, opaque here.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The signed note of this checkpoint. The origin must be the signer's name.
    pub fn sign(&self, signer: &Signer) -> Result<String, NoteError> {
        if self.origin != signer.verifier().name() {
            return Err(NoteError::Origin);
        }
        if self.size > MAX_SIZE {
            return Err(NoteError::Checkpoint("the size is beyond what a log can have"));
        }
        if self.extensions.iter().any(|line| line.is_empty() || line.contains('\n')) {
            return Err(NoteError::Checkpoint("an extension is not one line"));
        }
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        signer.sign(&text)
    }

    /// Reads a signed note and checks that the key of `verifier` signed it for its own log.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, NoteError> {
        let checkpoint = Self::parse(verifier.open(note)?)?;
        if checkpoint.origin == verifier.name() { Ok(checkpoint) } else { Err(NoteError::Origin) }
    }

    /// Reads the text of a note whose signature is checked.
    fn parse(text: &str) -> Result<Self, NoteError> {
        let text = text.strip_suffix('\n').ok_or(NoteError::Checkpoint("the last line does not end"))?;
        let mut lines = text.split('\n');
        let mut next = || lines.next().ok_or(NoteError::Checkpoint("there are fewer than three lines"));
        let (origin, size, root) = (next()?, next()?, next()?);
        if origin.is_empty() {
            return Err(NoteError::Checkpoint("the origin is empty"));
        }
        // One form for each number: no sign, no leading zeros, no blanks.
        let number = size.parse::<u64>().ok().filter(|number| *number <= MAX_SIZE && number.to_string() == size);
        let size = number.ok_or(NoteError::Checkpoint("the size is no number"))?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or(NoteError::Checkpoint("the root is no hash"))?;
        let extensions: Vec<_> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(NoteError::Checkpoint("an extension line is empty"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    fn signer(name: &str) -> Signer {
        Signer::new(name, &[3; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        let extensions = vec!["2026-11-21T22:00:00Z".into()];
        Checkpoint { origin: "audiagram/tnt_1".into(), size: 20_852_163, root: [7; 32], extensions }
    }

    #[test]
    fn round_trip() {
        let signer = signer("audiagram/tnt_1");
        for size in [0, 1, 255, 256, MAX_SIZE] {
            let checkpoint = Checkpoint { size, ..checkpoint() };
            let note = checkpoint.sign(&signer).unwrap();
            assert_eq!(Checkpoint::open(&note, signer.verifier()).unwrap(), checkpoint);
            let key: Verifier = signer.verifier().to_string().parse().unwrap();
            assert_eq!(Checkpoint::open(&note, &key).unwrap(), checkpoint);
        }
    }

    #[test]
    fn the_example_of_the_specification() {
        let parsed = Checkpoint::parse(&format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n")).unwrap();
        assert_eq!((parsed.origin.as_str(), parsed.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(STANDARD.encode(parsed.root), ROOT);
        assert!(parsed.extensions.is_empty());
    }

    #[test]
    fn texts_that_are_no_checkpoints() {
        for bad in [
            String::new(),
            "\n".into(),
            "log\n".into(),
            "log\n1\n".into(),
            format!("log\n1\n{ROOT}"),
            format!("\n1\n{ROOT}\n"),
            format!("log\n\n{ROOT}\n"),
            format!("log\n01\n{ROOT}\n"),
            format!("log\n+1\n{ROOT}\n"),
            format!("log\n-1\n{ROOT}\n"),
            format!("log\n 1\n{ROOT}\n"),
            format!("log\n1e3\n{ROOT}\n"),
            format!("log\n١\n{ROOT}\n"),
            format!("log\n{}\n{ROOT}\n", u64::MAX),
            format!("log\n18446744073709551616\n{ROOT}\n"),
            format!("log\n1\n{}\n", &ROOT[..43]),
            format!("log\n1\n{}\n", ROOT.replace('/', "_")),
            "log\n1\nAAAA\n".into(),
            "log\n1\n\n".into(),
            format!("log\n1\n{}\n", ROOT.replace("2I=", "2J=")),
            format!("log\n1\n{ROOT}\n\n"),
            format!("log\n1\n{ROOT}\nmore\n\nmore\n"),
        ] {
            assert!(matches!(Checkpoint::parse(&bad), Err(NoteError::Checkpoint(_))), "{bad:?}");
        }
    }

    #[test]
    fn another_log_is_refused() {
        let (one, two) = (signer("audiagram/tnt_1"), signer("audiagram/tnt_2"));
        assert_eq!(checkpoint().sign(&two), Err(NoteError::Origin));
        let note = checkpoint().sign(&one).unwrap();
        // Even the same key bytes do not pass under another name.
        assert_eq!(Checkpoint::open(&note, two.verifier()), Err(NoteError::Unsigned));
        // A log's key that signed something in another log's name.
        let text = format!("audiagram/tnt_1\n1\n{ROOT}\n");
        assert_eq!(Checkpoint::open(&two.sign(&text).unwrap(), two.verifier()), Err(NoteError::Origin));
    }

    #[test]
    fn extensions_cannot_smuggle_lines() {
        for bad in ["", "a\nb", "a\n\n— x y"] {
            let checkpoint = Checkpoint { extensions: vec![bad.into()], ..checkpoint() };
            assert!(checkpoint.sign(&signer("audiagram/tnt_1")).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_seen(at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let signer = signer("audiagram/tnt_1");
            let note = checkpoint().sign(&signer).unwrap();
            let mut bytes = note.into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            if let Ok(text) = std::str::from_utf8(&bytes) {
                prop_assert!(Checkpoint::open(text, signer.verifier()).is_err(), "{}", text);
            }
        }

        #[test]
        fn noise_is_refused(text in "\\PC{0,20}\n[0-9]{0,25}\n[A-Za-z0-9+/=]{0,50}\n(\\PC{0,9}\n){0,3}(— \\PC{0,40}\n){0,2}") {
            prop_assert!(Checkpoint::open(&text, signer("log").verifier()).is_err());
        }
    }
}
