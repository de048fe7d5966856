//! Where everything goes: a scene and a canvas in, placed boxes, lines and labels out.

mod ahead;
mod bars;
mod below;
mod board;
mod cards;
mod curve;
mod flow;
mod fold;
mod forest;
mod former;
mod frame;
mod graph;
mod grid;
mod ground;
mod group;
mod label;
mod lanes;
mod layered;
mod legend;
mod line;
mod mesh;
mod order;
mod overlay;
mod pie;
mod pins;
mod radial;
mod ring;
mod route;
mod search;
mod sequence;
mod stack;
mod tags;
#[cfg(test)]
mod tests;
mod timeline;
mod traffic;
mod tree;
mod versus;

use crate::geometry::{Point, Rect};
use crate::storyboard::{Canvas, Kind, Role, Scene, Shape};

use board::{Board, Context};
pub(crate) use curve::quadratics;
pub use overlay::overlay;

/// Smallest label that is read without effort, in pixels of a canvas whose shorter side is 1080: layouts pay for smaller ones,
/// and the camera goes in to them.
pub(crate) const READABLE_PX: f32 = 24.0;
/// Times that gaps are widened, one after the other, until all words beside arrows have a place.
const ROOMS: [f32; 4] = [1.3, 1.7, 2.3, 3.2];

/// A scene with every element at its place, in canvas pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Canvas width and height in pixels.
    pub canvas: (u32, u32),
    /// The heading of the scene.
    pub title: Text,
    /// Boxes, in the order of the scene's nodes.
    pub nodes: Vec<PlacedNode>,
    /// Arrows, in the order of the scene's edges; an edge that the kind does not draw is left out.
    pub edges: Vec<PlacedEdge>,
    /// Lanes, lifelines, axes and containers behind the nodes; notes and keys below them.
    pub guides: Vec<Guide>,
    /// What lies over everything for a while: who speaks, cards at the beginning and the end.
    pub overlays: Vec<Overlay>,
}

/// Places every element of `scene` on `canvas`. Total: any scene on any canvas gives a picture inside the canvas; what
/// does not fit gets smaller, and labels are cut only when there is no other way. The same input gives the same
/// output on every machine. Boxes that a person adds come into the picture that is there.
pub fn place(scene: &Scene, canvas: Canvas, measure: &dyn Measure) -> Placed {
    place_for("en", scene, canvas, measure)
}

/// As [`place`], with a legend in the language `lang` (BCP 47) where the scene needs one.
pub fn place_for(lang: &str, scene: &Scene, canvas: Canvas, measure: &dyn Measure) -> Placed {
    let mut before = None;
    for step in former::steps(scene) {
        before = Some(place_after(lang, &step, canvas, measure, before.as_ref()));
    }
    place_after(lang, scene, canvas, measure, before.as_ref())
}

/// Places every element of `scene`, flows as near to the picture `before` as labels allow.
fn place_after(lang: &str, scene: &Scene, canvas: Canvas, measure: &dyn Measure, before: Option<&Placed>) -> Placed {
    let (mut ctx, mut board) = explained(lang, scene, canvas, measure, before);
    // Where words beside arrows find no place, boxes make room for them.
    for room in ROOMS {
        if board.unseated == 0 {
            break;
        }
        ctx = ctx.with_room(room);
        let roomy = drawn(&ctx);
        if roomy.unseated < board.unseated {
            board = roomy;
        }
    }
    board.into_placed(&ctx)
}

/// The diagram of a scene in a frame with the legend that it needs.
fn explained<'a>(
    lang: &str,
    scene: &'a Scene,
    canvas: Canvas,
    measure: &'a dyn Measure,
    before: Option<&Placed>,
) -> (Context<'a>, Board) {
    let context =
        |by_actor: bool| Context::new(scene, &legend::entries(scene, lang, by_actor), canvas, measure).after(before);
    let sure = legend::is_by_actor(scene.kind);
    let ctx = context(sure);
    let board = drawn(&ctx);
    // Kinds with lanes and columns of their own are drawn as others where those would be too small.
    if sure || board.toned || legend::actors(scene).is_empty() {
        return (ctx, board);
    }
    let ctx = context(true);
    let board = drawn(&ctx);
    (ctx, board)
}

/// The diagram of a scene by its kind.
fn drawn(ctx: &Context<'_>) -> Board {
    let mut board = match ctx.scene.kind {
        Kind::Flow | Kind::State | Kind::Causes | Kind::Architecture => flow::place(ctx),
        Kind::Swimlane => lanes::place(ctx),
        Kind::Sequence => sequence::place(ctx),
        Kind::Timeline => timeline::place(ctx),
        Kind::Hierarchy | Kind::Mindmap => tree::place(ctx),
        Kind::Cycle => ring::place(ctx),
        Kind::Comparison => versus::place(ctx),
        Kind::Quantities => bars::place(ctx),
        Kind::Steps => cards::steps(ctx),
    };
    if curve::suits(ctx.scene.kind) {
        board.curve(ctx);
    }
    board
}

/// Where the diagram of `scene`, told in the language `lang`, goes on `canvas`; pins are shares of it.
pub fn area(lang: &str, scene: &Scene, canvas: Canvas, measure: &dyn Measure) -> Rect {
    explained(lang, scene, canvas, measure, None).0.frame.area
}

/// Lines of text around a centre.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// Box that the lines fill; text is centred in it unless `align` says otherwise.
    pub rect: Rect,
    /// Lines from top to bottom.
    pub lines: Vec<String>,
    /// Font size in pixels.
    pub px: f32,
    /// How lines sit in `rect`.
    pub align: Align,
}

/// How lines of text sit in their box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Towards the start of the reading direction.
    Start,
    /// In the middle.
    #[default]
    Center,
}

/// A box with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedNode {
    /// Id in the scene.
    pub id: String,
    /// Outer bounds of the shape.
    pub rect: Rect,
    /// Outline to draw.
    pub shape: Shape,
    /// What the node stands for; decides its colours.
    pub role: Role,
    /// Index of the accent colour, for lanes, branches and levels.
    pub tone: usize,
    /// The label inside the shape.
    pub label: Text,
    /// Name of an icon, where one was chosen; else the words of the label decide.
    pub icon: Option<String>,
    /// A badge such as a step number or a time, where the kind has one.
    pub badge: Option<Text>,
    /// Who acts, in letters that the legend explains, where colours say it.
    pub sign: Option<Text>,
    /// Heads a column or is what everything is about: drawn in its colours turned round.
    pub head: bool,
}

/// An arrow with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedEdge {
    /// Id in the scene.
    pub id: String,
    /// Corners from the source's border to the target's border, at least two; of a curve, points near together.
    pub points: Vec<Point>,
    /// Whether the points lie on a curve, and are no corners.
    pub curved: bool,
    /// Words beside the line.
    pub label: Option<Text>,
    /// Arrow head at the target.
    pub arrow: bool,
    /// Drawn with dashes (replies, weak relations).
    pub dashed: bool,
}

/// What is drawn behind the nodes.
#[derive(Debug, Clone, PartialEq)]
pub enum Guide {
    /// A lane of an actor or a container of a group; revealed with the first node inside.
    Container {
        /// Id of the actor or group.
        id: String,
        /// Bounds.
        rect: Rect,
        /// Name.
        label: Text,
        /// Index of the accent colour.
        tone: usize,
    },
    /// The line of an actor in a sequence; revealed with its node.
    Lifeline {
        /// Id of the actor's node.
        node: String,
        /// From here to there.
        line: [Point; 2],
    },
    /// The axis of a timeline.
    Axis {
        /// From here to there.
        line: [Point; 2],
    },
    /// A mark on the axis or a tie from it to a node; revealed with the node.
    Tick {
        /// Id of the node.
        node: String,
        /// From here to there.
        line: [Point; 2],
    },
    /// A share of a whole; revealed with its node.
    Slice {
        /// Id of the node.
        node: String,
        /// Middle of the ring.
        center: Point,
        /// Inner and outer radius in pixels.
        radius: [f32; 2],
        /// Where it begins and ends, in radians clockwise from the right.
        turn: [f32; 2],
        /// What is written on it.
        label: Text,
        /// Index of the accent colour.
        tone: usize,
    },
    /// A remark below the diagram.
    Note {
        /// Id of the note.
        id: String,
        /// Bounds.
        rect: Rect,
        /// The remark.
        label: Text,
    },
    /// What a colour or a shape stands for; revealed with the first node that has it.
    Key {
        /// Id of the actor, or name of the role.
        id: String,
        /// Bounds; what is explained is shown at the left.
        rect: Rect,
        /// Name.
        label: Text,
        /// The letters that boxes have beside the colour.
        sign: Option<Text>,
        /// The role whose look is explained; an activity where an accent is.
        role: Role,
        /// Index of the accent colour.
        tone: usize,
    },
}

/// What lies over the picture for a while, wherever the camera looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// When it is seen.
    pub when: When,
    /// The whole canvas for a card, a plate in the lower margin for a name.
    pub rect: Rect,
    /// What is written large.
    pub head: Text,
    /// Lines under it.
    pub under: Vec<Text>,
}

/// When an overlay is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From the first frame until something of the diagram is spoken of, when there is time.
    Opening,
    /// After the last word, when the recording goes on for a while.
    Closing,
    /// During these milliseconds of the recording.
    During(u64, u64),
}

/// Measures text; implemented by `draw::Fonts` so that what is measured is what is drawn.
pub trait Measure {
    /// Width in pixels of one line of `text` at `px` pixels font size.
    fn width(&self, text: &str, px: f32) -> f32;
}
