//! Lines, areas, bars and points between axes.

use charts::Unit;

use super::{
    Anchor, LABEL, Picture, Setting, Step, Stroke,
    axes::{self, Field, Places, label},
    rectangle,
    scale::Scale,
};
use crate::plot::{Cloud, Plane, Series, Shape};

/// The height of a line of the legend.
const LEGEND: f32 = 14.0;
/// How lines are told apart without their colour.
pub(super) const DASHES: [&[f32]; 6] =
    [&[], &[5.0, 3.0], &[1.5, 2.5], &[8.0, 3.0, 2.0, 3.0], &[3.0, 2.0], &[10.0, 4.0]];
/// The widest bar.
pub(super) const BAR: f32 = 36.0;

/// Draws series over their places.
pub(super) fn plane(picture: &mut Picture, plane: &Plane, setting: &Setting<'_>) {
    let names: Vec<(&str, &str)> =
        plane.series.iter().filter(|own| !own.hidden).map(|own| (own.name.as_str(), own.tone.as_str())).collect();
    let lines = plane.series.iter().any(|own| own.shape == Shape::Line);
    let top = if names.len() > 1 { legend(picture, &names, lines, setting) } else { 4.0 };
    let stacks = stacks(plane);
    let ends = stacks.iter().flatten().flatten().flat_map(|(below, above)| [*below, *above]);
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), own| (low.min(own), high.max(own)));
    let unit = if plane.formatted { setting.format.unit } else { Unit::Number };
    let scale = Scale::of(low, high, unit, false);
    let bars = plane.series.iter().any(|own| own.shape == Shape::Bar);
    let places = Places { names: &plane.places, timed: plane.timed, cells: bars };
    let field = if plane.lying {
        axes::lying(picture, top, scale, &places, plane.formatted, setting)
    } else {
        axes::standing(picture, top, scale, &places, plane.formatted, setting)
    };
    if bars { columns(picture, plane, &stacks, field, scale) } else { ways(picture, plane, &stacks, field, scale) }
}

/// From where to where each value goes, by series and place.
fn stacks(plane: &Plane) -> Vec<Vec<Option<(f64, f64)>>> {
    let mut up = vec![0.0f64; plane.places.len()];
    let mut down = up.clone();
    let mut one = |series: &Series| {
        let place = |(at, value): (usize, &Option<f64>)| {
            let value = (*value)?;
            if !series.stacked || at >= up.len() {
                return Some((0.0, value));
            }
            let level = if value < 0.0 { &mut down[at] } else { &mut up[at] };
            let below = *level;
            *level += value;
            Some((below, *level))
        };
        series.values.iter().enumerate().map(place).collect()
    };
    plane.series.iter().map(&mut one).collect()
}

fn columns(picture: &mut Picture, plane: &Plane, stacks: &[Vec<Option<(f64, f64)>>], field: Field, scale: Scale) {
    let count = plane.places.len().max(1) as f32;
    let stacked = plane.series.iter().any(|own| own.stacked);
    let side = plane.series.len().max(1) as f32;
    let step = if plane.lying { field.h / count } else { field.w / count };
    let thick = if stacked { step * 0.72 } else { step * 0.72 / side }.min(BAR);
    let group = if stacked { thick } else { thick * side };
    let seen = plane.series.iter().enumerate().filter(|(_, own)| !own.hidden);
    for (number, (place, series)) in seen.enumerate() {
        for (at, ends) in stacks[place].iter().enumerate() {
            let Some((below, above)) = ends else { continue };
            let offset = step * (at as f32 + 0.5) - group / 2.0 + if stacked { 0.0 } else { thick * place as f32 };
            let (from, to) = (scale.at(below.min(*above)), scale.at(below.max(*above)));
            let bar = if plane.lying {
                [field.x + from * field.w, field.y + offset, (to - from) * field.w, thick]
            } else {
                [field.x + offset, field.y + (1.0 - to) * field.h, thick, (to - from) * field.h]
            };
            let inset = if thick > 3.0 && !stacked { 0.5 } else { 0.0 };
            let bar = if plane.lying {
                [bar[0], bar[1] + inset, bar[2], bar[3] - 2.0 * inset]
            } else {
                [bar[0] + inset, bar[1], bar[2] - 2.0 * inset, bar[3]]
            };
            picture.bar(bar, &series.tone, 1.0);
            if side > 1.0 {
                hatch(picture, bar, number);
            }
        }
    }
}

/// Faint lines across a bar by the place of its series: what tells it apart without its colour.
fn hatch(picture: &mut Picture, [x, y, w, h]: [f32; 4], place: usize) {
    let (gap, slope) = match place % 6 {
        1 => (5.0, 1.0f32),
        2 => (4.0, 0.0),
        3 => (5.0, -1.0),
        4 => (3.0, 1.0),
        5 => (7.0, 0.0),
        _ => return,
    };
    if w < 2.0 || h < 2.0 {
        return;
    }
    let mut steps = Vec::new();
    let rise = slope.abs() * w;
    let mut at = gap - rise;
    while at < h {
        // From the left side at height `at` to the right side, cut at top and bottom.
        let share = |height: f32| if rise > 0.0 { ((height - at) / rise).clamp(0.0, 1.0) } else { 0.0 };
        let (first, last) = if rise > 0.0 { (share(0.0), share(h)) } else { (0.0, 1.0) };
        if last > first {
            let point = |share: f32| {
                let across = if slope < 0.0 { 1.0 - share } else { share };
                (x + across * w, (y + at + share * rise).clamp(y, y + h))
            };
            let (from, to) = (point(first), point(last));
            steps.extend([Step::Move(from.0, from.1), Step::Line(to.0, to.1)]);
        }
        at += gap;
    }
    picture.shape(steps, None, Some(Stroke { tone: "#ffffff".to_owned(), width: 0.7, dashes: &[] }));
}

fn ways(picture: &mut Picture, plane: &Plane, stacks: &[Vec<Option<(f64, f64)>>], field: Field, scale: Scale) {
    let count = plane.places.len();
    let x = |at: usize| {
        if count > 1 { field.x + field.w * at as f32 / (count - 1) as f32 } else { field.x + field.w / 2.0 }
    };
    let y = |value: f64| field.y + (1.0 - scale.at(value)) * field.h;
    let mixed = plane.series.len() > 1;
    for (place, series) in plane.series.iter().enumerate() {
        // Runs of places that have a value: a gap is a gap.
        let points: Vec<Option<(f32, f32, f32)>> = stacks[place]
            .iter()
            .enumerate()
            .map(|(at, ends)| ends.map(|(below, above)| (x(at), y(above), y(below))))
            .collect();
        for run in points.split(Option::is_none).filter(|run| !run.is_empty()) {
            let run: Vec<(f32, f32, f32)> = run.iter().flatten().copied().collect();
            let upper = run
                .iter()
                .enumerate()
                .map(|(at, (x, y, _))| if at == 0 { Step::Move(*x, *y) } else { Step::Line(*x, *y) });
            let upper: Vec<Step> = upper.collect();
            if series.shape == Shape::Area {
                let mut area = upper.clone();
                area.extend(run.iter().rev().map(|(x, _, below)| Step::Line(*x, *below)));
                area.push(Step::Close);
                picture.shape(area, Some((&series.tone, if mixed { 0.55 } else { 0.16 })), None);
            }
            let dashes = if mixed { DASHES[place % DASHES.len()] } else { &[] };
            picture.shape(upper, None, Some(Stroke { tone: series.tone.clone(), width: 1.6, dashes }));
            if run.len() == 1 || (mixed && count <= 31 && series.shape == Shape::Line) {
                for (x, y, _) in &run {
                    picture.dot((*x, *y), 2.2, &series.tone, 1.0);
                }
            }
        }
    }
}

/// The names of series in a line above; how much of the height they take.
pub(super) fn legend(picture: &mut Picture, names: &[(&str, &str)], lines: bool, setting: &Setting<'_>) -> f32 {
    let (mut x, mut y) = (0.0, 9.0);
    for (at, (name, tone)) in names.iter().enumerate() {
        let name = setting.fit(name, LABEL, 150.0);
        let width = 16.0 + (setting.measure)(&name, LABEL) + 12.0;
        if x > 0.0 && x + width > picture.width {
            (x, y) = (0.0, y + LEGEND);
        }
        if lines {
            let line = Stroke { tone: (*tone).to_owned(), width: 1.6, dashes: DASHES[at % DASHES.len()] };
            picture.shape(vec![Step::Move(x, y - 3.0), Step::Line(x + 12.0, y - 3.0)], None, Some(line));
        } else {
            let swatch = [x + 1.0, y - 7.5, 9.0, 9.0];
            picture.shape(rectangle(swatch), Some((tone, 1.0)), None);
            hatch(picture, swatch, at);
        }
        picture.text((x + 15.0, y), LABEL, Anchor::Start, "role:ink-soft", name);
        x += width;
    }
    y + 8.0
}

/// Draws points; what lies to the right is called `across`.
pub(super) fn points(picture: &mut Picture, across: &str, series: &[Cloud], setting: &Setting<'_>) {
    let tones: Vec<String> = (0..series.len()).map(|at| format!("role:tone-{}", at % 6)).collect();
    let names: Vec<(&str, &str)> =
        series.iter().zip(&tones).map(|((name, _), tone)| (name.as_str(), tone.as_str())).collect();
    let top = if names.len() > 1 { legend(picture, &names, false, setting) } else { 4.0 };
    let all = || series.iter().flat_map(|(_, points)| points);
    let ends = |pick: fn(&(f64, f64, f64)) -> f64| {
        all().map(pick).fold((f64::MAX, f64::MIN), |(low, high), own| (low.min(own), high.max(own)))
    };
    if all().next().is_none() {
        return;
    }
    let ((left, right), (low, high)) = (ends(|point| point.0), ends(|point| point.1));
    let wide = Scale::of(left, right, Unit::Number, true);
    let tall = Scale::of(low, high, setting.format.unit, true);
    let said: Vec<(f64, String)> = tall.steps().map(|value| (value, setting.say(value))).collect();
    let side = said.iter().map(|(_, text)| (setting.measure)(text, LABEL)).fold(0.0, f32::max);
    let field = Field { x: side + 8.0, y: top + 4.0, w: picture.width - side - 24.0, h: picture.height - top - 34.0 };
    for (value, text) in &said {
        let y = field.y + (1.0 - tall.at(*value)) * field.h;
        picture.stroke((field.x, y), (field.x + field.w, y), "role:line", 0.6);
        picture.text((field.x - 5.0, y + 2.8), LABEL, Anchor::End, "role:ink-soft", text.as_str());
    }
    for value in wide.steps() {
        let x = field.x + wide.at(value) * field.w;
        let text = label(value, false, setting);
        picture.text((x, field.y + field.h + 11.0), LABEL, Anchor::Middle, "role:ink-soft", text);
    }
    picture.text((field.x + field.w / 2.0, picture.height - 3.0), LABEL, Anchor::Middle, "role:ink-soft", across);
    for ((_, points), tone) in series.iter().zip(&tones) {
        for (x, y, side) in points {
            let at = (field.x + wide.at(*x) * field.w, field.y + (1.0 - tall.at(*y)) * field.h);
            picture.dot(at, *side as f32 / 2.0 * 0.75, tone, 0.7);
        }
    }
}
