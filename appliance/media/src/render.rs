//! From frame states to a video: drawing and encoding side by side.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use studio::draw::{DrawError, Picture, PixelRect, Rasterizer};
use studio::film::{FrameSpec, Span};

use crate::encode::{EncodeError, Encoder};

/// Drawn frames that may wait for the encoder; more would only cost memory.
const AHEAD: usize = 3;

/// Why a film cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A frame cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A frame cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The caller asked to stop.
    #[error("rendering was cancelled")]
    Cancelled,
    /// Spans do not follow one another from frame 0 on.
    #[error("span {0} does not begin where the one before ends")]
    Spans(usize),
}

/// Draws every frame of `spans` that differs from the one before and encodes it, on two threads.
///
/// `frame` gives the state of the screen at a frame. A still span is drawn once. A change of scene is announced to the
/// encoder as a cut. `progress` hears `(frames done, frames in
/// all)`. The video is finished when this returns; when it fails, or once `cancel` is set, the encoder is dropped
/// unfinished.
///
/// # Errors
/// See [`RenderError`].
pub fn render(
    spans: &[Span],
    frame: &dyn Fn(u64) -> FrameSpec,
    rasterizer: &mut dyn Rasterizer,
    encoder: Box<dyn Encoder>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), RenderError> {
    let mut total = 0;
    for (index, span) in spans.iter().enumerate() {
        if span.first != total || span.end <= span.first {
            return Err(RenderError::Spans(index));
        }
        total = span.end;
    }
    let canvas = encoder.canvas();
    std::thread::scope(|scope| {
        let (steps, to_encode) = sync_channel(AHEAD);
        let (used, spare) = sync_channel(AHEAD + 2);
        let encoding = scope.spawn(move || encode(encoder, canvas, &to_encode, &used));
        let mut drawing = Drawing { rasterizer, picture: blank(canvas), scene: None, cut: false, steps, spare };
        let mut draw_all = || {
            for span in spans {
                let end = if span.moving { span.end } else { span.first + 1 };
                for at in span.first..end {
                    if cancel.load(Ordering::Relaxed) {
                        return Err(RenderError::Cancelled);
                    }
                    drawing.draw(at, &frame(at))?;
                    progress(if span.moving { at + 1 } else { span.end }, total);
                }
            }
            drawing.tell(Step::Finish { end: total })
        };
        let drawn = draw_all();
        // Closes the channel: an encoder that was not told to finish gives up.
        drop(drawing);
        let encoded = encoding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // First, because drawing only notices that the encoder is gone.
        encoded?;
        drawn
    })
}

/// The side that draws.
struct Drawing<'a> {
    rasterizer: &'a mut dyn Rasterizer,
    picture: Picture,
    scene: Option<usize>,
    /// The next picture that is shown begins a scene.
    cut: bool,
    steps: SyncSender<Step>,
    /// Memory of patches that are encoded.
    spare: Receiver<Vec<u8>>,
}

impl Drawing<'_> {
    fn draw(&mut self, at: u64, frame: &FrameSpec) -> Result<(), RenderError> {
        let changed = self.rasterizer.draw(frame, &mut self.picture)?;
        self.cut |= self.scene.replace(frame.scene).is_some_and(|last| last != frame.scene);
        let memory = self.spare.try_recv().unwrap_or_default();
        // The first frame is shown whatever it holds; after that only what changes is.
        let changed = if at == 0 { Some(everything(&self.picture)) } else { changed };
        match changed.and_then(|rect| Patch::take(&self.picture, rect, memory)) {
            Some(patch) => {
                let cut = std::mem::take(&mut self.cut);
                self.tell(Step::Show { at, cut, patch })
            }
            None => Ok(()),
        }
    }

    /// Hands `step` over.
    ///
    /// # Errors
    /// [`RenderError::Cancelled`] when the encoder gave up; its own error says why.
    fn tell(&self, step: Step) -> Result<(), RenderError> {
        self.steps.send(step).map_err(|_| RenderError::Cancelled)
    }
}

/// What the encoder is told.
enum Step {
    Show { at: u64, cut: bool, patch: Patch },
    Finish { end: u64 },
}

/// The side that encodes: its own copy of the picture is brought up to date by patches.
fn encode(
    mut encoder: Box<dyn Encoder>,
    canvas: (u32, u32),
    steps: &Receiver<Step>,
    used: &SyncSender<Vec<u8>>,
) -> Result<(), EncodeError> {
    let mut picture = blank(canvas);
    for step in steps {
        match step {
            Step::Show { at, cut, patch } => {
                patch.put(&mut picture);
                if cut {
                    encoder.cut();
                }
                encoder.frame(at, &picture, Some(patch.rect))?;
                // Full or closed: the memory is freed instead.
                let _ = used.try_send(patch.rgba);
            }
            Step::Finish { end } => return encoder.finish(end),
        }
    }
    Ok(())
}

/// Pixels that differ from the last frame.
struct Patch {
    rect: PixelRect,
    /// The rows of `rect`, RGBA.
    rgba: Vec<u8>,
}

impl Patch {
    /// Copies what of `rect` lies inside `picture` into `rgba`, whose content is dropped; `None` when nothing does.
    fn take(picture: &Picture, rect: PixelRect, mut rgba: Vec<u8>) -> Option<Self> {
        let PixelRect { x, y, w, h } = rect;
        let (w, h) = (w.min(picture.w.checked_sub(x)?), h.min(picture.h.checked_sub(y)?));
        if w == 0 || h == 0 {
            return None;
        }
        let rect = PixelRect { x, y, w, h };
        rgba.clear();
        for row in rows(picture.w, rect) {
            rgba.extend_from_slice(&picture.rgba[row]);
        }
        Some(Self { rect, rgba })
    }

    fn put(&self, picture: &mut Picture) {
        let width = self.rect.w as usize * 4;
        for (row, pixels) in rows(picture.w, self.rect).zip(self.rgba.chunks_exact(width)) {
            picture.rgba[row].copy_from_slice(pixels);
        }
    }
}

/// Where the rows of `rect` are in the bytes of a picture that is `width` pixels wide.
fn rows(width: u32, rect: PixelRect) -> impl Iterator<Item = std::ops::Range<usize>> {
    let (x, w, width) = (rect.x as usize, rect.w as usize, width as usize);
    (rect.y as usize..rect.y as usize + rect.h as usize).map(move |y| (y * width + x) * 4..(y * width + x + w) * 4)
}

fn everything(picture: &Picture) -> PixelRect {
    PixelRect { x: 0, y: 0, w: picture.w, h: picture.h }
}

fn blank((w, h): (u32, u32)) -> Picture {
    Picture { w, h, rgba: vec![0; w as usize * h as usize * 4] }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;

    const CANVAS: (u32, u32) = (8, 6);

    /// What an encoder was given: frame, cut, pixels.
    type Log = Arc<Mutex<Vec<(u64, bool, Vec<u8>)>>>;

    struct Recorder {
        log: Log,
        cut: bool,
    }

    impl Encoder for Recorder {
        fn canvas(&self) -> (u32, u32) {
            CANVAS
        }

        fn cut(&mut self) {
            self.cut = true;
        }

        fn frame(&mut self, at: u64, picture: &Picture, _: Option<PixelRect>) -> Result<(), EncodeError> {
            let cut = std::mem::take(&mut self.cut);
            self.log.lock().unwrap().push((at, cut, picture.rgba.clone()));
            if at == 13 { Err(EncodeError::DiskFull { stage: "testing" }) } else { Ok(()) }
        }

        fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError> {
            self.log.lock().unwrap().push((end, false, Vec::new()));
            Ok(())
        }
    }

    /// Paints one rectangle after another, and keeps what the picture is then.
    struct Painter {
        rects: Vec<Option<PixelRect>>,
        pictures: Vec<Vec<u8>>,
    }

    impl Rasterizer for Painter {
        fn draw(&mut self, _: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
            let n = self.pictures.len();
            let rect = self.rects[n];
            if let Some(PixelRect { x, y, w, h }) = rect {
                for (i, byte) in into.rgba.iter_mut().enumerate() {
                    let (px, py) = (i as u32 / 4 % CANVAS.0, i as u32 / 4 / CANVAS.0);
                    let inside = (x..x.saturating_add(w)).contains(&px) && (y..y.saturating_add(h)).contains(&py);
                    *byte = if inside { n as u8 + 1 } else { *byte };
                }
            }
            self.pictures.push(into.rgba.clone());
            Ok(rect)
        }
    }

    fn film(rects: Vec<Option<PixelRect>>, scenes: &[usize]) -> (Result<(), RenderError>, Log, Painter) {
        let log = Log::default();
        let encoder = Box::new(Recorder { log: Arc::clone(&log), cut: false });
        let span = Span { first: 0, end: rects.len() as u64, moving: true };
        let frame = |at: u64| FrameSpec { scene: scenes[at as usize % scenes.len()], elements: Vec::new() };
        let mut painter = Painter { rects, pictures: Vec::new() };
        let result = render(&[span], &frame, &mut painter, encoder, &AtomicBool::new(false), &mut |_, _| {});
        (result, log, painter)
    }

    fn rect(x: u32, y: u32, w: u32, h: u32) -> Option<PixelRect> {
        Some(PixelRect { x, y, w, h })
    }

    /// Frames that reach the encoder, and whether they begin a scene.
    fn check(rects: &[Option<PixelRect>], scenes: &[usize], expected: &[(u64, bool)]) {
        let (result, log, _) = film(rects.to_vec(), scenes);
        result.unwrap();
        let seen: Vec<(u64, bool)> = log.lock().unwrap().iter().map(|(at, cut, _)| (*at, *cut)).collect();
        assert_eq!(seen, [expected, &[(rects.len() as u64, false)]].concat());
    }

    #[test]
    fn frames_that_change_nothing_are_held() {
        check(&[None, None, rect(0, 0, 1, 1), None], &[0], &[(0, false), (2, false)]);
        check(&[None, rect(8, 0, 1, 1), rect(0, 6, 9, 9)], &[0], &[(0, false)]);
    }

    #[test]
    fn a_new_scene_is_a_cut_at_its_first_picture() {
        let whole = rect(0, 0, 8, 6);
        check(&[whole; 4], &[0, 0, 1, 1], &[(0, false), (1, false), (2, true), (3, false)]);
        check(&[whole, None, whole, whole], &[0, 1, 1, 1], &[(0, false), (2, true), (3, false)]);
    }

    #[test]
    fn a_failing_encoder_is_the_reason_and_stops_the_film() {
        let (result, _, painter) = film(vec![rect(0, 0, 8, 6); 250], &[0]);
        assert!(matches!(result, Err(RenderError::Encode(EncodeError::DiskFull { .. }))), "{result:?}");
        assert!(painter.pictures.len() < 250);
    }

    proptest! {
        #[test]
        fn the_encoder_sees_what_was_painted(
            rects in proptest::collection::vec((0u32..9, 0u32..7, 0u32..12, 0u32..12), 1..13),
        ) {
            let (result, log, painter) = film(rects.iter().map(|&(x, y, w, h)| rect(x, y, w, h)).collect(), &[0]);
            prop_assert!(result.is_ok());
            for (at, _, pixels) in log.lock().unwrap().iter().filter(|(_, _, pixels)| !pixels.is_empty()) {
                prop_assert_eq!(pixels, &painter.pictures[*at as usize]);
            }
            let last = log.lock().unwrap().iter().rev().nth(1).map(|(_, _, pixels)| pixels.clone());
            prop_assert_eq!(last.as_ref(), painter.pictures.last());
        }
    }
}
