//! From frame states to reels: takes drawn and encoded side by side.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use studio::draw::yuv::Footage;
use studio::draw::{DrawError, Picture, PixelRect, Rasterizer};
use studio::film::{FrameSpec, Take};

use crate::encode::{EncodeError, Encoder, reel};

/// Why a film cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A frame cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A frame or the voice cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The caller asked to stop.
    #[error("rendering was cancelled")]
    Cancelled,
    /// Takes, or spans of one, do not follow one another from frame 0 on.
    #[error("take {0} does not begin where the one before ends")]
    Takes(usize),
}

/// How far rendering is, in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames whose picture is encoded.
    pub done: u64,
    /// Frames in all.
    pub total: u64,
    /// What is done was done by an earlier run.
    pub taken_up: bool,
}

/// Makes what encodes the pictures of one take into a reel at the given place.
pub type MakeEncoder<'a, P = Picture> = dyn Fn(&Path) -> Result<Box<dyn Encoder<P>>, EncodeError> + Sync + 'a;

/// Makes the reel of the voice at the given place.
pub type RecordVoice<'a> = dyn Fn(&Path) -> Result<(), EncodeError> + Sync + 'a;

/// What is rendered, and with what.
///
/// Each take becomes a reel of its own, drawn and encoded by one thread from a picture that is painted anew: what is in
/// it depends neither on the number of threads nor on other takes. A reel that is there already is kept.
pub struct Render<'a, P = Picture> {
    /// The takes of the film in order, with the places of their reels.
    pub takes: &'a [(Take, PathBuf)],
    /// The state of the screen at a frame.
    pub frame: &'a (dyn Fn(u64) -> FrameSpec + Sync),
    /// Makes what draws the frames; one for each thread.
    pub rasterizer: &'a (dyn Fn() -> Box<dyn Rasterizer<P> + 'a> + Sync),
    /// Makes what encodes the pictures of one take into a reel.
    pub encoder: &'a MakeEncoder<'a, P>,
    /// Makes the reel of the voice, and its place.
    pub voice: Option<(&'a RecordVoice<'a>, &'a Path)>,
    /// Threads to work on.
    pub threads: usize,
}

/// A piece of work for one thread.
enum Task<'a> {
    Voice(&'a RecordVoice<'a>, &'a Path),
    Take(&'a Take, &'a Path),
}

impl<P: Footage> Render<'_, P> {
    /// Makes every reel that is not there yet; `progress` hears how far it is. Once `cancel` is set, or when something
    /// fails, finished reels stay and the others leave nothing behind.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn run(&self, cancel: &AtomicBool, progress: &mut dyn FnMut(Progress)) -> Result<(), RenderError> {
        let total = self.check()?;
        // The voice first: it takes longest.
        let voice =
            self.voice.filter(|(_, reel)| !reel::is_whole(reel)).map(|(record, reel)| Task::Voice(record, reel));
        let missing = self.takes.iter().filter(|(_, reel)| !reel::is_whole(reel));
        let tasks: Vec<Task<'_>> =
            voice.into_iter().chain(missing.map(|(take, reel)| Task::Take(take, reel))).collect();
        let left: u64 = tasks.iter().map(Task::frames).sum();
        let mut done = total - left;
        progress(Progress { done, total, taken_up: done > 0 });

        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let threads = self.threads.clamp(1, tasks.len().max(1));
        let results = std::thread::scope(|scope| {
            // Without room: whoever watches the progress can stop it at the frame.
            let (tell, told) = sync_channel(0);
            let spawn = |_| {
                let (tell, tasks, next, failed) = (tell.clone(), &tasks, &next, &failed);
                scope.spawn(move || {
                    let mut hand = Hand { of: self, rasterizer: None, stops: [cancel, failed], tell };
                    let done = hand.work(tasks, next);
                    failed.fetch_or(done.is_err(), Ordering::Relaxed);
                    done
                })
            };
            let hands: Vec<_> = (0..threads).map(spawn).collect();
            drop(tell);
            for frames in told {
                done += frames;
                progress(Progress { done, total, taken_up: false });
            }
            let join = |hand: std::thread::ScopedJoinHandle<'_, _>| {
                hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            hands.into_iter().map(join).collect::<Vec<Result<(), RenderError>>>()
        });
        // A failure makes the other threads stop, which is not what the caller should hear of.
        let (cancelled, rest): (Vec<_>, Vec<_>) =
            results.into_iter().partition(|r| matches!(r, Err(RenderError::Cancelled)));
        rest.into_iter().chain(cancelled).collect()
    }

    /// Frames of the film.
    fn check(&self) -> Result<u64, RenderError> {
        let mut at = 0;
        for (index, (take, _)) in self.takes.iter().enumerate() {
            for span in &take.spans {
                if span.first != at || span.end <= span.first {
                    return Err(RenderError::Takes(index));
                }
                at = span.end;
            }
        }
        Ok(at)
    }
}

impl Task<'_> {
    fn frames(&self) -> u64 {
        match self {
            Task::Voice(..) => 0,
            Task::Take(take, _) => take.end() - take.first(),
        }
    }
}

/// One of the threads.
struct Hand<'h, 'a, P> {
    of: &'h Render<'a, P>,
    rasterizer: Option<(Box<dyn Rasterizer<P> + 'a>, P)>,
    stops: [&'h AtomicBool; 2],
    /// Hears of frames that are done.
    tell: SyncSender<u64>,
}

impl<P: Footage> Hand<'_, '_, P> {
    /// Does what nobody has taken yet until all is done.
    fn work(&mut self, tasks: &[Task<'_>], next: &AtomicUsize) -> Result<(), RenderError> {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            self.check_stops()?;
            match task {
                Task::Voice(record, reel) => record(reel)?,
                Task::Take(take, reel) => self.shoot(take, reel)?,
            }
        }
        Ok(())
    }

    /// Draws every frame of `take` that differs from the one before and encodes it.
    fn shoot(&mut self, take: &Take, reel: &Path) -> Result<(), RenderError> {
        let mut encoder = (self.of.encoder)(reel)?;
        let canvas = encoder.canvas();
        let (mut rasterizer, mut picture) =
            self.rasterizer.take().unwrap_or_else(|| ((self.of.rasterizer)(), P::blank(canvas)));
        rasterizer.reset();
        let first = take.first();
        let mut told = first;
        for at in take.drawn() {
            self.check_stops()?;
            let changed = rasterizer.draw(&(self.of.frame)(at), &mut picture)?;
            // The first frame is shown whatever it holds; after that only what changes is.
            let changed = if at == first { Some(None) } else { changed.filter(|rect| shows(canvas, *rect)).map(Some) };
            if let Some(rect) = changed {
                encoder.frame(at - first, &picture, rect)?;
            }
            self.tell(at - told)?;
            told = at;
        }
        encoder.finish(take.end() - first)?;
        self.rasterizer = Some((rasterizer, picture));
        self.tell(take.end() - told)
    }

    fn tell(&self, frames: u64) -> Result<(), RenderError> {
        // Nobody listens only when the caller's thread has panicked.
        if frames == 0 { Ok(()) } else { self.tell.send(frames).map_err(|_| RenderError::Cancelled) }
    }

    fn check_stops(&self) -> Result<(), RenderError> {
        let stop = self.stops.iter().any(|stop| stop.load(Ordering::Relaxed));
        if stop { Err(RenderError::Cancelled) } else { Ok(()) }
    }
}

/// Whether any of `rect` lies on the canvas.
fn shows((w, h): (u32, u32), rect: PixelRect) -> bool {
    rect.w > 0 && rect.h > 0 && rect.x < w && rect.y < h
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use studio::film::Span;

    use super::*;

    const CANVAS: (u32, u32) = (8, 6);

    /// What the encoder of a take was given: name of the reel, frame, pixels.
    type Log = Arc<Mutex<Vec<(PathBuf, u64, Vec<u8>)>>>;

    struct Recorder {
        log: Log,
        reel: PathBuf,
    }

    impl Encoder for Recorder {
        fn canvas(&self) -> (u32, u32) {
            CANVAS
        }

        fn frame(&mut self, at: u64, picture: &Picture, _: Option<PixelRect>) -> Result<(), EncodeError> {
            self.log.lock().unwrap().push((self.reel.clone(), at, picture.rgba.clone()));
            if at == 13 { Err(EncodeError::DiskFull { stage: "testing" }) } else { Ok(()) }
        }

        fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError> {
            self.log.lock().unwrap().push((self.reel, end, Vec::new()));
            Ok(())
        }
    }

    /// Paints the rectangles of the frames since the last reset, one over the other; frames are told by the scene.
    struct Painter(Arc<Vec<Option<PixelRect>>>, bool);

    impl Rasterizer for Painter {
        fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
            if std::mem::take(&mut self.1) {
                into.rgba.fill(0);
            }
            let rect = self.0[frame.scene];
            if let Some(rect) = rect {
                paint(rect, frame.scene, &mut into.rgba);
            }
            Ok(rect)
        }

        fn reset(&mut self) {
            self.1 = true;
        }
    }

    fn paint(PixelRect { x, y, w, h }: PixelRect, n: usize, rgba: &mut [u8]) {
        for (i, byte) in rgba.iter_mut().enumerate() {
            let (px, py) = (i as u32 / 4 % CANVAS.0, i as u32 / 4 / CANVAS.0);
            let inside = (x..x.saturating_add(w)).contains(&px) && (y..y.saturating_add(h)).contains(&py);
            *byte = if inside { n as u8 + 1 } else { *byte };
        }
    }

    /// Renders takes of the given lengths on so many threads; every frame of them moves.
    fn film(rects: &[Option<PixelRect>], lengths: &[usize], threads: usize) -> (Result<(), RenderError>, Log) {
        let (log, rects) = (Log::default(), Arc::new(rects.to_vec()));
        let mut at = 0;
        let take = |(i, length): (usize, &usize)| {
            let span = Span { first: at, end: at + *length as u64, moving: true };
            at = span.end;
            (Take { scene: 0, spans: vec![span] }, PathBuf::from(format!("{i}")))
        };
        let takes: Vec<(Take, PathBuf)> = lengths.iter().enumerate().map(take).collect();
        let render = Render {
            takes: &takes,
            frame: &|at| FrameSpec { scene: at as usize, ..FrameSpec::default() },
            rasterizer: &|| Box::new(Painter(Arc::clone(&rects), false)),
            encoder: &|reel| Ok(Box::new(Recorder { log: Arc::clone(&log), reel: reel.to_owned() })),
            voice: None,
            threads,
        };
        let mut seen = Vec::new();
        let result = render.run(&AtomicBool::new(false), &mut |p| seen.push(p.done));
        assert!(seen.is_sorted(), "{seen:?}");
        assert!(result.is_err() || seen.last() == Some(&(rects.len() as u64)), "{seen:?}");
        log.lock().unwrap().sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        (result, log)
    }

    fn rect(x: u32, y: u32, w: u32, h: u32) -> Option<PixelRect> {
        Some(PixelRect { x, y, w, h })
    }

    /// Frames that reach the encoders of the takes.
    fn check(rects: &[Option<PixelRect>], lengths: &[usize], expected: &[(&str, u64)]) {
        let (result, log) = film(rects, lengths, 2);
        result.unwrap();
        let seen: Vec<(PathBuf, u64)> =
            log.lock().unwrap().iter().filter(|e| !e.2.is_empty()).map(|e| (e.0.clone(), e.1)).collect();
        assert_eq!(seen, expected.iter().map(|(reel, at)| (PathBuf::from(reel), *at)).collect::<Vec<_>>());
    }

    #[test]
    fn frames_that_change_nothing_are_held() {
        check(&[None, None, rect(0, 0, 1, 1), None], &[4], &[("0", 0), ("0", 2)]);
        check(&[None, rect(8, 0, 1, 1), rect(0, 6, 9, 9)], &[3], &[("0", 0)]);
    }

    #[test]
    fn every_take_begins_with_a_picture() {
        check(&[None; 5], &[2, 1, 2], &[("0", 0), ("1", 0), ("2", 0)]);
        check(&[rect(0, 0, 8, 6); 4], &[2, 2], &[("0", 0), ("0", 1), ("1", 0), ("1", 1)]);
    }

    #[test]
    fn a_failing_encoder_is_the_reason_and_stops_the_film() {
        for threads in [1, 2, 8] {
            let (result, log) = film(&[rect(0, 0, 8, 6); 250], &[5, 245], threads);
            assert!(matches!(result, Err(RenderError::Encode(EncodeError::DiskFull { .. }))), "{result:?}");
            assert!(log.lock().unwrap().len() < 250);
        }
    }

    #[test]
    fn a_failing_voice_is_the_reason() {
        let render = Render::<Picture> {
            takes: &[],
            frame: &|_| unreachable!(),
            rasterizer: &|| unreachable!(),
            encoder: &|_| unreachable!(),
            voice: Some((&|_| Err(EncodeError::DiskFull { stage: "testing" }), Path::new("missing"))),
            threads: 2,
        };
        let result = render.run(&AtomicBool::new(false), &mut |_| {});
        assert!(matches!(result, Err(RenderError::Encode(EncodeError::DiskFull { .. }))), "{result:?}");
    }

    proptest! {
        #[test]
        fn the_encoders_see_what_was_painted_whatever_the_number_of_threads(
            rects in proptest::collection::vec((0u32..9, 0u32..7, 0u32..12, 0u32..12), 12),
            threads in 1usize..5,
        ) {
            let rects: Vec<_> = rects.iter().map(|&(x, y, w, h)| rect(x, y, w, h)).collect();
            let lengths = [5, 1, 4, 2];
            let (result, log) = film(&rects, &lengths, threads);
            prop_assert!(result.is_ok());
            let mut at = 0;
            for (take, length) in lengths.into_iter().enumerate() {
                let mut picture = vec![0; (CANVAS.0 * CANVAS.1 * 4) as usize];
                for n in 0..length {
                    let rect = rects[at].unwrap();
                    paint(rect, at, &mut picture);
                    let log = log.lock().unwrap();
                    let seen = log.iter().find(|e| e.0.as_os_str() == &*take.to_string() && e.1 == n as u64);
                    prop_assert!(seen.map_or(n > 0, |e| e.2 == picture), "take {} frame {}", take, n);
                    at += 1;
                }
            }
        }
    }
}
