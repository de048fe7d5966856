//! The film as data for players that draw by themselves: every move, without a frame.

use serde::Serialize;

use super::camera::{Camera, window};
use super::track::Track;
use super::{Element, ElementState, Film, FilmScene};
use crate::film::Part;
use crate::geometry::{Point, Rect};
use crate::layout::Placed;
use crate::storyboard::{Ease, Motion};

/// Frames between two samples of a move: straight lines between them are not told from the curve.
const STEP: u64 = 2;

/// What a player needs to know of a film.
#[derive(Debug, Serialize)]
pub(crate) struct Score<'a> {
    fps: u32,
    frames: u64,
    /// Width and height of the canvas.
    canvas: (u32, u32),
    scenes: Vec<SceneScore<'a>>,
}

/// One scene.
#[derive(Debug, Serialize)]
struct SceneScore<'a> {
    id: &'a str,
    title: &'a str,
    first: u64,
    end: u64,
    rise: f32,
    /// Whether nothing but opacity changes.
    reduced: bool,
    window: [f32; 4],
    camera: CameraScore,
    parts: Vec<PartScore<'a>>,
}

/// What is seen first, and the moves: first frame, end, to where, how.
#[derive(Debug, Serialize)]
struct CameraScore {
    start: [f32; 4],
    moves: Vec<(u64, u64, [f32; 4], Ease)>,
}

/// One part, in painting order.
#[derive(Debug, Serialize)]
struct PartScore<'a> {
    id: &'a str,
    kind: &'static str,
    shown: TrackScore,
    dim: TrackScore,
    lit: TrackScore,
    #[serde(skip_serializing_if = "Option::is_none")]
    carry: Option<CarryScore>,
}

/// The way from the scene before: how far, from where, how large there, and the middle at rest.
#[derive(Debug, Serialize)]
struct CarryScore {
    track: TrackScore,
    off: (f32, f32),
    ratio: f32,
    middle: (f32, f32),
}

/// Value at rest, and the moves: first frame, end, from, to, how.
#[derive(Debug, Serialize)]
struct TrackScore(f32, Vec<(u64, u64, f32, f32, Ease)>);

impl TrackScore {
    fn of(track: &Track) -> Self {
        Self(track.at_rest(), track.steps().collect())
    }
}

/// The score of a film whose scenes are placed like this.
pub(crate) fn score<'a>(film: &'a Film, placed: &[Placed]) -> Score<'a> {
    let scenes = film.scenes.iter().zip(placed).map(|(scene, placed)| of_scene(scene, placed)).collect();
    Score { fps: film.fps, frames: film.frames(), canvas: film.canvas, scenes }
}

fn of_scene<'a>(scene: &'a FilmScene, placed: &Placed) -> SceneScore<'a> {
    SceneScore {
        id: &scene.id,
        title: &scene.title,
        first: scene.first_frame,
        end: scene.end_frame,
        rise: scene.rise,
        reduced: scene.motion == Motion::Reduced,
        window: numbers(window(placed)),
        camera: of_camera(&scene.camera),
        parts: scene.elements.iter().map(|element| of_part(element, placed)).collect(),
    }
}

fn of_camera(camera: &Camera) -> CameraScore {
    let moves = camera.steps().map(|(first, end, to, ease)| (first, end, numbers(to), ease)).collect();
    CameraScore { start: numbers(camera.first()), moves }
}

fn of_part<'a>(element: &'a Element, placed: &Placed) -> PartScore<'a> {
    let kind = match element.part {
        Part::Title => "title",
        Part::Guide(_) => "guide",
        Part::Edge(_) => "edge",
        Part::EdgeLabel(_) => "label",
        Part::Node(_) => "node",
        Part::Overlay(_) => "overlay",
    };
    let carry = element.carry.as_ref().map(|carry| {
        let middle = middle(element, placed);
        CarryScore {
            track: TrackScore::of(&carry.track),
            off: carry.off,
            ratio: carry.ratio,
            middle: (middle.x, middle.y),
        }
    });
    PartScore {
        id: &element.id,
        kind,
        shown: TrackScore::of(&element.shown),
        dim: TrackScore::of(&element.dim),
        lit: TrackScore::of(&element.lit),
        carry,
    }
}

/// Around which a part that is carried grows and shrinks.
fn middle(element: &Element, placed: &Placed) -> Point {
    match element.part {
        Part::Node(i) => placed.nodes[i].rect.center(),
        _ => Point::default(),
    }
}

fn numbers(r: Rect) -> [f32; 4] {
    [r.x, r.y, r.w, r.h]
}

/// A scene as samples between which straight lines lie.
#[derive(Debug)]
pub(crate) struct Seen {
    /// First frame and one past the last.
    pub(crate) frames: (u64, u64),
    /// Of every part: frame and state, in order.
    pub(crate) parts: Vec<Vec<(u64, ElementState)>>,
    /// Around which parts that are carried grow and shrink.
    pub(crate) middles: Vec<Point>,
    /// The window below the heading, and frame and what is seen through it.
    pub(crate) window: Rect,
    pub(crate) camera: Vec<(u64, Rect)>,
}

/// Samples the scenes of a film that are placed like this.
pub(crate) fn seen(film: &Film, placed: &[Placed]) -> Vec<Seen> {
    film.scenes.iter().zip(placed).map(|(scene, placed)| sample(scene, placed)).collect()
}

fn sample(scene: &FilmScene, placed: &Placed) -> Seen {
    let inside = |moves: &mut dyn Iterator<Item = (u64, u64)>| {
        let mut frames = vec![scene.first_frame, scene.end_frame.saturating_sub(1)];
        for (first, end) in moves {
            frames.extend((first.saturating_sub(1)..end).step_by(STEP as usize).chain([end.saturating_sub(1)]));
        }
        frames.retain(|n| (scene.first_frame..scene.end_frame).contains(n));
        frames.sort_unstable();
        frames.dedup();
        frames
    };
    let part = |element: &Element| {
        let carry = element.carry.iter().map(|c| &c.track);
        let mut moves = [&element.shown, &element.dim, &element.lit].into_iter().chain(carry).flat_map(Track::moving);
        inside(&mut moves).into_iter().map(|n| (n, element.state(n, scene))).collect()
    };
    let window = window(placed);
    let view = |n: u64| (n, scene.camera.at(n).map_or(window, |view| view.seen));
    Seen {
        frames: (scene.first_frame, scene.end_frame),
        parts: scene.elements.iter().map(part).collect(),
        middles: scene.elements.iter().map(|element| middle(element, placed)).collect(),
        window,
        camera: inside(&mut scene.camera.moving()).into_iter().map(view).collect(),
    }
}
