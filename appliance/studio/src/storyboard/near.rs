//! "Did you mean": the known word nearest to a misspelt one.

/// The candidate with the fewest edits from `word`, when few enough to be a slip: one in three letters, at least
/// one. Ties go to the first.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().take(MAX_LETTERS + 1).collect();
    if letters.is_empty() || letters.len() > MAX_LETTERS {
        return None;
    }
    let allowed = (letters.len() / 3).max(1);
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter(|c| *c != word && !c.is_empty() && c.chars().count().abs_diff(letters.len()) <= allowed)
        .map(|c| (distance(&letters, c), c))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// ` (did you mean ...?)`, or nothing.
pub(crate) fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

const MAX_LETTERS: usize = 64;
const MAX_CANDIDATES: usize = 200;

/// Edits between two words: insertion, deletion, replacement, swap of neighbours; without regard to case.
fn distance(a: &[char], b: &str) -> usize {
    let a: Vec<char> = a.iter().flat_map(|c| c.to_lowercase()).collect();
    let b: Vec<char> = b.chars().take(MAX_LETTERS * 2).flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(nearest(word, ["flow", "swimlane", "n1", "n12"]), expected, "{word}");
        };
        check("flwo", Some("flow"));
        check("Flow", Some("flow"));
        check("swimlanes", Some("swimlane"));
        check("n2", Some("n1"));
        check("n13", Some("n1"));
        check("cooking", None);
        check("", None);
        check(&"x".repeat(1000), None);
    }
}
