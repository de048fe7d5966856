//! Texts and diagrams of other programs as storyboards: the file becomes a recording in which nothing is heard, its words the transcript,
//! and what is drawn of them the storyboard, all in one commit. From then on they are as every other.

use std::path::Path;

use access::{
    Permit,
    usage::{self, Limits, Meter},
};
use model::{AnyId, DataClass, Header, Id, Noun, noun, permission::AssetUpload};
use store::blob::Finished;
use studio::{
    import::{self, Syntax},
    outline::{CueOutliner, Options, Outliner as _},
    storyboard::Canvas,
    transcript::{Term, TextFormat, spell},
};

use crate::{
    content::keep,
    error::LibraryError,
    folder, glossary,
    project::{self, MAX_TITLE},
    recording::{Recording, blobs},
    settings, stored,
    storyboard::Storyboard,
    text::line,
    transcript::Transcript,
    upload::file_name,
    version::{Origin, Version},
};

/// The largest file, in bytes: five hours of speech are less.
pub const MAX_TEXT: usize = 256 << 10;
/// Files that are taken, by their endings, and as what they are kept.
pub const FORMS: [(&str, &str); 10] = [
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("srt", "text/plain"),
    ("vtt", "text/vtt"),
    ("mmd", "text/vnd.mermaid"),
    ("mermaid", "text/vnd.mermaid"),
    ("dot", "text/vnd.graphviz"),
    ("gv", "text/vnd.graphviz"),
    ("d2", "text/plain"),
];

/// A file of another program.
#[derive(Debug, Clone, Default)]
pub struct NewImport {
    /// What the file is called; its ending says what it is.
    pub file_name: String,
    /// What is in it.
    pub text: String,
    /// Its language; the tenant's where it has one, else English, without a word.
    pub language: Option<String>,
    /// What the recording will be called; as the file, without a word.
    pub title: Option<String>,
    /// The folder of the project into which it comes.
    pub folder: Option<Id<noun::Folder>>,
}

/// What a file has become.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The file itself.
    pub recording: Recording,
    /// Its words.
    pub transcript: Id<noun::Transcript>,
    /// What is drawn of it.
    pub storyboard: Id<noun::Storyboard>,
}

/// Makes a storyboard of a file, in the project of the permit.
///
/// # Errors
/// When the file is none of [`FORMS`], is not what its ending says, or holds nothing that can be drawn.
pub fn import(permit: Permit<AssetUpload>, limits: &Limits, new: &NewImport) -> Result<Imported, LibraryError> {
    let file_name = file_name(&new.file_name)?;
    let stem = file_name.rsplit_once('.').map_or(file_name.as_str(), |(stem, _)| stem);
    let stem: String = stem.chars().take(MAX_TITLE).collect();
    let title = line("title", new.title.as_deref().unwrap_or(&stem), MAX_TITLE, false)?;
    let media_type = media_type(&file_name)?;
    let project = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let (language, theme, terms) = {
        let view = permit.read()?;
        let settings = settings::of(&view)?;
        let own = <&[String; 1]>::try_from(settings.languages.as_slice()).ok().map(|[only]| only.clone());
        let language = new.language.clone().or(own).unwrap_or_else(|| "en".to_owned());
        let terms = glossary::terms(&view, permit.tenant(), Some(project), Some(&language))?;
        (language, settings.theme, terms)
    };
    let (words, board) = read(&file_name, &new.text, &language, &title, &theme, &terms)?;

    let blobs = blobs(permit.files())?;
    let file = keep(&blobs, new.text.as_bytes())?;
    let (kept_words, kept_board) =
        (keep(&blobs, &words.canonical())?, keep(&blobs, &studio::storyboard::canonical(&board))?);
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        let within = project::at_work(tx, project)?;
        folder::check(tx, project, new.folder)?;
        let mut head = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        head.project = Some(project);
        head.classification = within.header.classification;
        head.residency = within.header.residency;
        stored::hold(tx, &blobs, file)?;
        let recording = Recording {
            header: head,
            title: title.clone(),
            tags: Vec::new(),
            file_name,
            media_type: media_type.to_owned(),
            media: file.digest,
            bytes: file.length,
            duration_ms: Some(words.duration_ms),
            trashed: None,
            folder: new.folder,
        };
        tx.put(&recording)?;
        let mut transcript = Transcript {
            header: beside(&recording, tx.new_id()),
            recording: recording.header.id,
            title,
            language: String::new(),
            duration_ms: 0,
            words: 0,
            digest: kept_words.digest,
            unsure: 0,
            certainty: None,
            corrected: 0,
        };
        transcript.describe(&words, kept_words.digest);
        let first = first(transcript.header.id.erase(), kept_words, owner, &recording);
        transcript.note_version(tx, &blobs, &first, owner, Origin::Imported)?;
        let mut storyboard = Storyboard {
            header: beside(&recording, tx.new_id()),
            recording: recording.header.id,
            transcript: transcript.header.id,
            title: String::new(),
            theme: String::new(),
            canvas: (0, 0, 0),
            scenes: 0,
            digest: kept_board.digest,
        };
        storyboard.describe(&board, kept_board.digest);
        let first = self::first(storyboard.header.id.erase(), kept_board, owner, &recording);
        storyboard.note_version(tx, &blobs, &first, owner, Origin::Imported)?;
        // Counted as it was stored; what goes beyond the plan is refused as a whole.
        usage::take(tx, Meter::StorageBytes, 0, limits)?;
        tx.about(recording.header.id.erase());
        tx.note("bytes", file.length.to_string());
        Ok(Imported { recording, transcript: transcript.header.id, storyboard: storyboard.header.id })
    })
}

/// What files of this name are kept as.
fn media_type(file_name: &str) -> Result<&'static str, LibraryError> {
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = FORMS.iter().find(|(own, _)| ending.as_deref() == Some(own));
    known.map(|(_, media_type)| *media_type).ok_or_else(|| {
        let endings = FORMS.map(|(ending, _)| format!(".{ending}")).join(", ");
        LibraryError::Field { field: "file_name", fault: format!("must end with one of {endings}") }
    })
}

type Read = (studio::transcript::Transcript, studio::storyboard::Storyboard);

/// The words of a file, the terms among them as they are spelled, and what is drawn of them. What stands in a diagram stays as its author
/// has written it.
fn read(
    file_name: &str,
    text: &str,
    language: &str,
    title: &str,
    theme: &str,
    terms: &[Term],
) -> Result<Read, LibraryError> {
    let fault = |fault: String| LibraryError::Field { field: "text", fault };
    if text.len() > MAX_TEXT {
        return Err(fault(format!("has {} bytes, at most {MAX_TEXT} are taken; split it", text.len())));
    }
    if language.is_empty() || language.len() > 40 || !language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(LibraryError::Field {
            field: "language",
            fault: "must be a language tag like `en` or `pt-BR`".to_owned(),
        });
    }
    let path = Path::new(file_name);
    let options = Options { id: title.to_owned(), theme: theme.to_owned(), canvas: Canvas::default(), kind: None };
    let (words, board) = match Syntax::guess(path) {
        Some(syntax) => {
            let drawing = import::read(text.as_bytes(), syntax).map_err(|error| fault(error.to_string()))?;
            (import::transcript(&drawing, language), import::storyboard(&drawing, language, &options))
        }
        None => {
            let format = TextFormat::guess(path).unwrap_or(TextFormat::Plain);
            let words = studio::transcript::read(text.as_bytes(), format, language);
            let mut words = words.map_err(|error| fault(error.to_string()))?;
            spell(&mut words, terms);
            let board = CueOutliner.outline(&words, &options);
            (words, board)
        }
    };
    let said = words.words.iter().any(|word| word.text.chars().any(char::is_alphanumeric));
    if !said || board.scenes.is_empty() {
        return Err(fault("holds no words; give a file in which something is told".to_owned()));
    }
    Ok((words, board))
}

/// The head of what is made of a recording: it lies where that lies, and is as secret.
fn beside<K: Noun>(recording: &Recording, id: Id<K>) -> Header<K> {
    let of = &recording.header;
    let mut header = Header::new(id, of.tenant, of.home, of.owner, DataClass::K6, of.created);
    header.project = of.project;
    header.classification = of.classification;
    header.residency.clone_from(&of.residency);
    header
}

fn first(thing: AnyId, stored: Finished, by: AnyId, recording: &Recording) -> Version {
    let Finished { digest, length: bytes } = stored;
    let made = recording.header.created;
    Version { thing, number: 1, digest, bytes, words: 1, made, by, origin: Origin::Imported }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file_name: &str, text: &str, expected: Result<usize, (&str, &str)>) {
        let found = media_type(file_name).and_then(|_| read(file_name, text, "en", "Orders", "light", &[]));
        match (found, expected) {
            (Ok((words, board)), Ok(boxes)) => {
                assert_eq!(board.scenes.iter().map(|scene| scene.nodes.len()).sum::<usize>(), boxes, "{file_name}");
                assert!(words.duration_ms > 0);
            }
            (Err(LibraryError::Field { field, fault }), Err((at, part))) => {
                assert!(field == at && fault.contains(part), "{file_name}: {field}: {fault}");
            }
            (found, _) => panic!("{file_name}: {:?}", found.err()),
        }
    }

    #[test]
    fn files_are_what_their_ending_says() {
        check("a.mmd", "flowchart TD\n a[Take order] --> b[Pack]\n b --> c[Send]", Ok(3));
        check("a.dot", "digraph { a -> b }", Ok(2));
        check("a.D2", "a -> b: then", Ok(2));
        check(
            "a.srt",
            "1\n00:00:01,000 --> 00:00:04,000\nFirst we take the order.\n\n2\n00:00:05,000 --> 00:00:08,000\nThen we pack it.\n",
            Ok(2),
        );
        check("a.md", "# Orders\n\nFirst we take the order. Then we pack the box.", Ok(2));
        check("a.mmd", "sequenceDiagram\n A->>B: hi", Err(("text", "only flowcharts")));
        check("a.dot", "digraph {\n a -> \n}", Err(("text", "line 3")));
        check("a.txt", " \n", Err(("text", "")));
        check("a.txt", &"word ".repeat(MAX_TEXT), Err(("text", "split it")));
        check("a.pdf", "x", Err(("file_name", ".mmd")));
        check("mmd", "x", Err(("file_name", ".mmd")));
    }

    #[test]
    fn terms_are_written_as_they_are_spelled() {
        let terms = [Term::parse("OpenAI"), Term::parse("Kubernetes = cooper netties")];
        let said = |file_name: &str, text: &str| {
            let (words, board) = read(file_name, text, "en", "Orders", "light", &terms).unwrap();
            let labels: Vec<String> = board.scenes.into_iter().flat_map(|s| s.nodes).map(|n| n.label).collect();
            (words.text(0, words.words.len() - 1), labels)
        };
        let (text, labels) = said("a.txt", "First we ask open ai. Then we start cooper netties.");
        assert_eq!(text, "First we ask OpenAI. Then we start Kubernetes.");
        assert_eq!(labels, ["Ask OpenAI", "Start Kubernetes"]);
        let line = "00:00:01,000 --> 00:00:04,000\nFirst we ask open ai.\n";
        assert_eq!(said("a.srt", &format!("1\n{line}")).0, "First we ask OpenAI.");
        assert_eq!(said("a.vtt", &format!("WEBVTT\n\n{}", line.replace(',', "."))).0, "First we ask OpenAI.");
        assert!(said("a.mmd", "flowchart TD\n a[Ask open ai] --> b[Pack]").0.contains("open ai"));
    }
}
