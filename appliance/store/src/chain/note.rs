//! Signed notes (C2SP signed-note) with Ed25519: a text, an empty line, and signature lines.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Longer notes are refused unread.
const MAX_NOTE: usize = 64 << 10;

/// The number of plain Ed25519 among signature types.
const ED25519: u8 = 1;

/// A note, checkpoint or key that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The name cannot stand in a signature line.
    #[error("the name of a log's key must be one word without `+` or control characters")]
    Name,
    /// Not a public key in text form, or a weak one.
    #[error("not a log's public key: expected `name+id+key`, as `audiagram audit key` prints it")]
    Key,
    /// Not a signed note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// No signature line is by the key.
    #[error("the note is not signed by the expected key")]
    Unsigned,
    /// A signature line by the key does not fit the text.
    #[error("the signature does not fit the note: one of them was altered")]
    Signature,
    /// The text is signed, but is no checkpoint.
    #[error("not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of another log than its key")]
    Origin,
}

impl NoteError {
    /// Its kind.
    pub fn kind(&self) -> model::ErrorKind {
        match self {
            Self::Name | Self::Key | Self::Form(_) | Self::Checkpoint(_) => model::ErrorKind::Invalid,
            Self::Unsigned | Self::Signature | Self::Origin => model::ErrorKind::Corrupt,
        }
    }
}

/// The secret half of a log's key.
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

/// The public half of a log's key. Its text form is `name+id+key` (the `vkey` of C2SP signed-note).
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl Signer {
    /// The key called `name` made from 32 random bytes. A log's key has the log's origin as its name.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(seed);
        let verifier = Verifier::new(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs `text`: lines that each end in a newline.
    pub(super) fn sign(&self, text: &str) -> Result<String, NoteError> {
        check_text(text)?;
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let Verifier { name, id, .. } = &self.verifier;
        let note = format!("{text}\n— {name} {}\n", STANDARD.encode([id, signature.as_slice()].concat()));
        if note.len() > MAX_NOTE { Err(NoteError::Form("it is longer than 64 KiB")) } else { Ok(note) }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

impl Verifier {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(NoteError::Name);
        }
        if key.is_weak() {
            return Err(NoteError::Key);
        }
        // Key ids only help to find the key; four bytes of a hash need not be unique.
        let hash = Sha256::new()
            .chain_update(name)
            .chain_update(b"\n")
            .chain_update([ED25519])
            .chain_update(key.as_bytes())
            .finalize();
        Ok(Self { name: name.to_owned(), id: [hash[0], hash[1], hash[2], hash[3]], key })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of `note` if this key signed it. Lines of other keys (witnesses) are let be.
    pub(super) fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Form("it is longer than 64 KiB"));
        }
        // An empty line may stand in the text, never among the signatures: the last one divides.
        let at = note.rfind("\n\n").ok_or(NoteError::Form("there is no empty line before the signatures"))? + 1;
        let (text, signatures) = (&note[..at], &note[at + 1..]);
        check_text(text)?;
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Form("the last line does not end"))?;
        let mut signed = false;
        for line in signatures.split('\n') {
            let bad = NoteError::Form("a signature line is not `— name signature`");
            let (name, encoded) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')).ok_or(bad)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| bad)?;
            let (id, signature) = bytes.split_first_chunk::<4>().ok_or(bad)?;
            if name.is_empty() || signature.is_empty() {
                return Err(bad);
            }
            if name == self.name && *id == self.id {
                let signature = Signature::from_slice(signature).map_err(|_| NoteError::Signature)?;
                self.key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteError::Signature)?;
                signed = true;
            }
        }
        if signed { Ok(text) } else { Err(NoteError::Unsigned) }
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Form("the text does not end in a newline"));
    }
    if text.contains(|c: char| c.is_ascii_control() && c != '\n') {
        return Err(NoteError::Form("there are control characters in the text"));
    }
    Ok(())
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), STANDARD.encode(key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Verifier {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(NoteError::Key);
        };
        let key = key.try_into().map_err(|_| NoteError::Key)?;
        let verifier = Self::new(name, VerifyingKey::from_bytes(&key).map_err(|_| NoteError::Key)?)?;
        // The id follows from name and key; written back, the text must be the same.
        if verifier.to_string() == text { Ok(verifier) } else { Err(NoteError::Key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the signed-note specification and of its first implementation, golang.org/x/mod/sumdb/note.
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_example_of_the_specification() {
        let verifier: Verifier = KEY.parse().unwrap();
        assert_eq!(verifier.to_string(), KEY);
        assert_eq!(verifier.name(), "PeterNeumann");
        let text = verifier.open(NOTE).unwrap();
        assert!(text.ends_with("your problem is.\n") && text.lines().count() == 2);
        // Its published secret, AYEKFALV…: the first byte is the type, the rest the seed. Ed25519 signs the same text the same way.
        let secret = STANDARD.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
        let signer = Signer::new("PeterNeumann", secret[1..].try_into().unwrap()).unwrap();
        assert_eq!(signer.sign(text).unwrap(), NOTE);
        assert!(!format!("{signer:?}").contains("gQoU"), "the secret is not printed");
    }

    #[test]
    fn notes_that_are_refused() {
        let verifier: Verifier = KEY.parse().unwrap();
        let check = |note: &str, expected: NoteError| assert_eq!(verifier.open(note), Err(expected), "{note:?}");
        let form = |note: &str| assert!(matches!(verifier.open(note), Err(NoteError::Form(_))), "{note:?}");
        check(&NOTE.replace("don't", "do"), NoteError::Signature);
        check(&NOTE.replace("x08go/ZJ", "x08go/ZK"), NoteError::Signature);
        check(&NOTE.replace("x08go/", "y08go/"), NoteError::Unsigned);
        check(&NOTE.replace("— Peter", "— Paul"), NoteError::Unsigned);
        for end in 0..NOTE.len() {
            if NOTE.is_char_boundary(end) {
                assert!(verifier.open(&NOTE[..end]).is_err(), "{end}");
            }
        }
        form("");
        form("\n\n");
        form("text\n\n");
        form("text\n\n\n");
        form("text\n\n— \n");
        form("text\n\n— name\n");
        form("text\n\n—  AAAAAAAA\n");
        form("text\n\n— name AAAA\n");
        form("text\n\n— name AAAAAAA\n");
        form("text\n\n- name AAAAAAAA\n");
        form("te\rxt\n\n— name AAAAAAAA\n");
        form("te\0xt\n\n— name AAAAAAAA\n");
        form(&NOTE.replace('\n', "\r\n"));
        form(&format!("{NOTE}{}", "— n AAAAAAAA\n".repeat(6_000)));
        form(&format!("{NOTE} "));
        check(&NOTE.replace("x08go", "\u{1d}08go"), NoteError::Form("a signature line is not `— name signature`"));
    }

    #[test]
    fn lines_of_witnesses_are_let_be() {
        let verifier: Verifier = KEY.parse().unwrap();
        let line = "— witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        assert!(verifier.open(&format!("{NOTE}{line}")).is_ok());
        let (text, own) = NOTE.split_once("\n\n").unwrap();
        assert!(verifier.open(&format!("{text}\n\n{line}{own}")).is_ok());
        assert_eq!(verifier.open(&format!("{text}\n\n{line}")), Err(NoteError::Unsigned));
        let forged = own.replace("JnAM=", "JnAA=");
        assert_eq!(verifier.open(&format!("{NOTE}{forged}")), Err(NoteError::Signature), "one good line is not enough");
    }

    #[test]
    fn keys_that_are_refused() {
        let weak = format!("log+{}+{}", "00000000", STANDARD.encode([&[1], [0u8; 32].as_slice()].concat()));
        for bad in [
            "",
            "+",
            "++",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "PeterNeumann+c74f20a3+",
            "PeterNeumann+c74f20a3+AR==",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            &weak,
        ] {
            assert!(bad.parse::<Verifier>().is_err(), "{bad}");
        }
        for bad in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7f}"] {
            assert_eq!(Signer::new(bad, &[1; 32]).err(), Some(NoteError::Name), "{bad:?}");
        }
    }
}
