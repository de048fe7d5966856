//! A scene as plain paths with plain colours: what formats without groups and references are written from.

use resvg::tiny_skia::{PathSegment, Pixmap, Point as Dot};
use resvg::usvg;

use super::DrawError;
use super::fonts::Fonts;
use super::part::Look;
use super::raster::options;
use super::svg::{Paint, document, rect};
use super::theme::Theme;
use crate::film::{Part, cast};
use crate::geometry::{Point, Rect};
use crate::layout::Placed;

/// What is painted, back to front.
#[derive(Debug)]
pub(crate) struct Flat {
    /// What lies behind the diagram: the page.
    pub(crate) ground: Vec<Path>,
    /// The heading.
    pub(crate) heading: Vec<Path>,
    /// Everything else of the scene.
    pub(crate) diagram: Vec<Path>,
    /// Words of a brand.
    pub(crate) marks: Vec<Path>,
    /// The logo of a brand, at each of its places.
    pub(crate) emblems: Vec<Emblem>,
}

/// One path.
#[derive(Debug)]
pub(crate) struct Path {
    /// Its steps.
    pub(crate) steps: Vec<Step>,
    /// Colour and opacity inside.
    pub(crate) fill: Option<([u8; 3], f32)>,
    /// Whether what is inside twice is outside.
    pub(crate) even_odd: bool,
    /// The line along it.
    pub(crate) line: Option<Ink>,
}

/// A line along a path; ends and corners are round.
#[derive(Debug)]
pub(crate) struct Ink {
    pub(crate) color: [u8; 3],
    pub(crate) opacity: f32,
    pub(crate) width: f32,
    /// Dashes and gaps; empty for a line without.
    pub(crate) dashes: Vec<f32>,
}

/// One step of a path, in canvas pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Move(Point),
    Line(Point),
    Curve(Point, Point, Point),
    Close,
}

/// A picture in pixels.
#[derive(Debug)]
pub(crate) struct Emblem {
    pub(crate) rect: Rect,
    pub(crate) size: (u32, u32),
    /// Three bytes a pixel.
    pub(crate) rgb: Vec<u8>,
    /// One byte a pixel.
    pub(crate) alpha: Vec<u8>,
}

/// Flattens a scene.
///
/// # Errors
/// When a part cannot be drawn.
pub(crate) fn flat(placed: &Placed, fonts: &Fonts, theme: &Theme) -> Result<Flat, DrawError> {
    let look = Look::new(fonts, theme, placed);
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let size = (placed.canvas.0 as f32, placed.canvas.1 as f32);
    let view = Rect::new(0.0, 0.0, size.0, size.1);
    let paths = |name: &str, body: &str| paths(view, name, body);
    let mut ground = String::new();
    rect(&mut ground, view, 0.0, Paint::fill(theme.background.as_str()));
    let drawn = |wanted: &dyn Fn(Part) -> bool| -> String {
        cast(placed).into_iter().filter(|part| wanted(*part)).map(|part| look.part(placed, part).body).collect()
    };
    let emblems = theme.marks.emblems(size, look.unit, &options()).map_err(faulty_logo)?;
    Ok(Flat {
        ground: paths("the page", &ground)?,
        heading: paths("the heading", &drawn(&|part| part == Part::Title))?,
        diagram: paths("the diagram", &drawn(&|part| !part.is_fixed()))?,
        marks: paths("the brand", &theme.marks.written(&look, size))?,
        emblems: emblems.iter().map(|(rect, pixmap)| pixels(*rect, pixmap)).collect(),
    })
}

fn faulty_logo(reason: String) -> DrawError {
    DrawError::Element { element: "the brand's logo".to_owned(), reason }
}

/// Where the logo of a theme goes, and its pictures as PNG files; none when there is none.
///
/// # Errors
/// When the logo cannot be drawn.
pub(crate) fn emblems_png(placed: &Placed, theme: &Theme) -> Result<Vec<(Rect, Vec<u8>)>, DrawError> {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    let size = (placed.canvas.0 as f32, placed.canvas.1 as f32);
    let unit = (size.0.min(size.1) / 1080.0).max(0.05);
    let emblems = theme.marks.emblems(size, unit, &options()).map_err(faulty_logo)?;
    let file =
        |(rect, pixmap): (Rect, Pixmap)| Ok((rect, pixmap.encode_png().map_err(|e| DrawError::Png(e.to_string()))?));
    emblems.into_iter().map(file).collect()
}

fn paths(view: Rect, name: &str, body: &str) -> Result<Vec<Path>, DrawError> {
    let tree = usvg::Tree::from_str(&document(view, "", body), &options());
    let tree = tree.map_err(|e| DrawError::Element { element: name.to_owned(), reason: e.to_string() })?;
    let mut out = Vec::new();
    gather(tree.root(), &mut out);
    Ok(out)
}

fn gather(group: &usvg::Group, out: &mut Vec<Path>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => gather(group, out),
            usvg::Node::Path(path) => out.push(path_of(path)),
            // Words are outlines, and the logo is painted apart.
            usvg::Node::Image(_) | usvg::Node::Text(_) => {}
        }
    }
}

fn path_of(path: &usvg::Path) -> Path {
    let at = path.abs_transform();
    let place = |mut p: Dot| {
        at.map_point(&mut p);
        Point::new(p.x, p.y)
    };
    let mut pen = Point::default();
    let mut steps = Vec::new();
    for segment in path.data().segments() {
        let step = match segment {
            PathSegment::MoveTo(p) => Step::Move(place(p)),
            PathSegment::LineTo(p) => Step::Line(place(p)),
            PathSegment::QuadTo(c, p) => {
                // A quadratic curve is the cubic one whose controls lie at two thirds of the way to its own.
                let (c, p) = (place(c), place(p));
                let third =
                    |from: Point| Point::new(from.x + (c.x - from.x) * 2.0 / 3.0, from.y + (c.y - from.y) * 2.0 / 3.0);
                Step::Curve(third(pen), third(p), p)
            }
            PathSegment::CubicTo(a, b, p) => Step::Curve(place(a), place(b), place(p)),
            PathSegment::Close => Step::Close,
        };
        if let Step::Move(p) | Step::Line(p) | Step::Curve(_, _, p) = step {
            pen = p;
        }
        steps.push(step);
    }
    let scale = at.get_scale().0;
    Path {
        steps,
        fill: path.fill().and_then(|f| Some((plain(f.paint())?, f.opacity().get()))),
        even_odd: path.fill().is_some_and(|f| f.rule() == usvg::FillRule::EvenOdd),
        line: path.stroke().and_then(|s| {
            let dashes = s.dasharray().unwrap_or_default().iter().map(|d| d * scale).collect();
            Some(Ink { color: plain(s.paint())?, opacity: s.opacity().get(), width: s.width().get() * scale, dashes })
        }),
    }
}

/// The colour of a paint; diagrams are drawn with nothing else.
fn plain(paint: &usvg::Paint) -> Option<[u8; 3]> {
    match paint {
        usvg::Paint::Color(color) => Some([color.red, color.green, color.blue]),
        _ => None,
    }
}

fn pixels(rect: Rect, pixmap: &Pixmap) -> Emblem {
    let colors = || pixmap.pixels().iter().map(|p| p.demultiply());
    Emblem {
        rect,
        size: (pixmap.width(), pixmap.height()),
        rgb: colors().flat_map(|c| [c.red(), c.green(), c.blue()]).collect(),
        alpha: colors().map(|c| c.alpha()).collect(),
    }
}
