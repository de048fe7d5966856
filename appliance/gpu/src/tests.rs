//! Frames of the samples and of a film that does all there is, beside those of the processor.

use std::sync::Arc;

use studio::draw::yuv::{Footage, YuvPicture};
use studio::draw::{Banner, Edge, Fonts, Picture, Rasterizer, SceneRasterizer, Theme, Watermark};
use studio::film::{ElementState, Film, FrameSpec, plan};
use studio::layout::{Placed, place};
use studio::outline::{CueOutliner, Options, Outliner};
use studio::storyboard::{Canvas, Storyboard};
use studio::transcript::{Transcript, Word};

use super::{Gpu, GpuRasterizer, Wanted};

/// How far a byte may be off, and the share of bytes that may be off at all, of pixels and of planes: the shaders calculate
/// with whole numbers, as the processor does.
const MOST_OFF: u8 = 0;
const SHARE_OFF: f64 = 0.0;

const SAMPLES: [(&str, &str); 4] = [
    ("clinic", include_str!("../../../assets/samples/clinic.txt")),
    ("order", include_str!("../../../assets/samples/order.txt")),
    ("password", include_str!("../../../assets/samples/password.txt")),
    ("tram", include_str!("../../../assets/samples/tram.txt")),
];

/// The graphics processor of this machine, be it a program. Where `AUDIAGRAM_VULKAN` is set there must be one.
fn gpu() -> Option<Arc<Gpu>> {
    match Gpu::open(Wanted::Any) {
        Ok(gpu) => Some(Arc::new(gpu)),
        Err(e) => {
            assert!(std::env::var_os("AUDIAGRAM_VULKAN").is_none(), "{e}");
            println!("skipped: {e} (Debian package mesa-vulkan-drivers)");
            None
        }
    }
}

/// Bytes of two pictures that are off by more than nothing, and the farthest.
#[derive(Debug, Default)]
struct Off {
    bytes: usize,
    of: usize,
    most: u8,
}

impl Off {
    fn add(&mut self, a: &[u8], b: &[u8]) {
        assert_eq!(a.len(), b.len());
        self.of += a.len();
        for off in a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).filter(|off| *off > 0) {
            self.bytes += 1;
            self.most = self.most.max(off);
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of bytes are far below 2^53")]
    fn check(&self, what: &str) {
        let share = self.bytes as f64 / self.of.max(1) as f64;
        assert!(self.of > 0 && self.most == MOST_OFF && share <= SHARE_OFF, "{what}: {self:?}");
    }
}

fn planes(picture: &mut YuvPicture) -> [&[u8]; 3] {
    let planes = picture.planes();
    [planes.y, planes.cb, planes.cr]
}

/// Draws frames one after the other on both, and holds pixels, planes and what changed against each other.
fn compare(gpu: &Arc<Gpu>, what: &str, placed: &[Placed], theme: &Theme, frames: &[FrameSpec]) {
    let fonts = Fonts::bundled();
    let size = placed[0].canvas;
    let mut plain = SceneRasterizer::new(placed, &fonts, theme);
    let (mut pixels, mut video) = (
        GpuRasterizer::new(Arc::clone(gpu), placed, &fonts, theme),
        GpuRasterizer::new(Arc::clone(gpu), placed, &fonts, theme),
    );
    let (mut expected, mut seen) = (Picture::blank(size), Picture::blank(size));
    let (mut expected_video, mut seen_video) = (YuvPicture::blank(size), YuvPicture::blank(size));
    let (mut off, mut off_video) = (Off::default(), Off::default());
    for (n, frame) in frames.iter().enumerate() {
        let area = plain.draw(frame, &mut expected).unwrap();
        assert_eq!(pixels.draw(frame, &mut seen).unwrap(), area, "{what}, frame {n}");
        assert_eq!(video.draw(frame, &mut seen_video).unwrap(), area, "{what}, frame {n}");
        let whole = studio::draw::yuv::Area::whole(size.0, size.1);
        expected.write(whole, &mut expected_video.planes());
        off.add(&expected.rgba, &seen.rgba);
        for (a, b) in planes(&mut expected_video).into_iter().zip(planes(&mut seen_video)) {
            off_video.add(a, b);
        }
    }
    off.check(&format!("{what}, pixels"));
    off_video.check(&format!("{what}, planes"));
}

/// Every so many of the frames that a film draws.
fn frames(film: &Film, every: usize) -> Vec<FrameSpec> {
    let drawn = film.takes().into_iter().flat_map(|take| take.drawn().collect::<Vec<u64>>());
    drawn.step_by(every).map(|at| film.frame(at)).collect()
}

fn sample(text: &str, canvas: Canvas, theme: &str) -> (Vec<Placed>, Film) {
    let transcript = Transcript::from_text(text, "en");
    let options = Options { id: "sample".to_owned(), theme: theme.to_owned(), canvas, kind: None };
    let board = CueOutliner.outline(&transcript, &options);
    let fonts = Fonts::bundled();
    let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, board.canvas, &fonts)).collect();
    let film = plan(&board, &transcript, &placed).unwrap();
    (placed, film)
}

#[test]
fn samples_look_as_the_processor_draws_them() {
    let Some(gpu) = gpu() else { return };
    for theme in ["light", "dark"] {
        for (name, text) in SAMPLES {
            let (placed, film) = sample(text, Canvas { w: 640, h: 360, fps: 10 }, theme);
            let frames = frames(&film, 10);
            assert!(frames.len() > 8, "{name} has {} frames", frames.len());
            compare(&gpu, &format!("{name} in {theme}"), &placed, &Theme::named(theme).unwrap(), &frames);
        }
    }
}

/// A camera that goes in, a box on its way between scenes, captions in the picture, marks of a brand; sides that are
/// no multiple of what shaders work on.
#[test]
fn whatever_moves_looks_as_the_processor_draws_it() {
    let Some(gpu) = gpu() else { return };
    let scene = |id: &str, kind: &str, words: [u32; 2], labels: &[&str]| {
        // Where the camera has gone in when a scene ends, no box goes on from there.
        let near = serde_json::json!([{"at": {"word": words[0] + 8}, "do": "camera", "fit": [format!("{id}0")], "dur_ms": 900}]);
        let camera = if id == "b" { near } else { serde_json::json!([]) };
        let node = |(i, label): (u32, &&str)| {
            let at = words[0] + 2 + 5 * i;
            serde_json::json!({"id": format!("{id}{i}"), "label": label, "evidence": [[at, at]]})
        };
        let nodes: Vec<_> = (0..).zip(labels).map(node).collect();
        serde_json::json!({"id": id, "title": id, "kind": kind, "words": words, "nodes": nodes, "caption_style": "burned",
            "edges": [{"id": format!("{id}e"), "from": format!("{id}0"), "to": format!("{id}1"), "label": "then"}],
            "timeline": camera})
    };
    let board: Storyboard = serde_json::from_value(serde_json::json!({
        "schema": "studio.scene/1", "id": "t", "lang": "en", "theme": "dark", "canvas": {"w": 638, "h": 362, "fps": 10},
        "scenes": [
            scene("a", "flow", [0, 19], &["Take order", "Check stock", "Pack", "Send"]),
            scene("b", "cycle", [20, 39], &["check stock", "Count", "Order more"])]}))
    .unwrap();
    let mut talk = Transcript::from_text("", "en");
    talk.words = (0..40_u64).map(|i| Word::new(format!("word{i}"), 500 * i, 500 * i + 480)).collect();
    talk.duration_ms = 20_000;
    let fonts = Fonts::bundled();
    let placed: Vec<Placed> = board.scenes.iter().map(|scene| place(scene, board.canvas, &fonts)).collect();
    let film = plan(&board, &talk, &placed).unwrap();
    let mut theme = Theme::named("dark").unwrap();
    theme.marks.banner = Some(Banner { text: "Internal".to_owned(), edge: Edge::Bottom, ..Banner::default() });
    theme.marks.watermark = Some(Watermark { text: "Acme".to_owned(), opacity: 90 });
    let frames = frames(&film, 1);
    let some = |what: fn(&FrameSpec) -> bool| frames.iter().any(what);
    let any = |frame: &FrameSpec, what: fn(&ElementState) -> bool| frame.elements.iter().any(what);
    assert!(some(|frame| frame.view.is_some_and(|view| view.taken_at.is_some())), "the camera moves");
    assert!(some(|frame| frame.view.is_some_and(|view| view.taken_at.is_none())), "and rests near by");
    assert!(some(|frame| frame.caption.is_some()));
    assert!(frames.iter().any(|frame| any(frame, |e| !e.placed() && e.opacity > 0.0)), "a box is on its way");
    assert!(frames.iter().any(|frame| any(frame, |e| e.drawn > 0.0 && e.drawn < 1.0)), "a line is being drawn");
    compare(&gpu, "moves", &placed, &theme, &frames);
}

#[test]
fn frames_of_another_size_are_refused_and_the_next_are_right() {
    let Some(gpu) = gpu() else { return };
    let (placed, film) = sample(SAMPLES[1].1, Canvas { w: 320, h: 240, fps: 5 }, "light");
    let (fonts, theme) = (Fonts::bundled(), Theme::named("light").unwrap());
    let mut rasterizer = GpuRasterizer::new(gpu, &placed, &fonts, &theme);
    let frame = film.frame(film.frames() / 2);
    assert!(rasterizer.draw(&frame, &mut Picture::blank((320, 242))).is_err());
    let (mut seen, mut expected) = (Picture::blank((320, 240)), Picture::blank((320, 240)));
    rasterizer.draw(&frame, &mut seen).unwrap();
    SceneRasterizer::new(&placed, &fonts, &theme).draw(&frame, &mut expected).unwrap();
    assert!(seen == expected);
}
