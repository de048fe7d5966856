//! From the engine's tokens to words.

use studio::transcript::Word;

/// One token of text as the engine gives it. Tokens are pieces of words, and may hold part of a character.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) bytes: Vec<u8>,
    /// Probability, 0 to 1.
    pub(super) p: f32,
    /// Milliseconds from the window's start.
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// When the decoder's attention leaves the token, where the engine tells: the most exact of the times.
    pub(super) left_ms: Option<u64>,
}

/// Shortest word, in milliseconds.
const SHORTEST_MS: u64 = 50;

/// Languages that are written without spaces.
const UNSPACED: [&str; 7] = ["zh", "yue", "ja", "th", "lo", "my", "km"];

/// Joins tokens to words with rising times inside `0..=length_ms`.
///
/// A leading space starts a word; in languages without spaces every token that ends on a whole character does. Marks
/// without a letter join the word before them. Bytes that are no UTF-8 even when joined are dropped. The attention leaves
/// a token `lag_ms` after its sound has ended.
pub(super) fn words(tokens: &[Token], lang: &str, length_ms: u64, lag_ms: i64) -> Vec<Word> {
    let unspaced = UNSPACED.contains(&lang);
    let mut words: Vec<Word> = Vec::new();
    let mut group: Vec<&Token> = Vec::new();
    // When the attention left what came before the group.
    let mut from = None;
    for token in tokens {
        let spaced = token.bytes.first() == Some(&b' ');
        if spaced || (unspaced && whole(&group)) {
            from = flush(&mut group, from, lag_ms, unspaced, &mut words);
        }
        group.push(token);
    }
    flush(&mut group, from, lag_ms, unspaced, &mut words);
    settle(&mut words, length_ms);
    words
}

fn bytes(group: &[&Token]) -> Vec<u8> {
    group.iter().flat_map(|t| t.bytes.iter().copied()).collect()
}

fn whole(group: &[&Token]) -> bool {
    std::str::from_utf8(&bytes(group)).is_ok()
}

/// Makes a word of the group, and returns when the attention left it.
///
/// A word starts when the attention leaves what was before, at the latest pause in between (that is for
/// [`super::align`] to find), and ends when it leaves the last token with a letter: marks take the pause after them.
fn flush(
    group: &mut Vec<&Token>,
    from: Option<u64>,
    lag_ms: i64,
    unspaced: bool,
    words: &mut Vec<Word>,
) -> Option<u64> {
    let (first, last) = group.first().zip(group.last())?;
    let left = last.left_ms.or(from);
    let spoken = group.iter().rev().find(|t| t.bytes.iter().any(|b| b.is_ascii_alphanumeric() || *b >= 0x80));
    let start_ms =
        from.filter(|_| first.left_ms.is_some()).map_or(first.start_ms, |t| t.saturating_add_signed(-lag_ms));
    let end_ms = spoken.and_then(|t| t.left_ms).unwrap_or(last.end_ms);
    let bytes = bytes(group);
    let spaced = bytes.first() == Some(&b' ');
    let text: String = String::from_utf8_lossy(&bytes)
        .chars()
        .filter(|&c| {
            c != char::REPLACEMENT_CHARACTER && !c.is_control() && !c.is_whitespace() && !matches!(c, '♪' | '♫')
        })
        .collect();
    let speaks = text.chars().any(|c| c.is_alphanumeric() || matches!(c, '%' | '&' | '+' | '$' | '€' | '£' | '='));
    if speaks {
        let mut word = Word::new(text, start_ms, end_ms);
        word.confidence = (group.iter().map(|t| t.p).sum::<f32>() / group.len() as f32).clamp(0.0, 1.0);
        word.joined = unspaced && !spaced && !words.is_empty();
        words.push(word);
    } else if let Some(before) = words.last_mut() {
        // A dash of its own is no word and ends none.
        if !text.chars().all(|c| matches!(c, '-' | '–' | '—')) {
            before.text.push_str(&text);
        }
    }
    group.clear();
    left
}

/// Makes times rise and fit: each word lasts at least 50 ms where there is room, and ends before the next starts.
pub(super) fn settle(words: &mut [Word], length_ms: u64) {
    let mut from = 0;
    for word in words.iter_mut() {
        word.start_ms = word.start_ms.clamp(from.min(length_ms), length_ms);
        from = word.start_ms;
    }
    for i in 0..words.len() {
        let next = words.get(i + 1).map_or(length_ms, |w| w.start_ms);
        let word = &mut words[i];
        word.end_ms = word.end_ms.max(word.start_ms + SHORTEST_MS).min(next).max(word.start_ms);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(bytes: &[u8], start_ms: u64, end_ms: u64) -> Token {
        Token { bytes: bytes.to_vec(), p: 0.5, start_ms, end_ms, left_ms: None }
    }

    /// Tokens of 100 ms each, and the words they make; `+` before a word means joined.
    fn check(lang: &str, tokens: &[&[u8]], expected: &[&str]) {
        let tokens: Vec<Token> =
            tokens.iter().enumerate().map(|(i, b)| token(b, i as u64 * 100, i as u64 * 100 + 100)).collect();
        let got: Vec<String> = words(&tokens, lang, 60_000, 50)
            .iter()
            .map(|w| format!("{}{}", if w.joined { "+" } else { "" }, w.text))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn tokens_join_at_spaces() {
        check("en", &[b" The", b" load", b" bal", b"ancer", b","], &["The", "load", "balancer,"]);
        check("en", &[b"And", b" so"], &["And", "so"]);
        check("en", &[b" \"", b"Yes", b"\"", b" she", b" said", b" ."], &["\"Yes\"", "she", "said."]);
        check("en", &[b" 2", b"%", b" of", b" A", b" &", b" B"], &["2%", "of", "A", "&", "B"]);
        check("en", &[b" wait", b" -", b" no", b" \xe2\x99\xaa"], &["wait", "no"]);
        check("en", &[b" ...", b" ", b""], &[]);
    }

    #[test]
    fn characters_split_over_tokens_are_joined_first() {
        check("en", &[b" caf", b"\xc3", b"\xa9"], &["café"]);
        check(
            "zh",
            &["你".as_bytes(), b"\xe5\xa5", b"\xbd", "，".as_bytes(), "世界".as_bytes()],
            &["你", "+好，", "+世界"],
        );
        check("ja", &["図".as_bytes(), b" API", "です".as_bytes(), "。".as_bytes()], &["図", "API", "+です。"]);
        check("zh", &[b"\xe5\xa5"], &[]);
    }

    #[test]
    fn times_come_from_the_first_and_last_token() {
        let tokens = [token(b" a", 100, 300), token(b"b", 300, 420), token(b" c", 500, 500), token(b" d", 490, 480)];
        let got: Vec<_> = words(&tokens, "en", 1000, 50).iter().map(|w| (w.start_ms, w.end_ms)).collect();
        assert_eq!(got, [(100, 420), (500, 500), (500, 550)]);
    }

    proptest! {
        #[test]
        fn any_tokens_give_rising_words_inside_the_window(
            raw in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..6), 0u64..40_000, 0u64..40_000), 0..60),
            lang in prop::sample::select(vec!["en", "zh", "th"]),
        ) {
            let tokens: Vec<Token> = raw.iter().map(|(b, s, e)| token(b, *s, *e)).collect();
            let words = words(&tokens, lang, 30_000, 50);
            let mut from = 0;
            for word in &words {
                prop_assert!(word.start_ms >= from && word.start_ms <= word.end_ms && word.end_ms <= 30_000);
                prop_assert!(!word.text.is_empty() && !word.text.contains(char::is_whitespace));
                from = word.start_ms;
            }
        }
    }
}
