//! Parts of parts: as areas, and as rings.

use std::f32::consts::TAU;

use super::{
    Anchor, LABEL, Picture, Setting, Step, Stroke, arc,
    flat::{between, list, tone},
    on,
};
use crate::plot::Branch;

/// The height of the line that names an area with parts.
const HEAD: f32 = 15.0;

/// Draws parts as areas of their size, inside the areas of what they are parts of.
pub(super) fn areas(picture: &mut Picture, parts: &[Branch], setting: &Setting<'_>) {
    let whole = [0.0, 0.0, picture.width, picture.height];
    for (at, (part, area)) in parts.iter().zip(divided(parts, whole)).enumerate() {
        area_of(picture, part, inset(area, 1.5), &tone(at), setting);
    }
}

fn area_of(picture: &mut Picture, part: &Branch, area: [f32; 4], tone: &str, setting: &Setting<'_>) {
    let [x, y, w, h] = area;
    if w <= 0.5 || h <= 0.5 {
        return;
    }
    if part.parts.is_empty() || w < 40.0 || h < 2.0 * HEAD {
        picture.bar(area, tone, 1.0);
        let room = w - 8.0;
        if room < 14.0 || h < LABEL + 4.0 {
            return;
        }
        let (ink, said) = (on(tone), setting.say(part.value));
        picture.text((x + 5.0, y + 11.0), LABEL, Anchor::Start, ink, setting.fit(&part.name, LABEL, room));
        if h >= 2.0 * LABEL + 8.0 && (setting.measure)(&said, LABEL) <= room {
            picture.text((x + 5.0, y + 22.0), LABEL, Anchor::Start, ink, said);
        }
        return;
    }
    picture.bar(area, "role:sunken", 1.0);
    let said = setting.say(part.value);
    let taken = (setting.measure)(&said, LABEL);
    let beside = w - 14.0 - taken >= 30.0;
    let name = setting.fit(&part.name, LABEL, if beside { w - 16.0 - taken } else { w - 8.0 });
    picture.text((x + 4.0, y + 10.5), LABEL, Anchor::Start, "role:ink", name);
    if beside {
        picture.text((x + w - 4.0, y + 10.5), LABEL, Anchor::End, "role:ink-soft", said);
    }
    let inner = [x + 2.0, y + HEAD, w - 4.0, h - HEAD - 2.0];
    for (own, area) in part.parts.iter().zip(divided(&part.parts, inner)) {
        area_of(picture, own, inset(area, 0.6), tone, setting);
    }
}

fn inset([x, y, w, h]: [f32; 4], by: f32) -> [f32; 4] {
    [x + by, y + by, w - 2.0 * by, h - 2.0 * by]
}

/// An area divided by the values of parts, largest first, into rectangles as near to squares as rows of them allow
/// (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000).
fn divided(parts: &[Branch], [mut x, mut y, mut w, mut h]: [f32; 4]) -> Vec<[f32; 4]> {
    let total: f64 = parts.iter().map(|part| part.value).sum();
    let scale = f64::from(w * h) / total.max(f64::MIN_POSITIVE);
    let sizes: Vec<f32> = parts.iter().map(|part| (part.value * scale) as f32).collect();
    let mut areas = Vec::with_capacity(sizes.len());
    let mut at = 0;
    while at < sizes.len() {
        let side = w.min(h).max(f32::MIN_POSITIVE);
        // How far from a square the worst of a row is that lies along the shorter side.
        let worst = |row: &[f32]| {
            let sum: f32 = row.iter().sum();
            let thick = (sum / side).max(f32::MIN_POSITIVE);
            row.iter()
                .map(|own| (own / thick / thick).max(thick * thick / own.max(f32::MIN_POSITIVE)))
                .fold(0.0, f32::max)
        };
        let mut to = at + 1;
        while to < sizes.len() && worst(&sizes[at..=to]) <= worst(&sizes[at..to]) {
            to += 1;
        }
        let row = &sizes[at..to];
        // What is next to nothing beside the others gets no more than what is left of the area.
        let sum = row.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let thick = (sum / side).min(w.max(h));
        let (mut along, upright) = (0.0, w >= h);
        for own in row {
            let long = side * own / sum;
            areas.push(if upright { [x, y + along, thick, long] } else { [x + along, y, long, thick] });
            along += long;
        }
        if upright {
            (x, w) = (x + thick, w - thick);
        } else {
            (y, h) = (y + thick, h - thick);
        }
        at = to;
    }
    areas
}

/// Draws parts as rings around a middle, each ring the parts of the one inside of it, and the innermost listed beside.
pub(super) fn rings(picture: &mut Picture, parts: &[Branch], setting: &Setting<'_>) {
    let total: f64 = parts.iter().map(|part| part.value).sum();
    if total <= 0.0 {
        return;
    }
    let radius = (picture.height / 2.0 - 4.0).min(picture.width / 3.0);
    let hole = radius * 0.2;
    let rings =
        Rings { middle: (radius + 6.0, picture.height / 2.0), hole, pitch: (radius - hole) / deep(parts) as f32 };
    rings.draw(picture, parts, (0.0, TAU), 0, None, setting);
    let named: Vec<(&str, f64)> = parts.iter().map(|part| (part.name.as_str(), part.value)).collect();
    list(picture, [2.0 * radius + 30.0, 0.0, picture.width, picture.height], &named, total, setting);
}

fn deep(parts: &[Branch]) -> usize {
    parts.iter().map(|part| 1 + deep(&part.parts)).max().unwrap_or(0)
}

struct Rings {
    middle: (f32, f32),
    hole: f32,
    pitch: f32,
}

impl Rings {
    fn draw(
        &self,
        picture: &mut Picture,
        parts: &[Branch],
        (mut from, to): (f32, f32),
        level: usize,
        of: Option<&str>,
        setting: &Setting<'_>,
    ) {
        let (whole, total) = (to - from, parts.iter().map(|part| part.value).sum::<f64>());
        let (inner, outer) = (self.hole + self.pitch * level as f32, self.hole + self.pitch * (level + 1) as f32);
        for (at, part) in parts.iter().enumerate() {
            let end = from + (part.value / total) as f32 * whole;
            let root = of.map_or_else(|| tone(at), str::to_owned);
            // Lighter from ring to ring, so that names are read on them.
            let own = if level == 0 { root.clone() } else { between(&root, "role:surface", 0.62 + 0.1 * level as f32) };
            let mut steps = arc(self.middle, outer, from, end, true);
            steps.extend(arc(self.middle, inner, end, from, false));
            steps.push(Step::Close);
            let gap = Stroke { tone: "role:surface".to_owned(), width: 1.2, dashes: &[] };
            picture.shape(steps, Some((&own, 1.0)), Some(gap));
            let (angle, far) = (f32::midpoint(from, end), f32::midpoint(inner, outer));
            let (x, y) = (self.middle.0 + far * angle.sin(), self.middle.1 - far * angle.cos() + 2.8);
            if level == 0 {
                if (end - from) * far > 12.0 {
                    picture.strong((x, y), LABEL, on(&own), (at + 1).to_string());
                }
            } else if let Some(name) = self.named(&part.name, (from, end), (inner, outer), setting) {
                picture.text((x, y), 7.0, Anchor::Middle, on(&own), name);
            }
            self.draw(picture, &part.parts, (from, end), level + 1, Some(&root), setting);
            from = end;
        }
    }

    /// As much of a name as lies within a piece of a ring; none where that is next to nothing.
    fn named(
        &self,
        name: &str,
        (from, to): (f32, f32),
        (inner, outer): (f32, f32),
        setting: &Setting<'_>,
    ) -> Option<String> {
        let (angle, far) = (f32::midpoint(from, to), f32::midpoint(inner, outer));
        let (x, y) = (far * angle.sin(), -far * angle.cos());
        let within = |wide: f32| {
            [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (-1.0, 0.0), (1.0, 0.0)].into_iter().all(|(a, b)| {
                let (x, y) = (x + a * (wide / 2.0 + 1.0), y + b * 4.0);
                let turned = (x.atan2(-y) - angle + 1.5 * TAU).rem_euclid(TAU) - TAU / 2.0;
                (inner..outer).contains(&x.hypot(y)) && turned.abs() <= (to - from) / 2.0
            })
        };
        let whole = (setting.measure)(name, 7.0);
        let room = (0..=8).map(|less| whole * (1.0 - less as f32 / 10.0)).find(|room| within(*room))?;
        let name = setting.fit(name, 7.0, room);
        (name.chars().count() >= 3 || room >= whole).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_have_the_sizes_of_their_parts_and_fill_the_whole() {
        let part = |value: f64| Branch { name: String::new(), value, parts: Vec::new() };
        for values in [
            vec![6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0],
            vec![1.0],
            vec![1e12, 1e-9],
            (1..200).rev().map(f64::from).collect(),
        ] {
            let parts: Vec<Branch> = values.iter().map(|value| part(*value)).collect();
            let areas = divided(&parts, [10.0, 20.0, 600.0, 400.0]);
            let total: f64 = values.iter().sum();
            assert_eq!(areas.len(), parts.len());
            for ([x, y, w, h], value) in areas.into_iter().zip(&values) {
                let wanted = value / total * 240_000.0;
                assert!((f64::from(w * h) - wanted).abs() <= 1.0 + wanted * 1e-3, "{w} × {h} is not {wanted}");
                assert!(x >= 9.9 && y >= 19.9 && x + w <= 610.5 && y + h <= 420.5, "{x} {y} {w} {h}");
            }
        }
    }
}
