//! BPMN 2.0: a process with its diagram; lanes of a swimlane are lanes of one pool.

use std::fmt::Write as _;

use super::ExportError;
use super::scenery::unit;
use super::sheet::{Carton, End, Line, Sheet};
use super::xml::{DECLARATION, escape, number};
use crate::draw::Tone;
use crate::geometry::{Point, Rect};
use crate::storyboard::{Kind, Role};

/// Kinds that are processes.
pub(super) const KINDS: [Kind; 5] = [Kind::Flow, Kind::Swimlane, Kind::Steps, Kind::Cycle, Kind::State];

/// Size of the diagram as a share of the 1080p design: modellers write names in 11 to 12 pixels.
const SHARE: f32 = 0.5;

/// A scene as a process.
///
/// # Errors
/// When it is none.
pub(super) fn write(sheet: &Sheet<'_>) -> Result<String, ExportError> {
    if !KINDS.contains(&sheet.scene.kind) {
        return Err(ExportError::NoProcess { scene: sheet.scene.id.clone(), kind: sheet.scene.kind });
    }
    let mut out = format!(
        "{DECLARATION}<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" \
         xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" \
         xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\" \
         xmlns:color=\"http://www.omg.org/spec/BPMN/non-normative/color/1.0\" id=\"definitions\" \
         targetNamespace=\"urn:audiagram\" exporter=\"Audiagram\" exporterVersion=\"{}\">\n",
        env!("CARGO_PKG_VERSION")
    );
    let title = escape(&sheet.title);
    let lanes: Vec<usize> = (0..sheet.rooms.len()).filter(|&i| sheet.rooms[i].lane).collect();
    if !lanes.is_empty() {
        let _ = writeln!(
            out,
            "<bpmn:collaboration id=\"collaboration\">\n<bpmn:participant id=\"pool\" name=\"{title}\" processRef=\"process\"/>\n</bpmn:collaboration>"
        );
    }
    let _ = writeln!(out, "<bpmn:process id=\"process\" name=\"{title}\" isExecutable=\"false\">");
    if !lanes.is_empty() {
        out.push_str("<bpmn:laneSet id=\"lanes\">\n");
        for &i in &lanes {
            let _ =
                writeln!(out, "<bpmn:lane id=\"{}\" name=\"{}\">", sheet.rooms[i].key, escape(&sheet.rooms[i].label));
            for carton in sheet.inside(Some(i)) {
                let _ = writeln!(out, "<bpmn:flowNodeRef>{}</bpmn:flowNodeRef>", carton.key);
            }
            out.push_str("</bpmn:lane>\n");
        }
        out.push_str("</bpmn:laneSet>\n");
    }
    for (i, carton) in sheet.boxes.iter().enumerate() {
        node(&mut out, sheet, i, carton);
    }
    let flows: Vec<(&Line<'_>, [usize; 2])> = sheet.lines.iter().filter_map(|line| Some((line, ends(line)?))).collect();
    for (line, [from, to]) in &flows {
        let name = if line.label.is_empty() { String::new() } else { format!(" name=\"{}\"", escape(&line.label)) };
        let (from, to) = (&sheet.boxes[*from].key, &sheet.boxes[*to].key);
        let _ = writeln!(out, "<bpmn:sequenceFlow id=\"{}\"{name} sourceRef=\"{from}\" targetRef=\"{to}\"/>", line.key);
    }
    out.push_str("</bpmn:process>\n");
    diagram(&mut out, sheet, &lanes, &flows);
    out.push_str("</bpmn:definitions>\n");
    Ok(out)
}

/// Boxes at both ends; BPMN lets nothing flow to a group.
fn ends(line: &Line<'_>) -> Option<[usize; 2]> {
    match (line.from, line.to) {
        (End::Box(from), End::Box(to)) => Some([from, to]),
        _ => None,
    }
}

fn element(role: Role) -> &'static str {
    match role {
        Role::Start => "startEvent",
        Role::End => "endEvent",
        Role::Decision => "exclusiveGateway",
        Role::Event => "intermediateThrowEvent",
        _ => "task",
    }
}

fn node(out: &mut String, sheet: &Sheet<'_>, index: usize, carton: &Carton<'_>) {
    let element = element(role(sheet, index));
    let _ = writeln!(out, "<bpmn:{element} id=\"{}\" name=\"{}\">", carton.key, escape(&carton.label));
    // The schema wants all that comes in before what goes out.
    for (side, word) in [(1, "incoming"), (0, "outgoing")] {
        for line in sheet.lines.iter().filter(|line| ends(line).is_some_and(|ends| ends[side] == index)) {
            let _ = writeln!(out, "<bpmn:{word}>{}</bpmn:{word}>", line.key);
        }
    }
    let _ = writeln!(out, "</bpmn:{element}>");
}

/// What a box is in the process: nothing may flow into a start event, or out of an end event.
fn role(sheet: &Sheet<'_>, index: usize) -> Role {
    let role = sheet.boxes[index].at.role;
    let mut ends = sheet.lines.iter().filter_map(ends);
    match role {
        Role::Start if ends.any(|[_, to]| to == index) => Role::Event,
        Role::End if ends.any(|[from, _]| from == index) => Role::Event,
        role => role,
    }
}

fn diagram(out: &mut String, sheet: &Sheet<'_>, lanes: &[usize], flows: &[(&Line<'_>, [usize; 2])]) {
    let plane = if lanes.is_empty() { "process" } else { "collaboration" };
    let _ =
        writeln!(out, "<bpmndi:BPMNDiagram id=\"diagram\">\n<bpmndi:BPMNPlane id=\"plane\" bpmnElement=\"{plane}\">");
    let rooms = lanes.iter().filter_map(|&i| Some((&sheet.rooms[i], sheet.rooms[i].at?.0)));
    let scale = SHARE / unit(sheet);
    // The pool's name stands on a band of 30 pixels at its left.
    let band = 30.0 / scale;
    let rooms: Vec<_> = rooms.collect();
    if let Some(all) = rooms.iter().map(|(_, rect)| *rect).reduce(|a, b| a.union(&b)) {
        let pool = Rect { x: all.x - band, w: all.w + band, ..all };
        shape(out, "pool", " isHorizontal=\"true\"", "", pool, None, scale);
        for (room, rect) in &rooms {
            shape(
                out,
                &room.key,
                " isHorizontal=\"true\"",
                &colors(room.tone),
                Rect { x: all.x, w: all.w, ..*rect },
                None,
                scale,
            );
        }
    }
    let seats: Vec<Seat> = (0..sheet.boxes.len()).map(|i| Seat::of(sheet, i)).collect();
    for (carton, seat) in sheet.boxes.iter().zip(&seats) {
        let marker = if seat.gateway { " isMarkerVisible=\"false\"" } else { "" };
        shape(out, &carton.key, marker, &colors(&carton.tone), seat.rect, seat.label, scale);
    }
    for (line, [from, to]) in flows {
        flow(out, sheet, line, [&seats[*from], &seats[*to]]);
    }
    out.push_str("</bpmndi:BPMNPlane>\n</bpmndi:BPMNDiagram>\n");
}

/// Where a box stands in the diagram.
struct Seat {
    rect: Rect,
    /// Where its name stands, if not inside.
    label: Option<Rect>,
    gateway: bool,
    /// Events are circles.
    circle: bool,
}

impl Seat {
    fn of(sheet: &Sheet<'_>, index: usize) -> Self {
        let (at, u) = (sheet.boxes[index].at, unit(sheet));
        match element(role(sheet, index)) {
            "task" => Self { rect: at.rect, label: None, gateway: false, circle: false },
            "exclusiveGateway" => Self { rect: at.rect, label: Some(at.label.rect), gateway: true, circle: false },
            _ => {
                let (c, side) = (at.rect.center(), (72.0 * u).min(at.rect.h).min(at.rect.w));
                let rect = Rect::new(c.x - side / 2.0, c.y - side / 2.0, side, side);
                let label = Rect::new(at.rect.x, rect.bottom() + 2.0, at.rect.w, 40.0 * u);
                Self { rect, label: Some(label), gateway: false, circle: true }
            }
        }
    }

    /// Where a line that ends at the box's border reaches the circle.
    fn reach(&self, p: Point) -> Option<Point> {
        let (c, radius) = (self.rect.center(), self.rect.w / 2.0);
        let length = libm::hypotf(p.x - c.x, p.y - c.y);
        (self.circle && length > radius)
            .then(|| Point::new(c.x + (p.x - c.x) * radius / length, c.y + (p.y - c.y) * radius / length))
    }
}

fn colors(tone: &Tone) -> String {
    format!(" color:background-color=\"{}\" color:border-color=\"{}\"", tone.fill.as_str(), tone.border.as_str())
}

fn shape(out: &mut String, key: &str, flags: &str, colors: &str, r: Rect, label: Option<Rect>, scale: f32) {
    let _ =
        writeln!(out, "<bpmndi:BPMNShape id=\"{key}_di\" bpmnElement=\"{key}\"{flags}{colors}>\n{}", bounds(r, scale));
    if let Some(label) = label {
        let _ = writeln!(out, "<bpmndi:BPMNLabel>{}</bpmndi:BPMNLabel>", bounds(label, scale));
    }
    out.push_str("</bpmndi:BPMNShape>\n");
}

fn bounds(r: Rect, scale: f32) -> String {
    let [x, y, w, h] = [r.x, r.y, r.w, r.h].map(|v| number(v * scale));
    format!("<dc:Bounds x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>")
}

fn flow(out: &mut String, sheet: &Sheet<'_>, line: &Line<'_>, [from, to]: [&Seat; 2]) {
    let drawn = line.at.map(|at| at.points.clone()).filter(|points| points.len() > 1);
    let mut points = drawn.unwrap_or_else(|| vec![from.rect.center(), to.rect.center()]);
    if let Some(p) = points.first().and_then(|p| from.reach(*p)) {
        points.insert(0, p);
    }
    if let Some(p) = points.last().and_then(|p| to.reach(*p)) {
        points.push(p);
    }
    let (color, scale) = (sheet.theme.line.as_str(), SHARE / unit(sheet));
    let _ =
        writeln!(out, "<bpmndi:BPMNEdge id=\"{0}_di\" bpmnElement=\"{0}\" color:border-color=\"{color}\">", line.key);
    for p in points {
        let _ = writeln!(out, "<di:waypoint x=\"{}\" y=\"{}\"/>", number(p.x * scale), number(p.y * scale));
    }
    if let Some(label) = line.at.and_then(|at| at.label.as_ref()) {
        // Modellers write larger than the film at this size, and break words where there is no room.
        let r = label.rect;
        let wide = Rect { x: r.x - 0.4 * r.w, w: 1.8 * r.w, ..r };
        let _ = writeln!(out, "<bpmndi:BPMNLabel>{}</bpmndi:BPMNLabel>", bounds(wide, scale));
    }
    out.push_str("</bpmndi:BPMNEdge>\n");
}
