//! What has no axes of numbers: shares, heat maps, gauges, ways of single values.

use std::f32::consts::TAU;

use super::{Anchor, LABEL, Picture, Setting, Step, Stroke, arc, channels};

/// Draws shares of a whole, with what each is called and how much it is beside it.
pub(super) fn shares(picture: &mut Picture, parts: &[(String, f64)], donut: bool, setting: &Setting<'_>) {
    let total: f64 = parts.iter().map(|(_, value)| value).sum();
    if total <= 0.0 {
        return;
    }
    let radius = (picture.height / 2.0 - 6.0).min(picture.width / 4.0);
    let middle = (radius + 10.0, picture.height / 2.0);
    let inner = if donut { radius * 0.6 } else { 0.0 };
    let mut from = 0.0f32;
    for (at, (_, value)) in parts.iter().enumerate() {
        let to = from + (value / total) as f32 * TAU;
        let mut steps = arc(middle, radius, from, to, true);
        if donut {
            steps.extend(arc(middle, inner, to, from, false));
        } else {
            steps.push(Step::Line(middle.0, middle.1));
        }
        steps.push(Step::Close);
        let gap = Stroke { tone: "role:surface".to_owned(), width: 1.2, dashes: &[] };
        picture.shape(steps, Some((&tone(at), 1.0)), Some(gap));
        // Slices are named by their numbers in the list, for colours alone do not tell them apart.
        if to - from > 0.24 {
            let angle = f32::midpoint(from, to);
            let far = if donut { f32::midpoint(radius, inner) } else { radius * 0.68 };
            let at_text = (middle.0 + far * angle.sin(), middle.1 - far * angle.cos() + 2.8);
            let number = (at + 1).to_string();
            picture.strong(at_text, LABEL, "role:surface", number);
        }
        from = to;
    }
    if donut {
        let said = setting.fit(&setting.say(total), 13.0, inner * 1.7);
        picture.strong((middle.0, middle.1 + 4.5), 13.0, "role:ink", said);
    }
    let room = [middle.0 + radius + 28.0, 0.0, picture.width, picture.height];
    let named: Vec<(&str, f64)> = parts.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    list(picture, room, &named, total, setting);
}

/// Numbered parts under one another between `left`, `top`, `right` and `bottom`: what each is called, how much it is and its share.
pub(super) fn list(
    picture: &mut Picture,
    [left, top, right, bottom]: [f32; 4],
    parts: &[(&str, f64)],
    total: f64,
    setting: &Setting<'_>,
) {
    let tall = bottom - top;
    let pitch = (tall / parts.len().max(1) as f32).min(18.0);
    let first = top + (tall - pitch * parts.len() as f32) / 2.0 + pitch * 0.68;
    for (at, (name, value)) in parts.iter().enumerate() {
        let y = first + pitch * at as f32;
        picture.bar([left, y - 7.5, 9.0, 9.0], &tone(at), 1.0);
        let said = format!("{}  ·  {}", setting.say(*value), share(value / total, setting));
        let room = right - left - 18.0 - (setting.measure)(&said, LABEL) - 12.0;
        let name = setting.fit(&format!("{}  {name}", at + 1), LABEL, room);
        picture.text((left + 15.0, y), LABEL, Anchor::Start, "role:ink", name);
        picture.text((right - 4.0, y), LABEL, Anchor::End, "role:ink-soft", said);
    }
}

/// A share of a whole.
pub(super) fn share(part: f64, setting: &Setting<'_>) -> String {
    let format = charts::Format { decimals: Some(1), ..charts::Format::default() };
    format!("{} %", crate::say::number(&format, part * 100.0, setting.language))
}

/// The colour of a part by its place.
pub(super) fn tone(at: usize) -> String {
    format!("role:tone-{}", at % 6)
}

/// Draws a value for each pair of places.
pub(super) fn heat(
    picture: &mut Picture,
    across: &[String],
    timed: bool,
    down: &[String],
    cells: &[(usize, usize, f64)],
    setting: &Setting<'_>,
) {
    if across.is_empty() || down.is_empty() {
        return;
    }
    let width = |text: &String| (setting.measure)(text, LABEL);
    let side = down.iter().map(width).fold(0.0, f32::max).min(picture.width * 0.25);
    let (x, h) = (side + 8.0, picture.height - 34.0);
    let w = picture.width - x - 4.0;
    let (wide, tall) = (w / across.len() as f32, h / down.len() as f32);
    let (low, high) = ends(cells.iter().map(|(_, _, value)| *value));
    for (place, row, value) in cells {
        let gap = if wide > 4.0 { 0.6 } else { 0.0 };
        let cell = [x + wide * *place as f32 + gap, tall * *row as f32 + gap, wide - 2.0 * gap, tall - 2.0 * gap];
        picture.bar(cell, &shade(between_ends(*value, (low, high))), 1.0);
    }
    for (row, name) in down.iter().enumerate().filter(|_| tall >= LABEL) {
        let name = setting.fit(name, LABEL, side);
        picture.text((x - 5.0, tall * (row as f32 + 0.5) + 2.8), LABEL, Anchor::End, "role:ink-soft", name);
    }
    let names: Vec<String> =
        across.iter().map(|name| if timed { crate::say::place(name, setting.bucket) } else { name.clone() }).collect();
    let widest = names.iter().map(width).fold(0.0, f32::max).min(80.0);
    let every = ((widest + 4.0) / wide.max(0.01)).ceil().max(1.0) as usize;
    for (place, name) in names.iter().enumerate().step_by(every) {
        let name = setting.fit(name, LABEL, 80.0);
        picture.text((x + wide * (place as f32 + 0.5), h + 11.0), LABEL, Anchor::Middle, "role:ink-soft", name);
    }
    key(picture, (x, picture.height - 14.0), (low, high), setting);
}

/// The shades from little to much.
pub(super) fn key(picture: &mut Picture, (x, y): (f32, f32), (low, high): (f64, f64), setting: &Setting<'_>) {
    let pieces = 24;
    for piece in 0..pieces {
        let at = piece as f32 / (pieces - 1) as f32;
        picture.bar([x + 4.0 * piece as f32, y, 4.1, 7.0], &shade(at), 1.0);
    }
    let said = format!("{} – {}", setting.say(low), setting.say(high));
    picture.text((x + 4.0 * pieces as f32 + 6.0, y + 6.5), LABEL, Anchor::Start, "role:ink-soft", said);
}

/// The ends of shades for values: from zero, or what is below it.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((0.0f64, 0.0f64), |(low, high), own| (low.min(own), high.max(own)))
}

/// Where a value is between both ends, from 0 to 1.
pub(super) fn between_ends(value: f64, (low, high): (f64, f64)) -> f32 {
    if high > low { ((value - low) / (high - low)) as f32 } else { 0.0 }
}

/// A shade from little to much.
pub(super) fn shade(share: f32) -> String {
    between("role:accent-soft", "role:tone-0", share)
}

/// A colour between two others.
pub(super) fn between(from: &str, to: &str, share: f32) -> String {
    let (a, b) = (channels(from), channels(to));
    let mix =
        |at: usize| (f32::from(a[at]) + (f32::from(b[at]) - f32::from(a[at])) * share.clamp(0.0, 1.0)).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

/// Draws a number on its way between two ends.
pub(super) fn gauge(
    picture: &mut Picture,
    value: f64,
    (min, max): (f64, f64),
    mark: Option<f64>,
    tone: &str,
    setting: &Setting<'_>,
) {
    // Below the middle there is half of the radius, and a line for both ends.
    let radius = (picture.width / 2.0 - 12.0).min((picture.height - 26.0) / 1.5);
    let middle = (picture.width / 2.0, radius + 8.0);
    let (first, last) = (-TAU / 3.0, TAU / 3.0);
    let ring = |picture: &mut Picture, to: f32, tone: &str| {
        let mut steps = arc(middle, radius, first, to, true);
        steps.extend(arc(middle, radius - 12.0, to, first, false));
        steps.push(Step::Close);
        picture.shape(steps, Some((tone, 1.0)), None);
    };
    let share = |value: f64| ((value - min) / (max - min)).clamp(0.0, 1.0) as f32;
    ring(picture, last, "role:sunken");
    if share(value) > 0.0 {
        ring(picture, first + (last - first) * share(value), tone);
    }
    if let Some(mark) = mark {
        let angle = first + (last - first) * mark.clamp(0.0, 1.0) as f32;
        let at = |far: f32| (middle.0 + far * angle.sin(), middle.1 - far * angle.cos());
        picture.stroke(at(radius - 15.0), at(radius + 3.0), "role:ink", 2.0);
    }
    let said = setting.say(value);
    picture.strong((middle.0, middle.1 + 6.0), 20.0, "role:ink", said);
    let y = middle.1 + radius * 0.5 + 12.0;
    picture.text((middle.0 - radius * 0.82, y), LABEL, Anchor::Middle, "role:ink-soft", setting.say(min));
    picture.text((middle.0 + radius * 0.82, y), LABEL, Anchor::Middle, "role:ink-soft", setting.say(max));
}

/// Draws how a number came about: a line without axes.
pub(super) fn spark(picture: &mut Picture, values: &[f64]) {
    let (low, high) = values.iter().fold((0.0f64, f64::MIN), |(low, high), own| (low.min(*own), high.max(*own)));
    if values.len() < 2 || high <= low {
        return;
    }
    let (w, h) = (picture.width, picture.height);
    let point = |(at, value): (usize, &f64)| {
        (w * at as f32 / (values.len() - 1) as f32, h - 1.0 - ((value - low) / (high - low)) as f32 * (h - 2.0))
    };
    let line: Vec<Step> = values
        .iter()
        .enumerate()
        .map(point)
        .enumerate()
        .map(|(at, (x, y))| if at == 0 { Step::Move(x, y) } else { Step::Line(x, y) })
        .collect();
    let mut area = line.clone();
    area.extend([Step::Line(w, h), Step::Line(0.0, h), Step::Close]);
    picture.shape(area, Some(("role:tone-0", 0.14)), None);
    picture.shape(line, None, Some(Stroke { tone: "role:tone-0".to_owned(), width: 1.4, dashes: &[] }));
}
