//! Axes: numbers along one side, what the places are called along the other.

use super::{Anchor, LABEL, Picture, Setting, scale::Scale};

/// The room between the axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) w: f32,
    pub(super) h: f32,
}

/// What stands along an axis of names or moments.
pub(super) struct Places<'a> {
    pub(super) names: &'a [String],
    pub(super) timed: bool,
    /// Whether a place has a width of its own, as below a bar, or is a point.
    pub(super) cells: bool,
}

impl Places<'_> {
    fn said(&self, setting: &Setting<'_>) -> Vec<String> {
        let said = |name: &String| if self.timed { crate::say::place(name, setting.bucket) } else { name.clone() };
        self.names.iter().map(said).collect()
    }
}

/// A number at an axis.
pub(super) fn label(value: f64, formatted: bool, setting: &Setting<'_>) -> String {
    if formatted { setting.say(value) } else { crate::say::number(&charts::Format::default(), value, setting.language) }
}

/// What is written at an axis of numbers, and how wide the widest of it is.
fn numbers(scale: Scale, formatted: bool, setting: &Setting<'_>) -> (Vec<(f64, String)>, f32) {
    let said: Vec<(f64, String)> = scale.steps().map(|value| (value, label(value, formatted, setting))).collect();
    let widest = said.iter().map(|(_, text)| (setting.measure)(text, LABEL)).fold(0.0, f32::max);
    (said, widest)
}

fn tone(value: f64) -> &'static str {
    if value == 0.0 { "role:line-strong" } else { "role:line" }
}

/// Numbers from left to right, names from top to bottom.
pub(super) fn lying(
    picture: &mut Picture,
    top: f32,
    scale: Scale,
    places: &Places<'_>,
    formatted: bool,
    setting: &Setting<'_>,
) -> Field {
    let names = places.said(setting);
    let (said, widest) = numbers(scale, formatted, setting);
    let side = names.iter().map(|name| (setting.measure)(name, LABEL)).fold(0.0, f32::max).min(picture.width * 0.34);
    let field =
        Field { x: side + 8.0, y: top, w: picture.width - side - 16.0 - widest / 2.0, h: picture.height - top - 16.0 };
    for (value, text) in &said {
        let x = field.x + scale.at(*value) * field.w;
        picture.stroke((x, field.y), (x, field.y + field.h), tone(*value), 0.6);
        picture.text((x, field.y + field.h + 11.0), LABEL, Anchor::Middle, "role:ink-soft", text.as_str());
    }
    let room = field.h / names.len().max(1) as f32;
    for (at, name) in names.iter().enumerate().filter(|_| room >= LABEL) {
        let y = field.y + room * (at as f32 + 0.5) + 2.8;
        let name = setting.fit(name, LABEL, side + 0.5);
        picture.text((field.x - 5.0, y), LABEL, Anchor::End, "role:ink-soft", name);
    }
    field
}

/// Numbers from bottom to top, names from left to right, as many as there is room for.
pub(super) fn standing(
    picture: &mut Picture,
    top: f32,
    scale: Scale,
    places: &Places<'_>,
    formatted: bool,
    setting: &Setting<'_>,
) -> Field {
    let names = places.said(setting);
    let (said, widest) = numbers(scale, formatted, setting);
    let field =
        Field { x: widest + 8.0, y: top + 4.0, w: picture.width - widest - 12.0, h: picture.height - top - 22.0 };
    for (value, text) in &said {
        let y = field.y + (1.0 - scale.at(*value)) * field.h;
        picture.stroke((field.x, y), (field.x + field.w, y), tone(*value), 0.6);
        picture.text((field.x - 5.0, y + 2.8), LABEL, Anchor::End, "role:ink-soft", text.as_str());
    }
    let count = names.len().max(1);
    let cells = places.cells || count == 1;
    let step = if cells { field.w / count as f32 } else { field.w / (count - 1) as f32 };
    let widest = names.iter().map(|name| (setting.measure)(name, LABEL)).fold(0.0, f32::max);
    // Names are cut before they are left out; moments are left out, since each stands for those beside it.
    let room = if places.timed { widest } else { widest.min(field.w / count.min(8) as f32 - 8.0).max(20.0) };
    let every = ((room + 8.0) / step.max(0.01)).ceil().max(1.0) as usize;
    for (at, name) in names.iter().enumerate().step_by(every) {
        let x = field.x + step * if cells { at as f32 + 0.5 } else { at as f32 };
        let name = setting.fit(name, LABEL, room.max(step.min(room)) + 0.5);
        let half = (setting.measure)(&name, LABEL) / 2.0;
        let x = x.clamp(half, picture.width - half);
        picture.text((x, field.y + field.h + 12.0), LABEL, Anchor::Middle, "role:ink-soft", name);
    }
    field
}
