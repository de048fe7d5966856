//! Runs of number words and their values.

use crate::outline::lexicon::Lexicon;
use crate::outline::token::{Form, Stop, Token};

/// The value of a word below a hundred: `zero`, `twelve`, `forty`, `sixty-three`.
pub(super) fn unit(word: &str) -> Option<f64> {
    const UNITS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    if word == "nought" {
        return Some(0.0);
    }
    if let Some(at) = UNITS.iter().position(|u| *u == word) {
        return Some(at as f64);
    }
    if let Some(at) = TENS.iter().position(|t| *t == word) {
        return Some((at as f64 + 2.0) * 10.0);
    }
    let (tens, ones) = word.split_once('-')?;
    let at = TENS.iter().position(|t| *t == tens)?;
    let ones = UNITS[1..10].iter().position(|u| *u == ones)?;
    Some((at as f64 + 2.0) * 10.0 + ones as f64 + 1.0)
}

/// What a word multiplies the number before it by.
pub(super) fn scale(word: &str) -> Option<f64> {
    match word {
        "dozen" => Some(12.0),
        "hundred" => Some(100.0),
        "thousand" => Some(1e3),
        "million" => Some(1e6),
        "billion" => Some(1e9),
        _ => None,
    }
}

/// The value of a written number: `2,000`, `£300`, `5%`, `1.5`.
pub(super) fn written(word: &str) -> Option<f64> {
    let core = word.trim_start_matches(['£', '$', '€']).trim_end_matches('%');
    if core.is_empty() || !core.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if core.len() > 15 || !core.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.')) {
        return None;
    }
    core.replace(',', "").parse().ok()
}

/// The lower-case word at `k`; empty behind the end.
pub(super) fn low(tokens: &[Token], k: usize) -> &str {
    tokens.get(k).map_or("", |t| t.low.as_str())
}

/// The lower-case word before `i` without a pause between; empty where there is none.
pub(super) fn before(tokens: &[Token], i: usize) -> &str {
    i.checked_sub(1).filter(|k| tokens[*k].stop == Stop::None).map_or("", |k| low(tokens, k))
}

/// Whether the words from `i` on are these, without a pause inside or before them.
pub(super) fn follow(tokens: &[Token], i: usize, words: &[&str]) -> bool {
    i > 0
        && tokens[i - 1].stop == Stop::None
        && words.iter().enumerate().all(|(k, word)| low(tokens, i + k) == *word)
        && (i..(i + words.len()).saturating_sub(1)).all(|k| tokens[k].stop == Stop::None)
}

/// Whether something counted or measured follows: a word that is of no closed class and more than a verb.
pub(crate) fn counts(tokens: &[Token], end: usize) -> bool {
    let lexicon = Lexicon::english();
    end > 0
        && tokens.get(end - 1).is_some_and(|t| t.stop == Stop::None)
        && tokens.get(end).is_some_and(|next| {
            lexicon.closed(&next.low).is_empty()
                && !next.low.ends_with("ly")
                && unit(&next.low).is_none()
                && next.low != "'s"
                && (next.low == "people"
                    || lexicon.verb(&next.low).is_none_or(|v| v.form == Form::S || (v.noun && v.form == Form::Base)))
        })
}

/// One run of number words, as groups of spoken numbers: `nineteen oh five` has two.
pub(super) struct Run {
    pub(super) end: usize,
    pub(super) groups: Vec<f64>,
    pub(super) scaled: bool,
    pub(super) words: usize,
}

/// The run of number words that begins at `start`.
pub(super) fn run(tokens: &[Token], start: usize) -> Option<Run> {
    let mut groups: Vec<f64> = Vec::new();
    let (mut total, mut current, mut open, mut scaled, mut words) = (0.0, 0.0, false, false, 0);
    let mut i = start;
    while let Some(token) = tokens.get(i) {
        let next = low(tokens, i + 1);
        let word = token.low.as_str();
        let joined = token.stop == Stop::None;
        if let Some(value) = unit(word).or_else(|| if i == start { None } else { written(word) }) {
            let fits = open
                && (scaled && current % 100.0 == 0.0
                    || (current >= 20.0 && current % 10.0 == 0.0 && value < 10.0 && value > 0.0));
            if open && !fits {
                groups.push(total + current);
                (total, current) = (0.0, 0.0);
            }
            current += value;
            open = true;
        } else if let Some(factor) = scale(word).filter(|_| open || i > start) {
            let base = if current == 0.0 { 1.0 } else { current };
            if factor <= 100.0 {
                current = base * factor;
            } else {
                total += base * factor;
                current = 0.0;
            }
            (scaled, open) = (true, true);
        } else if joined
            && (word == "a" && i == start && scale(next).is_some()
                || word == "and" && scaled && unit(next).is_some() && i > start)
        {
            i += 1;
            continue;
        } else if word == "oh" && open && unit(next).is_some_and(|v| v < 10.0) && joined {
            groups.push(total + current);
            groups.push(unit(next).unwrap_or_default());
            return Some(Run { end: i + 2, groups, scaled: false, words: words + 2 });
        } else {
            break;
        }
        words += 1;
        i += 1;
        if !joined {
            break;
        }
    }
    if !open {
        return None;
    }
    groups.push(total + current);
    Some(Run { end: i, groups, scaled, words })
}

/// Digits as they are said one by one: `nought`, `oh`, `seven`.
fn digit(word: &str) -> Option<char> {
    match word {
        "oh" | "o" => Some('0'),
        _ => unit(word).filter(|v| *v < 10.0).and_then(|v| char::from_digit(v as u32, 10)),
    }
}

/// The digits after a spoken point at `at`, and where they end: `point one four`, `point twenty-five`.
pub(super) fn fraction(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    if !matches!(low(tokens, at), "point" | "decimal") || tokens[at].stop != Stop::None {
        return None;
    }
    let mut digits = String::new();
    let mut k = at + 1;
    while let Some(token) = tokens.get(k).filter(|_| digits.len() < 9) {
        match digit(&token.low) {
            Some(one) => digits.push(one),
            None if digits.is_empty() => {
                let tens = unit(&token.low)?;
                let ones = unit(low(tokens, k + 1)).filter(|v| {
                    tens >= 20.0 && tens % 10.0 == 0.0 && (1.0..10.0).contains(v) && token.stop == Stop::None
                });
                k += usize::from(ones.is_some());
                digits = format!("{}", tens + ones.unwrap_or(0.0));
                k += 1;
                break;
            }
            None => break,
        }
        k += 1;
        if token.stop != Stop::None {
            break;
        }
    }
    (!digits.is_empty()).then_some((digits, k))
}

/// Words after which digits name something instead of counting it.
const NAMED: &[&str] = &[
    "room",
    "number",
    "code",
    "extension",
    "pin",
    "flight",
    "bus",
    "line",
    "route",
    "gate",
    "form",
    "model",
    "version",
    "account",
    "order",
    "case",
    "ticket",
    "platform",
    "channel",
    "port",
    "locker",
    "box",
    "unit",
    "train",
];

/// Digits said one by one, as one word: `four two one seven`. Counting up, `one two three four`, is none.
pub(super) fn string(tokens: &[Token], i: usize) -> Option<(String, usize)> {
    unit(low(tokens, i)).filter(|v| *v < 10.0)?;
    let mut digits = String::new();
    let mut k = i;
    while let Some(one) = tokens.get(k).and_then(|t| digit(&t.low)).filter(|_| digits.len() < 32) {
        digits.push(one);
        k += 1;
        if tokens[k - 1].stop != Stop::None {
            break;
        }
    }
    let least = if NAMED.contains(&before(tokens, i)) { 3 } else { 4 };
    let bytes = digits.as_bytes();
    let counting = bytes.windows(2).all(|pair| pair[1] == pair[0] + 1);
    (bytes.len() >= least && !counting).then_some((digits, k))
}
