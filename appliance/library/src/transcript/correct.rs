//! Corrections of words and speakers.

use access::Permit;
use model::permission::TranscriptEdit;

use super::{Transcript, current, words};
use crate::{
    base::check_base,
    content::keep,
    error::LibraryError,
    recording::blobs,
    text::line,
    version::{Origin, Version},
};

/// The most corrections of one call.
const MAX_CORRECTIONS: usize = 10_000;

/// What a word should be. Its number and times stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The number of the word, from 0.
    pub word: u32,
    /// The right word, with its punctuation.
    pub text: Option<String>,
    /// Who says it: a speaker's name, which may be new.
    pub speaker: Option<String>,
}

/// Another name for a speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The name so far.
    pub from: String,
    /// The name from now on.
    pub to: String,
}

/// Corrects words and speakers: a new version.
pub fn correct(
    permit: Permit<TranscriptEdit>,
    base: Option<u64>,
    corrections: &[Correction],
    namings: &[Naming],
) -> Result<Transcript, LibraryError> {
    if corrections.len() + namings.len() > MAX_CORRECTIONS {
        return Err(field("words", format!("at most {MAX_CORRECTIONS} corrections are allowed at once")));
    }
    let view = permit.read()?;
    let before = current(&view, permit.subject())?;
    check_base(before.header.version, base)?;
    let old = before.newest(&view)?;
    drop(view);
    let blobs = blobs(permit.files())?;
    let mut text = words(&blobs, &old)?;
    namings.iter().try_for_each(|naming| rename(&mut text, naming))?;
    corrections.iter().try_for_each(|correction| apply(&mut text, correction))?;
    let stored = keep(&blobs, &text.canonical())?;
    let content = Version { digest: stored.digest, bytes: stored.length, ..old };
    let (by, subject) = (permit.actor(), permit.subject().clone());
    permit.write(|tx| {
        let mut transcript = current(tx, &subject)?;
        // What was read outside this write is what the corrections are laid over.
        check_base(transcript.header.version, Some(before.header.version))?;
        tx.note("corrections", (corrections.len() + namings.len()).to_string());
        let reworded = corrections.iter().filter(|correction| correction.text.is_some()).count();
        transcript.corrected = transcript.corrected.saturating_add(u32::try_from(reworded).unwrap_or(u32::MAX));
        transcript.add(tx, &blobs, &text, &content, by, Origin::Edited)?;
        Ok(transcript)
    })
}

fn rename(text: &mut studio::transcript::Transcript, naming: &Naming) -> Result<(), LibraryError> {
    let to = line("speakers", &naming.to, 100, false)?;
    let place = text.speakers.iter_mut().find(|name| **name == naming.from);
    *place.ok_or_else(|| field("speakers", format!("nobody is called `{}`", short(&naming.from))))? = to;
    Ok(())
}

fn apply(text: &mut studio::transcript::Transcript, correction: &Correction) -> Result<(), LibraryError> {
    let speaker = correction.speaker.as_deref().map(|name| speaker(text, name)).transpose()?;
    let count = text.words.len();
    let at = usize::try_from(correction.word).unwrap_or(usize::MAX);
    let Some(word) = text.words.get_mut(at) else {
        return Err(field("words", format!("there is no word {at}; the transcript has {count}")));
    };
    if let Some(right) = &correction.text {
        if word.redacted {
            return Err(field("words", format!("word {at} is redacted and cannot be corrected")));
        }
        let one_word = (1..=200).contains(&right.chars().count());
        if !one_word || right.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(field("words", format!("`{}` is not one word; write it without spaces", short(right))));
        }
        word.text.clone_from(right);
        word.confidence = 1.0;
    }
    word.speaker = speaker.or(word.speaker);
    Ok(())
}

/// The number of a speaker, who is added where nobody is called so.
fn speaker(text: &mut studio::transcript::Transcript, name: &str) -> Result<u16, LibraryError> {
    let name = line("speaker", name, 100, false)?;
    let at = text.speakers.iter().position(|known| *known == name).unwrap_or_else(|| {
        text.speakers.push(name);
        text.speakers.len() - 1
    });
    u16::try_from(at).ok().filter(|at| *at < 1_000).ok_or_else(|| field("speaker", "there are too many".into()))
}

fn field(field: &'static str, fault: String) -> LibraryError {
    LibraryError::Field { field, fault }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
