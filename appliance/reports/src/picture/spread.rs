//! Several numbers of each place: boxes, and candles.

use super::{
    Picture, Setting, Step, Stroke,
    axes::{self, Field, Places},
    plane::BAR,
    rectangle,
    scale::Scale,
};
use crate::plot::Spread;

/// The axes of a spread, and of each row that has all of its numbers its middle from left to right and the numbers.
fn ground<const N: usize>(
    picture: &mut Picture,
    spread: &Spread<N>,
    free: bool,
    setting: &Setting<'_>,
) -> (Field, Scale, f32, Vec<(f32, [f64; N])>) {
    let numbers = || spread.rows.iter().flatten().flatten().copied();
    let (low, high) = numbers().fold((f64::MAX, f64::MIN), |(low, high), own| (low.min(own), high.max(own)));
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let scale = Scale::of(low, high, setting.format.unit, free);
    let places = Places { names: &spread.places, timed: spread.timed, cells: true };
    let field = axes::standing(picture, 4.0, scale, &places, true, setting);
    let step = field.w / spread.places.len().max(1) as f32;
    let rows =
        spread.rows.iter().enumerate().filter_map(|(at, row)| Some((field.x + step * (at as f32 + 0.5), (*row)?)));
    (field, scale, step, rows.collect())
}

/// Draws boxes from the lower to the upper quarter with the middle across and whiskers to both ends.
pub(super) fn boxes(picture: &mut Picture, spread: &Spread<5>, setting: &Setting<'_>) {
    let (field, scale, step, rows) = ground(picture, spread, false, setting);
    let wide = (step * 0.5).min(BAR);
    let y = |value: f64| field.y + (1.0 - scale.at(value)) * field.h;
    for (x, [least, lower, middle, upper, most]) in rows {
        for (end, side) in [(least, lower), (most, upper)] {
            picture.stroke((x, y(end)), (x, y(side)), "role:tone-0", 0.9);
            picture.stroke((x - wide * 0.25, y(end)), (x + wide * 0.25, y(end)), "role:tone-0", 0.9);
        }
        let (top, bottom) = (y(lower.max(upper)), y(lower.min(upper)));
        let edge = Stroke { tone: "role:tone-0".to_owned(), width: 0.9, dashes: &[] };
        let body = rectangle([x - wide / 2.0, top, wide, bottom - top]);
        picture.shape(body, Some(("role:accent-soft", 1.0)), Some(edge));
        picture.stroke((x - wide / 2.0, y(middle)), (x + wide / 2.0, y(middle)), "role:tone-0", 2.0);
    }
}

/// Draws candles from the first to the last with wicks to both ends. A rise is hollow, so that it is told from a fall without colours.
pub(super) fn candles(picture: &mut Picture, spread: &Spread<4>, setting: &Setting<'_>) {
    let (field, scale, step, rows) = ground(picture, spread, true, setting);
    let wide = (step * 0.6).min(BAR / 2.0);
    let y = |value: f64| field.y + (1.0 - scale.at(value)) * field.h;
    for (x, [first, last, least, most]) in rows {
        let (tone, fill) = if last >= first { ("role:good", "role:surface") } else { ("role:bad", "role:bad") };
        let wick = vec![Step::Move(x, y(most)), Step::Line(x, y(least))];
        let line = || Stroke { tone: tone.to_owned(), width: 0.9, dashes: &[] };
        picture.shape(wick, None, Some(line()));
        let (top, bottom) = (y(first.max(last)), y(first.min(last)));
        let body = rectangle([x - wide / 2.0, top, wide, bottom - top]);
        picture.shape(body, Some((fill, 1.0)), Some(line()));
    }
}
