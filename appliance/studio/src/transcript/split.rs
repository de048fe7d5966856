//! Text to words: at white space, and inside a run of a script that is written without spaces.

use unicode_segmentation::UnicodeSegmentation;

/// Whether the letter belongs to a script that puts no spaces between words: Chinese, Japanese, Thai, Lao, Khmer,
/// Burmese.
pub(crate) fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Punctuation that belongs to the word after it.
fn opens(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '“' | '‘' | '«' | '¿' | '¡' | '「' | '『' | '（' | '【' | '《' | '〈')
}

/// Width of a character in columns: 2 for East Asian wide ones, 0 for marks that sit on others, else 1. The blocks
/// are those of Unicode's East Asian Width that occur in captions.
pub(super) fn columns(text: &str) -> usize {
    text.graphemes(true)
        .map(|g| match g.chars().next() {
            Some(
                '\u{1100}'..='\u{115F}'
                | '\u{2E80}'..='\u{303E}'
                | '\u{3041}'..='\u{A4CF}'
                | '\u{AC00}'..='\u{D7A3}'
                | '\u{F900}'..='\u{FAFF}'
                | '\u{FE30}'..='\u{FE6F}'
                | '\u{FF00}'..='\u{FF60}'
                | '\u{FFE0}'..='\u{FFE6}'
                | '\u{1F300}'..='\u{1FAFF}'
                | '\u{20000}'..='\u{3FFFD}',
            ) => 2,
            Some(c) if c.is_control() => 0,
            _ => 1,
        })
        .sum()
}

/// Whether two pieces on either side of a line break belong together without a space.
pub(super) fn joins(before: &str, after: &str) -> bool {
    let dense = |c: char| is_dense(c) || matches!(c, '\u{3001}'..='\u{303F}' | '\u{FF01}'..='\u{FF65}');
    before.chars().next_back().is_some_and(dense) && after.chars().next().is_some_and(dense)
}

/// The words of a line with whether each is joined to the one before it. In text with spaces these are exactly the
/// runs between white space.
pub(super) fn words(line: &str) -> impl Iterator<Item = (&str, bool)> {
    line.split_whitespace().flat_map(
        |token| {
            if token.chars().any(is_dense) { dense(token) } else { vec![(token, false)] }
        },
    )
}

/// Cuts a run without spaces at Unicode word boundaries; punctuation stays with its word.
fn dense(token: &str) -> Vec<(&str, bool)> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut opening = None;
    for (at, piece) in token.split_word_bound_indices() {
        let end = at + piece.len();
        if piece.chars().all(char::is_alphanumeric) || piece.chars().any(is_letter) {
            cuts.push((opening.take().unwrap_or(at), end));
        } else if piece.chars().all(opens) {
            opening.get_or_insert(at);
        } else if let Some(last) = cuts.last_mut().filter(|_| opening.is_none()) {
            last.1 = end;
        } else {
            opening.get_or_insert(at);
        }
    }
    if let Some(rest) = opening {
        match cuts.last_mut() {
            Some(last) => last.1 = token.len(),
            None => cuts.push((rest, token.len())),
        }
    }
    cuts.iter().enumerate().map(|(i, (from, to))| (&token[*from..*to], i > 0)).collect()
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_dense(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let got: Vec<String> =
            words(line).map(|(word, joined)| if joined { format!("+{word}") } else { word.to_owned() }).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn spaces_decide_where_there_are_spaces() {
        check("  The cat, (who) sat — on 3.5 mats. ", &["The", "cat,", "(who)", "sat", "—", "on", "3.5", "mats."]);
        check("", &[]);
    }

    #[test]
    fn dense_scripts_are_cut() {
        check("在庫を確認。", &["在", "+庫", "+を", "+確", "+認。"]);
        check("「データ」を見る", &["「データ」", "+を", "+見", "+る"]);
        check("用 Rust 写", &["用", "Rust", "写"]);
        check("。。在", &["。。在"]);
        check("ตรวจ", &["ต", "+ร", "+ว", "+จ"]);
    }

    #[test]
    fn widths() {
        assert_eq!(columns("abc"), 3);
        assert_eq!(columns("在庫を"), 6);
        assert_eq!(columns("e\u{301}é"), 2);
    }
}
