//! Times of day.

use super::run::{before, counts, low, scale, unit, written};
use crate::outline::token::{Number, NumberStyle, Stop, Token};

/// Words after which a number is a time of day.
const AT: &[&str] =
    &["at", "by", "until", "till", "from", "before", "after", "around", "about", "since", "past", "between", "the"];

/// A written time, `9:30`, in minutes.
pub(super) fn written_clock(word: &str) -> Option<f64> {
    let (h, m) = word.split_once(':')?;
    let (h, m): (u32, u32) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60).then(|| f64::from(h * 60 + m))
}

/// Minutes since midnight as a clock shows them.
pub(super) fn clock_text(minutes: f64) -> String {
    let minutes = minutes as u32;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Whether two numbers side by side at `i..end`, `nine twenty`, can only be a time of day.
pub(super) fn timed(tokens: &[Token], i: usize, end: usize) -> bool {
    let led = |k: usize| AT.contains(&before(tokens, k));
    let pair = |k: usize| unit(low(tokens, k)).is_some() && unit(low(tokens, k + 1)).is_some_and(|m| m >= 10.0);
    // "between nine fifteen and ten thirty"
    let told = (i.saturating_sub(8)..i).any(|k| pair(k) && led(k));
    if counts(tokens, end) { before(tokens, i) == "the" } else { i == 0 || led(i) || told }
}

/// `half past nine`, `half eight`, `ten past two`, `quarter to five`, `nine o'clock`, `one a.m.`
pub(super) fn spoken_clock(tokens: &[Token], i: usize) -> Option<(usize, Number, String)> {
    let value = |k: usize| unit(low(tokens, k)).or_else(|| written(low(tokens, k)));
    let clock = |end: usize, minutes: f64| {
        let minutes = minutes.rem_euclid(1440.0);
        Some((end, Number { value: minutes, style: NumberStyle::Clock }, clock_text(minutes)))
    };
    let offset = match low(tokens, i) {
        "half" => Some(30.0),
        "quarter" => Some(15.0),
        word => unit(word).filter(|v| *v < 60.0),
    };
    if let (Some(offset), way @ ("past" | "to")) = (offset, low(tokens, i + 1))
        && tokens[i].stop == Stop::None
        && let Some(hour) = value(i + 2).filter(|h| (1.0..=12.0).contains(h))
    {
        if way == "past" {
            return clock(i + 3, hour * 60.0 + offset);
        }
        // "five to six minutes" is a span: only who names a time of day means the clock.
        let opens = i == 0 || tokens[i - 1].stop != Stop::None;
        let said = opens
            || AT.contains(&before(tokens, i))
            || matches!(before(tokens, i), "is" | "was" | "'s" | "it" | "a" | "on");
        let hand = low(tokens, i) == "quarter" || (matches!(low(tokens, i), "ten" | "five" | "twenty") && said);
        if hand && scale(low(tokens, i + 3)).is_none() && !counts(tokens, i + 3) {
            return clock(i + 3, hour * 60.0 - offset);
        }
    }
    if low(tokens, i) == "half"
        && tokens[i].stop == Stop::None
        && matches!(
            before(tokens, i),
            "at" | "by" | "until" | "till" | "around" | "about" | "from" | "before" | "after"
        )
        && let Some(hour) = unit(low(tokens, i + 1)).filter(|h| (1.0..=12.0).contains(h))
        && !counts(tokens, i + 2)
    {
        return clock(i + 2, hour * 60.0 + 30.0);
    }
    let hour = value(i).filter(|h| (1.0..=12.0).contains(h))?;
    let (end, minutes) = match value(i + 1).filter(|m| (10.0..60.0).contains(m) && tokens[i].stop == Stop::None) {
        Some(minutes) => (i + 2, minutes),
        None => (i + 1, 0.0),
    };
    match low(tokens, end) {
        "o'clock" => clock(end + 1, hour * 60.0 + minutes),
        "a.m" | "am" => clock(end + 1, hour % 12.0 * 60.0 + minutes),
        "p.m" | "pm" => clock(end + 1, (hour % 12.0 + 12.0) * 60.0 + minutes),
        _ => None,
    }
}
