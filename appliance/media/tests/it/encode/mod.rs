//! Videos are written and read back.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod read_back;
mod real;
mod refused;
mod webm;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use media::encode::{
    AudioSpec, Chapter, Container, EncodeError, Encoder, Reels, TakeEncoder, VideoSpec, assemble, record_voice,
};
use media::{Progress, Render, RenderError};
use studio::draw::{DrawError, Picture, PixelRect, Rasterizer};
use studio::film::{FrameSpec, Span, Take};
use studio::transcript::Cue;

use crate::recording::{sine, wav};
use read_back::{Seen, read_back, read_back_by};

const SIZE: (u32, u32) = (320, 180);
const FPS: u32 = 30;

/// Four quarters of known colours, and in the upper left one a bar that grows by 4 pixels a frame while it moves.
struct Quarters<'a> {
    fail_at: Option<usize>,
    drawn: &'a AtomicUsize,
}

const COLOURS: [[u8; 3]; 4] = [[250, 250, 250], [200, 30, 30], [20, 140, 60], [30, 60, 190]];

impl Rasterizer for Quarters<'_> {
    fn draw(&mut self, frame: &FrameSpec, into: &mut Picture) -> Result<Option<PixelRect>, DrawError> {
        if Some(self.drawn.fetch_add(1, Ordering::Relaxed) + 1) == self.fail_at {
            return Err(DrawError::Element { element: "n1".to_owned(), reason: "of the test".to_owned() });
        }
        let bar = (frame.elements.len() * 4) as u32;
        for y in 0..into.h {
            for x in 0..into.w {
                let quarter = usize::from(x >= into.w / 2) + 2 * usize::from(y >= into.h / 2);
                let in_bar = y < 20 && x < bar;
                let colour = if in_bar { [0, 0, 0] } else { COLOURS[(quarter + frame.scene) % 4] };
                let at = ((y * into.w + x) * 4) as usize;
                into.rgba[at..at + 4].copy_from_slice(&[colour[0], colour[1], colour[2], 255]);
            }
        }
        let whole = PixelRect { x: 0, y: 0, w: into.w, h: into.h };
        Ok(Some(if frame.elements.is_empty() { whole } else { PixelRect { h: 20, w: bar.min(into.w), ..whole } }))
    }

    fn reset(&mut self) {}
}

/// 3 s: still, 20 frames that move, a second scene that stands still.
fn takes() -> Vec<Take> {
    let span = |first, end, moving| Span { first, end, moving };
    vec![
        Take { scene: 0, spans: vec![span(0, 15, false), span(15, 35, true)] },
        Take { scene: 1, spans: vec![span(35, 90, false)] },
    ]
}

fn frame(at: u64) -> FrameSpec {
    let bars = if (15..35).contains(&at) { at as usize - 14 } else { 0 };
    let elements = vec![studio::film::ElementState::FULL; bars];
    FrameSpec { scene: usize::from(at >= 35), elements, ..FrameSpec::default() }
}

fn chapters() -> Vec<Chapter> {
    let chapter = |start_ms, end_ms, title: &str| Chapter { start_ms, end_ms, title: title.to_owned() };
    vec![chapter(0, 1166, "Bestellung – Überblick"), chapter(1166, 3000, "在庫")]
}

fn captions() -> Vec<Cue> {
    let cue = |start_ms, end_ms, text: &str| Cue {
        start_ms,
        end_ms,
        speaker: None,
        lines: text.lines().map(str::to_owned).collect(),
    };
    vec![cue(200, 900, "First we check\nthe stock."), cue(1500, 2400, "Größe – ok?"), cue(2800, 9000, "last")]
}

/// How a film is made.
struct Make<'a> {
    takes: Vec<Take>,
    spec: VideoSpec<'a>,
    /// Where reels are kept.
    folder: &'a Path,
    fail_at: Option<usize>,
    cancel_at: u64,
    threads: usize,
}

/// What was done to make it.
#[derive(Debug)]
struct Made {
    /// Frames that were drawn.
    drawn: usize,
    told: Vec<Progress>,
    result: Result<(), RenderError>,
}

impl<'a> Make<'a> {
    fn of(takes: Vec<Take>, spec: VideoSpec<'a>, folder: &'a Path) -> Self {
        Self { takes, spec, folder, fail_at: None, cancel_at: u64::MAX, threads: 2 }
    }

    fn at(&self, target: &Path) -> Made {
        let Self { takes, spec, folder, fail_at, cancel_at, threads } = self;
        let (drawn, cancel, mut told) = (AtomicUsize::new(0), AtomicBool::new(false), Vec::new());
        let frames = takes.last().map_or(0, Take::end);
        let named = |(i, take): (usize, &Take)| (take.clone(), folder.join(format!("{i}.reel")));
        let takes: Vec<(Take, PathBuf)> = takes.iter().enumerate().map(named).collect();
        let voice = folder.join("voice.reel");
        let record = |reel: &Path| record_voice(reel, spec.container, spec.audio.as_ref().unwrap(), frames, spec.fps);
        let render = Render {
            takes: &takes,
            frame: &frame,
            rasterizer: &|| Box::new(Quarters { fail_at: *fail_at, drawn: &drawn }),
            encoder: &|reel| Ok(Box::new(TakeEncoder::create(reel, spec)?)),
            voice: spec.audio.is_some().then_some((&record, voice.as_path())),
            threads: *threads,
        };
        let mut progress = |seen: Progress| {
            cancel.store(seen.done >= *cancel_at, Ordering::Relaxed);
            told.push(seen);
        };
        let result = render.run(&cancel, &mut progress).and_then(|()| {
            let reels: Vec<(u64, &Path)> = takes.iter().map(|(take, reel)| (take.first(), reel.as_path())).collect();
            Ok(assemble(target, spec, &Reels { takes: &reels, frames, voice: Some(&voice) })?)
        });
        Made { drawn: drawn.into_inner(), told, result }
    }
}

fn spec(audio: Option<AudioSpec>) -> VideoSpec<'static> {
    VideoSpec { size: SIZE, fps: FPS, audio, ..VideoSpec::default() }
}

fn video(target: &Path, audio: Option<AudioSpec>) -> Result<(), RenderError> {
    let (chapters, captions, reels) = (chapters(), captions(), tempfile::tempdir().unwrap());
    let spec =
        VideoSpec { title: "Order\nhandling", lang: "de-AT", chapters: &chapters, captions: &captions, ..spec(audio) };
    let made = Make::of(takes(), spec, reels.path()).at(target);
    made.result?;
    assert_eq!(made.drawn, 22, "stills are drawn once");
    let done: Vec<u64> = made.told.iter().map(|p| p.done).collect();
    assert!(done.is_sorted() && done.last() == Some(&90) && made.told.iter().all(|p| p.total == 90), "{done:?}");
    Ok(())
}

/// Encodes the 3 s with a sine as its voice.
fn with_voice(folder: &Path, name: &str, channels: u16) -> PathBuf {
    let recording = folder.join("voice.wav");
    let mono = sine(16_000, 3.0, 440.0);
    let samples: Vec<f32> = mono.iter().flat_map(|s| vec![*s; usize::from(channels)]).collect();
    wav(&recording, 16_000, channels, &samples);
    let target = folder.join(name);
    video(&target, Some(AudioSpec { path: recording, mutes: Vec::new(), cuts: Vec::new() })).unwrap();
    target
}

#[test]
fn pictures_come_back_at_their_times() {
    let folder = tempfile::tempdir().unwrap();
    let seen = read_back(&with_voice(folder.path(), "a.mp4", 1));
    // The still, 20 that move, the second scene, and it again after each second it is held.
    let mut expected: Vec<u64> = [0].into_iter().chain(15..36).collect();
    expected.push(65);
    assert_eq!(seen.pictures.iter().map(|p| p.frame).collect::<Vec<_>>(), expected);
    let keys: Vec<u64> = seen.pictures.iter().filter(|p| p.key).map(|p| p.frame).collect();
    assert_eq!(keys, [0, 35], "points to seek to are the scenes' beginnings");
    assert_eq!(seen.pictures.last().map(|p| p.frames), Some(25), "the last picture lasts to the end");
    assert!((seen.duration_ms - 3000).abs() <= 33, "{} ms", seen.duration_ms);
}

#[test]
fn colours_are_true() {
    let folder = tempfile::tempdir().unwrap();
    let seen = read_back(&with_voice(folder.path(), "a.mp4", 1));
    let tags = ["bt709", "tv"];
    assert_eq!([seen.matrix.as_str(), seen.range.as_str()], tags);
    for picture in &seen.pictures {
        let scene = usize::from(picture.frame >= 35);
        for (quarter, (x, y)) in [(80, 60), (240, 45), (80, 135), (240, 135)].into_iter().enumerate() {
            let pixel = picture.rgb(x, y);
            let colour = COLOURS[(quarter + scene) % 4];
            let off = (0..3).map(|c| pixel[c].abs_diff(colour[c])).max();
            assert!(off <= Some(3), "frame {} quarter {quarter}: {pixel:?}, drawn {colour:?}", picture.frame);
        }
    }
    let bar = |frame: u64, x: usize| seen.pictures.iter().find(|p| p.frame == frame).unwrap().rgb(x, 8)[0] < 40;
    assert!(bar(15, 1) && !bar(15, 8) && bar(30, 55) && !bar(30, 70) && !bar(35, 8));
}

#[test]
fn chapters_captions_title_and_language_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let seen = read_back(&with_voice(folder.path(), "a.mp4", 2));
    let titles = ["Bestellung – Überblick", "在庫"].map(str::to_owned);
    assert_eq!(seen.chapters, [(0, 1166, titles[0].clone()), (1166, 3000, titles[1].clone())]);
    let text = |start, end, text: &str| (start, end, text.to_owned());
    let expected =
        [text(200, 900, "First we check\nthe stock."), text(1500, 2400, "Größe – ok?"), text(2800, 3000, "last")];
    assert_eq!(seen.captions, expected);
    assert_eq!(seen.languages, ["und", "deu", "deu"], "pictures, voice, captions");
    assert_eq!(seen.shown_unasked, [true, true, false], "captions wait to be asked for");
    assert_eq!(seen.tags, [("title".to_owned(), "Order handling".to_owned())], "no tool, no clock");
    assert_eq!((seen.channels, seen.rate), (2, 48_000));
}

#[test]
fn the_index_comes_first_and_seeking_finds_the_scene() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_voice(folder.path(), "a.mp4", 1);
    let bytes = std::fs::read(&path).unwrap();
    let position = |kind: &[u8]| bytes.windows(4).position(|w| w == kind).unwrap();
    assert!(position(b"moov") < position(b"mdat"));
    assert_eq!(read_back::seek(&path, 2000), 35);
    assert_eq!(read_back::seek(&path, 1000), 0);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "the recording and the video: {files:?}");
}

#[test]
fn a_long_still_can_be_sought() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.mp4");
    let take = |first, end| Take { scene: 0, spans: vec![Span { first, end, moving: false }] };
    let takes = vec![take(0, 300), take(300, 600), take(600, 755)];
    Make::of(takes, spec(None), folder.path()).at(&target).result.unwrap();
    let seen = read_back(&target);
    assert_eq!(seen.pictures.iter().map(|p| p.frame).collect::<Vec<_>>(), (0..755).step_by(30).collect::<Vec<_>>());
    let keys: Vec<u64> = seen.pictures.iter().filter(|p| p.key).map(|p| p.frame).collect();
    assert_eq!(keys, [0, 300, 600]);
    assert!((seen.duration_ms - 25_166).abs() <= 1, "{} ms", seen.duration_ms);
}

#[test]
fn two_points_to_seek_to_do_not_follow_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.mp4");
    let take = |first, end| Take { scene: 0, spans: vec![Span { first, end, moving: false }] };
    Make::of(vec![take(0, 12), take(12, 30)], spec(None), folder.path()).at(&target).result.unwrap();
    let seen: Vec<(u64, bool)> = read_back(&target).pictures.iter().map(|p| (p.frame, p.key)).collect();
    assert_eq!(seen, [(0, true), (11, false), (12, true)]);
}

/// A film whose pictures come in every frame, and one where they come when something changes, show the same to every decoder.
/// `held_bytes` is the most that a picture may take which only says that the last one stays, with what the container puts around it.
fn check_constant_rate(spec: &VideoSpec<'static>, decoders: &[Option<&str>], held_bytes: u64) {
    let folder = tempfile::tempdir().unwrap();
    let [variable, constant] = ["variable", "constant"].map(|name| folder.path().join(name));
    let mut all = takes();
    let span = |first, end, moving| Span { first, end, moving };
    // Long enough for the numbers of pictures to go round, and moving again after that.
    all.push(Take { scene: 1, spans: vec![span(90, 93, true), span(93, 200, false), span(200, 203, true)] });
    Make::of(all.clone(), spec.clone(), folder.path()).at(&variable).result.unwrap();
    let made = Make::of(all, VideoSpec { constant: true, ..spec.clone() }, folder.path()).at(&constant);
    made.result.unwrap();
    assert_eq!(made.drawn, 0, "only the container differs");
    for decoder in decoders {
        let [seen, every] = [&variable, &constant].map(|path| read_back_by(path, *decoder));
        assert_eq!(every.pictures.iter().map(|p| p.frame).collect::<Vec<_>>(), (0..203).collect::<Vec<_>>());
        for picture in &every.pictures {
            let shown = seen.pictures.iter().rfind(|p| p.frame <= picture.frame).unwrap();
            for (x, y) in [(1, 1), (8, 8), (40, 8), (100, 60), (240, 45), (80, 135), (240, 135)] {
                assert_eq!(picture.rgb(x, y), shown.rgb(x, y), "{decoder:?}: frame {} at {x} {y}", picture.frame);
            }
        }
    }
    let sizes = [variable, constant].map(|path| std::fs::metadata(path).unwrap().len());
    assert!(sizes[1] < sizes[0] + 203 * held_bytes, "{sizes:?}");
}

/// The film of nine seconds, encoded by any number of threads, is the same file.
fn check_threads(spec: &VideoSpec<'static>) {
    let made = |threads| {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("film");
        let still = |first, end| Take { scene: 0, spans: vec![Span { first, end, moving: false }] };
        let takes = takes().into_iter().chain((3..9).map(|i| still(i * 30, i * 30 + 30))).collect();
        Make { threads, ..Make::of(takes, spec.clone(), folder.path()) }.at(&target).result.unwrap();
        std::fs::read(target).unwrap()
    };
    let one = made(1);
    for threads in [2, 4, 64] {
        assert!(made(threads) == one, "{threads} threads");
    }
}

#[test]
fn a_constant_rate_shows_the_same() {
    check_constant_rate(&spec(None), &[None], 60);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    check_threads(&spec(None));
}

#[test]
fn what_an_earlier_run_has_encoded_is_not_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("voice.wav");
    wav(&recording, 16_000, 1, &sine(16_000, 3.0, 440.0));
    let audio = AudioSpec { path: recording, mutes: Vec::new(), cuts: Vec::new() };
    let [whole, again] = ["whole.mp4", "again.mp4"].map(|name| folder.path().join(name));
    let make = Make { threads: 1, ..Make::of(takes(), spec(Some(audio)), folder.path()) };
    // Fails in the second take.
    let cut = Make { fail_at: Some(22), ..Make::of(takes(), make.spec.clone(), folder.path()) };
    let cut = Make { threads: 1, ..cut }.at(&whole);
    assert!(matches!(cut.result, Err(RenderError::Draw(_))) && !whole.exists(), "{cut:?}");
    let rest = make.at(&whole);
    rest.result.unwrap();
    assert_eq!(rest.told[0], Progress { done: 35, total: 90, taken_up: true });
    assert_eq!(rest.drawn, 1, "the first take is there");
    // One that was spoiled is made anew.
    let reel = folder.path().join("0.reel");
    let mut bytes = std::fs::read(&reel).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&reel, bytes).unwrap();
    let mended = make.at(&again);
    mended.result.unwrap();
    assert_eq!(mended.drawn, 21);
    assert!(std::fs::read(whole).unwrap() == std::fs::read(again).unwrap());
}

#[test]
fn a_poster_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.mp4");
    // The smallest PNG: one grey pixel.
    let png =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDAT\x08\xd7ch\0\0\0\x82\0\x81\
        \xddC j\0\0\0\0IEND\xaeB`\x82";
    let spec = VideoSpec { poster: Some(png), ..spec(None) };
    let reel = folder.path().join("a.reel");
    let mut encoder: Box<dyn Encoder> = Box::new(TakeEncoder::create(&reel, &spec).unwrap());
    let picture = Picture { w: SIZE.0, h: SIZE.1, rgba: vec![90; (SIZE.0 * SIZE.1 * 4) as usize] };
    encoder.frame(0, &picture, None).unwrap();
    encoder.finish(3).unwrap();
    assemble(&target, &spec, &Reels { takes: &[(0, &reel)], frames: 3, voice: None }).unwrap();
    let bytes = std::fs::read(&target).unwrap();
    assert!(bytes.windows(png.len()).any(|w| w == png));
    assert!((read_back::duration_ms(&target) - 100).abs() <= 1);
}

#[test]
fn the_same_film_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a.mp4", "b.mp4"].map(|name| std::fs::read(with_voice(folder.path(), name, 1)).unwrap());
    assert!(first == second, "{} and {} bytes differ", first.len(), second.len());
}

#[test]
fn a_film_may_be_silent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("silent.mp4");
    video(&path, None).unwrap();
    let seen = read_back(&path);
    assert_eq!((seen.samples.len(), seen.pictures.len()), (0, 23));
    assert!((seen.duration_ms - 3000).abs() <= 33, "{} ms", seen.duration_ms);
}

/// A recording with a click every 700 ms, encoded; onsets in both, in milliseconds.
fn clicks(channels: u16, mutes: Vec<(u64, u64)>, cuts: Vec<(u64, u64)>) -> (Vec<usize>, Seen) {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("clicks.wav");
    let (rate, mut at) = (44_100, Vec::new());
    let mut samples = vec![0.0; rate * 3];
    for ms in (50..3000).step_by(700) {
        at.push(ms);
        for (i, sample) in samples[ms * rate / 1000..][..400].iter_mut().enumerate() {
            *sample = if i / 20 % 2 == 0 { 0.8 } else { -0.8 };
        }
    }
    let all: Vec<f32> = samples.iter().flat_map(|s| vec![*s; usize::from(channels)]).collect();
    wav(&recording, rate as u32, channels, &all);
    let target = folder.path().join("a.mp4");
    video(&target, Some(AudioSpec { path: recording, mutes, cuts })).unwrap();
    (at, read_back(&target))
}

#[test]
fn the_voice_keeps_its_time() {
    for channels in [1, 2] {
        let (expected, seen) = clicks(channels, Vec::new(), Vec::new());
        let onsets = seen.onsets_ms(0.3);
        assert_eq!(onsets.len(), expected.len(), "{onsets:?}");
        for (onset, at) in onsets.iter().zip(&expected) {
            assert!((onset - *at as f64).abs() < 5.0, "a click at {at} ms is heard at {onset} ms");
        }
        let length = seen.samples.len() as f64 / 48.0;
        assert!((2999.0..3022.0).contains(&length), "{length} ms of sound");
    }
}

#[test]
fn what_is_muted_cannot_be_heard() {
    let (_, seen) = clicks(1, vec![(740, 800), (2100, 2200)], Vec::new());
    let onsets = seen.onsets_ms(0.02);
    let rounded: Vec<i64> = onsets.iter().map(|ms| (ms / 10.0).round() as i64 * 10).collect();
    assert_eq!(rounded, [50, 1450, 2850], "{onsets:?}");
}

#[test]
fn stretches_are_heard_in_the_order_that_is_asked_for() {
    for channels in [1, 2] {
        // Clicks are at 50, 750, 1450, 2150 and 2850 ms; the one at 750 ms is muted.
        let cuts = vec![(1_200, 2_400), (0, 1_200), (2_400, 3_000)];
        let (_, seen) = clicks(channels, vec![(740, 800)], cuts);
        let onsets = seen.onsets_ms(0.3);
        let expected = [250.0, 950.0, 1_250.0, 2_850.0];
        assert_eq!(onsets.len(), expected.len(), "{onsets:?}");
        for (onset, at) in onsets.iter().zip(expected) {
            assert!((onset - at).abs() < 5.0, "{onsets:?}");
        }
        let length = seen.samples.len() as f64 / 48.0;
        assert!((2999.0..3022.0).contains(&length), "{length} ms of sound");
    }
}

#[test]
fn a_recording_that_is_shorter_than_was_said_leaves_silence_where_it_belongs() {
    let (_, seen) = clicks(1, Vec::new(), vec![(2_400, 3_600), (0, 600)]);
    let onsets = seen.onsets_ms(0.3);
    let rounded: Vec<i64> = onsets.iter().map(|ms| (ms / 10.0).round() as i64 * 10).collect();
    assert_eq!(rounded, [450, 1_250], "{onsets:?}");
}
