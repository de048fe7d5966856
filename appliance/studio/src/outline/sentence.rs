//! A transcript cut into sentences of tokens, by its punctuation and by the pauses of who speaks.

use crate::transcript::{Timing, Transcript};

use super::contraction::push_contracted;
use super::dictation;
use super::token::{Sentence, Stop, Token};

/// Sentences of raw tokens, before normalising.
pub(crate) struct Raw {
    /// The tokens of the sentence.
    pub(crate) tokens: Vec<Token>,
    /// The sentence; `first` and `end` are not set yet.
    pub(crate) sentence: Sentence,
}

/// Sentences longer than this are cut at the next comma, or hard at twice the length: speech without punctuation.
const LONG_SENTENCE: usize = 60;
/// A silence that ends a sentence where nothing is punctuated.
const SENTENCE_PAUSE_MS: u64 = 700;
/// A spoken new paragraph counts as a silence of this length.
const PARAGRAPH_MS: u64 = 1500;
/// So many ends of sentences show how long a speaker pauses at them.
const ENDS: usize = 4;
/// Words that open what cannot be a sentence before the clause that it belongs to.
const DEPENDENT: &[&str] =
    &["if", "when", "once", "after", "before", "because", "while", "until", "unless", "since", "whenever", "although"];

/// Splits a transcript into sentences of raw tokens.
pub(crate) fn split(transcript: &Transcript) -> Vec<Raw> {
    let words = &transcript.words;
    let mut out: Vec<Raw> = Vec::new();
    let mut open: Vec<Token> = Vec::new();
    let (mut first_word, mut pause, mut turn) = (0_u32, 0_u64, false);
    let breath = breath(transcript);
    let spoken = dictation::marks(transcript);
    let mut named = 0;
    for (i, word) in words.iter().enumerate() {
        let id = u32::try_from(i).unwrap_or(u32::MAX);
        // `Anna:` says who speaks; nobody speaks it, but it belongs to what is said after it.
        let prefix = transcript.name_prefix(i);
        if prefix > 0 && i >= named {
            named = i + prefix;
        }
        if i < named && words.get(i + 1).is_some_and(|n| !n.new_line) {
            continue;
        }
        if open.is_empty() && first_word != id && i > named {
            first_word = id.min(first_word.max(id));
        }
        let (mut core, mut stop) = strip(&word.text);
        let mark = spoken.get(&i);
        if let Some(mark) = mark {
            let Some(said) = mark.stop else { continue };
            (core, stop) = ("", said);
        } else if i < named {
            (core, stop) = ("", Stop::None);
        }
        let next = words.get(i + 1);
        if abbreviation(core) && stop == Stop::End {
            let ends = next.is_none_or(|n| n.text.starts_with(char::is_uppercase)) && !title_abbreviation(core);
            stop = if ends { Stop::End } else { Stop::None };
        }
        if core.is_empty() {
            // A dash or other mark on its own is a pause.
            if let Some(last) = open.last_mut() {
                last.stop = last.stop.max(if stop == Stop::None { Stop::Comma } else { stop });
            }
        } else {
            push_contracted(&mut open, core, id);
            if let Some(last) = open.last_mut() {
                last.stop = stop;
            }
        }
        let silence = next.map_or(0, |n| n.start_ms.saturating_sub(word.end_ms));
        if let (Some(breath), Some(last)) = (breath, open.last().map(|t| t.stop)) {
            stop = stop.max(paused(&open, last, silence, breath));
            if let Some(last) = open.last_mut() {
                last.stop = stop;
            }
        }
        let measured = transcript.timing == Timing::Audio && silence >= SENTENCE_PAUSE_MS;
        let next_turn = next.is_some_and(|n| n.new_line || n.speaker != word.speaker);
        let long = open.len() >= 2 * LONG_SENTENCE || (open.len() >= LONG_SENTENCE && stop >= Stop::Comma);
        if stop.closes() || next_turn || long || next.is_none() || (measured && open.len() >= 4) {
            if !open.is_empty() {
                let sentence = Sentence {
                    first: 0,
                    end: 0,
                    words: [first_word, id],
                    pause_ms: pause,
                    turn,
                    speaker: word.speaker,
                };
                out.push(Raw { tokens: std::mem::take(&mut open), sentence });
            }
            first_word = id.saturating_add(1);
            pause = silence.max(if mark.is_some_and(|m| m.paragraph) { PARAGRAPH_MS } else { 0 });
            turn = next_turn;
        }
    }
    out
}

/// How long the speaker pauses at the end of a sentence, in milliseconds, where that is nearly the same each time: then pauses
/// say what the recogniser did not write.
fn breath(transcript: &Transcript) -> Option<u64> {
    if transcript.timing != Timing::Audio {
        return None;
    }
    let mut pauses: Vec<u64> = transcript
        .words
        .windows(2)
        .filter(|pair| strip(&pair[0].text).1.closes() && !pair[1].new_line)
        .map(|pair| pair[1].start_ms.saturating_sub(pair[0].end_ms))
        .collect();
    pauses.sort_unstable();
    let middle = *pauses.get(pauses.len() / 2)?;
    let alike = pauses.iter().filter(|p| **p * 3 >= middle * 2 && **p * 2 <= middle * 3).count();
    (pauses.len() >= ENDS && middle >= 150 && alike * 3 >= pauses.len() * 2).then_some(middle)
}

/// What a pause after the words of an open sentence says: nearly as long as at the ends of sentences, that it ends here;
/// a short one, that there is a comma.
fn paused(open: &[Token], stop: Stop, silence: u64, breath: u64) -> Stop {
    let dependent =
        open.first().is_some_and(|t| t.is(DEPENDENT)) && !open[..open.len() - 1].iter().any(|t| t.stop >= Stop::Comma);
    if silence * 4 >= breath * 3 && open.len() >= 2 && !dependent && stop != Stop::Colon {
        Stop::End
    } else if silence * 4 >= breath && open.last().is_some_and(|t| !super::normalise::binds(&t.low)) {
        Stop::Comma
    } else {
        Stop::None
    }
}

fn strip(text: &str) -> (&str, Stop) {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '£' | '$' | '€' | '%' | '+' | '#'));
    let tail = text.rfind(core).map_or("", |at| &text[at + core.len()..]);
    let stop = if tail.contains(['?', '？', '؟']) {
        Stop::Ask
    } else if tail.contains("...") || tail.contains('…') {
        Stop::Comma
    } else if tail.contains(['.', '!', '。', '！', '।']) {
        Stop::End
    } else if tail.contains([':', '：']) {
        Stop::Colon
    } else if tail.contains([',', ';', '—', '–', '、', '，', '；', ')']) {
        Stop::Comma
    } else {
        Stop::None
    };
    (core, stop)
}

fn abbreviation(core: &str) -> bool {
    title_abbreviation(core) || matches!(core.to_ascii_lowercase().as_str(), "a.m" | "p.m" | "e.g" | "i.e" | "etc")
}

fn title_abbreviation(core: &str) -> bool {
    matches!(core, "Mr" | "Mrs" | "Ms" | "Dr" | "Prof" | "St" | "vs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::contraction::resolve_apostrophes;
    use crate::outline::lexicon::Lexicon;

    fn check(text: &str, expected: &[&str]) {
        let transcript = Transcript::from_text(text, "en");
        let mut got = Vec::new();
        for mut raw in split(&transcript) {
            resolve_apostrophes(&mut raw.tokens, Lexicon::english());
            got.push(raw.tokens.iter().map(|t| t.low.as_str()).collect::<Vec<_>>().join(" "));
        }
        assert_eq!(got, expected, "{text}");
    }

    /// A transcript of words, each with the silence after it.
    fn timed(words: &[(&str, u64)]) -> Transcript {
        let mut out = Transcript::from_text("", "en");
        out.timing = Timing::Audio;
        let mut at = 0;
        for (word, silence) in words {
            out.words.push(crate::transcript::Word::new(*word, at, at + 200));
            at += 200 + silence;
        }
        out
    }

    fn stops(words: &[(&str, u64)]) -> Vec<String> {
        let all = split(&timed(words));
        let sentence = |raw: &Raw| {
            let words = raw.tokens.iter().map(|t| format!("{}{}", t.low, if t.stop == Stop::Comma { "," } else { "" }));
            words.collect::<Vec<_>>().join(" ")
        };
        all.iter().map(sentence).collect()
    }

    #[test]
    fn pauses_say_what_is_not_written_where_they_are_even() {
        let even = [
            ("It", 0),
            ("rains.", 350),
            ("We", 0),
            ("stay.", 340),
            ("They", 0),
            ("go.", 360),
            ("He", 0),
            ("ran.", 350),
        ];
        let more = [
            ("Milk", 120),
            ("eggs", 0),
            ("and", 100),
            ("rice", 330),
            ("if", 0),
            ("wet,", 340),
            ("wait,", 350),
            ("go", 0),
        ];
        let all: Vec<_> = even.iter().chain(&more).copied().collect();
        let heard = ["it rains", "we stay", "they go", "he ran", "milk, eggs and rice", "if wet, wait", "go"];
        assert_eq!(stops(&all), heard);
        // Who pauses anyhow is left as written.
        let mut uneven = all;
        for (i, word) in uneven.iter_mut().enumerate().take(8) {
            word.1 *= 1 + (i as u64 % 4) * 2;
        }
        assert_eq!(stops(&uneven).len(), 5);
    }

    #[test]
    fn sentences_and_contractions() {
        check("We don't stop. It's done.", &["we do not stop", "it is done"]);
        check("The pump's broken, the shop's bank isn't.", &["the pump is broken the shop's bank is not"]);
        check("At nine a.m. we open. Dr. Hall comes.", &["at nine a.m we open", "dr hall comes"]);
        check("", &[]);
        check("— ...", &[]);
    }
}
