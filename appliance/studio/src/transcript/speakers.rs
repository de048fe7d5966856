//! Dialogue in text: turns that begin with a name and a colon.

use std::collections::BTreeMap;

/// Most words of a name.
const NAME_WORDS: usize = 4;
/// Most speakers that are told apart.
const MAX_SPEAKERS: usize = 64;

/// The name before the colon that begins `line`, if it looks like one: one to four words, the first with a capital,
/// letters, digits, dots, hyphens and apostrophes only, followed by white space or the end.
pub(super) fn prefix(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let (name, rest) = line.split_once([':', '：'])?;
    if !(rest.is_empty() || rest.starts_with(char::is_whitespace) || line[name.len()..].starts_with('：')) {
        return None;
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '\'' | '’' | '_');
    let first = name.chars().next()?;
    let cased = !first.is_lowercase() && first.is_alphabetic();
    let words = name.split_whitespace().count();
    (cased && name.chars().all(plain) && name.chars().count() <= 40 && words <= NAME_WORDS && !name.ends_with(' '))
        .then_some((name, rest))
}

/// The speakers of a dialogue in order of appearance; empty where the lines are not one. A dialogue has a name at
/// half of its lines or more, and a name comes back, unless there are but two turns. So `Note: ...` in prose and a
/// list of `Step one: ...` lines name nobody.
pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all = 0_usize;
    let mut turns = 0_usize;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut order = Vec::new();
    for line in lines.filter(|l| !l.trim().is_empty()) {
        all += 1;
        if let Some((name, _)) = prefix(line) {
            turns += 1;
            let times = count.entry(name).or_default();
            *times += 1;
            if *times == 1 {
                order.push(name.to_owned());
            }
        }
    }
    let comes_back = count.values().any(|times| *times > 1);
    let dialogue = turns >= 2 && order.len() >= 2 && 2 * turns >= all && (comes_back || turns == 2);
    if dialogue && order.len() <= MAX_SPEAKERS { order } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(of(text.lines()), expected, "{text}");
    }

    #[test]
    fn dialogues() {
        check("Anna: Hello.\nBen: Hi.", &["Anna", "Ben"]);
        check("Anna: Hello.\nBen: Hi.\n\nAnna: So.\nand on", &["Anna", "Ben"]);
        check("Dr. Smith: One.\nMs O'Hara-Lee: Two.\nDr. Smith: Three.", &["Dr. Smith", "Ms O'Hara-Lee"]);
        check("田中：はい。\n佐藤：いいえ。", &["田中", "佐藤"]);
    }

    #[test]
    fn no_dialogues() {
        check("Note: this is prose.\nIt goes on.\nAnd on.", &[]);
        check("Step one: boil.\nStep two: pour.\nStep three: wait.", &[]);
        check("Time: 10:30\nTime: 11:30", &[]);
        check("http://a.b\nhttp://c.d", &[]);
        check("", &[]);
    }
}
