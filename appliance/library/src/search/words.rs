//! Text as words: how it stands in the index, and how it is looked for.
//!
//! Words are folded: small letters, without accents, in compatibility form, so that `Zürich`, `ZURICH` and `ｚｕｒｉｃｈ` are the same.
//! Scripts that are written without spaces (Han, Kana, Hangul, Thai and their kin) are cut into overlapping pairs of letters: any part
//! of a sentence is then found as a phrase of pairs, without a dictionary.

use std::{collections::VecDeque, iter::Peekable, str::CharIndices};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// No more letters of a word, or of a run of pairs, are taken together.
const MAX_LETTERS: usize = 64;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Folded.
    pub(super) text: String,
    /// Where it begins in the text, in bytes.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
    /// Which word of the text it is.
    pub(super) position: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters between two gaps.
    Plain,
    /// Two letters that stand side by side in a script without gaps.
    Pair,
    /// The last letter of such a run: the index has it too, so that each letter begins something.
    Last,
}

/// The words of `text`, in order.
pub(super) fn words(text: &str) -> Words<'_> {
    Words { letters: text.char_indices().peekable(), position: 0, ready: VecDeque::new() }
}

/// The words of a text.
pub(super) struct Words<'a> {
    letters: Peekable<CharIndices<'a>>,
    position: usize,
    ready: VecDeque<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Between words.
    Gap,
    /// Part of a word that says nothing for search: accents, vowel points, joiners.
    Silent,
    /// A letter or digit of a script with gaps.
    Plain,
    /// A letter of a script without.
    Dense,
}

fn class(letter: char) -> Class {
    match u32::from(letter) {
        0x00AD
        | 0x0300..=0x036F
        | 0x0591..=0x05BD
        | 0x05BF..=0x05C7
        | 0x0640
        | 0x064B..=0x065F
        | 0x0670
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x200C..=0x200D
        | 0x20D0..=0x20F0
        | 0x3099..=0x309A
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F => Class::Silent,
        _ if !letter.is_alphanumeric() && !is_combining_mark(letter) => Class::Gap,
        // Thai, Lao, Myanmar, Hangul, Khmer, Kana and Bopomofo, Han, Hangul again, Han and half-width Kana, Han of the higher planes.
        0x0E00..=0x0EFF
        | 0x1000..=0x109F
        | 0x1100..=0x11FF
        | 0x1780..=0x17FF
        | 0x3005..=0x3007
        | 0x3040..=0x318F
        | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF
        | 0xFF66..=0xFFDC
        | 0x20000..=0x3FFFF => Class::Dense,
        _ => Class::Plain,
    }
}

impl Words<'_> {
    /// Takes letters of one class, with the silent ones among them.
    fn run(&mut self, of: Class) -> Vec<(usize, usize, char)> {
        let mut run: Vec<(usize, usize, char)> = Vec::new();
        while let Some((at, letter)) = self.letters.peek().copied() {
            let class = class(letter);
            if class != of && class != Class::Silent || run.len() >= MAX_LETTERS {
                break;
            }
            self.letters.next();
            let end = at + letter.len_utf8();
            if class == of {
                run.push((at, end, letter));
            } else if let Some(last) = run.last_mut() {
                last.1 = end;
            }
        }
        run
    }

    fn push(&mut self, text: String, from: usize, to: usize, kind: Kind) {
        if !text.is_empty() {
            self.ready.push_back(Word { text, from, to, position: self.position, kind });
            self.position += 1;
        }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        while self.ready.is_empty() {
            let (_, letter) = self.letters.peek().copied()?;
            match class(letter) {
                Class::Gap | Class::Silent => drop(self.letters.next()),
                Class::Plain => {
                    let run = self.run(Class::Plain);
                    let text = run.iter().flat_map(|(_, _, letter)| folded(*letter)).collect();
                    let ends = run.first().zip(run.last()).map_or((0, 0), |(first, last)| (first.0, last.1));
                    self.push(text, ends.0, ends.1, Kind::Plain);
                }
                Class::Dense => {
                    let run = self.run(Class::Dense);
                    let whole = |letter: char| std::iter::once(letter).nfkc();
                    for pair in run.windows(2) {
                        let text = whole(pair[0].2).chain(whole(pair[1].2)).collect();
                        self.push(text, pair[0].0, pair[1].1, Kind::Pair);
                    }
                    if let Some((from, to, letter)) = run.last() {
                        self.push(whole(*letter).collect(), *from, *to, Kind::Last);
                    }
                }
            }
        }
        self.ready.pop_front()
    }
}

/// A letter as it is compared.
fn folded(letter: char) -> impl Iterator<Item = char> {
    letter
        .to_lowercase()
        .nfkd()
        .filter(|letter| class(*letter) == Class::Plain)
        .flat_map(char::to_lowercase)
        .flat_map(|letter| {
            // Letters that Unicode does not take apart and people do.
            let known = match letter {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'þ' => "th",
                'ø' => "o",
                'đ' | 'ð' => "d",
                'ħ' => "h",
                'ı' => "i",
                'ł' => "l",
                'ς' => "σ",
                _ => return [Some(letter), None],
            };
            let mut letters = known.chars();
            [letters.next(), letters.next()]
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = words(text).collect();
        assert_eq!(found.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
        assert!(found.iter().enumerate().all(|(at, word)| word.position == at), "{text}");
        assert!(found.iter().all(|word| text.get(word.from..word.to).is_some_and(|part| !part.is_empty())), "{text}");
    }

    #[test]
    fn texts_as_words() {
        check("", &[]);
        check(" -- ' ", &[]);
        check("Zürich, ZURICH! Zu\u{308}rich", &["zurich", "zurich", "zurich"]);
        check("ｚｕｒｉｃｈ ﬁne ①", &["zurich", "fine", "1"]);
        check("Straße Łódź Ærø İstanbul", &["strasse", "lodz", "aero", "istanbul"]);
        check("don't v2.0-final", &["don", "t", "v2", "0", "final"]);
        check("Ёлка ΛΟΓΟΣ λόγος", &["елка", "λογοσ", "λογοσ"]);
        check("كِتَاب كـتـاب", &["كتاب", "كتاب"]);
        check("हिन्दी", &["हिन्दी"]);
        check("東京タワー", &["東京", "京タ", "タワ", "ワー", "ー"]);
        check("の第3章は", &["の第", "第", "3", "章は", "は"]);
        check("ﾃｽﾄ", &["テス", "スト", "ト"]);
        check("한국어 말", &["한국", "국어", "어", "말"]);
        check("a東b", &["a", "東", "b"]);
        check("\u{301}\u{200d}", &[]);
    }

    #[test]
    fn long_words_are_cut() {
        let found: Vec<_> = words(&"x".repeat(150)).map(|word| word.text.len()).collect();
        assert_eq!(found, [64, 64, 22]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_words_at_its_letters(text in "\\PC{0,40}") {
            for word in words(&text) {
                proptest::prop_assert!(text.get(word.from..word.to).is_some());
            }
        }
    }
}
