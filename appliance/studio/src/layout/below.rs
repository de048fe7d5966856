//! What stands at the foot of the drawing area: the legend, and notes.

use crate::geometry::Rect;
use crate::storyboard::Scene;

use super::label::{LINE, Label};
use super::legend::Entry;
use super::{Align, Guide, Measure, Text};

/// Sizes of notes and keys at 1080 lines, in pixels.
const NOTE_PX: f32 = 25.0;
const KEY_PX: f32 = 23.0;
/// Most notes of a scene that are drawn; the rest is in the description.
const NOTES: usize = 4;
/// Lines of a note.
const LINES: usize = 3;
/// Share of the area that all of it may take.
const MOST: f32 = 0.34;

/// Takes what the legend and the notes of `scene` need from the foot of `area`.
pub(super) fn stack(scene: &Scene, legend: &[Entry], area: &mut Rect, unit: f32, measure: &dyn Measure) -> Vec<Guide> {
    let floor = area.bottom() - MOST * area.h;
    let mut guides = notes(scene, *area, floor, unit, measure);
    let top = guides.iter().map(|g| bounds(g).y).fold(area.bottom(), f32::min);
    let gap = 20.0 * unit;
    let left = Rect { h: if guides.is_empty() { area.h } else { top - gap - area.y }, ..*area };
    guides.extend(keys(legend, left, floor, unit, measure));
    if let Some(top) = guides.iter().map(|g| bounds(g).y).min_by(f32::total_cmp) {
        area.h = top - gap - area.y;
    }
    guides
}

fn bounds(guide: &Guide) -> Rect {
    match guide {
        Guide::Note { rect, .. } | Guide::Key { rect, .. } => *rect,
        _ => Rect::default(),
    }
}

/// Notes side by side, as many in a row as the frame is wide, at the foot of `area` and below `floor`.
fn notes(scene: &Scene, area: Rect, floor: f32, unit: f32, measure: &dyn Measure) -> Vec<Guide> {
    let told: Vec<_> = scene.notes.iter().filter(|n| !n.text.trim().is_empty()).take(NOTES).collect();
    if told.is_empty() {
        return Vec::new();
    }
    let (px, gap) = (NOTE_PX * unit, 20.0 * unit);
    let abreast = (libm::floorf(area.w / (540.0 * unit)) as usize).clamp(1, told.len().min(3));
    let width = ((area.w - gap * (abreast - 1) as f32) / abreast as f32).min(860.0 * unit);
    let inner = width - 2.0 * px;
    let texts: Vec<Vec<String>> = told.iter().map(|n| Label::new(&n.text, measure).wrap(inner / px, LINES).0).collect();
    let mut guides = Vec::new();
    let mut bottom = area.bottom();
    for row in (0..told.len().div_ceil(abreast)).rev() {
        let from = row * abreast;
        let end = (from + abreast).min(told.len());
        let lines = texts[from..end].iter().map(Vec::len).max().unwrap_or(1);
        let height = lines as f32 * LINE * px + 0.9 * px;
        if bottom - height < floor {
            // What has no room is left to the description; a row that is drawn is drawn whole.
            guides.clear();
            bottom = area.bottom();
            continue;
        }
        for (i, note) in told.iter().enumerate().take(end).skip(from) {
            let rect = Rect::new(area.x + (i - from) as f32 * (width + gap), bottom - height, width, height);
            let room = Rect::new(rect.x + 1.2 * px, rect.y, inner, rect.h);
            let label = Text { rect: room, lines: texts[i].clone(), px, align: Align::Start };
            guides.push(Guide::Note { id: note.id.clone(), rect, label });
        }
        bottom -= height + 0.6 * gap;
    }
    guides.sort_by(|a, b| {
        (bounds(a).y, bounds(a).x).partial_cmp(&(bounds(b).y, bounds(b).x)).unwrap_or(std::cmp::Ordering::Equal)
    });
    guides
}

/// The legend in rows from the left, at the foot of `area` and below `floor`.
fn keys(entries: &[Entry], area: Rect, floor: f32, unit: f32, measure: &dyn Measure) -> Vec<Guide> {
    if entries.is_empty() {
        return Vec::new();
    }
    let (px, height) = (KEY_PX * unit, 1.5 * KEY_PX * unit);
    let mut rows: Vec<Vec<Guide>> = vec![Vec::new()];
    let mut x = area.x;
    for Entry { id, name, sign, role, tone } in entries {
        let (lines, wide) = Label::new(name, measure).wrap(14.0, 1);
        // What is explained, and the gap behind it.
        let small = 0.8 * px;
        let plate = (measure.width(sign, small) + 0.9 * small).max(1.5 * small);
        let lead = if sign.is_empty() { 1.55 * px } else { plate + 0.45 * px };
        let width = (wide + 0.2) * px + lead;
        if x + width > area.right() && x > area.x {
            rows.push(Vec::new());
            x = area.x;
        }
        let rect = Rect::new(x, 0.0, width.min(area.w), height);
        let room = Rect::new(x + lead, 0.0, (width - lead).min(area.right() - x - lead), height);
        let letters = Rect::new(x, (height - 1.5 * small) / 2.0, plate, 1.5 * small);
        let sign = (!sign.is_empty()).then(|| Text {
            rect: letters,
            lines: vec![sign.clone()],
            px: small,
            align: Align::Center,
        });
        let label = Text { rect: room, lines, px, align: Align::Start };
        rows.last_mut().expect("there is a row").push(Guide::Key {
            id: id.clone(),
            rect,
            label,
            sign,
            role: *role,
            tone: *tone,
        });
        x += width + 1.2 * px;
    }
    let top = area.bottom() - rows.len() as f32 * height;
    if top < floor {
        return Vec::new();
    }
    let mut y = top;
    for row in &mut rows {
        for guide in row.iter_mut() {
            if let Guide::Key { rect, label, sign, .. } = guide {
                (rect.y, label.rect.y) = (y, y);
                sign.iter_mut().for_each(|sign| sign.rect.y += y);
            }
        }
        y += height;
    }
    rows.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{HD, scene, sound};
    use crate::storyboard::{Canvas, Kind};

    fn told(kind: Kind, actors: usize, notes: &[&str], canvas: Canvas) -> (Vec<String>, Vec<Rect>, Vec<Rect>) {
        let mut scene = scene(kind, &["take order", "check stock", "send"], &[(0, 1, ""), (1, 2, "")]);
        let json = |i: usize| serde_json::json!({"id": format!("a{i}"), "label": format!("Team {i}")});
        scene.actors = (0..actors).map(|i| serde_json::from_value(json(i)).expect("an actor")).collect();
        scene.nodes.iter_mut().enumerate().for_each(|(i, n)| n.actor = Some(format!("a{i}")));
        let json = |(i, text): (usize, &&str)| serde_json::json!({"id": format!("k{i}"), "text": text});
        scene.notes = notes.iter().enumerate().map(|n| serde_json::from_value(json(n)).expect("a note")).collect();
        let placed = sound(&scene, canvas).expect("a sound layout");
        let words = |g: &Guide| match g {
            Guide::Note { label, .. } | Guide::Key { label, .. } => Some((label.lines.join(" "), bounds(g))),
            _ => None,
        };
        let (words, rects): (Vec<String>, Vec<Rect>) = placed.guides.iter().filter_map(words).unzip();
        (words, rects, placed.nodes.iter().map(|n| n.rect).collect())
    }

    #[test]
    fn notes_stand_below_the_diagram() {
        let long = "word ".repeat(80);
        for (w, h) in [(1920, 1080), (1080, 1920), (1080, 1080)] {
            let (words, rects, nodes) =
                told(Kind::Flow, 0, &["Three days.", "By mail.", " ", &long], Canvas { w, h, ..HD });
            assert_eq!((words.len(), &words[..2]), (3, &["Three days.".to_owned(), "By mail.".to_owned()][..]));
            let lowest = nodes.iter().map(Rect::bottom).fold(0.0, f32::max);
            assert!(rects.iter().all(|r| r.y > lowest), "{rects:?} {lowest}");
            let apart = |(i, a): (usize, &Rect)| rects[i + 1..].iter().all(|b| !a.overlaps(b));
            assert!(rects.iter().enumerate().all(apart), "{rects:?}");
        }
    }

    #[test]
    fn colours_of_actors_are_explained_where_nothing_else_does() {
        assert_eq!(told(Kind::Flow, 3, &[], HD).0, ["Team 0", "Team 1", "Team 2"]);
        assert_eq!(told(Kind::Flow, 1, &[], HD).0, [""; 0]);
        assert_eq!(told(Kind::Swimlane, 3, &[], HD).0, [""; 0]);
    }
}
