//! Frames as pixels: sprites of the scene laid over its background, only where something changed.

use std::sync::Arc;

use resvg::usvg;

use super::fonts::Fonts;
use super::part::{Fragment, Look};
use super::sprite::{Over, Sprite, intersection, union};
use super::theme::Theme;
use super::{DrawError, Picture, PixelRect, Rasterizer};
use crate::film::{ElementState, FrameSpec, Part, cast, part_id};
use crate::layout::Placed;

/// Pixels that the sprites of a scene may keep; 4 bytes each. When there are more, they are made again as needed.
const MAX_PIXELS: usize = 24 << 20;
/// Changed areas of one frame that are painted one by one; more are painted as one.
const MAX_AREAS: usize = 24;

/// Draws the frames of a film, scene by scene.
#[derive(Debug)]
pub struct SceneRasterizer<'a> {
    fonts: &'a Fonts,
    theme: &'a Theme,
    placed: &'a [Placed],
    options: usvg::Options<'static>,
    scene: Option<SceneSprites>,
    last: Option<FrameSpec>,
    /// What the theme puts on every picture, once drawn.
    marks: Option<Option<Arc<Sprite>>>,
}

/// The parts of one scene, drawn when they are first seen.
#[derive(Debug)]
struct SceneSprites {
    index: usize,
    parts: Vec<Part>,
    fragments: Vec<Option<Fragment>>,
    plain: Vec<Option<Option<Arc<Sprite>>>>,
    lit: Vec<Option<Option<Arc<Sprite>>>>,
    kept: usize,
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
        Self { fonts, theme, placed, options: options(), scene: None, last: None, marks: None }
    }

    /// The sprites of the part, plain or lit.
    fn sprite(&mut self, i: usize, lit: bool) -> Result<Option<Arc<Sprite>>, DrawError> {
        let Some(scene) = &mut self.scene else {
            return Ok(None);
        };
        let known = if lit { &scene.lit[i] } else { &scene.plain[i] };
        if let Some(sprite) = known {
            return Ok(sprite.clone());
        }
        let placed = &self.placed[scene.index];
        let part = scene.parts[i];
        let look = Look::new(self.fonts, self.theme, placed);
        let fragment = scene.fragments[i].get_or_insert_with(|| look.part(placed, part));
        let body = if lit { &fragment.lit } else { &fragment.body };
        let sprite = Sprite::new(body, fragment.bounds, &fragment.line, placed.canvas, &self.options);
        let sprite = sprite.map_err(|reason| DrawError::Element { element: name(placed, part), reason })?.map(Arc::new);
        scene.kept += sprite.as_ref().map_or(0, |s| s.len());
        if scene.kept > MAX_PIXELS {
            scene.plain.fill(None);
            scene.lit.fill(None);
            scene.kept = sprite.as_ref().map_or(0, |s| s.len());
        }
        let slot = if lit { &mut scene.lit[i] } else { &mut scene.plain[i] };
        *slot = Some(sprite.clone());
        Ok(sprite)
    }

    /// What the theme puts on every picture; all scenes of a film have one size.
    fn marks(&mut self) -> Result<Option<Arc<Sprite>>, DrawError> {
        if self.marks.is_none() {
            let sprite = match self.placed.first() {
                Some(placed) => {
                    let look = Look::new(self.fonts, self.theme, placed);
                    self.theme.marks.sprite(&look, placed, &self.options)
                }
                None => Ok(None),
            };
            let fault = |reason| DrawError::Element { element: "logo".to_owned(), reason };
            self.marks = Some(sprite.map_err(fault)?.map(Arc::new));
        }
        Ok(self.marks.clone().flatten())
    }

    /// Paints everything that lies in `clip`.
    fn compose(&mut self, frame: &FrameSpec, clip: PixelRect, into: &mut Picture) -> Result<(), DrawError> {
        let [r, g, b] = self.theme.background.rgb();
        let row = [r, g, b, 255].repeat(clip.w as usize);
        for y in clip.y..clip.y + clip.h {
            let start = (y as usize * into.w as usize + clip.x as usize) * 4;
            into.rgba[start..start + row.len()].copy_from_slice(&row);
        }
        if let Some(marks) = self.marks()?
            && let Some(clip) = intersection(marks.rect, clip)
        {
            marks.paint(Over { sink: 0, opacity: 1.0, drawn: 1.0, clip }, into);
        }
        for (i, state) in frame.elements.iter().enumerate() {
            if state.opacity <= 0.0 {
                continue;
            }
            let sink = sink(*state);
            let Some(plain) = self.sprite(i, false)? else {
                continue;
            };
            let seen = plain.rect_at(sink, (into.w, into.h)).and_then(|r| intersection(r, clip));
            let Some(clip) = seen else {
                continue;
            };
            let over = Over { sink, opacity: state.opacity, drawn: state.drawn, clip };
            plain.paint(over, into);
            if state.highlight > 0.0
                && let Some(lit) = self.sprite(i, true)?
            {
                lit.paint(Over { opacity: state.opacity * state.highlight, ..over }, into);
            }
        }
        Ok(())
    }

    /// The areas where two frames of the same scene differ.
    fn changed(&mut self, from: &FrameSpec, to: &FrameSpec, size: (u32, u32)) -> Result<Vec<PixelRect>, DrawError> {
        let mut areas: Vec<PixelRect> = Vec::new();
        for (i, (a, b)) in from.elements.iter().zip(&to.elements).enumerate() {
            if a == b || a.opacity <= 0.0 && b.opacity <= 0.0 {
                continue;
            }
            let Some(sprite) = self.sprite(i, false)? else {
                continue;
            };
            for state in [a, b].into_iter().filter(|s| s.opacity > 0.0) {
                if let Some(area) = sprite.rect_at(sink(*state), size) {
                    add(&mut areas, area);
                }
            }
        }
        if areas.len() > MAX_AREAS {
            areas = areas.into_iter().reduce(union).into_iter().collect();
        }
        Ok(areas)
    }

    fn enter(&mut self, index: usize) -> Result<(), DrawError> {
        let placed = self.placed.get(index).ok_or(DrawError::Scene(index, self.placed.len()))?;
        if self.scene.as_ref().is_none_or(|s| s.index != index) {
            let parts = cast(placed);
            let count = parts.len();
            self.scene = Some(SceneSprites {
                index,
                parts,
                fragments: vec![None; count],
                plain: vec![None; count],
                lit: vec![None; count],
                kept: 0,
            });
        }
        Ok(())
    }
}

impl Rasterizer for SceneRasterizer<'_> {
    fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
        self.enter(frame.scene)?;
        let size = self.placed[frame.scene].canvas;
        let parts = self.scene.as_ref().map_or(0, |s| s.parts.len());
        if (into.w, into.h) != size || into.rgba.len() != size.0 as usize * size.1 as usize * 4 {
            return Err(DrawError::Size { w: into.w, h: into.h, canvas: size });
        }
        if frame.elements.len() != parts {
            return Err(DrawError::Elements { given: frame.elements.len(), parts });
        }
        let last = self.last.take().filter(|last| last.scene == frame.scene);
        let areas = match &last {
            None => vec![PixelRect { x: 0, y: 0, w: size.0, h: size.1 }],
            Some(last) => self.changed(last, frame, size)?,
        };
        for area in &areas {
            self.compose(frame, *area, into)?;
        }
        self.last = Some(frame.clone());
        Ok(areas.into_iter().reduce(union))
    }

    fn reset(&mut self) {
        self.last = None;
    }
}

/// Adds an area, joined with those that it overlaps.
fn add(areas: &mut Vec<PixelRect>, mut area: PixelRect) {
    while let Some(i) = areas.iter().position(|a| intersection(*a, area).is_some()) {
        area = union(areas.swap_remove(i), area);
    }
    areas.push(area);
}

fn sink(state: ElementState) -> u32 {
    state.sink.clamp(0.0, 4096.0).round() as u32
}

/// How an error names a part.
fn name(placed: &Placed, part: Part) -> String {
    match part {
        Part::Title => "title".to_owned(),
        _ => part_id(placed, part).to_owned(),
    }
}
