//! The words that passwords are commonly made of, as a sorted list of short digests.

use sha2::{Digest as _, Sha256};

/// The list that ships; its source is in `assets/identity/README.md`.
static LIST: &[u8] = include_bytes!("../../../../assets/identity/blocked.bin");
/// Bytes of a digest: of 50,000 words, one in 20 million others is taken for one.
const DIGEST: usize = 5;
/// The lengths of words on the list, in characters.
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 4..=24;

/// Whether a folded word is on the list.
pub(super) fn contains(folded: &[char]) -> bool {
    let wanted = digest(folded);
    let (mut from, mut to) = (0, LIST.len() / DIGEST);
    while from < to {
        let middle = from + (to - from) / 2;
        match LIST[middle * DIGEST..][..DIGEST].cmp(&wanted[..]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Greater => to = middle,
        }
    }
    false
}

/// Makes the list from words: the digests of their folded forms, sorted, each once.
pub fn block_list<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut digests: Vec<_> = words
        .map(|word| fold(word.trim()).collect::<Vec<_>>())
        .filter(|folded| LENGTHS.contains(&folded.len()))
        .map(|folded| digest(&folded))
        .collect();
    digests.sort_unstable();
    digests.dedup();
    digests.concat()
}

fn digest(folded: &[char]) -> [u8; DIGEST] {
    let text: String = folded.iter().collect();
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest[..DIGEST].try_into().expect("a digest has 32 bytes")
}

/// A text as guessers see it: without case, and with letters for the digits and signs that stand for them. Letters that one sign
/// stands for are one letter.
pub(super) fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(fold_lower)
}

/// What one letter in lower case becomes.
pub(super) fn fold_lower(letter: char) -> char {
    match letter {
        '0' => 'o',
        '1' | '!' | '|' | 'l' => 'i',
        '2' => 'z',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(word: &str) -> bool {
        contains(&fold(word).collect::<Vec<_>>())
    }

    #[test]
    fn the_list_is_sorted_and_has_the_usual_words() {
        let digests: Vec<_> = LIST.chunks(DIGEST).collect();
        assert_eq!(LIST.len() % DIGEST, 0);
        assert!(digests.len() > 45_000, "{}", digests.len());
        assert!(digests.windows(2).all(|pair| pair[0] < pair[1]));
        for word in
            ["password", "P@ssw0rd", "letmein", "dragon", "DRAG0N", "qwertyuiop", "iloveyou", "1qaz2wsx3edc4rfv"]
        {
            assert!(is_blocked(word), "{word}");
        }
        for word in ["abc", "kvzxqwpjm", "voltmeter sieve", &"password".repeat(4)] {
            assert!(!is_blocked(word), "{word}");
        }
    }

    #[test]
    fn lists_are_made_of_words() {
        let list = block_list(["Dragon", "drag0n", " dragon\n", "abc", "monkey", &"x".repeat(25)].into_iter());
        assert_eq!(list.len(), 2 * DIGEST);
        assert!(list[..DIGEST] < list[DIGEST..]);
    }
}
