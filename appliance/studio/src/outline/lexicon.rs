//! The word lists of a language, read once from the data embedded in the program.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::token::{Form, Tag};

/// What the list of verbs says of a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerbForm {
    /// Base form.
    pub(crate) lemma: &'static str,
    /// Which form it is; past and participle are told apart only where they differ.
    pub(crate) form: Form,
    /// As common as a noun.
    pub(crate) noun: bool,
}

/// Properties of a verb that matter for steps.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct VerbTraits {
    /// Saying, thinking, feeling: seldom a step.
    pub(crate) mental: bool,
}

/// A filler phrase.
#[derive(Debug)]
pub(crate) struct Filler {
    /// Lower-case words.
    pub(crate) words: Vec<&'static str>,
    /// Only where a pause or comma stands on both sides, or at the start of a sentence.
    pub(crate) paused: bool,
}

/// The English lists.
#[derive(Debug)]
pub(crate) struct Lexicon {
    closed: HashMap<&'static str, Vec<Tag>>,
    verbs: HashMap<String, VerbForm>,
    traits: HashMap<&'static str, VerbTraits>,
    adjectives: HashSet<&'static str>,
    /// Nouns of which it is known whether they name somebody.
    people: HashMap<&'static str, bool>,
    /// Filler phrases by first word.
    pub(crate) fillers: HashMap<&'static str, Vec<Filler>>,
    /// Repair phrases, longest first.
    pub(crate) repairs: Vec<Vec<&'static str>>,
}

const CLOSED: &str = include_str!("../../../../assets/language/en/closed.txt");
const VERBS: &str = include_str!("../../../../assets/language/en/verbs.txt");
const RARER: &str = include_str!("../../../../assets/language/en/verbs-wordnet.txt");
const PEOPLE: &str = include_str!("../../../../assets/language/en/people-wordnet.txt");
const ADJECTIVES: &str = include_str!("../../../../assets/language/en/adjectives.txt");
const FILLERS: &str = include_str!("../../../../assets/language/en/fillers.txt");
const REPAIRS: &str = include_str!("../../../../assets/language/en/repairs.txt");

fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

impl Lexicon {
    /// The English lists, parsed on first use.
    pub(crate) fn english() -> &'static Self {
        static ENGLISH: OnceLock<Lexicon> = OnceLock::new();
        ENGLISH.get_or_init(Self::parse)
    }

    fn parse() -> Self {
        let mut closed: HashMap<&'static str, Vec<Tag>> = HashMap::new();
        for line in lines(CLOSED) {
            let Some((class, words)) = line.split_once(':') else { continue };
            let Some(tag) = Tag::named(class.trim()) else { continue };
            for word in words.split_whitespace() {
                closed.entry(word).or_default().push(tag);
            }
        }
        let mut lexicon = Self {
            closed,
            verbs: HashMap::new(),
            traits: HashMap::new(),
            people: HashMap::new(),
            adjectives: lines(ADJECTIVES).flat_map(str::split_whitespace).collect(),
            fillers: HashMap::new(),
            repairs: lines(REPAIRS).map(|line| line.split_whitespace().collect()).collect(),
        };
        for entry in lines(VERBS).chain(lines(RARER)).flat_map(str::split_whitespace) {
            lexicon.add_verb(entry);
        }
        for (sort, words) in lines(PEOPLE).filter_map(|line| line.split_once(':')) {
            lexicon.people.extend(words.split_whitespace().map(|word| (word, sort == "person")));
        }
        for line in lines(FILLERS) {
            let paused = line.starts_with(',');
            let words: Vec<_> = line.trim_start_matches(',').split_whitespace().collect();
            lexicon.fillers.entry(words[0]).or_default().push(Filler { words, paused });
        }
        for list in lexicon.fillers.values_mut() {
            list.sort_by_key(|filler| std::cmp::Reverse(filler.words.len()));
        }
        lexicon.repairs.sort_by_key(|words| std::cmp::Reverse(words.len()));
        lexicon
    }

    fn add_verb(&mut self, entry: &'static str) {
        let mut parts = entry.split(',');
        let head = parts.next().unwrap_or_default();
        let lemma = head.trim_end_matches(['*', '!', '~']);
        let marks = &head[lemma.len()..];
        let noun = marks.contains('*');
        let traits = VerbTraits { mental: marks.contains('!') };
        self.traits.entry(lemma).or_insert(traits);
        let mut put = |text: String, form: Form| {
            self.verbs.entry(text).or_insert(VerbForm { lemma, form, noun });
        };
        if !marks.contains('~') {
            put(lemma.to_owned(), Form::Base);
            put(third_person(lemma), Form::S);
            put(ing(lemma), Form::Ing);
        }
        if let (Some(past), Some(participle)) = (parts.next(), parts.next()) {
            put(participle.to_owned(), Form::Part);
            put(past.to_owned(), Form::Past);
        }
        // Beside an irregular form too: "learned" beside "learnt".
        put(past(lemma), Form::Part);
        if let Some(stem) = lemma.strip_suffix('l') {
            // British doubling: cancelled, labelling.
            if stem.ends_with(['a', 'e', 'o', 'i', 'u']) {
                put(format!("{lemma}led"), Form::Part);
                put(format!("{lemma}ling"), Form::Ing);
            }
        }
    }

    /// Closed classes of a lower-case word, in order of the list.
    pub(crate) fn closed(&self, word: &str) -> &[Tag] {
        self.closed.get(word).map_or(&[], Vec::as_slice)
    }

    /// The verb form that a lower-case word can be.
    pub(crate) fn verb(&self, word: &str) -> Option<VerbForm> {
        self.verbs.get(word).copied()
    }

    /// Whether a lower-case word is the base form of any verb, however seldom it is used as one: `rock`, `wedge`.
    pub(crate) fn deed(&self, word: &str) -> bool {
        self.traits.contains_key(word)
    }

    /// Traits of a base form.
    pub(crate) fn traits(&self, lemma: &str) -> VerbTraits {
        self.traits.get(lemma).copied().unwrap_or_default()
    }

    /// Whether a noun names somebody, where that is known.
    pub(crate) fn person(&self, lemma: &str) -> Option<bool> {
        self.people.get(lemma).copied()
    }

    /// Whether a lower-case word is a listed adjective.
    pub(crate) fn adjective(&self, word: &str) -> bool {
        self.adjectives.contains(word)
    }
}

fn vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Whether the last consonant is doubled before `-ed` and `-ing`: one short syllable, consonant-vowel-consonant.
fn doubles(lemma: &str) -> bool {
    let chars: Vec<char> = lemma.chars().collect();
    let n = chars.len();
    let syllables = chars.iter().enumerate().filter(|(i, c)| vowel(**c) && (*i == 0 || !vowel(chars[i - 1]))).count();
    n >= 3
        && (syllables == 1
            || ["admit", "commit", "submit", "refer", "occur", "permit", "format", "program"].contains(&lemma))
        && !vowel(chars[n - 1])
        && !matches!(chars[n - 1], 'w' | 'x' | 'y')
        && vowel(chars[n - 2])
        && !vowel(chars[n - 3])
}

fn third_person(lemma: &str) -> String {
    match lemma {
        "be" => "is".to_owned(),
        "have" => "has".to_owned(),
        _ => plural(lemma),
    }
}

/// The regular plural, which is also the third person.
pub(crate) fn plural(lemma: &str) -> String {
    if let Some(stem) = lemma.strip_suffix('y')
        && !stem.ends_with(vowel)
    {
        return format!("{stem}ies");
    }
    if ["s", "x", "z", "ch", "sh", "o"].iter().any(|end| lemma.ends_with(end)) {
        format!("{lemma}es")
    } else {
        format!("{lemma}s")
    }
}

/// The regular past, which is also the participle.
pub(crate) fn past(lemma: &str) -> String {
    if lemma.ends_with('e') {
        format!("{lemma}d")
    } else if let Some(stem) = lemma.strip_suffix('y')
        && !stem.ends_with(vowel)
    {
        format!("{stem}ied")
    } else if doubles(lemma) {
        format!("{lemma}{}ed", &lemma[lemma.len() - 1..])
    } else {
        format!("{lemma}ed")
    }
}

/// The regular form in `-ing`.
pub(crate) fn ing(lemma: &str) -> String {
    if let Some(stem) = lemma.strip_suffix("ie") {
        format!("{stem}ying")
    } else if lemma.ends_with('e') && !lemma.ends_with("ee") && !lemma.ends_with("ye") && lemma.len() > 2 {
        format!("{}ing", &lemma[..lemma.len() - 1])
    } else if doubles(lemma) {
        format!("{lemma}{}ing", &lemma[lemma.len() - 1..])
    } else {
        format!("{lemma}ing")
    }
}

/// The singular of a lower-case noun; itself when it is no regular plural.
pub(crate) fn singular(word: &str) -> String {
    match word {
        "people" => return "person".to_owned(),
        "men" => return "man".to_owned(),
        "women" => return "woman".to_owned(),
        "children" => return "child".to_owned(),
        "feet" => return "foot".to_owned(),
        "teeth" => return "tooth".to_owned(),
        "data" | "news" | "series" | "species" | "gas" | "lens" | "gps" => return word.to_owned(),
        _ => {}
    }
    if word.len() <= 3 || !word.is_ascii() || ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if ["ches", "shes", "sses", "xes", "zes"].iter().any(|end| word.ends_with(end)) {
        return word[..word.len() - 2].to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verb_forms_give_their_lemma() {
        let lexicon = Lexicon::english();
        for (word, lemma) in [
            ("checks", "check"),
            ("stopped", "stop"),
            ("labelled", "label"),
            ("carried", "carry"),
            ("went", "go"),
            ("dying", "die"),
            ("written", "write"),
            ("submitted", "submit"),
            ("moulds", "mould"),
            ("trimming", "trim"),
        ] {
            assert_eq!(lexicon.verb(word).map(|v| v.lemma), Some(lemma), "{word}");
        }
        assert!(lexicon.verb("table").is_none());
    }

    #[test]
    fn plurals_give_their_singular() {
        for (word, one) in
            [("boxes", "box"), ("parties", "party"), ("glass", "glass"), ("servers", "server"), ("bus", "bus")]
        {
            assert_eq!(singular(word), one);
        }
    }
}
