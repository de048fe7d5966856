//! What the program knows of languages beside English: a list of words a language, and nothing in code.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::language;
use crate::transcript::Transcript;

/// How steps are worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The verb stands second, its other half last; steps end with the infinitive: `Ware verpacken`.
    VerbSecond,
    /// Words are written without spaces and steps are shortened at both ends.
    Suffix,
}

/// The word lists of a language.
#[derive(Debug)]
pub(crate) struct Pack {
    /// How steps are worded.
    pub(crate) order: Order,
    lists: HashMap<&'static str, Vec<&'static str>>,
    /// `geht` to `gehen`, by whole word or by ending.
    forms: HashMap<&'static str, &'static str>,
}

/// Code and text of each pack.
const PACKS: [(&str, &str); 3] = [
    ("de", include_str!("../../../../assets/language/de/pack.txt")),
    ("ja", include_str!("../../../../assets/language/ja/pack.txt")),
    ("zh", include_str!("../../../../assets/language/zh/pack.txt")),
];

/// All packs with their codes, read on first use.
fn packs() -> &'static [(&'static str, Pack)] {
    static ALL: OnceLock<Vec<(&'static str, Pack)>> = OnceLock::new();
    ALL.get_or_init(|| PACKS.iter().map(|(code, text)| (*code, Pack::parse(text))).collect())
}

impl Pack {
    /// The pack of a transcript: that of its language, or, where it says none or wrongly English, that whose small words
    /// are most of what is said.
    pub(crate) fn of(transcript: &Transcript) -> Option<&'static Self> {
        let lang = transcript.lang.to_ascii_lowercase();
        let code = lang.split(['-', '_']).next().unwrap_or_default();
        if !matches!(code, "" | "und" | "en") {
            return Self::named(code);
        }
        let share = |pack: &Pack| language::share(transcript, |word| pack.list("function").contains(&word));
        let best = packs().iter().map(|(_, pack)| (share(pack), pack)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(share, _)| *share >= 0.08).map(|(_, pack)| pack)
    }

    /// The pack of a language by its code.
    pub(crate) fn named(code: &str) -> Option<&'static Self> {
        packs().iter().find(|(own, _)| *own == code).map(|(_, pack)| pack)
    }

    fn parse(text: &'static str) -> Self {
        let mut lists: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (key, entries) in lines.filter_map(|line| line.split_once(':')) {
            let list = lists.entry(key).or_default();
            list.extend(entries.split(" | ").map(str::trim).filter(|e| !e.is_empty()));
            // The longest that fits wins.
            list.sort_by_key(|entry| std::cmp::Reverse(entry.chars().count()));
        }
        let verb_second = lists.get("order").is_some_and(|o| o.contains(&"verb-second"));
        let order = if verb_second { Order::VerbSecond } else { Order::Suffix };
        let forms = lists.get("verb").into_iter().flatten().filter_map(|e| e.split_once('=')).collect();
        Self { order, lists, forms }
    }

    /// The entries of a list, longest first.
    pub(crate) fn list(&self, key: &str) -> &[&'static str] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether a lower-case word is on a list.
    pub(crate) fn is(&self, key: &str, word: &str) -> bool {
        self.list(key).contains(&word)
    }

    /// The first entry of a list.
    pub(crate) fn word(&self, key: &str) -> &'static str {
        self.list(key).first().copied().unwrap_or_default()
    }

    /// The base form of a verb that is listed.
    pub(crate) fn base(&self, verb: &str) -> Option<&'static str> {
        self.forms.get(verb).copied()
    }

    /// What is left of `text` after an entry of the list that it begins with; whole words where words have spaces.
    pub(crate) fn after<'t>(&self, key: &str, text: &'t str) -> Option<&'t str> {
        let text = text.trim_start_matches(trivial);
        self.list(key).iter().find_map(|entry| {
            let rest = strip_folded(text, entry)?;
            let whole = self.order == Order::Suffix || !rest.starts_with(char::is_alphanumeric);
            whole.then(|| rest.trim_start_matches(trivial))
        })
    }
}

/// Spaces and marks between words.
pub(crate) fn trivial(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, ',' | '，' | '、' | ':' | '：' | ';' | '；' | '-' | '–' | '—')
}

/// The rest of `text` after `start`, whatever the case of its letters.
fn strip_folded<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for wanted in start.chars() {
        let got = rest.next()?;
        if got != wanted && !got.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}
