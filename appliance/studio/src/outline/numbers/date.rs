//! Days, years and decades.

use super::run::{before, counts, low, unit};
use crate::outline::lexicon::Lexicon;
use crate::outline::token::{Number, NumberStyle, Stop, Tag, Token};

pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Words after which a number names a year.
const YEARLY: &[&str] = &[
    "in", "by", "since", "until", "till", "from", "to", "of", "before", "after", "around", "during", "between", "late",
    "early", "mid", "year", "years", "spring", "summer", "autumn", "winter", "the", "our", "this", "last", "next",
];
const DECADES: [&str; 8] =
    ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"];

fn month(word: &str) -> bool {
    MONTHS.contains(&word)
}

/// Whether what stands before the number at `i` says that it is a year, or what follows does not say that it counts.
pub(super) fn yearly(tokens: &[Token], i: usize, end: usize) -> bool {
    let word = before(tokens, i);
    !counts(tokens, end) || YEARLY.contains(&word) || month(word)
}

/// Whether the word before the number says that it is a year.
pub(super) fn led(tokens: &[Token], i: usize) -> bool {
    matches!(before(tokens, i), "in" | "since" | "by" | "until" | "till" | "year") || month(before(tokens, i))
}

/// The day that an ordinal names, and how many words it has: `third`, `twenty-first`, `twenty first`, `3rd`.
fn ordinal(tokens: &[Token], i: usize) -> Option<(u32, usize)> {
    const DAYS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    let word = low(tokens, i);
    let plain = |word: &str| DAYS.iter().position(|d| *d == word).map(|at| at as u32 + 1);
    let small = |word: &str| plain(word).filter(|d| *d < 10);
    let tens = |word: &str| unit(word).map(|v| v as u32).filter(|v| matches!(v, 20 | 30));
    let day = if let Some(day) = plain(word) {
        (day, 1)
    } else if word == "thirtieth" {
        (30, 1)
    } else if let Some((ten, one)) = word.split_once('-') {
        (tens(ten)? + small(one)?, 1)
    } else if let Some(ten) = tens(word).filter(|_| tokens[i].stop == Stop::None) {
        (ten + small(low(tokens, i + 1))?, 2)
    } else {
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end))?;
        (digits.parse().ok()?, 1)
    };
    (1..=31).contains(&day.0).then_some(day)
}

/// The day in `the third of May`, with its month, and in `May the third`.
pub(super) fn day(tokens: &[Token], i: usize) -> Option<(usize, Number, String)> {
    let article = usize::from(low(tokens, i) == "the" && tokens[i].stop == Stop::None);
    let (day, words) = ordinal(tokens, i + article)?;
    let end = i + article + words;
    let of = low(tokens, end) == "of" && tokens[end - 1].stop == Stop::None && month(low(tokens, end + 1));
    let named = |k: usize| {
        month(&tokens[k].low)
            && (!matches!(tokens[k].low.as_str(), "may" | "march") || tokens[k].text.starts_with(char::is_uppercase))
    };
    let behind = i > 0 && tokens[i - 1].stop == Stop::None && named(i - 1) && !counts(tokens, end);
    let number = Number { value: f64::from(day), style: NumberStyle::Date };
    if of {
        let name = &tokens[end + 1].text;
        let name: String = name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect();
        return Some((end + 2, number, format!("{day} {name}")));
    }
    behind.then(|| (end, number, day.to_string()))
}

/// `nineteen seventies` as `1970s`.
pub(super) fn decade(tokens: &[Token], i: usize) -> Option<(usize, Number, String)> {
    let century = unit(low(tokens, i)).filter(|c| (13.0..=21.0).contains(c) && tokens[i].stop == Stop::None)?;
    let ten = DECADES.iter().position(|d| *d == low(tokens, i + 1))?;
    let year = century * 100.0 + (ten as f64 + 2.0) * 10.0;
    Some((i + 2, Number { value: year, style: NumberStyle::Year }, format!("{year}s")))
}

/// Years of which only the end is said, `in sixty-three`, in a talk that names whole years: the nearest such year to
/// the one named before. `The seventies` are a time too, but stay as said.
pub(crate) fn short_years(tokens: &mut [Token]) {
    let year = |t: &Token| t.number.filter(|n| n.style == NumberStyle::Year).map(|n| n.value);
    let Some(mut reference) = tokens.iter().find_map(year) else { return };
    for i in 0..tokens.len() {
        if let Some(year) = year(&tokens[i]) {
            reference = year;
            continue;
        }
        if before(tokens, i) == "the"
            && i > 1
            && matches!(before(tokens, i - 1), "in" | "since" | "by" | "until" | "during" | "of" | "from")
            && let Some(ten) = DECADES.iter().position(|d| *d == tokens[i].low)
        {
            let value = nearest((ten as f64 + 2.0) * 10.0, reference);
            tokens[i].number = Some(Number { value, style: NumberStyle::Year });
            continue;
        }
        let short = tokens[i].number.filter(|n| n.style == NumberStyle::Cardinal && n.value.fract() == 0.0);
        let Some(short) = short.map(|n| n.value).filter(|v| (20.0..100.0).contains(v)) else { continue };
        let plain = tokens[i].text.len() == 2 && tokens[i].text.bytes().all(|b| b.is_ascii_digit());
        if plain && matches!(before(tokens, i), "in" | "since" | "by" | "until" | "till") && ends(tokens, i) {
            let value = nearest(short, reference);
            let token = &mut tokens[i];
            token.number = Some(Number { value, style: NumberStyle::Year });
            token.text = format!("{value}");
            token.low.clone_from(&token.text);
            token.lemma.clone_from(&token.text);
        }
    }
}

/// Whether nothing that is counted follows the number at `i`.
fn ends(tokens: &[Token], i: usize) -> bool {
    let closed = Lexicon::english().closed(low(tokens, i + 1));
    tokens[i].stop != Stop::None
        || i + 1 == tokens.len()
        || closed.iter().any(|t| matches!(t, Tag::Pron | Tag::Det | Tag::Poss | Tag::Sub))
        || (low(tokens, i + 1) == "and" && !counts(tokens, i + 2))
}

/// The year with these last two digits that is nearest to another.
fn nearest(short: f64, reference: f64) -> f64 {
    let century = (reference / 100.0).floor() * 100.0;
    let all = [century - 100.0, century, century + 100.0].map(|c| c + short);
    all.into_iter().min_by(|a, b| (a - reference).abs().total_cmp(&(b - reference).abs())).unwrap_or(short)
}
