//! Words as the outliner sees them: without punctuation, contractions split, each with the ids of its spoken words.

use crate::transcript::{Timing, Transcript};

use super::dictation;
use super::lexicon::Lexicon;

/// Part of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Det,
    Poss,
    Pron,
    Noun,
    Name,
    Verb,
    Aux,
    Modal,
    Adj,
    Adv,
    Prep,
    Conj,
    Sub,
    Wh,
    Num,
    To,
    Neg,
    There,
    Mark,
    Intj,
    Part,
}

impl Tag {
    /// The class of a line of `closed.txt`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "det" => Self::Det,
            "poss" => Self::Poss,
            "pron" => Self::Pron,
            "aux" => Self::Aux,
            "modal" => Self::Modal,
            "prep" => Self::Prep,
            "conj" => Self::Conj,
            "sub" => Self::Sub,
            "wh" => Self::Wh,
            "neg" => Self::Neg,
            "adv" => Self::Adv,
            "mark" => Self::Mark,
            "intj" => Self::Intj,
            "part" => Self::Part,
            _ => return None,
        })
    }

    /// Whether it can head a noun phrase.
    pub(crate) fn nominal(self) -> bool {
        matches!(self, Self::Noun | Self::Name)
    }
}

/// Form of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    None,
    Base,
    S,
    Past,
    /// Participle, or a past that looks the same.
    Part,
    Ing,
}

/// Punctuation after a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    None,
    Comma,
    Colon,
    End,
    Ask,
}

impl Stop {
    /// Whether it closes a sentence.
    pub(crate) fn closes(self) -> bool {
        self >= Self::End
    }
}

/// How a number was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberStyle {
    Cardinal,
    Year,
    Clock,
    /// Day of a month.
    Date,
    /// From one to another, `4–5`; the value is the lower one.
    Range,
}

/// A number, in digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// Its value; minutes since midnight for a clock time.
    pub(crate) value: f64,
    /// How it was meant.
    pub(crate) style: NumberStyle,
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// As written, without the punctuation around it.
    pub(crate) text: String,
    /// Lower case.
    pub(crate) low: String,
    /// Base form.
    pub(crate) lemma: String,
    /// Part of speech.
    pub(crate) tag: Tag,
    /// Form, of verbs.
    pub(crate) form: Form,
    /// First and last word id.
    pub(crate) words: [u32; 2],
    /// Punctuation after it.
    pub(crate) stop: Stop,
    /// Its number.
    pub(crate) number: Option<Number>,
    /// A possessive: `shop's`.
    pub(crate) owner: bool,
}

impl Token {
    /// A token of one word, not tagged yet.
    pub(crate) fn new(text: &str, word: u32) -> Self {
        let low = text.to_lowercase().replace('’', "'");
        Self {
            text: text.to_owned(),
            lemma: low.clone(),
            low,
            tag: Tag::Noun,
            form: Form::None,
            words: [word, word],
            stop: Stop::None,
            number: None,
            owner: false,
        }
    }

    /// The first and last word said of neighbouring tokens. A retraction puts words said later in the place of those
    /// they replace, so the first token need not be the first said.
    pub(crate) fn said(tokens: &[Self]) -> [u32; 2] {
        tokens.iter().fold([u32::MAX, 0], |all, t| [all[0].min(t.words[0]), all[1].max(t.words[1])])
    }

    /// Whether the lower-case text is one of `words`.
    pub(crate) fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.low.as_str())
    }
}

/// A sentence: its tokens are `tokens[first..end]` of the [`Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Index of the first token.
    pub(crate) first: usize,
    /// Index after the last token.
    pub(crate) end: usize,
    /// First and last word id, fillers included.
    pub(crate) words: [u32; 2],
    /// Milliseconds of silence before it.
    pub(crate) pause_ms: u64,
    /// Another speaker than that of the sentence before begins it.
    pub(crate) turn: bool,
    /// Who speaks, as an index into the speakers of the transcript.
    pub(crate) speaker: Option<u16>,
}

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

/// Pushes a word, contractions split into their parts, which share the word id.
fn push_contracted(out: &mut Vec<Token>, core: &str, id: u32) {
    let low = core.to_lowercase().replace('’', "'");
    if low == "o'clock" || !low.contains('\'') {
        out.push(Token::new(core, id));
        return;
    }
    let parts: &[&str] = match low.as_str() {
        "can't" => &["can", "not"],
        "won't" => &["will", "not"],
        "shan't" => &["shall", "not"],
        "let's" => &["let's"],
        "i'm" => &["I", "am"],
        "d'you" => &["do", "you"],
        _ => &[],
    };
    if !parts.is_empty() {
        out.extend(parts.iter().map(|part| Token::new(part, id)));
        return;
    }
    let Some(at) = low.rfind('\'') else { return };
    let (stem, tail) = (&core[..core.rfind(['\'', '’']).unwrap_or(core.len())], &low[at..]);
    let second = match tail {
        "'ve" => "have",
        "'re" => "are",
        "'ll" => "will",
        "'d" => "would",
        "'m" => "am",
        "'s" => {
            out.push(Token::new(stem, id));
            let mut tail = Token::new("'s", id);
            tail.tag = Tag::Aux;
            out.push(tail);
            return;
        }
        "'t" if low.ends_with("n't") => {
            out.push(Token::new(&stem[..stem.len() - 1], id));
            out.push(Token::new("not", id));
            return;
        }
        _ => {
            out.push(Token::new(core, id));
            return;
        }
    };
    out.push(Token::new(stem, id));
    out.push(Token::new(second, id));
}

/// Decides what each `'s` is: part of a possessive, or a short `is`.
pub(crate) fn resolve_apostrophes(tokens: &mut Vec<Token>, lexicon: &Lexicon) {
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i].low != "'s" || i == 0 {
            i += 1;
            continue;
        }
        let owner = tokens[i - 1].low.clone();
        let short_is = !lexicon.closed(&owner).is_empty() || owner == "there";
        let next_nominal = tokens[i].stop == Stop::None
            && tokens.get(i + 1).is_some_and(|next| {
                lexicon.closed(&next.low).is_empty()
                    && lexicon.verb(&next.low).is_none_or(|v| v.form == Form::Base || (v.noun && v.form == Form::S))
                    && !next.low.ends_with("ly")
                    && !(lexicon.adjective(&next.low) && tokens[i + 1].stop != Stop::None)
                    && !(lexicon.adjective(&next.low)
                        && tokens.get(i + 2).is_none_or(|after| !lexicon.closed(&after.low).is_empty()))
            });
        // "The audio's cut into frames": a participle that looks like the base form.
        let done = tokens[i].stop == Stop::None
            && tokens.get(i + 1).is_some_and(|next| {
                next.is(&["cut", "set", "put", "shut", "split", "hit", "let", "spread", "read"])
                    && next.stop == Stop::None
                    && tokens.get(i + 2).is_some_and(|after| {
                        after.low == "to"
                            || lexicon.closed(&after.low).iter().any(|t| matches!(t, Tag::Prep | Tag::Part))
                    })
            });
        if !short_is && next_nominal && !done {
            let stop = tokens[i].stop;
            tokens[i - 1].owner = true;
            tokens[i - 1].text.push_str("'s");
            tokens[i - 1].low.push_str("'s");
            tokens[i - 1].stop = stop;
            tokens.remove(i);
        } else {
            tokens[i].text = "is".to_owned();
            tokens[i].low = "is".to_owned();
            tokens[i].lemma = "be".to_owned();
            i += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
