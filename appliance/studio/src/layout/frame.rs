//! How the canvas is divided: title above, drawing area in the middle with notes and keys at its foot, a strip for
//! captions below.

use crate::geometry::Rect;
use crate::storyboard::{Canvas, CaptionStyle, Scene};

use super::label::{LINE, Label};
use super::legend::Entry;
use super::{Align, Guide, Measure, Text, below};

/// Title height at 1080 lines, in pixels.
const TITLE_PX: f32 = 56.0;
/// Share of the canvas that stays empty at each side.
const MARGIN: f32 = 0.05;
/// Share of the height that a player's captions may cover.
const SIDECAR_STRIP: f32 = 0.075;
/// Share of the height that burned captions of two lines take.
const BURNED_STRIP: f32 = 0.15;

/// A canvas divided for one scene.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Width and height of the canvas.
    pub(super) canvas: Rect,
    /// Pixels for each pixel of a 1080p design.
    pub(super) unit: f32,
    /// The heading.
    pub(super) title: Text,
    /// Where the diagram goes.
    pub(super) area: Rect,
    /// Notes and keys below it.
    pub(super) below: Vec<Guide>,
}

impl Frame {
    /// Divides `canvas` for `scene` and its legend. Sizes outside the format's bounds are clamped, so every frame has an area.
    pub(super) fn new(scene: &Scene, legend: &[Entry], canvas: Canvas, measure: &dyn Measure) -> Self {
        let (w, h) = (canvas.w.clamp(16, 16_384) as f32, canvas.h.clamp(16, 16_384) as f32);
        let unit = w.min(h) / 1080.0;
        let (side, top) = (w * MARGIN, h * MARGIN);
        let width = w - 2.0 * side;
        let title = title(&scene.title, width, h * 0.2, unit, measure);
        let title = Text { rect: Rect { x: side, y: top, ..title.rect }, ..title };
        let strip = match scene.caption_style {
            CaptionStyle::Sidecar => SIDECAR_STRIP,
            CaptionStyle::Burned => BURNED_STRIP,
        };
        let from = if title.lines.is_empty() { top } else { title.rect.bottom() + 32.0 * unit };
        let mut area = Rect::new(side, from, width, h * (1.0 - strip) - from);
        let below = below::stack(scene, legend, &mut area, unit, measure);
        Self { canvas: Rect::new(0.0, 0.0, w, h), unit, title, area, below }
    }
}

/// The heading on one line if that is not much smaller, else on two, with its rectangle at the origin.
fn title(text: &str, width: f32, height: f32, unit: f32, measure: &dyn Measure) -> Text {
    let label = Label::new(text, measure);
    if label.is_empty() {
        return Text {
            rect: Rect::new(0.0, 0.0, width, 0.0),
            px: TITLE_PX * unit,
            align: Align::Start,
            ..Text::default()
        };
    }
    // Each step trades size for lines: one line at nearly full size, then two, then two small ones cut short.
    let steps = [(1.0, 1), (0.86, 1), (0.86, 2), (0.72, 2), (0.6, 2)];
    let fits = |(share, lines): &(f32, usize)| {
        let px = TITLE_PX * unit * share;
        label.longest() * px <= width && label.lines_at(width / px) <= *lines
    };
    let (share, lines) = steps.into_iter().find(|step| fits(step)).unwrap_or((0.6, 2));
    let px = (TITLE_PX * unit * share).min(height / (LINE * lines as f32));
    let (lines, _) = label.wrap(width / px, lines);
    let rect = Rect::new(0.0, 0.0, width, lines.len() as f32 * LINE * px);
    Text { rect, lines, px, align: Align::Start }
}
