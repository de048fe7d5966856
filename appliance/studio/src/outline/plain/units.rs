//! Sentences and clauses of a talk in any language.

use crate::outline::pack::{Order, Pack, trivial};
use crate::storyboard::WordRange;
use crate::transcript::{Timing, Transcript};

/// Words of a sentence that has no end.
const LONG: usize = 24;
/// The same where a word is a letter or two.
const LONG_DENSE: usize = 90;
/// A silence that ends a sentence.
const PAUSE_MS: u64 = 700;
/// Words in which a connective is looked for.
const AHEAD: usize = 10;

/// A clause that becomes a step.
pub(super) struct Unit {
    /// Its words.
    pub(super) words: WordRange,
    /// As spoken.
    pub(super) text: String,
}

/// The clauses of a talk. A sentence is cut where, after a comma, another step begins.
pub(super) fn units(transcript: &Transcript, pack: Option<&Pack>) -> Vec<Unit> {
    let dense = pack.is_some_and(|p| p.order == Order::Suffix);
    let long = if dense { LONG_DENSE } else { LONG };
    let words = &transcript.words;
    let mut out: Vec<Unit> = Vec::new();
    let mut first = 0_usize;
    for (i, word) in words.iter().enumerate() {
        let next = words.get(i + 1);
        let turn = next.is_none_or(|n| n.new_line || n.speaker != word.speaker);
        let silence = next.map_or(0, |n| n.start_ms.saturating_sub(word.end_ms));
        let pause = transcript.timing == Timing::Audio && silence >= PAUSE_MS && i >= first + 3;
        let end = word.ends_sentence() && !pack.is_some_and(|pack| goes_on(transcript, i, pack));
        let clause = pack.is_some_and(|pack| clause_ends(transcript, first, i, pack));
        let many =
            i + 1 - first >= long && (word.text.ends_with(trivial) || i + 1 - first >= 2 * long || pack.is_none());
        if end || turn || pause || clause || many {
            let range = [u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(i).unwrap_or(u32::MAX)];
            out.push(Unit { words: range, text: transcript.text(first, i) });
            first = i + 1;
        }
    }
    out
}

/// Whether the full stop after a word ends no sentence: `z. B.`, `am 3. Mai`.
fn goes_on(transcript: &Transcript, i: usize, pack: &Pack) -> bool {
    if pack.order == Order::Suffix {
        return false;
    }
    let Some(next) = transcript.words.get(i + 1) else { return false };
    let low = |i: usize| transcript.words[i].text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let core = low(i);
    let small = !next.text.starts_with(char::is_uppercase);
    let ordinal = core.len() <= 2 && !core.is_empty() && core.bytes().all(|b| b.is_ascii_digit());
    let month = pack.is("time", next.text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str());
    let counted = i > 0 && (pack.is("determiner", &low(i - 1)) || pack.is("preposition", &low(i - 1)));
    let letter = core.chars().count() == 1 && core.chars().all(char::is_alphabetic);
    (ordinal && (small || month || counted)) || (pack.is("abbreviation", &core)) || (letter && core != "i")
}

/// Whether another step begins after word `i`: after a comma with a connective, or after a verb that is complete.
fn clause_ends(transcript: &Transcript, first: usize, i: usize, pack: &Pack) -> bool {
    let words = &transcript.words;
    if i + 2 >= words.len() || i < first + 1 {
        return false;
    }
    let text = words[i].text.as_str();
    let comma = text.ends_with([',', '，', '、', ';', '；']);
    if !comma && pack.order == Order::VerbSecond {
        return false;
    }
    let ahead = transcript.text(i + 1, (i + AHEAD).min(words.len() - 1));
    let leads = pack.after("lead", &ahead).is_some();
    if pack.order == Order::VerbSecond {
        return leads && pack.after("condition", &transcript.text(first, i)).is_none();
    }
    let spoken = transcript.text(first, i);
    let core = spoken.trim_end_matches(trivial);
    let joint = comma
        && core.chars().count() >= 5
        && pack.list("joint").iter().filter_map(|e| e.split_once('=')).any(|(end, _)| core.ends_with(end));
    let closed = pack.list("close").iter().any(|end| core.ends_with(end));
    // A lead alone, with its comma, is no clause.
    let bare = pack.after("lead", core).is_some_and(str::is_empty);
    !bare && (joint || (leads && (comma || closed)))
}
