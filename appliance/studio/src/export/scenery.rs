//! A scene as plain things at their places, back to front: what drawing programs make their own shapes of.

use super::sheet::{Carton, Line, Sheet, plain};
use crate::draw::{Color, Strip, Theme, Tone, chip};
use crate::geometry::{Point, Rect};
use crate::layout::{Align, Guide, Text};
use crate::storyboard::{Role, Shape};

/// One thing, in canvas pixels.
#[derive(Debug)]
pub(super) enum Thing<'a> {
    /// A closed shape, maybe with words inside.
    Solid(Solid<'a>),
    /// Words alone.
    Words(Words<'a>),
    /// An open line.
    Stroke(Stroke<'a>),
    /// A piece of a ring.
    Slice(Slice<'a>),
    /// A strip across the picture, with its words.
    Strip(&'a Strip, Words<'a>),
}

/// A closed shape.
#[derive(Debug)]
pub(super) struct Solid<'a> {
    pub(super) key: String,
    pub(super) rect: Rect,
    pub(super) shape: Shape,
    pub(super) fill: &'a Color,
    /// Of the fill, 0 to 1.
    pub(super) opacity: f32,
    /// Colour and width of the outline.
    pub(super) border: Option<(&'a Color, f32)>,
    pub(super) words: Option<Words<'a>>,
    /// What it stands for, for who does not see it.
    pub(super) alt: String,
}

/// Lines of text.
#[derive(Debug)]
pub(super) struct Words<'a> {
    pub(super) key: String,
    pub(super) text: &'a Text,
    pub(super) color: &'a Color,
    pub(super) bold: bool,
}

/// An open line.
#[derive(Debug)]
pub(super) struct Stroke<'a> {
    pub(super) key: String,
    pub(super) points: Vec<Point>,
    /// Whether the points lie on a curve, and are no corners.
    pub(super) curved: bool,
    pub(super) color: &'a Color,
    pub(super) width: f32,
    pub(super) arrow: bool,
    pub(super) dashed: bool,
    /// Names of the solids at both ends.
    pub(super) ends: Option<[&'a str; 2]>,
    pub(super) words: Option<Words<'a>>,
    pub(super) alt: String,
}

/// A piece of a ring.
#[derive(Debug)]
pub(super) struct Slice<'a> {
    pub(super) key: String,
    pub(super) center: Point,
    /// Inner and outer.
    pub(super) radius: [f32; 2],
    /// From and to, in radians clockwise from the right.
    pub(super) turn: [f32; 2],
    pub(super) fill: &'a Color,
    /// Outline, that sets it off from its neighbours.
    pub(super) rim: &'a Color,
    pub(super) words: Words<'a>,
}

impl Slice<'_> {
    /// Its outline in steps of at most 3 degrees.
    pub(super) fn outline(&self) -> Vec<Point> {
        let [from, to] = self.turn;
        let steps = ((to - from).abs() / 0.052).ceil().clamp(1.0, 240.0) as u16;
        let at = |radius: f32, i: u16| {
            let turn = from + (to - from) * f32::from(i) / f32::from(steps);
            Point::new(self.center.x + radius * libm::cosf(turn), self.center.y + radius * libm::sinf(turn))
        };
        let [inner, outer] = self.radius;
        (0..=steps).map(|i| at(outer, i)).chain((0..=steps).rev().map(|i| at(inner, i))).collect()
    }
}

/// Canvas pixels for each pixel of the 1080p design.
#[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
pub(super) fn unit(sheet: &Sheet<'_>) -> f32 {
    let (w, h) = sheet.placed.canvas;
    (w.min(h) as f32 / 1080.0).max(0.05)
}

/// Everything that is drawn of a scene but its heading, back to front.
pub(super) fn things<'a>(sheet: &'a Sheet<'a>) -> Vec<Thing<'a>> {
    let mut out = Vec::new();
    for (i, guide) in sheet.placed.guides.iter().enumerate() {
        self::guide(sheet, guide, format!("guide{i}"), &mut out);
    }
    out.extend(sheet.lines.iter().filter_map(|line| stroke(sheet, line)).map(Thing::Stroke));
    sheet.boxes.iter().for_each(|carton| solid(sheet, carton, &mut out));
    let words = |key: &str, text: &'a Text, color: &'a Color| Words { key: key.to_owned(), text, color, bold: true };
    if let Some(strip) = &sheet.signs.banner {
        out.push(Thing::Strip(strip, words("banner_words", &strip.text, &strip.ink)));
    }
    let mark = sheet.signs.watermark.as_ref();
    out.extend(mark.map(|(text, color)| Thing::Words(words("watermark", text, color))));
    out
}

fn guide<'a>(sheet: &'a Sheet<'a>, guide: &'a Guide, key: String, out: &mut Vec<Thing<'a>>) {
    let (theme, u) = (sheet.theme, unit(sheet));
    let words = |key: &str, text: &'a Text, color: &'a Color, bold: bool| Words {
        key: format!("{key}_words"),
        text,
        color,
        bold,
    };
    let bare = |key: String, line: &[Point; 2], width: f32, dashed: bool| {
        let points = line.to_vec();
        let color = &theme.line;
        Thing::Stroke(Stroke {
            key,
            points,
            curved: false,
            color,
            width: width * u,
            arrow: false,
            dashed,
            ends: None,
            words: None,
            alt: String::new(),
        })
    };
    match guide {
        Guide::Container { id, rect, label, tone } => {
            let tone = theme.tone(*tone);
            let room = sheet.rooms.iter().find(|room| room.id == id);
            let key = room.map_or(key, |room| room.key.clone());
            let name = words(&key, label, &tone.text, true);
            out.push(Thing::Solid(Solid {
                key,
                rect: *rect,
                shape: Shape::Box,
                fill: &tone.fill,
                opacity: 0.5,
                border: Some((&tone.border, 2.0 * u)),
                words: None,
                alt: room.map_or_else(String::new, |room| room.label.clone()),
            }));
            if !label.lines.is_empty() {
                out.push(Thing::Words(name));
            }
        }
        Guide::Lifeline { line, .. } => out.push(bare(key, line, 2.5, true)),
        Guide::Axis { line } => out.push(bare(key, line, 6.0, false)),
        Guide::Tick { line, .. } => out.push(bare(key, line, 2.5, false)),
        Guide::Slice { center, radius, turn, label, tone, .. } => {
            let tone = theme.tone(*tone);
            let words = words(&key, label, &tone.fill, true);
            let (fill, rim) = (&tone.border, &theme.background);
            out.push(Thing::Slice(Slice { key, center: *center, radius: *radius, turn: *turn, fill, rim, words }));
        }
        Guide::Note { rect, label, .. } => {
            let words = Some(words(&key, label, &theme.ink, false));
            let alt = plain(&label.lines.join(" "));
            let fill = &theme.surface;
            let rect = *rect;
            out.push(Thing::Solid(Solid {
                key,
                rect,
                shape: Shape::Box,
                fill,
                opacity: 1.0,
                border: None,
                words,
                alt,
            }));
        }
        Guide::Key { label, sign: Some(sign), role, tone, .. } => {
            let second = Theme::is_second(*role, *tone);
            let tone = theme.tone_of(*role, *tone);
            let (fill, ink) = if second { (&tone.fill, &tone.text) } else { (&tone.text, &tone.fill) };
            let name = words(&key, label, &theme.muted, true);
            out.push(Thing::Solid(Solid {
                rect: sign.rect,
                shape: Shape::Pill,
                fill,
                opacity: 1.0,
                border: Some((&tone.text, 1.5 * u)),
                words: Some(Words { key: format!("{key}_sign"), text: sign, color: ink, bold: true }),
                alt: String::new(),
                key,
            }));
            out.push(Thing::Words(name));
        }
        Guide::Key { rect, label, role, tone, .. } => {
            let shape = match role {
                Role::Decision => Shape::Diamond,
                Role::Start | Role::End => Shape::Pill,
                _ => Shape::Box,
            };
            let name = words(&key, label, &theme.muted, true);
            out.push(Thing::Solid(Solid {
                key,
                rect: chip(*rect, *role),
                shape,
                fill: &theme.tone_of(*role, *tone).border,
                opacity: 1.0,
                border: None,
                words: None,
                alt: String::new(),
            }));
            out.push(Thing::Words(name));
        }
    }
}

fn stroke<'a>(sheet: &'a Sheet<'a>, line: &'a Line<'a>) -> Option<Stroke<'a>> {
    let (at, theme) = (line.at?, sheet.theme);
    let points: Vec<Point> = at.points.iter().copied().filter(|p| p.x.is_finite() && p.y.is_finite()).collect();
    let words = at.label.as_ref().map(|text| Words {
        key: format!("{}_words", line.key),
        text,
        color: &theme.muted,
        bold: true,
    });
    // Messages of a sequence end at lifelines, not at the boxes above them.
    let touches = |end, p: &Point| {
        let near = Rect::new(p.x, p.y, 0.0, 0.0).grown(2.0 * unit(sheet) + theme.stroke);
        sheet.rect(end).is_some_and(|rect| rect.overlaps(&near))
    };
    let tied = touches(line.from, points.first()?) && touches(line.to, points.last()?);
    (points.len() > 1).then(|| Stroke {
        key: line.key.clone(),
        points,
        curved: at.curved,
        color: &theme.line,
        width: theme.edge * unit(sheet),
        arrow: at.arrow,
        dashed: at.dashed,
        ends: tied.then(|| [sheet.key(line.from), sheet.key(line.to)]),
        words,
        alt: line.label.clone(),
    })
}

fn solid<'a>(sheet: &'a Sheet<'a>, carton: &'a Carton<'a>, out: &mut Vec<Thing<'a>>) {
    let (at, tone, u) = (carton.at, &carton.tone, unit(sheet));
    let words = |key: String, text: &'a Text, color: &'a Color| Words { key, text, color, bold: true };
    let inside = at.rect.overlaps(&at.label.rect);
    let label = words(format!("{}_words", carton.key), &at.label, if inside { &tone.text } else { &sheet.theme.ink });
    let (within, beside) = if inside { (Some(label), None) } else { (None, Some(label)) };
    out.push(Thing::Solid(Solid {
        key: carton.key.clone(),
        rect: at.rect,
        shape: at.shape,
        fill: if inside { &tone.fill } else { &tone.border },
        opacity: 1.0,
        border: Some((&tone.border, sheet.theme.stroke * u)),
        words: within,
        alt: carton.node.alt.as_deref().map(plain).filter(|a| !a.is_empty()).unwrap_or_else(|| carton.label.clone()),
    }));
    out.extend(beside.map(Thing::Words));
    if let Some(badge) = &at.badge {
        let key = format!("{}_badge", carton.key);
        if inside {
            out.push(plate(key, badge, tone));
        } else {
            out.push(Thing::Words(words(key, badge, &sheet.theme.ink)));
        }
    }
    out.extend(at.sign.as_ref().map(|sign| plate(format!("{}_sign", carton.key), sign, tone)));
}

/// A badge in the colours of its box turned round.
fn plate<'a>(key: String, badge: &'a Text, tone: &'a Tone) -> Thing<'a> {
    let longest = badge.lines.iter().map(|l| l.chars().count()).max().unwrap_or_default();
    #[allow(clippy::cast_precision_loss, reason = "badges have a few characters")]
    let w = (longest as f32 * 0.62 * badge.px + 0.9 * badge.px).max(badge.rect.h);
    let c = badge.rect.center();
    let rect = Rect::new(c.x - w / 2.0, badge.rect.y, w, badge.rect.h);
    let words = Some(Words { key: format!("{key}_words"), text: badge, color: &tone.fill, bold: true });
    let (fill, shape, alt) = (&tone.text, Shape::Pill, badge.lines.join(" "));
    Thing::Solid(Solid { key, rect, shape, fill, opacity: 1.0, border: None, words, alt })
}

/// The words of a text as one line each; the layout has broken them.
pub(super) fn joined(words: &Words<'_>) -> String {
    words.text.lines.join("\n")
}

/// Whether the words stand in the middle.
pub(super) fn centred(words: &Words<'_>) -> bool {
    words.text.align == Align::Center
}
