//! Number words, years and clock times to digits. What can be read in two ways stays as it was said.

mod clock;
mod date;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use date::{MONTHS, short_years};
pub(crate) use run::counts;

use super::lexicon::plural;
use super::token::{Number, NumberStyle, Stop, Token};
use clock::{clock_text, spoken_clock, timed, written_clock};
use run::{before, follow, fraction, low, run, scale, string, unit, written};

fn digits(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{}", value as i64) } else { format!("{value}") }
}

/// A count as it is read best: `62,000`.
fn grouped(value: f64) -> String {
    let plain = digits(value);
    let whole = plain.bytes().take_while(u8::is_ascii_digit).count();
    let mut out = String::with_capacity(plain.len() + whole / 3);
    for (at, c) in plain.chars().enumerate() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// What some words say in digits; without a number it only names: a code, or what may be a price or a time.
type Said = (usize, Option<Number>, String);

/// Replaces number words by tokens in digits. `one` on its own stays a word: it is a pronoun more often than not.
pub(crate) fn to_digits(tokens: &mut Vec<Token>, clocks: bool) {
    halves(tokens);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        let Some((end, number, text)) = said(tokens, i, clocks) else {
            out.push(tokens[i].clone());
            i += 1;
            continue;
        };
        let mut token = tokens[i].clone();
        token.words = Token::said(&tokens[i..end]);
        token.stop = tokens[end - 1].stop;
        show(&mut token, text, number);
        out.push(token);
        i = end;
    }
    cents(&mut out);
    *tokens = out;
}

fn show(token: &mut Token, text: String, number: Option<Number>) {
    token.text = text;
    token.low = token.text.to_lowercase();
    token.lemma = token.low.clone();
    token.number = number;
}

fn said(tokens: &[Token], i: usize, clocks: bool) -> Option<Said> {
    let numbered = |(end, number, text)| (end, Some(number), text);
    if let Some((digits, end)) = string(tokens, i) {
        return Some((end, None, digits));
    }
    spoken_clock(tokens, i)
        .or_else(|| date::day(tokens, i))
        .or_else(|| date::decade(tokens, i))
        .map(numbered)
        .or_else(|| below_zero(tokens, i))
        .or_else(|| part(tokens, i))
        .or_else(|| range(tokens, i))
        .or_else(|| spoken(tokens, i, clocks))
}

fn cardinal(value: f64) -> Option<Number> {
    Some(Number { value, style: NumberStyle::Cardinal })
}

/// `minus eighteen`.
fn below_zero(tokens: &[Token], i: usize) -> Option<Said> {
    let after = i > 0 && (value(tokens, i - 1).is_some() || matches!(before(tokens, i), "plus" | "or" | "t"));
    if low(tokens, i) != "minus" || tokens[i].stop != Stop::None || after {
        return None;
    }
    let (end, number, text) = spoken(tokens, i + 1, false)?;
    let number = number.filter(|n| n.style == NumberStyle::Cardinal)?;
    Some((end, cardinal(-number.value), format!("-{text}")))
}

/// `an hour and a half` as `1.5 hours`, `two hours and a half` as `2.5 hours`.
fn halves(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i + 4 < tokens.len() {
        let whole = value(tokens, i).or_else(|| matches!(low(tokens, i), "a" | "an").then_some(1.0));
        let half = counts(tokens, i + 1) && follow(tokens, i + 2, &["and", "a", "half"]);
        if let Some(whole) = whole.filter(|_| half) {
            let stop = tokens[i + 4].stop;
            tokens[i].words = Token::said(&tokens[i..i + 5]);
            show(&mut tokens[i], grouped(whole + 0.5), None);
            if whole == 1.0 && scale(low(tokens, i + 1)).is_none() {
                let many = plural(&tokens[i + 1].low);
                show(&mut tokens[i + 1], many, None);
            }
            tokens[i + 1].stop = stop;
            tokens.drain(i + 2..i + 5);
        }
        i += 1;
    }
}

/// `half an hour` as `half hour`, `three quarters of an hour` as `3/4 hour`, `half a dozen`, `a quarter of a million`.
fn part(tokens: &[Token], i: usize) -> Option<Said> {
    let article = usize::from(matches!(low(tokens, i), "a" | "one") && tokens[i].stop == Stop::None);
    let (share, text, mut end) = match (low(tokens, i + article), low(tokens, i + article + 1)) {
        ("half", _) => (0.5, "half", i + article + 1),
        ("quarter", _) => (0.25, "quarter", i + article + 1),
        ("three", "quarters") if article == 0 && tokens[i].stop == Stop::None => (0.75, "3/4", i + 2),
        _ => return None,
    };
    if follow(tokens, end, &["of"]) {
        end += 1;
    }
    let whole = matches!(low(tokens, end), "a" | "an") && tokens[end - 1].stop == Stop::None;
    let of = end + usize::from(whole);
    if tokens[of.min(tokens.len()) - 1].stop != Stop::None {
        return None;
    }
    if let Some(factor) = scale(low(tokens, of)) {
        return Some((of + 1, cardinal(share * factor), grouped(share * factor)));
    }
    (whole && MEASURES.contains(&low(tokens, of))).then(|| (of, cardinal(share), text.to_owned()))
}

/// `four to five minutes`, `two or three days`: both ends count the same. It is no single value.
fn range(tokens: &[Token], i: usize) -> Option<Said> {
    let plain = |at: usize| {
        let (end, number, text) = spoken(tokens, at, false)
            .or_else(|| (low(tokens, at) == "one").then(|| (at + 1, cardinal(1.0), "1".to_owned())))?;
        let number = number.filter(|n| n.style == NumberStyle::Cardinal)?;
        Some((end, number.value, text))
    };
    let (middle, least, mut text) = plain(i)?;
    let joined = matches!(low(tokens, middle), "to" | "or") && tokens[middle - 1].stop == Stop::None;
    if !joined
        || tokens[middle].stop != Stop::None
        || matches!(before(tokens, i), "from" | "between")
        || value_of(before(tokens, i)).is_some()
    {
        return None;
    }
    let (end, most, upper) = plain(middle + 1)?;
    if !counts(tokens, end)
        || least >= most
        || least == 1.0 && most > 3.0
        || low(tokens, middle) == "or" && most > least + 2.0 && least < 100.0
    {
        return None;
    }
    if (1e3..1e6).contains(&most) && most % 1e3 == 0.0 && least < most / 1e3 {
        text = grouped(least * 1e3);
    }
    Some((end, Some(Number { value: least, style: NumberStyle::Range }), format!("{text}–{upper}")))
}

/// `seven euros fifty` as `7.50 euros`.
fn cents(tokens: &mut Vec<Token>) {
    const MONEY: &[&str] = &["euro", "euros", "dollar", "dollars", "pound", "pounds", "franc", "francs"];
    let mut i = 0;
    while i + 2 < tokens.len() {
        let whole = |k: usize| {
            let number: Option<Number> = tokens[k].number;
            number.filter(|n| n.style == NumberStyle::Cardinal && n.value.fract() == 0.0).map(|n| n.value)
        };
        let joined = tokens[i].stop == Stop::None && tokens[i + 1].stop == Stop::None;
        let small = |v: &f64| (10.0..100.0).contains(v) && tokens[i + 2].text.len() == 2;
        if joined
            && tokens[i + 1].is(MONEY)
            && !counts(tokens, i + 3)
            && let (Some(main), Some(cents)) = (whole(i).filter(|v| *v < 1e4), whole(i + 2).filter(small))
        {
            let stop = tokens[i + 2].stop;
            tokens[i].words = Token::said(&tokens[i..i + 3]);
            show(&mut tokens[i], format!("{}.{:02}", grouped(main), cents as u32), cardinal(main + cents / 100.0));
            tokens[i + 1].stop = stop;
            tokens.remove(i + 2);
        }
        i += 1;
    }
}

/// The value of the word at `i`.
fn value(tokens: &[Token], i: usize) -> Option<f64> {
    value_of(low(tokens, i))
}

fn value_of(word: &str) -> Option<f64> {
    unit(word).or_else(|| written(word))
}

/// What is measured in one: `one litre`.
const MEASURES: &[&str] = &[
    "percent",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "litre",
    "liter",
    "millilitre",
    "gram",
    "gramme",
    "kilo",
    "kilogram",
    "kilometre",
    "kilometer",
    "metre",
    "meter",
    "centimetre",
    "mile",
    "pound",
    "euro",
    "dollar",
    "cent",
    "degree",
    "cup",
    "teaspoon",
    "tablespoon",
    "spoon",
    "tonne",
    "ton",
    "inch",
    "foot",
    "yard",
    "gallon",
    "pint",
    "ounce",
    "watt",
    "kilowatt",
    "volt",
];

fn spoken(tokens: &[Token], i: usize, clocks: bool) -> Option<Said> {
    let word = low(tokens, i);
    if let Some(minutes) = written_clock(word) {
        return Some((i + 1, Some(Number { value: minutes, style: NumberStyle::Clock }), word.to_owned()));
    }
    if let Some(value) = written(word) {
        let factor = tokens.get(i + 1).filter(|_| tokens[i].stop == Stop::None).and_then(|t| scale(&t.low));
        if let Some(factor) = factor {
            let round = value * factor;
            let text = if factor >= 1e6 && value.fract() != 0.0 {
                format!("{word} {}", low(tokens, i + 1))
            } else {
                grouped(round)
            };
            return Some((i + 2, cardinal(round), text));
        }
        let year = word.len() == 4 && value.fract() == 0.0 && (1400.0..2200.0).contains(&value);
        let style = if year && date::yearly(tokens, i, i + 1) { NumberStyle::Year } else { NumberStyle::Cardinal };
        return Some((i + 1, Some(Number { value, style }), tokens[i].text.clone()));
    }
    let Some(run) = run(tokens, i) else { return small_share(tokens, i) };
    if let Some(said) = with_fraction(tokens, i, &run) {
        return Some(said);
    }
    let number = |value, style| Some(Number { value, style });
    if let [a, b] = run.groups[..]
        && !run.scaled
    {
        let clock = (1.0..=12.0).contains(&a) && (10.0..60.0).contains(&b);
        if clock && (timed(tokens, i, run.end) || clocks && !counts(tokens, run.end)) {
            let minutes = a * 60.0 + b;
            return Some((run.end, number(minutes, NumberStyle::Clock), clock_text(minutes)));
        }
        if clock {
            // "costs two fifty": nobody knows whether it is a price, a time or a count.
            let words: Vec<&str> = tokens[i..run.end].iter().map(|t| t.text.as_str()).collect();
            return Some((run.end, None, words.join(" ")));
        }
        let day = (13.0..=23.0).contains(&a) && (10.0..60.0).contains(&b) && before(tokens, i) == "at";
        if day {
            return Some((run.end, number(a * 60.0 + b, NumberStyle::Clock), clock_text(a * 60.0 + b)));
        }
        if (13.0..=21.0).contains(&a) && b < 100.0 && (a < 20.0 || date::yearly(tokens, i, run.end)) {
            return Some((run.end, number(a * 100.0 + b, NumberStyle::Year), digits(a * 100.0 + b)));
        }
    }
    if run.groups.len() > 1 {
        // Two numbers side by side: the first one alone.
        let value = unit(word).filter(|_| word != "one")?;
        return Some((i + 1, cardinal(value), digits(value)));
    }
    let value = run.groups[0];
    if run.words == 1 && word == "one" {
        let after = if tokens[i].stop == Stop::None { low(tokens, i + 1) } else { "" };
        // "One day we ..." counts no days.
        let once = after == "day" && before(tokens, i).is_empty();
        if !MEASURES.contains(&after) || once {
            return None;
        }
    }
    let thousand = run.scaled && tokens[i..run.end].iter().any(|t| t.low == "thousand");
    let year = (thousand && (1900.0..2100.0).contains(&value) || value == 1900.0)
        && date::yearly(tokens, i, run.end)
        && (value % 100.0 != 0.0 || date::led(tokens, i));
    let style = if year { NumberStyle::Year } else { NumberStyle::Cardinal };
    Some((run.end, number(value, style), if year { digits(value) } else { grouped(value) }))
}

/// A run with what stands behind a point or `and a half`, and what multiplies both: `one point eight million`.
fn with_fraction(tokens: &[Token], i: usize, run: &run::Run) -> Option<Said> {
    let [whole] = run.groups[..] else { return None };
    let end = run.end;
    if tokens[end - 1].stop != Stop::None {
        return None;
    }
    let (value, plain, end) = if let Some((fraction, end)) = fraction(tokens, end) {
        // "At one point five people ..."
        let idiom = before(tokens, i) == "at" && whole == 1.0 && !matches!(low(tokens, end), "percent" | "million");
        if idiom {
            return None;
        }
        // "One point oh" keeps its nought.
        let value: f64 = format!("{}.{fraction}", digits(whole)).parse().ok()?;
        (value, format!("{}.{fraction}", grouped(whole)), end)
    } else {
        let parts: [(&[&str], f64); 3] =
            [(&["and", "a", "half"], 0.5), (&["and", "a", "quarter"], 0.25), (&["and", "three", "quarters"], 0.75)];
        let part = parts.iter().find(|(words, _)| follow(tokens, end, words))?.1;
        (whole + part, grouped(whole + part), end + 3)
    };
    let factor = Some(low(tokens, end)).filter(|_| tokens[end - 1].stop == Stop::None).and_then(scale);
    Some(match factor {
        Some(factor) if factor >= 1e6 => (end + 1, cardinal(value * factor), format!("{plain} {}", low(tokens, end))),
        // 3.3 thousand is 3,300, not 3,299.9999999999995.
        Some(factor) => (end + 1, cardinal((value * factor).round()), grouped((value * factor).round())),
        None => (end, cardinal(value), plain),
    })
}

/// So many times of day make a timetable.
const TIMES: usize = 3;

/// Whether a talk goes from time to time of day: several pairs of numbers such as `ten fifteen`, and no word of money.
pub(crate) fn timetable<'t>(sentences: impl Iterator<Item = &'t [Token]>) -> bool {
    const MONEY: &[&str] = &[
        "euro", "euros", "pound", "pounds", "dollar", "dollars", "cost", "costs", "price", "prices", "pay", "paid",
        "cents",
    ];
    let mut times = 0;
    for tokens in sentences {
        let within = |k: usize, least: f64, end: f64| unit(low(tokens, k)).is_some_and(|v| (least..end).contains(&v));
        let pair = |i: &usize| {
            let joined = tokens[*i].stop == Stop::None && !counts(tokens, i + 2);
            joined && within(*i, 1.0, 13.0) && within(i + 1, 10.0, 60.0)
        };
        if tokens.iter().any(|t| t.is(MONEY)) {
            return false;
        }
        times += (0..tokens.len()).filter(pair).count();
    }
    times >= TIMES
}

/// `point five percent`, `point two million`.
fn small_share(tokens: &[Token], i: usize) -> Option<Said> {
    let (digits, end) = fraction(tokens, i)?;
    let value: f64 = format!("0.{digits}").parse().ok()?;
    let measured = tokens[end - 1].stop == Stop::None && matches!(low(tokens, end), "percent" | "per");
    measured.then(|| (end, cardinal(value), format!("0.{digits}")))
}
