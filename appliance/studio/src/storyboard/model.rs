//! The types of `studio.scene/1`, field by field.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kinds::{EdgeType, Kind, Origin, Role, Shape};

/// Value of [`Storyboard::schema`].
pub const SCHEMA: &str = "studio.scene/1";

/// Fields of a later version or another program, kept and written back.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// Key in [`Storyboard::extra`] that holds the unknown fields of `canvas`; the writer puts them where they belong.
pub const CANVAS_EXTRA: &str = "/canvas";

/// Key in [`Cue::extra`] that holds the unknown fields of `at`; the writer puts them where they belong.
pub const AT_EXTRA: &str = "/at";

/// First and last word id, both included.
pub type WordRange = [u32; 2];

/// A talk as a sequence of diagrams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Storyboard {
    /// Always `studio.scene/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Name of the storyboard, stable over its revisions.
    pub id: String,
    /// BCP 47 language of the labels.
    pub lang: String,
    /// Title of the whole talk.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The recording it was made from.
    #[serde(default)]
    pub source: Source,
    /// Theme name, such as `light` or `dark`.
    pub theme: String,
    /// Size and frame rate of the video.
    #[serde(default)]
    pub canvas: Canvas,
    /// How much moves.
    #[serde(default, skip_serializing_if = "Motion::is_full")]
    pub motion: Motion,
    /// The diagrams in spoken order.
    pub scenes: Vec<Scene>,
    /// Ids of all scenes as they are played, where that is not as they were spoken; what is said over each goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// What a person should look at before publishing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<ReviewItem>,
    /// Unknown fields; those of `canvas`, which has no place for them, under [`CANVAS_EXTRA`].
    #[serde(flatten)]
    pub extra: Extra,
}

impl Storyboard {
    /// Everything that is drawn of it, for finding fonts.
    pub fn written(&self) -> String {
        let mut text = self.title.clone();
        for scene in &self.scenes {
            text.push_str(&scene.title);
            let nodes = scene.nodes.iter().flat_map(|n| [Some(&n.label), n.time.as_ref()]).flatten();
            let others = scene.edges.iter().map(|e| &e.label).chain(scene.actors.iter().map(|a| &a.label));
            let others = others.chain(scene.groups.iter().map(|g| &g.label)).chain(scene.notes.iter().map(|n| &n.text));
            nodes.chain(others).for_each(|label| text.push_str(label));
        }
        text.retain(|c| !c.is_control());
        text
    }
}

/// The recording and transcript behind a storyboard.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// SHA-256 of the recording in lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_sha256: Option<String>,
    /// Length of the recording in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// SHA-256 of the canonical transcript in lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Number of words of the transcript; bounds every word id. 0 where it is not known.
    #[serde(default)]
    pub words: u32,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Size and frame rate of the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canvas {
    /// Width in pixels; even, 240 to 3840.
    #[schemars(range(min = 240, max = 3840), extend("multipleOf" = 2))]
    pub w: u32,
    /// Height in pixels; even, 240 to 3840.
    #[schemars(range(min = 240, max = 3840), extend("multipleOf" = 2))]
    pub h: u32,
    /// Frames a second, 5 to 60.
    #[schemars(range(min = 5, max = 60))]
    pub fps: u32,
}

impl Default for Canvas {
    fn default() -> Self {
        Self { w: 1920, h: 1080, fps: 30 }
    }
}

/// One diagram: what is on the screen while the speaker is on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scene {
    /// Stable name, unique in the storyboard.
    pub id: String,
    /// Heading, as a person would write it.
    pub title: String,
    /// What it is drawn as.
    pub kind: Kind,
    /// Other fitting kinds, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alt_kinds: Vec<Kind>,
    /// First and last word spoken over the scene.
    pub words: WordRange,
    /// How sure the outliner is of kind and content, 0 to 1.
    #[serde(default = "certain")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// Boxes, in the order in which they are spoken of.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// Arrows.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Who acts; lanes of a swimlane.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<Actor>,
    /// Containers drawn around nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Remarks beside the diagram.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Hints to the layout; all of it may be absent.
    #[serde(default, skip_serializing_if = "LayoutHints::is_empty")]
    pub layout: LayoutHints,
    /// Overrides of the automatic timeline, by target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Cue>,
    /// What a person removed; it stays away when the talk is outlined again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removed>,
    /// Where captions go.
    #[serde(default)]
    pub caption_style: CaptionStyle,
    /// Who made the scene.
    #[serde(default)]
    pub by: Origin,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Stable name, unique among all elements of the scene.
    pub id: String,
    /// What it stands for.
    #[serde(default = "activity")]
    pub role: Role,
    /// One to five words.
    pub label: String,
    /// Id of the actor who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Id of the group that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Outline; chosen by the role when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Time of an event as it was spoken, such as `Monday 9:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Number of a quantity, in the unit that the scene's title names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The words it was drawn from; the first is where it is revealed.
    #[serde(default)]
    pub evidence: Vec<WordRange>,
    /// How sure the outliner is, 0 to 1.
    #[serde(default = "certain")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// Who made it.
    #[serde(default)]
    pub by: Origin,
    /// Name of an icon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Description for those who do not see the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An arrow from one node to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// Stable name, unique among all elements of the scene.
    pub id: String,
    /// Id of the source node.
    pub from: String,
    /// Id of the target node.
    pub to: String,
    /// What it says.
    #[serde(rename = "type", default = "then")]
    pub kind: EdgeType,
    /// Words beside the arrow.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// False where neither end is the source.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub directed: bool,
    /// The words it was drawn from; the first is where it is revealed.
    #[serde(default)]
    pub evidence: Vec<WordRange>,
    /// How sure the outliner is, 0 to 1.
    #[serde(default = "certain")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// Who made it.
    #[serde(default)]
    pub by: Origin,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Somebody or something that acts; a lane of a swimlane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// Stable name, unique among all elements of the scene.
    pub id: String,
    /// Name as it is shown.
    pub label: String,
    /// The words it was drawn from.
    #[serde(default)]
    pub evidence: Vec<WordRange>,
    /// Who made it.
    #[serde(default)]
    pub by: Origin,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A container drawn around nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NodeGroup")]
pub struct Group {
    /// Stable name, unique among all elements of the scene.
    pub id: String,
    /// Name as it is shown.
    pub label: String,
    /// The words it was drawn from.
    #[serde(default)]
    pub evidence: Vec<WordRange>,
    /// Who made it.
    #[serde(default)]
    pub by: Origin,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A remark beside the diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Stable name, unique among all elements of the scene.
    pub id: String,
    /// The remark.
    pub text: String,
    /// The words it was drawn from.
    #[serde(default)]
    pub evidence: Vec<WordRange>,
    /// Who made it.
    #[serde(default)]
    pub by: Origin,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An element that a person removed or merged away. Extraction finds it again; the merge leaves it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// The id it had.
    pub id: String,
    /// The label it had.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Ids of both ends, where it was an edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<[String; 2]>,
    /// The words it was drawn from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<WordRange>,
    /// Id of the node that it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Hints to the layout.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LayoutHints {
    /// Centres of nodes that a person has placed, by node id, as shares of the drawing area (0 to 1 each).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<String, [f64; 2]>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl LayoutHints {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.pins.is_empty() && self.extra.is_empty()
    }
}

/// One override of the automatic timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cue {
    /// When it begins.
    pub at: At,
    /// What happens.
    #[serde(rename = "do")]
    pub action: Action,
    /// To which elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Nodes that the camera should fit; with [`Action::Camera`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fit: Camera,
    /// How long it takes, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dur_ms: Option<u64>,
    /// How it moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ease: Option<Ease>,
    /// Unknown fields; those of `at`, which has no place for them, under [`AT_EXTRA`].
    #[serde(flatten)]
    pub extra: Extra,
}

/// Ids of the nodes that the camera should fit.
pub type Camera = Vec<String>;

/// A moment: a word's onset with an offset, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum At {
    /// Relative to the onset of a word.
    Word {
        /// Word id.
        word: u32,
        /// Milliseconds after (before, when negative) the onset.
        #[serde(default, skip_serializing_if = "is_zero")]
        offset_ms: i64,
    },
    /// From the start of the recording.
    Ms {
        /// Milliseconds.
        ms: u64,
    },
}

/// What a timeline cue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The target appears.
    Reveal,
    /// The target is highlighted and the rest dimmed.
    Focus,
    /// The view moves.
    Camera,
}

/// One element or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Target {
    /// One element id.
    One(String),
    /// Several element ids.
    Many(Vec<String>),
}

/// How a movement starts and stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ease {
    /// Fast start, slow stop.
    Out,
    /// Slow start and stop.
    InOut,
    /// Even.
    Linear,
}

/// Where captions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptionStyle {
    /// Beside the picture, switched on by the viewer.
    #[default]
    Sidecar,
    /// Drawn into the picture.
    Burned,
}

/// How much moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// Parts rise, lines grow, boxes move from scene to scene, the camera travels.
    #[default]
    Full,
    /// Parts fade in and nothing else moves; the camera cuts. For viewers whom motion makes ill.
    Reduced,
}

impl Motion {
    /// Whether it is what is assumed when nothing is said.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// Something a person should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewItem {
    /// Id of the scene or element, as `scene` or `scene/element`.
    pub target: String,
    /// What is doubtful, as an English sentence.
    pub why: String,
    /// What is doubtful as a code that stays, such as `otherwise_unsaid`; what was written before there were codes has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the sentence names: labels, kinds and counts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The words it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordRange>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Extra,
}

fn certain() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn activity() -> Role {
    Role::Activity
}

fn then() -> EdgeType {
    EdgeType::Then
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(offset: &i64) -> bool {
    *offset == 0
}
