//! One scene through one lens: its sprites, and pictures composed of them, only where something changed.

use std::sync::{Arc, OnceLock};

use resvg::usvg;

use super::fonts::Fonts;
use super::lens::Lens;
use super::part::{Fragment, Look};
use super::raster::options;
use super::sprite::{Over, Sprite, intersection, union, whole_pixels};
use super::surface::Surface;
use super::theme::Theme;
use super::{DrawError, PixelRect, caption};
use crate::film::{ElementState, FrameSpec, Part, cast, part_id};
use crate::geometry::{Point, Rect};
use crate::layout::Placed;

/// Pixels that the sprites of a scene may keep; 4 bytes each. When there are more, they are made again as needed.
const MAX_PIXELS: usize = 24 << 20;
/// Changed areas of one frame that are painted one by one; more are painted as one.
const MAX_AREAS: usize = 24;

/// Rows in which the diagram fades under the heading, in pixels of a canvas whose shorter side is 1080.
const SOFT_PX: u32 = 18;

/// What drawing needs besides the scene.
#[derive(Debug)]
pub(super) struct Kit<'a> {
    pub(super) fonts: &'a Fonts,
    pub(super) theme: &'a Theme,
    pub(super) options: usvg::Options<'static>,
    /// What the theme puts on every picture, once drawn.
    marks: OnceLock<Option<Arc<Sprite>>>,
}

impl<'a> Kit<'a> {
    pub(super) fn new(fonts: &'a Fonts, theme: &'a Theme) -> Self {
        Self { fonts, theme, options: options(), marks: OnceLock::new() }
    }

    /// What the theme puts on every picture; all scenes of a film have the size of `placed`.
    ///
    /// # Errors
    /// When the logo cannot be drawn.
    pub(super) fn marks(&self, placed: &Placed) -> Result<Option<&Arc<Sprite>>, DrawError> {
        if let Some(marks) = self.marks.get() {
            return Ok(marks.as_ref());
        }
        let look = Look::new(self.fonts, self.theme, placed);
        let drawn = self.theme.marks.sprite(&look, placed, &self.options);
        let drawn = drawn.map_err(|reason| DrawError::Element { element: "logo".to_owned(), reason })?;
        Ok(self.marks.get_or_init(|| drawn.map(Arc::new)).as_ref())
    }
}

/// The lines of a caption and what is painted of them.
type Caption = (Arc<[String]>, Option<Arc<Sprite>>);

/// What of a scene is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shows {
    /// Everything.
    All,
    /// The diagram in the window below the heading, seen by a camera that has gone in; heading and caption as ever.
    Near(PixelRect),
    /// The diagram alone.
    Diagram,
}

/// The parts of one scene, drawn when they are first seen.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) index: usize,
    pub(super) lens: Lens,
    pub(super) shows: Shows,
    placed: &'a Placed,
    size: (u32, u32),
    parts: Vec<Part>,
    fragments: Vec<Option<Fragment>>,
    plain: Vec<Option<Option<Arc<Sprite>>>>,
    lit: Vec<Option<Option<Arc<Sprite>>>>,
    caption: Option<Caption>,
    kept: usize,
    last: Option<FrameSpec>,
}

/// Where in the picture an element is: at its own place, where its sprite is kept, or on its way.
enum Place {
    Own { sink: u32 },
    Away(Lens),
}

impl<'a> Stage<'a> {
    /// A stage for pictures of `size`.
    pub(super) fn new(index: usize, placed: &'a Placed, lens: Lens, size: (u32, u32), shows: Shows) -> Self {
        let parts = cast(placed);
        let count = parts.len();
        Self {
            index,
            lens,
            shows,
            placed,
            size,
            parts,
            fragments: vec![None; count],
            plain: vec![None; count],
            lit: vec![None; count],
            caption: None,
            kept: 0,
            last: None,
        }
    }

    /// Makes the next call of [`Stage::draw`] paint everything.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Brings `into` from the frame before to `frame` and tells the areas that were painted.
    ///
    /// # Errors
    /// When an element cannot be drawn.
    pub(super) fn draw(
        &mut self,
        kit: &Kit<'_>,
        frame: &FrameSpec,
        into: &mut impl Surface,
    ) -> Result<Vec<PixelRect>, DrawError> {
        let (w, h) = into.size();
        let whole = PixelRect { x: 0, y: 0, w, h };
        let areas = match self.last.take() {
            None => vec![whole],
            Some(last) => self.changed(kit, &last, frame)?,
        };
        for area in &areas {
            self.compose(kit, frame, *area, into)?;
        }
        self.last = Some(frame.clone());
        Ok(areas)
    }

    /// Paints everything that lies in `clip`.
    pub(super) fn compose(
        &mut self,
        kit: &Kit<'_>,
        frame: &FrameSpec,
        clip: PixelRect,
        into: &mut impl Surface,
    ) -> Result<(), DrawError> {
        into.fill(clip, kit.theme.background.rgb());
        if self.shows != Shows::Diagram {
            self.lay_marks(kit, clip, into)?;
        }
        for (i, state) in frame.elements.iter().enumerate() {
            if state.opacity <= 0.0 || !self.has(i) || matches!(self.parts[i], Part::Overlay(_)) {
                continue;
            }
            let Some(clip) = self.room(i, clip) else { continue };
            self.lay(kit, i, *state, clip, into)?;
        }
        if let Shows::Near(window) = self.shows {
            soften(kit.theme, window, clip, into);
        }
        self.lay_overlays(kit, frame, clip, into)?;
        self.lay_caption(kit, frame, clip, into)
    }

    /// Lays cards and names over the picture. Classification, watermark and logo are seen on them too.
    pub(super) fn lay_overlays(
        &mut self,
        kit: &Kit<'_>,
        frame: &FrameSpec,
        clip: PixelRect,
        into: &mut impl Surface,
    ) -> Result<(), DrawError> {
        for (i, state) in frame.elements.iter().enumerate().filter(|(_, s)| s.opacity > 0.0) {
            let Part::Overlay(at) = self.parts[i] else { continue };
            if !self.has(i) {
                continue;
            }
            self.lay(kit, i, *state, clip, into)?;
            if let Some(over) = whole_pixels(self.placed.overlays[at].rect, self.size)
                && let Some(clip) = intersection(over, clip)
            {
                self.lay_marks(kit, clip, into)?;
            }
        }
        Ok(())
    }

    /// Lays classification, watermark and logo over the picture.
    fn lay_marks(&self, kit: &Kit<'_>, clip: PixelRect, into: &mut impl Surface) -> Result<(), DrawError> {
        if let Some(marks) = kit.marks(self.placed)?
            && let Some(clip) = intersection(marks.rect, clip)
        {
            into.lay(marks, Over { sink: 0, opacity: 1.0, drawn: 1.0, clip });
        }
        Ok(())
    }

    /// Lays the caption of the frame over the picture.
    pub(super) fn lay_caption(
        &mut self,
        kit: &Kit<'_>,
        frame: &FrameSpec,
        clip: PixelRect,
        into: &mut impl Surface,
    ) -> Result<(), DrawError> {
        if let Some(sprite) = self.caption_sprite(kit, frame)?
            && let Some(clip) = intersection(sprite.rect, clip)
        {
            into.lay(&sprite, Over { sink: 0, opacity: 1.0, drawn: 1.0, clip });
        }
        Ok(())
    }

    /// Lays one element over the picture.
    fn lay(
        &mut self,
        kit: &Kit<'_>,
        i: usize,
        state: ElementState,
        clip: PixelRect,
        into: &mut impl Surface,
    ) -> Result<(), DrawError> {
        let over = Over { sink: 0, opacity: state.opacity, drawn: state.drawn, clip };
        let lit = Over { opacity: state.opacity * state.highlight, ..over };
        match self.place(i, state) {
            Place::Own { sink } => {
                let Some(plain) = self.sprite(kit, i, false)? else { return Ok(()) };
                let Some(clip) = plain.rect_at(sink, self.size).and_then(|r| intersection(r, clip)) else {
                    return Ok(());
                };
                into.lay(&plain, Over { sink, clip, ..over });
                if state.highlight > 0.0
                    && let Some(sprite) = self.sprite(kit, i, true)?
                {
                    into.lay(&sprite, Over { sink, clip, ..lit });
                }
            }
            Place::Away(lens) => {
                for (bright, over) in [(false, over), (true, lit)] {
                    if over.opacity > 0.0
                        && let Some(sprite) = self.raster(kit, i, bright, lens)?
                        && let Some(clip) = intersection(sprite.rect, clip)
                    {
                        into.lay(&Arc::new(sprite), Over { clip, ..over });
                    }
                }
            }
        }
        Ok(())
    }

    /// The areas where two frames of the scene differ.
    fn changed(&mut self, kit: &Kit<'_>, from: &FrameSpec, to: &FrameSpec) -> Result<Vec<PixelRect>, DrawError> {
        let mut areas: Vec<PixelRect> = Vec::new();
        for (i, (a, b)) in from.elements.iter().zip(&to.elements).enumerate() {
            if a == b || a.opacity <= 0.0 && b.opacity <= 0.0 || !self.has(i) {
                continue;
            }
            for state in [a, b].into_iter().filter(|s| s.opacity > 0.0) {
                let area = match self.place(i, *state) {
                    Place::Own { sink } => self.sprite(kit, i, false)?.and_then(|s| s.rect_at(sink, self.size)),
                    Place::Away(lens) => whole_pixels(lens.rect(self.fragment(kit, i).bounds), self.size),
                };
                if let Some(area) = area.and_then(|area| self.room(i, area)) {
                    add(&mut areas, area);
                }
            }
        }
        if from.caption != to.caption && self.shows != Shows::Diagram {
            for frame in [from, to] {
                if let Some(sprite) = self.caption_sprite(kit, frame)? {
                    add(&mut areas, sprite.rect);
                }
            }
        }
        if areas.len() > MAX_AREAS {
            areas = areas.into_iter().reduce(union).into_iter().collect();
        }
        Ok(areas)
    }

    /// Whether the part is drawn at all.
    fn has(&self, i: usize) -> bool {
        self.shows != Shows::Diagram || !self.parts[i].is_fixed()
    }

    /// As much of an area as the part may paint in.
    fn room(&self, i: usize, area: PixelRect) -> Option<PixelRect> {
        match self.shows {
            Shows::Near(window) if !self.parts[i].is_fixed() => intersection(window, area),
            _ => Some(area),
        }
    }

    /// The lens through which the part is seen: headings, cards and names stay where they are.
    fn lens_of(&self, i: usize) -> Lens {
        if self.parts[i].is_fixed() { Lens::PLAIN } else { self.lens }
    }

    fn place(&self, i: usize, state: ElementState) -> Place {
        let lens = self.lens_of(i);
        if state.placed() {
            return Place::Own { sink: (state.sink.clamp(0.0, 4096.0) * lens.zoom).round() as u32 };
        }
        let middle = match self.parts[i] {
            Part::Node(n) => self.placed.nodes[n].rect.center(),
            _ => Point::default(),
        };
        let scale = if state.scale.is_finite() { state.scale.clamp(0.05, 20.0) } else { 1.0 };
        Place::Away(Lens::around(middle, scale, state.shift).through(lens))
    }

    fn fragment(&mut self, kit: &Kit<'_>, i: usize) -> &Fragment {
        let (placed, part) = (self.placed, self.parts[i]);
        self.fragments[i].get_or_insert_with(|| Look::new(kit.fonts, kit.theme, placed).part(placed, part))
    }

    /// The part as pixels.
    fn raster(&mut self, kit: &Kit<'_>, i: usize, lit: bool, lens: Lens) -> Result<Option<Sprite>, DrawError> {
        let size = self.size;
        let fragment = self.fragment(kit, i);
        let body = if lit { &fragment.lit } else { &fragment.body };
        let sprite = Sprite::new(body, fragment.bounds, &fragment.line, lens, size, &kit.options);
        sprite.map_err(|reason| DrawError::Element { element: name(self.placed, self.parts[i]), reason })
    }

    /// The part at its place, plain or lit, kept.
    fn sprite(&mut self, kit: &Kit<'_>, i: usize, lit: bool) -> Result<Option<Arc<Sprite>>, DrawError> {
        let known = if lit { &self.lit[i] } else { &self.plain[i] };
        if let Some(sprite) = known {
            return Ok(sprite.clone());
        }
        let sprite = self.raster(kit, i, lit, self.lens_of(i))?.map(Arc::new);
        self.kept += sprite.as_ref().map_or(0, |s| s.len());
        if self.kept > MAX_PIXELS {
            self.plain.fill(None);
            self.lit.fill(None);
            self.kept = sprite.as_ref().map_or(0, |s| s.len());
        }
        let slot = if lit { &mut self.lit[i] } else { &mut self.plain[i] };
        *slot = Some(sprite.clone());
        Ok(sprite)
    }

    fn caption_sprite(&mut self, kit: &Kit<'_>, frame: &FrameSpec) -> Result<Option<Arc<Sprite>>, DrawError> {
        let Some(lines) = frame.caption.as_ref().filter(|_| self.shows != Shows::Diagram) else { return Ok(None) };
        if let Some((_, sprite)) = self.caption.as_ref().filter(|(known, _)| known == lines) {
            return Ok(sprite.clone());
        }
        let fragment = caption::draw(&Look::new(kit.fonts, kit.theme, self.placed), lines, self.size);
        let sprite = Sprite::new(&fragment.body, fragment.bounds, &[], Lens::PLAIN, self.size, &kit.options)
            .map_err(|reason| DrawError::Element { element: "caption".to_owned(), reason })?
            .map(Arc::new);
        self.caption = Some((Arc::clone(lines), sprite.clone()));
        Ok(sprite)
    }
}

/// The whole pixels of the window below the heading.
pub(super) fn window_pixels(window: Rect, (w, h): (u32, u32)) -> PixelRect {
    let top = (window.y.max(0.0) as u32).min(h.saturating_sub(1));
    PixelRect { x: 0, y: top, w, h: h - top }
}

/// Lets what passes under the heading fade into the background instead of being cut off, in the area `clip`.
pub(super) fn soften(theme: &Theme, window: PixelRect, clip: PixelRect, into: &mut impl Surface) {
    let (w, h) = into.size();
    let rows = (SOFT_PX * w.min(h) / 1080).max(1);
    let band = PixelRect { h: rows.min(window.h), ..window };
    if let Some(area) = intersection(band, clip) {
        into.soften(band, area, theme.background.rgb());
    }
}

/// Adds an area, joined with those that it overlaps.
fn add(areas: &mut Vec<PixelRect>, mut area: PixelRect) {
    while let Some(i) = areas.iter().position(|a| intersection(*a, area).is_some()) {
        area = union(areas.swap_remove(i), area);
    }
    areas.push(area);
}

/// How an error names a part.
fn name(placed: &Placed, part: Part) -> String {
    match part {
        Part::Title => "title".to_owned(),
        Part::Overlay(_) => "card".to_owned(),
        _ => part_id(placed, part).to_owned(),
    }
}
