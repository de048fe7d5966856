//! Number words, years and clock times to digits.

use super::token::{Number, NumberStyle, Stop, Token};

fn unit(word: &str) -> Option<f64> {
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

fn scale(word: &str) -> Option<f64> {
    match word {
        "hundred" => Some(100.0),
        "thousand" => Some(1e3),
        "million" => Some(1e6),
        "billion" => Some(1e9),
        _ => None,
    }
}

/// The value of a written number: `2,000`, `£300`, `5%`, `1.5`.
fn written(word: &str) -> Option<f64> {
    let core = word.trim_start_matches(['£', '$', '€']).trim_end_matches('%');
    if core.is_empty() || !core.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if core.len() > 15 || !core.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.')) {
        return None;
    }
    core.replace(',', "").parse().ok()
}

fn clock_written(word: &str) -> Option<f64> {
    let (h, m) = word.split_once(':')?;
    let (h, m): (u32, u32) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60).then(|| f64::from(h * 60 + m))
}

/// One run of number words, as groups of spoken numbers: `nineteen oh five` has two.
struct Run {
    end: usize,
    groups: Vec<f64>,
    scaled: bool,
    words: usize,
}

fn run(tokens: &[Token], start: usize) -> Option<Run> {
    let mut groups: Vec<f64> = Vec::new();
    let (mut total, mut current, mut open, mut scaled, mut words) = (0.0, 0.0, false, false, 0);
    let mut i = start;
    while let Some(token) = tokens.get(i) {
        let next = tokens.get(i + 1).map_or("", |t| t.low.as_str());
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
            if factor == 100.0 {
                current = base * 100.0;
            } else {
                total += base * factor;
                current = 0.0;
            }
            (scaled, open) = (true, true);
        } else if matches!(word, "a" | "half") && i == start && scale(next).is_some() && joined {
            if word == "half" {
                return None;
            }
            i += 1;
            continue;
        } else if word == "and" && scaled && unit(next).is_some() && joined && i > start {
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

fn clock_text(minutes: f64) -> String {
    let minutes = minutes as u32;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

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

/// Replaces number words by tokens in digits. `one` on its own stays a word: it is a pronoun more often than not.
pub(crate) fn to_digits(tokens: &mut Vec<Token>) {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        if let Some((end, number, text)) = spoken_clock(tokens, i).or_else(|| spoken(tokens, i)) {
            let mut token = tokens[i].clone();
            token.words = Token::said(&tokens[i..end]);
            token.stop = tokens[end - 1].stop;
            token.text = text;
            token.low = token.text.to_lowercase();
            token.lemma = token.low.clone();
            token.number = Some(number);
            out.push(token);
            i = end;
        } else {
            out.push(tokens[i].clone());
            i += 1;
        }
    }
    *tokens = out;
}

/// `half past nine`, `ten past two`, `quarter to five`, `nine o'clock`, `one a.m.`
fn spoken_clock(tokens: &[Token], i: usize) -> Option<(usize, Number, String)> {
    let low = |k: usize| tokens.get(k).map_or("", |t| t.low.as_str());
    let value = |k: usize| unit(low(k)).or_else(|| written(low(k)));
    let clock = |end: usize, minutes: f64| {
        let minutes = minutes.rem_euclid(1440.0);
        Some((end, Number { value: minutes, style: NumberStyle::Clock }, clock_text(minutes)))
    };
    let offset = match low(i) {
        "half" => Some(30.0),
        "quarter" => Some(15.0),
        word => unit(word).filter(|v| *v < 60.0),
    };
    if let (Some(offset), "past" | "to") = (offset, low(i + 1))
        && tokens[i].stop == Stop::None
        && let Some(hour) = value(i + 2).filter(|h| (1.0..=12.0).contains(h))
        && (low(i + 1) == "past"
            || matches!(low(i), "quarter" | "ten" | "five" | "twenty") && scale(low(i + 3)).is_none())
    {
        return clock(i + 3, if low(i + 1) == "past" { hour * 60.0 + offset } else { hour * 60.0 - offset });
    }
    let hour = value(i).filter(|h| (1.0..=12.0).contains(h))?;
    let (end, minutes) = match value(i + 1).filter(|m| (10.0..60.0).contains(m) && tokens[i].stop == Stop::None) {
        Some(minutes) => (i + 2, minutes),
        None => (i + 1, 0.0),
    };
    match low(end) {
        "o'clock" => clock(end + 1, hour * 60.0 + minutes),
        "a.m" | "am" => clock(end + 1, hour % 12.0 * 60.0 + minutes),
        "p.m" | "pm" => clock(end + 1, (hour % 12.0 + 12.0) * 60.0 + minutes),
        _ => None,
    }
}

fn spoken(tokens: &[Token], i: usize) -> Option<(usize, Number, String)> {
    let low = tokens[i].low.as_str();
    if let Some(minutes) = clock_written(low) {
        return Some((i + 1, Number { value: minutes, style: NumberStyle::Clock }, low.to_owned()));
    }
    if let Some(value) = written(low) {
        let factor = tokens.get(i + 1).filter(|_| tokens[i].stop == Stop::None).and_then(|t| scale(&t.low));
        if let Some(factor) = factor {
            return Some((
                i + 2,
                Number { value: value * factor, style: NumberStyle::Cardinal },
                grouped(value * factor),
            ));
        }
        let year = low.len() == 4 && value.fract() == 0.0 && (1400.0..2200.0).contains(&value);
        let style = if year { NumberStyle::Year } else { NumberStyle::Cardinal };
        return Some((i + 1, Number { value, style }, tokens[i].text.clone()));
    }
    let run = run(tokens, i)?;
    let number = |value, style| Number { value, style };
    if let [a, b] = run.groups[..]
        && !run.scaled
    {
        if (1.0..=12.0).contains(&a) && (10.0..60.0).contains(&b) {
            let minutes = a * 60.0 + b;
            return Some((run.end, number(minutes, NumberStyle::Clock), clock_text(minutes)));
        }
        if (13.0..=21.0).contains(&a) && b < 100.0 {
            return Some((run.end, number(a * 100.0 + b, NumberStyle::Year), digits(a * 100.0 + b)));
        }
    }
    if run.groups.len() > 1 {
        // Two numbers side by side: the first one alone.
        let value = unit(low).filter(|_| low != "one")?;
        return Some((i + 1, number(value, NumberStyle::Cardinal), digits(value)));
    }
    let value = run.groups[0];
    if run.words == 1 && low == "one" {
        let after = tokens.get(i + 1).map_or("", |t| t.low.as_str());
        if !matches!(after, "percent" | "minute" | "hour" | "day" | "week" | "month" | "year") {
            return None;
        }
    }
    if run.words == 1 && low == "a" {
        return None;
    }
    let year =
        run.scaled && tokens[i..run.end].iter().any(|t| t.low == "thousand") && (1900.0..2100.0).contains(&value);
    let style = if year { NumberStyle::Year } else { NumberStyle::Cardinal };
    Some((run.end, number(value, style), if year { digits(value) } else { grouped(value) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    fn check(text: &str, expected: &str) {
        let transcript = Transcript::from_text(text, "en");
        let mut tokens = super::super::token::split(&transcript).remove(0).tokens;
        to_digits(&mut tokens);
        let got: Vec<_> = tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(got.join(" "), expected, "{text}");
    }

    #[test]
    fn numbers_years_and_clocks() {
        check("five hundred and twenty thousand pounds", "520,000 pounds");
        check("sixty-two thousand dollars", "62,000 dollars");
        check("a hundred and eighty", "180");
        check("in eighteen ninety-two", "in 1892");
        check("in nineteen oh five", "in 1905");
        check("two thousand and four", "2004");
        check("at half past nine", "at 9:30");
        check("at ten past two", "at 2:10");
        check("at nine twenty", "at 9:20");
        check("three, four and five", "3 4 and 5");
        check("the old one", "the old one");
        check("one p.m. sharp", "13:00 sharp");
        check("twenty twenty-four", "2024");
    }
}
