//! Words as the outliner sees them: without punctuation, contractions split, each with the ids of its spoken words.

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
