//! When two labels say the same.

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
    fn labels_are_held_against_one_another() {
        check("Check the invoice", "checking invoices", 1.0);
        check("load hopper", "hopper", 2.0 / 3.0);
        check("it", "it", 1.0);
        check("of the", "ship", 0.0);
        check("", "ship", 0.0);
        check("5 boxes", "five boxes", 0.5);
    }
}
