//! Where the elements of a scene stand in the video, for pages that draw the diagram themselves.

use std::{collections::BTreeMap, sync::Arc};

use library::storyboard;
use model::permission::ProjectRead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use studio::{
    edit::{Document, Op, apply},
    film,
    geometry::{Point, Rect},
    layout::{self, Align, Guide, Placed, PlacedEdge, PlacedNode, Text},
    storyboard::{Kind, Role, Shape, Storyboard},
};

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::On,
    problem::{Code, Problem},
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<ProjectRead, storyboard::Storyboard>>(
            "/v1/storyboards/{storyboard}/layout",
            "lay_out_scene",
            "Where the elements of a scene stand, as in its video",
        )
        .query::<LayoutQuery>()
        .by(lay_out),
    ]
}

/// Which scene: one a request, so that a storyboard of many costs no more at once than one of few.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LayoutQuery {
    /// The scene's id.
    #[schemars(length(min = 1, max = 64))]
    scene: String,
    /// The version; the newest without one.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<u64>,
    /// As it is being edited by several people, if it is.
    #[serde(default)]
    live: bool,
    /// As it would be drawn as another kind: nothing is changed.
    #[serde(default)]
    kind: Option<Kind>,
}

/// A scene with every element at its place, in pixels of the picture.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SceneLayout")]
struct LayoutView {
    /// The version it shows.
    version: u64,
    /// Width of the picture.
    width: u32,
    /// Height of the picture.
    height: u32,
    /// Where the diagram goes; pins are shares of it.
    area: BoxView,
    /// The heading.
    title: TextView,
    /// Boxes, in the order of the scene's nodes.
    nodes: Vec<NodeView>,
    /// Lines, in the order of the scene's edges; those that the kind does not draw are left out.
    edges: Vec<EdgeView>,
    /// Lanes, containers, lifelines and axes behind the nodes.
    guides: Vec<GuideView>,
    /// The words on which elements are said, by id: each appears with the first, and is spoken of again at the others. What
    /// is not said follows its neighbours.
    said: BTreeMap<String, Vec<u32>>,
}

/// An upright rectangle.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LayoutBox")]
struct BoxView {
    /// Left edge.
    x: f32,
    /// Top edge.
    y: f32,
    /// Width.
    width: f32,
    /// Height.
    height: f32,
}

/// Lines of text in a box.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LayoutText")]
struct TextView {
    /// Where.
    place: BoxView,
    /// The lines, from top to bottom.
    lines: Vec<String>,
    /// Font size.
    size: f32,
    /// Whether the lines sit towards the start of reading, not in the middle.
    from_start: bool,
}

/// A box with its label.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LayoutNode")]
struct NodeView {
    /// Id in the scene.
    id: String,
    /// Outer bounds.
    place: BoxView,
    /// The outline.
    shape: Shape,
    /// What it stands for.
    role: Role,
    /// Index of the accent colour.
    tone: usize,
    /// The label.
    label: TextView,
    /// A number or time beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    badge: Option<TextView>,
    /// Who acts, in letters that a key explains.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign: Option<TextView>,
}

/// A line with its label.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LayoutEdge")]
struct EdgeView {
    /// Id in the scene.
    id: String,
    /// Corners, `[x, y]` each, from the source's border to the target's.
    points: Vec<[f32; 2]>,
    /// The label.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<TextView>,
    /// Whether there is an arrow head at the target.
    arrow: bool,
    /// Whether it is dashed.
    dashed: bool,
}

/// What is drawn behind the nodes: a container with a name, or a line.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LayoutGuide")]
#[serde(tag = "guide", rename_all = "snake_case")]
enum GuideView {
    /// A lane of an actor, or a group; a note, a key of a colour, the number on a slice.
    Container {
        /// Id of the actor, group, note or node.
        id: String,
        /// Bounds.
        place: BoxView,
        /// Its name.
        label: TextView,
        /// Index of the accent colour.
        tone: usize,
    },
    /// A lifeline, an axis or a mark on one.
    Line {
        /// The node it belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        node: Option<String>,
        /// Both ends, `[x, y]` each.
        ends: [[f32; 2]; 2],
    },
}

impl From<Rect> for BoxView {
    fn from(Rect { x, y, w, h }: Rect) -> Self {
        BoxView { x, y, width: w, height: h }
    }
}

impl From<Text> for TextView {
    fn from(text: Text) -> Self {
        TextView { place: text.rect.into(), lines: text.lines, size: text.px, from_start: text.align == Align::Start }
    }
}

impl From<PlacedNode> for NodeView {
    fn from(node: PlacedNode) -> Self {
        let PlacedNode { id, rect, shape, role, tone, label, badge, sign, .. } = node;
        let [badge, sign] = [badge, sign].map(|text| text.map(Into::into));
        NodeView { id, place: rect.into(), shape, role, tone, label: label.into(), badge, sign }
    }
}

impl From<PlacedEdge> for EdgeView {
    fn from(edge: PlacedEdge) -> Self {
        let PlacedEdge { id, points, label, arrow, dashed, .. } = edge;
        EdgeView { id, points: points.into_iter().map(pair).collect(), label: label.map(Into::into), arrow, dashed }
    }
}

impl From<Guide> for GuideView {
    fn from(guide: Guide) -> Self {
        match guide {
            Guide::Container { id, rect, label, tone } => {
                GuideView::Container { id, place: rect.into(), label: label.into(), tone }
            }
            Guide::Lifeline { node, line } | Guide::Tick { node, line } => {
                GuideView::Line { node: Some(node), ends: line.map(pair) }
            }
            Guide::Axis { line } => GuideView::Line { node: None, ends: line.map(pair) },
            Guide::Note { id, rect, label } => {
                GuideView::Container { id, place: rect.into(), label: label.into(), tone: 0 }
            }
            Guide::Key { id, rect, label, sign, tone, .. } => {
                let label = match sign {
                    Some(sign) => {
                        let lines = vec![format!("{} {}", sign.lines.concat(), label.lines.concat())];
                        Text { rect, lines, ..label }
                    }
                    None => label,
                };
                GuideView::Container { id, place: rect.into(), label: label.into(), tone }
            }
            // The page shows what is written on a slice; its name and number stand in the list beside.
            Guide::Slice { node, label, tone, .. } => {
                GuideView::Container { id: node, place: label.rect.into(), label: label.into(), tone }
            }
        }
    }
}

fn pair(point: Point) -> [f32; 2] {
    [point.x, point.y]
}

fn lay_out(
    call: Call<'_, On<ProjectRead, storyboard::Storyboard>, LayoutQuery, Empty>,
) -> Result<Json<LayoutView>, Problem> {
    let (version, board) = storyboard::content(&call.pass, call.query.version)?;
    let edited = call.pass.subject().id.typed().filter(|_| call.query.live);
    let edited = edited.and_then(|storyboard| call.services.rooms.shown(call.pass.tenant(), storyboard));
    let board = edited.unwrap_or_else(|| Arc::new(board));
    let missing = || Problem::new(Code::NotFound, "the storyboard has no such scene");
    let known = board.scenes.iter().find(|scene| scene.id == call.query.scene).ok_or_else(missing)?;
    let transcript = storyboard::spoken(&call.pass, &version)?;
    let (redrawn, transcript) = match call.query.kind.filter(|kind| *kind != known.kind) {
        Some(kind) => {
            let mut document = Document { storyboard: Storyboard::clone(&board), transcript };
            let op = Op::SetKind { scene: known.id.clone(), kind };
            apply(&mut document, &op).map_err(|error| Problem::at("kind", error.to_string()))?;
            (Some(document.storyboard), document.transcript)
        }
        None => (None, transcript),
    };
    let board = redrawn.as_ref().unwrap_or(&board);
    let scene = board.scenes.iter().find(|scene| scene.id == call.query.scene).ok_or_else(missing)?;
    // What is measured here is what is seen in the video.
    let fonts = call.services.fonts_for(&board.written(), &board.lang);
    let placed = layout::place_for(&board.lang, scene, board.canvas, &*fonts);
    let Placed { canvas: (width, height), title, nodes, edges, guides, .. } = placed;
    Ok(Json(LayoutView {
        version: version.number,
        width,
        height,
        area: layout::area(&board.lang, scene, board.canvas, &*fonts).into(),
        title: title.into(),
        nodes: nodes.into_iter().map(Into::into).collect(),
        edges: edges.into_iter().map(Into::into).collect(),
        guides: guides.into_iter().map(Into::into).collect(),
        said: film::said(scene, &transcript).into_iter().map(|(id, words)| (id.to_owned(), words)).collect(),
    }))
}
