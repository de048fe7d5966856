//! A scene as a picture that moves, over and over and without sound: GIF and animated WebP, for pages and chats that take
//! nothing else. Smaller than the film and with shorter waits, for nobody hears what they wait for.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image_webp::{ColorType, WebPEncoder};

use super::{Deck, ExportError, Talk};
use crate::draw::{Picture, PixelRect, Rasterizer, SceneRasterizer};

/// Longest side in pixels; larger canvases are halved, or parted by a larger whole number.
const LONGEST_SIDE: u32 = 1000;
/// Pictures a second while something moves.
const RATE: u32 = 15;
/// Longest wait for what comes next, and how long the last picture stands, in milliseconds.
const WAIT_MS: u64 = 1500;
const LAST_MS: u64 = 3000;
/// Colours of a GIF.
const COLOURS: usize = 256;
/// Pictures whose colours are counted.
const COUNTED: usize = 12;

/// The scene as GIF.
pub(super) fn gif(deck: &Deck<'_>, talk: &Talk<'_>, at: usize) -> Result<Vec<u8>, ExportError> {
    let shots = Shots::of(deck, talk, at);
    let mut palette = Palette::of(&shots)?;
    let (w, h) = shots.size();
    let pack = |error: gif::EncodingError| ExportError::Pack(error.to_string());
    let side = |n: u32| u16::try_from(n).map_err(|error| ExportError::Pack(error.to_string()));
    let colours: Vec<u8> = palette.colours.concat();
    let mut encoder = Encoder::new(Vec::new(), side(w)?, side(h)?, &colours).map_err(pack)?;
    encoder.set_repeat(Repeat::Infinite).map_err(pack)?;
    let (mut told_ms, mut told_cs) = (0, 0);
    shots.draw(&mut |rect, picture, ms| {
        // Hundredths of a second, rounded so that they add up to the time of the whole.
        told_ms += ms;
        let delay = told_ms / 10 - told_cs;
        told_cs += delay;
        let buffer: Vec<u8> = pixels(picture, rect).map(|colour| palette.nearest(colour)).collect();
        let frame = Frame {
            delay: u16::try_from(delay).unwrap_or(u16::MAX),
            dispose: DisposalMethod::Keep,
            left: side(rect.x)?,
            top: side(rect.y)?,
            width: side(rect.w)?,
            height: side(rect.h)?,
            buffer: Cow::Owned(buffer),
            ..Frame::default()
        };
        encoder.write_frame(&frame).map_err(pack)
    })?;
    encoder.into_inner().map_err(|error| ExportError::Pack(error.to_string()))
}

/// The scene as animated WebP, without loss. The container is as Google's "WebP Container Specification" has it.
pub(super) fn webp(deck: &Deck<'_>, talk: &Talk<'_>, at: usize) -> Result<Vec<u8>, ExportError> {
    let shots = Shots::of(deck, talk, at);
    let (w, h) = shots.size();
    let three = |n: u32| n.to_le_bytes()[..3].to_vec();
    let mut body = b"WEBP".to_vec();
    // 2: it is animated.
    chunk(&mut body, *b"VP8X", &[vec![2, 0, 0, 0], three(w - 1), three(h - 1)].concat());
    // No colour behind it, and no end of repeating.
    chunk(&mut body, *b"ANIM", &[0; 6]);
    shots.draw(&mut |rect, picture, ms| {
        let rgb: Vec<u8> = pixels(picture, rect).flatten().collect();
        let mut still = Vec::new();
        WebPEncoder::new(&mut still)
            .encode(&rgb, rect.w, rect.h, ColorType::Rgb8)
            .map_err(|error| ExportError::Pack(error.to_string()))?;
        let ms = u32::try_from(ms).unwrap_or(u32::MAX);
        let mut frame = [rect.x / 2, rect.y / 2, rect.w - 1, rect.h - 1, ms].map(three).concat();
        // 2: it replaces what it covers.
        frame.push(2);
        // Behind the head of its file.
        frame.extend_from_slice(still.get(12..).unwrap_or_default());
        chunk(&mut body, *b"ANMF", &frame);
        Ok(())
    })?;
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(body.len()).map_err(|error| ExportError::Pack(error.to_string()))?.to_le_bytes());
    out.extend(body);
    Ok(out)
}

/// One chunk of a RIFF file, of even length.
fn chunk(out: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    out.extend(name);
    out.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(content);
    out.resize(out.len().next_multiple_of(2), 0);
}

/// The pictures of a scene with how long each is seen, in milliseconds.
struct Shots<'a> {
    deck: &'a Deck<'a>,
    talk: &'a Talk<'a>,
    /// Frames of the film.
    frames: Vec<(u64, u64)>,
    /// By which number the sides of the canvas are parted.
    part: u32,
}

impl<'a> Shots<'a> {
    fn of(deck: &'a Deck<'a>, talk: &'a Talk<'a>, at: usize) -> Self {
        let (w, h) = talk.film.canvas;
        let step = u64::from((talk.film.fps / RATE).max(1));
        // Of frames that come too fast the last one is what the movement leads to.
        let mut kept: BTreeMap<u64, u64> = BTreeMap::new();
        let mut end = 0;
        for take in talk.film.takes().iter().filter(|take| take.scene == at) {
            kept.extend(take.drawn().map(|n| (n / step, n)));
            end = take.end();
        }
        let kept: Vec<u64> = kept.into_values().collect();
        let ms = |frames: u64| frames.saturating_mul(1000) / u64::from(talk.film.fps.max(1));
        let last = kept.len().saturating_sub(1);
        let lasts = |(i, &n): (usize, &u64)| {
            let next = kept.get(i + 1).copied().unwrap_or(end);
            (n, if i == last { LAST_MS } else { (ms(next) - ms(n)).min(WAIT_MS) })
        };
        let frames = kept.iter().enumerate().map(lasts).collect();
        Shots { deck, talk, frames, part: w.max(h).div_ceil(LONGEST_SIDE).max(1) }
    }

    /// Width and height in pixels.
    fn size(&self) -> (u32, u32) {
        let (w, h) = self.talk.film.canvas;
        ((w / self.part).max(1), (h / self.part).max(1))
    }

    /// Hands out each picture with the part that changes and for how long it is seen.
    fn draw(
        &self,
        out: &mut dyn FnMut(PixelRect, &Picture, u64) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut rasterizer = SceneRasterizer::new(self.deck.placed, self.deck.fonts, self.deck.theme);
        let mut large = Picture::blank(self.talk.film.canvas);
        let (w, h) = self.size();
        // What is seen, which part of it is new, and for how long.
        let mut waiting: Option<(Picture, PixelRect, u64)> = None;
        for &(n, ms) in &self.frames {
            rasterizer.draw(&self.talk.film.frame(n), &mut large)?;
            let small = self.shrunk(&large);
            match &mut waiting {
                None => waiting = Some((small, PixelRect { x: 0, y: 0, w, h }, ms)),
                Some((seen, new, length)) => match changed(seen, &small) {
                    None => *length = (*length + ms).min(LAST_MS),
                    Some(rect) => {
                        out(*new, seen, *length)?;
                        (*seen, *new, *length) = (small, rect, ms);
                    }
                },
            }
        }
        waiting.map_or(Ok(()), |(picture, rect, ms)| out(rect, &picture, ms))
    }

    /// Each pixel is the mean of a square of them.
    fn shrunk(&self, large: &Picture) -> Picture {
        let ((w, h), part) = (self.size(), self.part as usize);
        let count = u32::try_from(part * part).unwrap_or(u32::MAX);
        let mut small = Picture::blank((w, h));
        for (i, pixel) in small.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let (x, y) = (i % w as usize * part, i / w as usize * part);
            let mut sums = [count / 2; 3];
            for row in y..y + part {
                let start = (row * large.w as usize + x) * 4;
                for of in large.rgba[start..start + part * 4].as_chunks::<4>().0 {
                    sums.iter_mut().zip(of).for_each(|(sum, &value)| *sum += u32::from(value));
                }
            }
            pixel.iter_mut().zip(sums).for_each(|(value, sum)| *value = u8::try_from(sum / count).unwrap_or(u8::MAX));
        }
        small
    }
}

/// The rectangle in which two pictures of a size differ; WebP wants its corner at even places.
fn changed(before: &Picture, after: &Picture) -> Option<PixelRect> {
    let (w, rows) = (after.w as usize * 4, after.h as usize);
    let row = |y: usize| (&before.rgba[y * w..(y + 1) * w], &after.rgba[y * w..(y + 1) * w]);
    let differs = |&y: &usize| row(y).0 != row(y).1;
    let top = (0..rows).find(differs)?;
    let bottom = (0..rows).rfind(differs)?;
    let (mut left, mut right) = (w, 0);
    for y in top..=bottom {
        let (a, b) = row(y);
        let differs = |x: &usize| a[*x] != b[*x];
        left = (0..left).find(differs).unwrap_or(left);
        right = (right..w).rfind(differs).unwrap_or(right);
    }
    let (left, right, top) = (left / 4 / 2 * 2, right / 4, top / 2 * 2);
    let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(PixelRect { x: whole(left), y: whole(top), w: whole(right + 1 - left), h: whole(bottom + 1 - top) })
}

/// The colours of a part of a picture, row by row.
fn pixels(picture: &Picture, rect: PixelRect) -> impl Iterator<Item = [u8; 3]> + '_ {
    let row = move |y: u32| {
        let start = (y * picture.w + rect.x) as usize * 4;
        picture.rgba[start..start + rect.w as usize * 4].as_chunks::<4>().0
    };
    (rect.y..rect.y + rect.h).flat_map(row).map(|&[r, g, b, _]| [r, g, b])
}

/// The colours of a GIF. Diagrams have few, and shades of them at edges: the most frequent ones are kept as they are, and every other
/// one is near to one of them.
struct Palette {
    colours: Vec<[u8; 3]>,
    known: HashMap<[u8; 3], u8>,
}

impl Palette {
    fn of(shots: &Shots<'_>) -> Result<Self, ExportError> {
        let some = shots.frames.len().div_ceil(COUNTED).max(1);
        let frames = shots.frames.iter().rev().step_by(some).copied().collect();
        let mut counts: BTreeMap<[u8; 3], u64> = BTreeMap::new();
        Shots { frames, ..*shots }.draw(&mut |rect, picture, _| {
            pixels(picture, rect).for_each(|colour| *counts.entry(colour).or_default() += 1);
            Ok(())
        })?;
        let mut frequent: Vec<_> = counts.into_iter().collect();
        frequent.sort_by_key(|&(colour, count)| (std::cmp::Reverse(count), colour));
        let mut apart = 0;
        loop {
            let mut colours: Vec<[u8; 3]> = Vec::new();
            for (colour, _) in &frequent {
                if colours.len() <= COLOURS && colours.iter().all(|known| distance(*known, *colour) > apart) {
                    colours.push(*colour);
                }
            }
            if colours.len() <= COLOURS {
                return Ok(Palette { colours, known: HashMap::new() });
            }
            apart = apart * 2 + 4;
        }
    }

    fn nearest(&mut self, colour: [u8; 3]) -> u8 {
        let colours = &self.colours;
        *self.known.entry(colour).or_insert_with(|| {
            let nearest = (0..=u8::MAX).zip(colours).min_by_key(|(_, known)| distance(**known, colour));
            nearest.map_or(0, |(i, _)| i)
        })
    }
}

/// How far two colours are apart, squared.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}
