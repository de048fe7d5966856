//! When two labels say the same.

use crate::outline::grounding::german;
use crate::outline::pack::{Order, Pack};
use crate::transcript::is_dense;

/// Languages of which passages can be annotated.
pub(crate) const LANGUAGES: [&str; 4] = ["en", "de", "ja", "zh"];

/// Words that say nothing about the meaning of a label.
const STOP: &[&str] = &[
    "a", "an", "the", "of", "to", "for", "in", "on", "at", "by", "with", "and", "or", "its", "their", "our", "your",
    "his", "her", "this", "that", "is", "are", "be", "it", "them", "into", "from",
];
/// Endings, longest first within a family, that are cut from a word.
const ENDINGS: &[&str] = &["ization", "ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e"];
/// Labels with at least this similarity name the same thing.
pub(crate) const SAME: f64 = 0.6;

fn stem(word: &str) -> &str {
    ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.len() >= 3)).unwrap_or(word)
}

/// The stems of a label without function words; with them when there is nothing else.
pub(crate) fn stems(label: &str) -> Vec<String> {
    let low = label.to_lowercase();
    let words = || low.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).filter(|w| !w.is_empty());
    let kept: Vec<String> = words().filter(|w| !STOP.contains(w)).map(|w| stem(w).to_owned()).collect();
    if kept.is_empty() { words().map(|w| stem(w).to_owned()).collect() } else { kept }
}

/// The stems of a label in a language: its words without endings, or its letters two by two where words have no spaces.
pub(crate) fn stems_of(label: &str, lang: &str) -> Vec<String> {
    let Some(pack) = Pack::named(lang) else { return stems(label) };
    let low = label.to_lowercase();
    let words = || low.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    if pack.order == Order::VerbSecond {
        let kept: Vec<String> = words().filter(|w| !pack.is("determiner", w)).map(|w| german(w, pack)).collect();
        return if kept.is_empty() { words().map(|w| german(w, pack)).collect() } else { kept };
    }
    let mut out = Vec::new();
    for word in words() {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < 2 || !letters.iter().any(|c| is_dense(*c)) {
            out.push(word.to_owned());
        } else {
            out.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
    }
    out
}

/// F1 of the stems of two labels, 0 to 1.
pub(crate) fn similarity(a: &[String], b: &[String]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let mut left: Vec<&String> = b.iter().collect();
    let mut common = 0;
    for word in a {
        if let Some(at) = left.iter().position(|other| *other == word) {
            left.swap_remove(at);
            common += 1;
        }
    }
    2.0 * f64::from(common) / (a.len() + b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: f64) {
        assert!((similarity(&stems(a), &stems(b)) - expected).abs() < 1e-9, "{a} / {b}");
    }

    #[test]
    fn labels_of_other_languages_are_held_against_one_another() {
        let alike = |lang: &str, a: &str, b: &str| similarity(&stems_of(a, lang), &stems_of(b, lang));
        assert!((alike("de", "Bestand prüfen", "prüft den Bestand") - 1.0).abs() < 1e-9);
        assert!(alike("de", "Ware abschicken", "Rechnung schreiben") < 1e-9);
        assert!(alike("ja", "在庫を確認", "在庫を確認する") > SAME && alike("ja", "在庫を確認", "荷物を送る") < 0.3);
        assert!(alike("zh", "检查库存", "我们检查库存") > SAME && alike("zh", "检查库存", "发送邮件") < 1e-9);
    }

    #[test]
    fn labels_are_held_against_one_another() {
        check("Check the invoice", "checking invoices", 1.0);
        check("load hopper", "hopper", 2.0 / 3.0);
        check("it", "it", 1.0);
        check("of the", "ship", 0.0);
        check("", "ship", 0.0);
        check("5 boxes", "five boxes", 0.5);
    }
}
