//! The parts of a scene as SVG.

use super::fonts::{Fonts, Weight};
use super::svg::{self, Paint};
use super::theme::Theme;
use super::{edge, guide, node, overlay, words};
use crate::film::{Part, fineness};
use crate::geometry::{Point, Rect};
use crate::layout::Placed;

/// One part of a scene, ready to be rasterised or put into a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fragment {
    /// What it paints lies inside, in canvas pixels.
    pub(super) bounds: Rect,
    /// SVG elements.
    pub(super) body: String,
    /// SVG elements that are laid over it while it is spoken of; empty when there are none.
    pub(super) lit: String,
    /// The line along which it is drawn; empty when it appears as a whole.
    pub(super) line: Vec<Point>,
}

/// What drawing needs besides the part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// Fonts.
    pub(super) fonts: &'a Fonts,
    /// Colours and measures.
    pub(super) theme: &'a Theme,
    /// Canvas pixels for each pixel of the 1080p design.
    pub(super) unit: f32,
}

impl<'a> Look<'a> {
    /// The look of a theme at the size of a placed scene.
    pub(super) fn new(fonts: &'a Fonts, theme: &'a Theme, placed: &Placed) -> Self {
        let (w, h) = placed.canvas;
        #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
        let unit = (w.min(h) as f32 / 1080.0).max(0.05);
        Self { fonts, theme, unit }
    }

    /// Width of the outline of boxes.
    pub(super) fn stroke(&self) -> f32 {
        self.theme.stroke * self.unit
    }

    /// Draws one part. Of diagrams that are seen from near, lines and arrow heads are as small as their labels are.
    pub(super) fn part(&self, placed: &Placed, part: Part) -> Fragment {
        let fine = &Look { unit: self.unit * fineness(placed).max(0.1), ..*self };
        match part {
            Part::Title => self.title(placed),
            Part::Guide(i) => guide::draw(fine, placed, &placed.guides[i]),
            Part::Edge(i) => edge::draw(fine, &placed.edges[i]),
            Part::EdgeLabel(i) => edge::label(fine, &placed.edges[i]),
            Part::Node(i) => node::draw(fine, placed, &placed.nodes[i]),
            Part::Overlay(i) => overlay::draw(self, &placed.overlays[i]),
        }
    }

    /// The heading with a bar in the margin, on the side where reading starts.
    fn title(&self, placed: &Placed) -> Fragment {
        let (text, u) = (&placed.title, self.unit);
        let mut body = String::new();
        if text.lines.iter().all(|l| l.trim().is_empty()) {
            return Fragment::default();
        }
        let (w, gap) = (8.0 * u, 22.0 * u);
        let first = text.lines.first().map(|l| self.fonts.shape(l, Weight::Strong));
        let rtl = first.is_some_and(|l| l.rtl);
        let x = if rtl { text.rect.right() + gap - w } else { (text.rect.x - gap).max(0.0) };
        let bar = Rect::new(x, text.rect.y + 0.12 * text.px, w, (text.rect.h - 0.24 * text.px).max(w));
        svg::rect(&mut body, bar, w / 2.0, Paint::fill(self.theme.accent.as_str()));
        words::write(self, &mut body, text, Weight::Strong, self.theme.ink.as_str());
        let bounds = words::bounds(self, text, Weight::Strong).union(&bar).grown(4.0 * u);
        Fragment { bounds, body, ..Fragment::default() }
    }
}
