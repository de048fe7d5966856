//! Frames as pixels: sprites of the scene laid over its background, only where something changed; while the camera
//! moves, taken from a larger picture of the diagram.

use resvg::usvg;

use super::fonts::Fonts;
use super::lens::{Lens, Take, enlargement};
use super::sprite::{Over, intersection, union};
use super::stage::{Kit, Shows, Stage, soften, window_pixels};
use super::surface::Surface;
use super::theme::Theme;
use super::{DrawError, Picture, PixelRect, Rasterizer};
use crate::film::{FrameSpec, View, cast, window};
use crate::layout::Placed;

/// Draws the frames of a film, scene by scene, into pictures in memory.
#[derive(Debug)]
pub struct SceneRasterizer<'a>(Composer<'a, Picture>);

/// Puts the frames of a film together, scene by scene, on surfaces of one kind.
#[derive(Debug)]
pub struct Composer<'a, S> {
    kit: Kit<'a>,
    placed: &'a [Placed],
    /// What is drawn while the camera rests.
    rest: Option<Stage<'a>>,
    /// The diagram that frames are taken from while it moves.
    large: Option<(Stage<'a>, S)>,
    /// The scene before, whose picture is no base for another's.
    last: Option<usize>,
}

/// An SVG reader that opens nothing: drawings hold no references, and hostile labels cannot add any.
pub(super) fn options() -> usvg::Options<'static> {
    let image_href_resolver =
        usvg::ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) };
    usvg::Options { image_href_resolver, ..usvg::Options::default() }
}

impl<'a> SceneRasterizer<'a> {
    /// A rasteriser of placed scenes; frames refer to them by index.
    pub fn new(placed: &'a [Placed], fonts: &'a Fonts, theme: &'a Theme) -> Self {
        Self(Composer::new(placed, fonts, theme))
    }
}

impl Rasterizer for SceneRasterizer<'_> {
    fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
        if into.rgba.len() != into.w as usize * into.h as usize * 4 {
            return Err(DrawError::Size { w: into.w, h: into.h, canvas: (into.w, into.h) });
        }
        self.0.compose(frame, into)
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

impl<'a, S: Surface> Composer<'a, S> {
    /// For placed scenes; frames refer to them by index.
    pub fn new(placed: &'a [Placed], fonts: &'a Fonts, theme: &'a Theme) -> Self {
        Self { kit: Kit::new(fonts, theme), placed, rest: None, large: None, last: None }
    }

    /// Brings `into` from the frame of the last call to `frame`; see [`Rasterizer::draw`].
    ///
    /// # Errors
    /// When an element cannot be drawn; the surface is then undefined.
    pub fn compose(&mut self, frame: &FrameSpec, into: &mut S) -> Result<Option<PixelRect>, DrawError> {
        let placed = self.placed.get(frame.scene).ok_or(DrawError::Scene(frame.scene, self.placed.len()))?;
        let (w, h) = into.size();
        let size = placed.canvas;
        if (w, h) != size {
            return Err(DrawError::Size { w, h, canvas: size });
        }
        let parts = cast(placed).len();
        if frame.elements.len() != parts {
            return Err(DrawError::Elements { given: frame.elements.len(), parts });
        }
        if self.last.replace(frame.scene) != Some(frame.scene) {
            self.rest.iter_mut().for_each(Stage::forget);
        }
        if let Some((view, wanted)) = frame.view.and_then(|view| Some((view, view.taken_at?))) {
            self.travel(frame, view, enlargement(wanted, size), into)?;
            return Ok(Some(PixelRect { x: 0, y: 0, w, h }));
        }
        // It is large, and not needed for most of a film.
        self.large = None;
        let rest = at_rest(&mut self.rest, self.placed, frame.scene, frame.view);
        let areas = rest.draw(&self.kit, frame, into)?;
        Ok(areas.into_iter().reduce(union))
    }

    /// Makes the next call paint everything, as the first does.
    pub fn reset(&mut self) {
        self.rest.iter_mut().for_each(Stage::forget);
        self.large = None;
        self.last = None;
    }

    /// Paints a frame of a camera that moves.
    fn travel(&mut self, frame: &FrameSpec, view: View, enlarged: f32, into: &mut S) -> Result<(), DrawError> {
        let index = frame.scene;
        let placed = &self.placed[index];
        let (w, h) = placed.canvas;
        #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
        let size = ((w as f32 * enlarged).ceil() as u32, (h as f32 * enlarged).ceil() as u32);
        let lens = Lens { zoom: enlarged, ..Lens::PLAIN };
        if !self.large.as_ref().is_some_and(|(s, _)| s.index == index && s.lens == lens) {
            self.large = None;
        }
        let (stage, large) = self
            .large
            .get_or_insert_with(|| (Stage::new(index, placed, lens, size, Shows::Diagram), into.beside(size)));
        stage.draw(&self.kit, frame, large)?;
        let below = window(placed);
        into.take(large, &Take::new(size, enlarged, view, below, (w, h)));
        let pixels = window_pixels(below, placed.canvas);
        soften(self.kit.theme, pixels, pixels, into);
        // Heading and caption as they are at rest.
        let heading = PixelRect { x: 0, y: 0, w, h: pixels.y };
        let rest = at_rest(&mut self.rest, self.placed, index, Some(View { seen: below, taken_at: None }));
        rest.forget();
        if heading.h > 0 {
            rest.compose(&self.kit, frame, heading, into)?;
        }
        if let Some(marks) = self.kit.marks(placed)?
            && let Some(clip) = intersection(marks.rect, pixels)
        {
            into.lay(marks, Over { sink: 0, opacity: 1.0, drawn: 1.0, clip });
        }
        rest.lay_overlays(&self.kit, frame, pixels, into)?;
        rest.lay_caption(&self.kit, frame, PixelRect { x: 0, y: 0, w, h }, into)
    }
}

/// The stage for a camera that rests.
fn at_rest<'s, 'a>(
    slot: &'s mut Option<Stage<'a>>,
    placed: &'a [Placed],
    index: usize,
    view: Option<View>,
) -> &'s mut Stage<'a> {
    let placed = &placed[index];
    let below = window(placed);
    let (lens, shows) = match view {
        None => (Lens::PLAIN, Shows::All),
        Some(view) => (Lens::of(view.seen, below), Shows::Near(window_pixels(below, placed.canvas))),
    };
    let fits = |s: &Stage<'_>| s.index == index && s.lens == lens && s.shows == shows;
    if !slot.as_ref().is_some_and(fits) {
        *slot = None;
    }
    slot.get_or_insert_with(|| Stage::new(index, placed, lens, placed.canvas, shows))
}
