//! Whether a password would be among the first that a guesser tries.
//!
//! A password is taken apart into the pieces that are cheapest to guess: common words, words around its owner, runs, repeats, years,
//! and single characters for the rest. The sum of their costs, in bits, is what is judged; the costs are round figures for how
//! many such pieces there are.

use super::blocked::{self, LENGTHS, fold, fold_lower};

/// A word on the list: the first few thousand are tried first.
const WORD: u32 = 12;
/// A word around the owner: few, and all known.
const CONTEXT: u32 = 3;
/// A stretch of the alphabet, of the digits or of a keyboard's row: where it begins, how long, which way.
const RUN: u32 = 6;
/// Again something that came before.
const AGAIN: u32 = 3;
/// A year of our time.
const YEAR: u32 = 7;
/// The least characters of a word around the owner, a run or a repeat.
const LEAST: usize = 3;
/// The most words around the owner that are looked at.
const MAX_CONTEXT: usize = 64;

const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
];

/// How hard `password` is to guess for one who knows `context`, in bits, roughly.
pub(super) fn bits(password: &str, context: &[&str]) -> u32 {
    let plain: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let folded: Vec<char> = plain.iter().copied().map(fold_lower).collect();
    let context = words(context);
    // The least cost of the first `end` characters.
    let mut least = vec![0; plain.len() + 1];
    for end in 1..=plain.len() {
        least[end] = least[end - 1] + single(plain[end - 1]);
        let mut try_piece = |start: usize, cost: u32| least[end] = least[end].min(least[start] + cost);
        for start in (0..=end.saturating_sub(LEAST)).rev().take(*LENGTHS.end()) {
            let (piece, raw) = (&folded[start..end], &plain[start..end]);
            if is_run(raw) {
                try_piece(start, RUN);
            }
            if is_year(raw) {
                try_piece(start, YEAR);
            }
            if folded[..start].windows(piece.len()).any(|earlier| earlier == piece) {
                try_piece(start, AGAIN);
            }
            if context.iter().any(|word| word == piece) {
                try_piece(start, CONTEXT);
            }
            if LENGTHS.contains(&piece.len()) && blocked::contains(piece) {
                try_piece(start, WORD);
            }
        }
    }
    least[plain.len()]
}

/// What a character that belongs to nothing costs.
fn single(letter: char) -> u32 {
    match letter {
        ' ' => 2,
        '0'..='9' => 3,
        letter if !letter.is_ascii() => 6,
        letter if letter.is_ascii_alphabetic() => 5,
        _ => 4,
    }
}

fn is_run(raw: &[char]) -> bool {
    if raw.iter().all(|letter| *letter == raw[0]) {
        return true;
    }
    ROWS.iter().any(|row| {
        let row: Vec<char> = row.chars().collect();
        row.windows(raw.len()).any(|stretch| stretch.iter().eq(raw) || stretch.iter().rev().eq(raw))
    })
}

fn is_year(raw: &[char]) -> bool {
    raw.len() == 4
        && (raw.starts_with(&['1', '9']) || raw.starts_with(&['2', '0']))
        && raw.iter().all(char::is_ascii_digit)
}

/// The folded words of the texts around the owner: their parts, and each without what stands between the parts.
fn words(context: &[&str]) -> Vec<Vec<char>> {
    let folded = |text: &str| fold(text).collect::<Vec<_>>();
    let mut words = Vec::new();
    for text in context {
        let parts = || text.split(|letter: char| !letter.is_alphanumeric());
        words.push(folded(&parts().collect::<String>()));
        words.extend(parts().map(folded));
    }
    words.retain(|word| word.len() >= LEAST);
    words.truncate(MAX_CONTEXT);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &[&str] = &["Acme Rockets", "Ann-Sofie Lindqvist", "ann.lindqvist@acme.example", "Audiagram"];

    fn check(password: &str, expected: std::ops::Range<u32>) {
        let bits = bits(password, CONTEXT);
        assert!(expected.contains(&bits), "{password}: {bits} bits");
    }

    #[test]
    fn what_everyone_tries_is_weak() {
        for weak in [
            "",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "123456789012345",
            "abcdefghijklmnop",
            "qwertyuiopasdfghjkl",
            "poiuytrewqlkjhgfdsa",
            "1qaz2wsx3edc4rfv",
            "passwordpassword1",
            "P@ssw0rd P@ssw0rd!",
            "monkeydragon12345",
            "Winter2026Winter2026",
            "Acme Rockets 2026!",
            "AnnLindqvist1984",
            "lindqvist@acme.example",
            "audiagramaudiagram",
            "abcabcabcabcabcabc",
            "ЙЦУКЕНГшщзфывап",
        ] {
            check(weak, 0..33);
        }
    }

    #[test]
    fn what_nobody_tries_is_strong() {
        for strong in [
            "correct horse battery staple",
            "summer dragon monkey teapot",
            "voltmeter sieve glacier",
            "kvzx qwpj mtrh lbnd",
            "7#fQz!m2Lr9^tWb",
            "Heute regnet es Bindfäden",
            "春の海ひねもすのたりのたりかな",
            "les sanglots longs des violons",
        ] {
            check(strong, 33..2_000);
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_is_judged(password in "\\PC{0,40}", context in "\\PC{0,20}") {
            let alone = bits(&password, &[]);
            let with = bits(&password, &[&context]);
            proptest::prop_assert!(with <= alone && alone <= 6 * 3 * 40);
        }
    }

    #[test]
    fn the_longest_is_judged_too() {
        assert!(bits(&"xq7".repeat(85), &[]) < 60);
        assert_eq!(bits("x", &["x"]), 5, "short words around the owner do not count");
    }
}
