//! The scene prepared for placing, and the diagram as it grows: boxes first, then lines and labels.

use std::collections::BTreeMap;

use crate::geometry::{Point, Rect};
use crate::storyboard::{Canvas, EdgeType, Node, Role, Scene, Shape};

use super::fold::Flow;
use super::frame::Frame;
use super::graph::{End, Link, links};
use super::grid::{Item, inside};
use super::label::{LINE, Label};
use super::legend::Entry;
use super::mesh::Body;
use super::route::{Job, route};
use super::{Align, Guide, Measure, Placed, PlacedEdge, PlacedNode, Text, curve, tags};

/// Letters of who acts, as a share of the label of a box; and the least, in pixels at 1080 lines.
const SIGN: f32 = 0.7;
const SIGN_PX: f32 = 17.0;

/// A scene with its labels measured.
pub(super) struct Context<'a> {
    /// The scene.
    pub(super) scene: &'a Scene,
    /// The canvas.
    pub(super) frame: Frame,
    /// Labels and outlines by node.
    pub(super) items: Vec<Item>,
    /// Edges whose ends exist.
    pub(super) links: Vec<Link>,
    /// Labels by edge of the scene.
    pub(super) tags: Vec<Label>,
    /// Measures further text.
    pub(super) measure: &'a dyn Measure,
    /// Letters of who acts, by node, where the legend explains colours.
    signs: Vec<Option<String>>,
    /// Where nodes stood in the picture before, if they did.
    pub(super) former: Vec<Option<Point>>,
    /// Times that gaps between boxes are wider than they need to be.
    pub(super) room: f32,
}

impl<'a> Context<'a> {
    /// Measures all that is written in `scene` and its legend.
    pub(super) fn new(scene: &'a Scene, legend: &[Entry], canvas: Canvas, measure: &'a dyn Measure) -> Self {
        let item = |node: &Node| Item { label: Label::new(&node.label, measure), shape: shape(node) };
        let sign = |node: &Node| {
            let own = legend.iter().find(|e| e.role == Role::Activity && Some(&e.id) == node.actor.as_ref());
            own.map(|entry| entry.sign.clone()).filter(|sign| !sign.is_empty())
        };
        Self {
            scene,
            frame: Frame::new(scene, legend, canvas, measure),
            items: scene.nodes.iter().map(item).collect(),
            links: links(scene),
            tags: scene.edges.iter().map(|e| Label::new(&e.label, measure)).collect(),
            measure,
            signs: scene.nodes.iter().map(sign).collect(),
            former: vec![None; scene.nodes.len()],
            room: 1.0,
        }
    }

    /// The same after a picture in which some of the nodes stood.
    pub(super) fn after(mut self, before: Option<&Placed>) -> Self {
        let stood: BTreeMap<&str, Point> =
            before.iter().flat_map(|p| &p.nodes).map(|n| (n.id.as_str(), n.rect.center())).collect();
        self.former = self.scene.nodes.iter().map(|n| stood.get(n.id.as_str()).copied()).collect();
        self
    }

    /// The same with wider gaps between boxes.
    pub(super) fn with_room(self, room: f32) -> Self {
        Self { room, ..self }
    }

    /// `text` on at most `limit` lines at `px` in the width of `rect`, centred in it.
    pub(super) fn text(&self, text: &str, rect: Rect, px: f32, limit: usize, align: Align) -> Text {
        let (lines, _) = Label::new(text, self.measure).wrap(rect.w / px, limit);
        Text { rect, lines, px, align }
    }

    /// The largest size up to `px` at which no word of `texts` is wider than `width`; at least 0.55 of `px`.
    pub(super) fn size_for<'t>(&self, texts: impl Iterator<Item = &'t str>, width: f32, px: f32) -> f32 {
        let longest = texts.map(|t| Label::new(t, self.measure).longest()).fold(0.1, f32::max);
        px.min(width / (longest + 0.02)).max(0.55 * px)
    }

    /// Index of the actor of each node, if it has one.
    pub(super) fn actor(&self, node: usize) -> Option<usize> {
        let id = self.scene.nodes[node].actor.as_deref()?;
        self.scene.actors.iter().position(|a| a.id == id)
    }

    /// Index of the group of each node, if it has one.
    pub(super) fn group(&self, node: usize) -> Option<usize> {
        let id = self.scene.nodes[node].group.as_deref()?;
        self.scene.groups.iter().position(|g| g.id == id)
    }
}

/// The outline of a node that is not a decision to be: those become diamonds only where the label fits.
fn shape(node: &Node) -> Shape {
    node.shape.unwrap_or(match node.role {
        Role::Start | Role::End | Role::State => Shape::Pill,
        _ => Shape::Box,
    })
}

/// A line between two boxes.
#[derive(Debug, Clone)]
struct Wire {
    link: Link,
    points: Vec<Point>,
    curved: bool,
}

/// A diagram with every box at its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    /// Bounds by node.
    pub(super) boxes: Vec<Rect>,
    /// Outlines by node.
    pub(super) shapes: Vec<Shape>,
    /// Accent colours by node: those of actors, unless they are `toned`.
    pub(super) tones: Vec<usize>,
    /// Whether accents stand for something else, or something else says what they stand for.
    pub(super) toned: bool,
    /// Font size of the labels.
    pub(super) px: f32,
    /// Where labels go that are not inside their box.
    pub(super) labels: Vec<Option<(Rect, Align)>>,
    /// Badges by node.
    pub(super) badges: Vec<Option<Text>>,
    /// Nodes that head a column or are what everything is about.
    pub(super) heads: Vec<usize>,
    /// What is behind the nodes.
    pub(super) guides: Vec<Guide>,
    /// Lines that were drawn, before their words are put beside them.
    wires: Vec<Wire>,
    /// Whether the lines of parts may have heads.
    heads_of_parts: bool,
    /// Lines with their words.
    pub(super) edges: Vec<PlacedEdge>,
    /// Whether no label was cut to fit.
    pub(super) whole: bool,
    /// Words beside arrows that found no place of their own.
    pub(super) unseated: usize,
}

impl Board {
    /// Boxes of the scene's shapes without lines.
    pub(super) fn new(ctx: &Context<'_>, boxes: Vec<Rect>, px: f32) -> Self {
        let count = boxes.len();
        let tones = (0..count).map(|v| ctx.actor(v).or_else(|| ctx.group(v)).unwrap_or(0)).collect();
        Self {
            boxes,
            shapes: ctx.items.iter().map(|i| i.shape).collect(),
            tones,
            px,
            labels: vec![None; count],
            badges: vec![None; count],
            whole: true,
            ..Self::default()
        }
    }

    /// Makes pills no higher than their labels need: as high as the boxes beside them they would be blobs.
    pub(super) fn flatten(&mut self, ctx: &Context<'_>) {
        for (v, rect) in self.boxes.iter_mut().enumerate().filter(|(v, _)| self.shapes[*v] == Shape::Pill) {
            let needed = ctx.items[v].height_at(rect.w, self.px).unwrap_or(rect.h);
            let h = (0.52 * rect.w).max(needed).min(rect.h);
            *rect = Rect { y: rect.center().y - h / 2.0, h, ..*rect };
        }
    }

    /// Makes decisions diamonds if all their labels fit diamonds no more than `taller` pixels higher than their boxes.
    pub(super) fn sharpen(&mut self, ctx: &Context<'_>, taller: f32) {
        let open = |v: &usize| ctx.scene.nodes[*v].role == Role::Decision && ctx.scene.nodes[*v].shape.is_none();
        let decisions: Vec<usize> = (0..self.boxes.len()).filter(open).collect();
        let area = ctx.frame.area.grown(12.0 * ctx.frame.unit);
        let grown = |rect: Rect| {
            let room = 2.0 * (rect.y - area.y).min(area.bottom() - rect.bottom()).max(0.0);
            let more = taller.min(rect.h * 0.6).min(room);
            // Flatter ones look squashed.
            let (w, h) = (rect.w.min(2.4 * (rect.h + more)), rect.h + more);
            Rect::new(rect.center().x - w / 2.0, rect.center().y - h / 2.0, w, h)
        };
        if decisions.iter().all(|&v| diamond(&ctx.items[v].label, grown(self.boxes[v]), self.px).is_some()) {
            for v in decisions {
                self.shapes[v] = Shape::Diamond;
                self.boxes[v] = grown(self.boxes[v]);
            }
        }
    }

    /// Bounds of the groups' containers, around their members and the name; `None` for groups without members.
    pub(super) fn containers(&self, ctx: &Context<'_>) -> Vec<Option<Rect>> {
        let mut rects: Vec<Option<Rect>> = vec![None; ctx.scene.groups.len()];
        for (v, rect) in self.boxes.iter().enumerate() {
            if let Some(g) = ctx.group(v) {
                rects[g] = Some(rects[g].map_or(*rect, |r| r.union(rect)));
            }
        }
        let pad = 0.75 * self.px;
        let name = if ctx.scene.groups.iter().any(|g| !g.label.is_empty()) { 1.25 * self.px } else { 0.0 };
        let framed = |r: Rect| Rect::new(r.x - pad, r.y - pad - name, r.w + 2.0 * pad, r.h + 2.0 * pad + name);
        rects.into_iter().map(|r| r.map(framed)).map(|r| r.map(|r| clipped(r, ctx.frame.canvas))).collect()
    }

    /// Adds the containers behind the nodes.
    pub(super) fn contain(&mut self, ctx: &Context<'_>) {
        for (g, rect) in self.containers(ctx).into_iter().enumerate() {
            let (Some(rect), Some(group)) = (rect, ctx.scene.groups.get(g)) else { continue };
            let px = self.px * 0.85;
            let width = (rect.w - 1.5 * self.px).max(rect.w * 0.5);
            let name = Rect::new(rect.center().x - width / 2.0, rect.y + 0.4 * self.px, width, px * LINE);
            let label = ctx.text(&group.label, name, px, 1, Align::Start);
            self.guides.push(Guide::Container { id: group.id.clone(), rect, label, tone: g });
        }
    }

    /// Draws all edges between the boxes and containers and puts their labels beside them; `back` tells which lead
    /// against the flow.
    pub(super) fn connect(&mut self, ctx: &Context<'_>, flow: Flow, back: &dyn Fn(&Link) -> bool, arrows: bool) {
        self.connect_around(ctx, flow, back, arrows, vec![None; ctx.links.len()]);
    }

    /// As [`Self::connect`], with the lines of some links already `given`.
    pub(super) fn connect_around(
        &mut self,
        ctx: &Context<'_>,
        flow: Flow,
        back: &dyn Fn(&Link) -> bool,
        arrows: bool,
        given: Vec<Option<Vec<Point>>>,
    ) {
        let containers = self.containers(ctx);
        let mut bodies: Vec<Body> = self.boxes.iter().zip(&self.shapes).map(|(r, s)| body(*r, *s)).collect();
        let count = bodies.len();
        bodies.extend(containers.iter().map(|r| Body {
            rect: r.unwrap_or_default(),
            solid: false,
            flat: (true, true),
        }));
        // Names of lanes: lines go round them.
        let headed = bodies.len();
        let names = self.names(ctx);
        bodies.extend(names.iter().map(|r| Body { rect: *r, solid: true, flat: (true, true) }));
        let index = |end: End| match end {
            End::Node(v) => Some(v),
            End::Group(g) => containers[g].map(|_| count + g),
        };
        let (mut searched, mut jobs) = (Vec::new(), Vec::new());
        for (link, given) in ctx.links.iter().zip(given) {
            match (given, index(link.from), index(link.to)) {
                (Some(points), ..) => {
                    let curved = points.len() > 2 && curve::suits(ctx.scene.kind);
                    self.wires.push(Wire { link: *link, points, curved });
                }
                (None, Some(from), Some(to)) => {
                    jobs.push(Job { from, to, back: back(link), named: !ctx.tags[link.edge].is_empty() });
                    searched.push(*link);
                }
                _ => {}
            }
        }
        let unit = ctx.frame.unit;
        let area = ctx.frame.area;
        let bounds = Rect::new(area.x - 50.0 * unit, area.y - 14.0 * unit, area.w + 100.0 * unit, area.h + 34.0 * unit);
        // Containers that nothing ends at do not take part.
        let used = |i: usize| i < count || i >= headed || jobs.iter().any(|j| j.from == i || j.to == i);
        let last = (0..bodies.len()).rev().find(|&i| used(i)).map_or(0, |i| i + 1);
        let paths = route(&bodies[..last], &jobs, bounds, unit, flow);
        let wire = |(link, points): (&Link, Vec<Point>)| Wire { link: *link, points, curved: false };
        self.wires.extend(searched.iter().zip(paths).map(wire));
        self.heads_of_parts = arrows;
        self.name(ctx);
    }

    /// Puts the words of the lines beside them.
    fn name(&mut self, ctx: &Context<'_>) {
        let (containers, mut names) = (self.containers(ctx), self.names(ctx));
        // Letters on corners are kept clear as well.
        names.extend((0..self.boxes.len()).filter_map(|v| Some(self.sign(ctx, v)?.rect)));
        let links: Vec<Link> = self.wires.iter().map(|w| w.link).collect();
        let paths: Vec<Vec<Point>> = self.wires.iter().map(|w| w.points.clone()).collect();
        let (texts, unseated) = tags::place(ctx, self, &links, &paths, &containers, &names);
        self.unseated = unseated;
        self.edges.clear();
        for (wire, label) in self.wires.iter().zip(texts) {
            let edge = edge(ctx, wire.link.edge, wire.points.clone(), label, self.heads_of_parts);
            self.edges.push(PlacedEdge { curved: wire.curved, ..edge });
        }
    }

    /// Makes arcs of the corners of the lines, and finds places for their words anew.
    pub(super) fn curve(&mut self, ctx: &Context<'_>) {
        let lines: Vec<Vec<Point>> = self.wires.iter().map(|w| w.points.clone()).collect();
        let fixed: Vec<bool> = self.wires.iter().map(|w| w.curved).collect();
        let curved = curve::rounded(&lines, &fixed, &self.boxes, self.px);
        if curved.iter().all(Option::is_none) {
            return;
        }
        for (wire, curve) in self.wires.iter_mut().zip(curved) {
            if let Some(points) = curve {
                (wire.points, wire.curved) = (points, true);
            }
        }
        self.name(ctx);
    }

    /// Where the names of lanes are written.
    fn names(&self, ctx: &Context<'_>) -> Vec<Rect> {
        let name = |guide: &Guide| match guide {
            Guide::Container { label, .. } => Some(written_in(label, ctx.measure)),
            _ => None,
        };
        self.guides.iter().filter_map(name).collect()
    }

    /// Who acts, on the upper corner of a box at the end of reading; of a bar, where it begins.
    fn sign(&self, ctx: &Context<'_>, v: usize) -> Option<Text> {
        let letters = ctx.signs[v].as_ref()?;
        let (r, unit, canvas) = (self.boxes[v], ctx.frame.unit, ctx.frame.canvas);
        let px = (SIGN * self.px).max(SIGN_PX * unit).min(0.5 * r.h);
        let h = 1.5 * px;
        let w = (ctx.measure.width(letters, px) + 0.9 * px).max(h);
        let corner = Point::new(r.right() + 0.3 * h - w / 2.0, r.y + 0.08 * h);
        let at = match self.shapes[v] {
            _ if self.labels[v].is_some() => {
                let below = ctx.scene.nodes[v].value.is_some_and(|value| value < 0.0);
                Point::new(if below { r.right() } else { r.x }, r.center().y)
            }
            Shape::Diamond => Point::new(r.x + 0.75 * r.w, r.y + 0.25 * r.h),
            Shape::Ellipse => Point::new(r.x + 0.854 * r.w, r.y + 0.146 * r.h),
            Shape::Pill => Point::new(corner.x - (0.16 * r.h).min(14.0 * unit), corner.y),
            _ => corner,
        };
        let x = (at.x - w / 2.0).min(canvas.right() - w).max(canvas.x);
        let y = (at.y - h / 2.0).min(canvas.bottom() - h).max(canvas.y);
        Some(Text { rect: Rect::new(x, y, w, h), lines: vec![letters.clone()], px, align: Align::Center })
    }

    /// The finished picture.
    pub(super) fn into_placed(mut self, ctx: &Context<'_>) -> Placed {
        let order: Vec<&str> = ctx.scene.edges.iter().map(|e| e.id.as_str()).collect();
        self.edges.sort_by_key(|e| order.iter().position(|id| *id == e.id));
        let node = |v: usize| {
            let node = &ctx.scene.nodes[v];
            let label = match self.labels[v] {
                Some((rect, align)) => written(&ctx.items[v].label, rect, self.px, align),
                None => label_in(&ctx.items[v].label, self.shapes[v], self.boxes[v], self.px),
            };
            PlacedNode {
                id: node.id.clone(),
                rect: self.boxes[v],
                shape: self.shapes[v],
                role: node.role,
                tone: self.tones[v],
                label,
                icon: node.icon.clone(),
                badge: self.badges[v].clone(),
                sign: self.sign(ctx, v),
                head: self.heads.contains(&v),
            }
        };
        let (w, h) = (ctx.frame.canvas.w as u32, ctx.frame.canvas.h as u32);
        let nodes = (0..self.boxes.len()).map(node).collect();
        self.guides.extend(ctx.frame.below.iter().cloned());
        let (title, edges, guides) = (ctx.frame.title.clone(), self.edges, self.guides);
        Placed { canvas: (w, h), title, nodes, edges, guides, overlays: Vec::new() }
    }
}

/// Index of the scene's edge as a drawn edge.
pub(super) fn edge(ctx: &Context<'_>, i: usize, points: Vec<Point>, label: Option<Text>, arrows: bool) -> PlacedEdge {
    let edge = &ctx.scene.edges[i];
    let tie = matches!(edge.kind, EdgeType::PartOf | EdgeType::IsA);
    let arrow = edge.directed && (arrows || !tie);
    PlacedEdge { id: edge.id.clone(), points, curved: false, label, arrow, dashed: false }
}

/// The part of its room that a text takes.
fn written_in(text: &Text, measure: &dyn Measure) -> Rect {
    let wide = text.lines.iter().map(|line| measure.width(line, text.px)).fold(0.0, f32::max).min(text.rect.w);
    let high = (text.lines.len() as f32 * LINE * text.px).min(text.rect.h);
    let center = text.rect.center();
    let x = if text.align == Align::Center { center.x - wide / 2.0 } else { text.rect.x };
    Rect::new(x, center.y - high / 2.0, wide, high)
}

/// The part of `rect` inside `bounds`.
fn clipped(rect: Rect, bounds: Rect) -> Rect {
    let (x, y) = (rect.x.max(bounds.x), rect.y.max(bounds.y));
    Rect::new(x, y, (rect.right().min(bounds.right()) - x).max(0.0), (rect.bottom().min(bounds.bottom()) - y).max(0.0))
}

fn body(rect: Rect, shape: Shape) -> Body {
    let flat = match shape {
        Shape::Box | Shape::Person => (true, true),
        Shape::Pill => (false, true),
        Shape::Cylinder | Shape::Document => (true, false),
        Shape::Diamond | Shape::Ellipse => (false, false),
    };
    Body { rect, solid: true, flat }
}

/// Lines in which `label` fits a diamond, if it does.
fn diamond(label: &Label, rect: Rect, px: f32) -> Option<usize> {
    (1..=3).find(|&lines| {
        let (w, h) = (label.width_for(lines) * px, lines as f32 * LINE * px);
        label.lines_at(label.width_for(lines)) <= lines && w / rect.w + h / rect.h <= 1.02
    })
}

/// The label of a box, in the part of its shape that text may fill.
fn label_in(label: &Label, shape: Shape, rect: Rect, px: f32) -> Text {
    let mut room = inside(shape, rect, px);
    if shape == Shape::Diamond
        && let Some(lines) = diamond(label, rect, px)
    {
        let w = label.width_for(lines) * px + 0.5;
        room = Rect::new(rect.center().x - w / 2.0, rect.y, w, rect.h);
    }
    written(label, room, px, Align::Center)
}

/// `label` in `rect`, at `px` or as much smaller as one line needs.
fn written(label: &Label, rect: Rect, px: f32, align: Align) -> Text {
    let px = px.min(rect.h / LINE).max(1e-3);
    let limit = (libm::floorf(rect.h / (LINE * px) + 0.02) as usize).max(1);
    let (lines, _) = label.wrap(rect.w / px + 0.02, limit);
    Text { rect, lines, px, align }
}
