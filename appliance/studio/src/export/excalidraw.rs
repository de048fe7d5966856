//! Excalidraw: a frame a scene, one below the other, with shapes, bound arrows and words.

use serde_json::{Value, json};

use super::scenery::{Slice, Solid, Stroke, Thing, Words, centred, joined, things};
use super::sheet::Sheet;
use crate::draw::{Color, Strip};
use crate::geometry::{Point, Rect};
use crate::storyboard::Shape;

/// Space between frames.
const GAP: f32 = 120.0;

/// The scenes as frames of one drawing.
pub(super) fn write(sheets: &[Sheet<'_>]) -> String {
    let mut page = Page::default();
    for sheet in sheets {
        page.scene(sheet);
    }
    let background = sheets.first().map_or("#ffffff", |sheet| sheet.theme.background.as_str());
    let drawing = json!({
        "type": "excalidraw", "version": 2, "source": "audiagram", "elements": page.elements,
        "appState": {"viewBackgroundColor": background, "gridSize": null}, "files": {}
    });
    let mut out = serde_json::to_string_pretty(&drawing).expect("a value has string keys");
    out.push('\n');
    out
}

/// The drawing so far.
#[derive(Default)]
struct Page {
    elements: Vec<Value>,
    /// Where the next frame begins.
    top: f32,
    /// Of the frame that is being filled.
    frame: String,
}

impl Page {
    #[allow(clippy::cast_precision_loss, reason = "canvases are at most a few thousand pixels wide")]
    fn scene(&mut self, sheet: &Sheet<'_>) {
        let (w, h) = (sheet.placed.canvas.0 as f32, sheet.placed.canvas.1 as f32);
        self.frame = format!("scene{}", sheet.number);
        let first = self.elements.len();
        let heading = &sheet.placed.title;
        if !heading.lines.is_empty() {
            let words = Words { key: "heading".to_owned(), text: heading, color: &sheet.theme.ink, bold: true };
            self.words(&words, None);
        }
        for thing in things(sheet) {
            match thing {
                Thing::Solid(of) => self.solid(&of),
                Thing::Words(of) => self.words(&of, None),
                Thing::Stroke(of) => self.stroke(&of),
                Thing::Slice(of) => self.slice(&of),
                Thing::Strip(of, name) => self.strip(of, &name),
            }
        }
        self.bind(first);
        // A frame comes behind its elements in the list.
        let id = self.frame.clone();
        let mut frame = self.element(&id, "frame", Rect::new(0.0, 0.0, w, h));
        frame["id"] = id.into();
        frame["frameId"] = Value::Null;
        frame["name"] = sheet.title.clone().into();
        frame["strokeColor"] = "#bbb".into();
        self.elements.push(frame);
        self.top += h + GAP;
    }

    fn id(&self, key: &str) -> String {
        format!("{}_{key}", self.frame)
    }

    /// What all elements have.
    fn element(&self, key: &str, kind: &str, r: Rect) -> Value {
        // Excalidraw draws sketchy lines from the seed; any number will do, and the same gives the same file.
        let seed = self.elements.len() + 1;
        json!({
            "id": self.id(key), "type": kind, "x": round(r.x), "y": round(r.y + self.top), "width": round(r.w),
            "height": round(r.h), "angle": 0, "strokeColor": "transparent", "backgroundColor": "transparent",
            "fillStyle": "solid", "strokeWidth": 2, "strokeStyle": "solid", "roughness": 0, "opacity": 100,
            "groupIds": [], "frameId": self.frame, "roundness": null, "seed": seed, "version": 1,
            "versionNonce": seed, "isDeleted": false, "boundElements": [], "updated": 1, "link": null, "locked": false
        })
    }

    fn solid(&mut self, of: &Solid<'_>) {
        let kind = match of.shape {
            Shape::Diamond => "diamond",
            Shape::Ellipse => "ellipse",
            Shape::Box | Shape::Pill | Shape::Cylinder | Shape::Person | Shape::Document => "rectangle",
        };
        let mut element = self.element(&of.key, kind, of.rect);
        element["backgroundColor"] = tinted(of.fill, of.opacity).into();
        if let Some((color, width)) = of.border {
            element["strokeColor"] = color.as_str().into();
            element["strokeWidth"] = round(width);
        }
        if of.shape != Shape::Ellipse {
            element["roundness"] = json!({"type": 3});
        }
        self.elements.push(element);
        if let Some(words) = &of.words {
            self.words(words, Some(&of.key));
        }
    }

    fn strip(&mut self, of: &Strip, name: &Words<'_>) {
        let mut element = self.element("banner", "rectangle", of.rect);
        element["backgroundColor"] = of.fill.as_str().into();
        element["strokeColor"] = of.fill.as_str().into();
        self.elements.push(element);
        self.words(name, Some("banner"));
    }

    fn words(&mut self, of: &Words<'_>, inside: Option<&str>) {
        let text = of.text;
        #[allow(clippy::cast_precision_loss, reason = "texts have a few lines")]
        let h = text.lines.len().max(1) as f32 * 1.25 * text.px;
        let r = Rect::new(text.rect.x, text.rect.center().y - h / 2.0, text.rect.w, h);
        let mut element = self.element(&of.key, "text", r);
        element["strokeColor"] = of.color.as_str().into();
        element["text"] = joined(of).into();
        element["originalText"] = joined(of).into();
        element["fontSize"] = round(text.px);
        // Helvetica: the nearest to what the layout has measured.
        element["fontFamily"] = 2.into();
        element["textAlign"] = if centred(of) { "center" } else { "left" }.into();
        element["verticalAlign"] = "middle".into();
        element["lineHeight"] = 1.25.into();
        element["autoResize"] = true.into();
        element["containerId"] = inside.map_or(Value::Null, |key| self.id(key).into());
        self.elements.push(element);
    }

    fn stroke(&mut self, of: &Stroke<'_>) {
        let Some((&first, bounds)) = of.points.first().zip(bounds(&of.points)) else { return };
        let kind = if of.arrow { "arrow" } else { "line" };
        let mut element = self.element(&of.key, kind, Rect { x: first.x, y: first.y, ..bounds });
        element["points"] = of.points.iter().map(|p| json!([round(p.x - first.x), round(p.y - first.y)])).collect();
        element["strokeColor"] = of.color.as_str().into();
        element["strokeWidth"] = round(of.width);
        element["strokeStyle"] = if of.dashed { "dashed" } else { "solid" }.into();
        if of.curved {
            // A curve through all points.
            element["roundness"] = json!({"type": 2});
        }
        element["startArrowhead"] = Value::Null;
        element["endArrowhead"] = if of.arrow { "triangle".into() } else { Value::Null };
        let tie = |key: &str| json!({"elementId": self.id(key), "focus": 0, "gap": 2});
        if let (Some([from, to]), true) = (of.ends, of.arrow) {
            element["startBinding"] = tie(from);
            element["endBinding"] = tie(to);
        }
        self.elements.push(element);
        if let Some(words) = &of.words {
            self.words(words, None);
        }
    }

    fn slice(&mut self, of: &Slice<'_>) {
        let mut points = of.outline();
        let (Some(&first), Some(bounds)) = (points.first(), bounds(&points)) else { return };
        points.push(first);
        let mut element = self.element(&of.key, "line", Rect { x: first.x, y: first.y, ..bounds });
        element["points"] = points.iter().map(|p| json!([round(p.x - first.x), round(p.y - first.y)])).collect();
        element["backgroundColor"] = of.fill.as_str().into();
        element["strokeColor"] = of.rim.as_str().into();
        self.elements.push(element);
        self.words(&of.words, None);
    }

    /// Tells shapes of the words inside and of the arrows that end at them: both sides must know.
    fn bind(&mut self, first: usize) {
        let mut ties: Vec<(String, Value)> = Vec::new();
        for element in &self.elements[first..] {
            let (id, kind) = (&element["id"], &element["type"]);
            let homes =
                [&element["containerId"], &element["startBinding"]["elementId"], &element["endBinding"]["elementId"]];
            for home in homes.into_iter().filter_map(Value::as_str) {
                ties.push((home.to_owned(), json!({"id": id, "type": kind})));
            }
        }
        for element in &mut self.elements[first..] {
            let id = element["id"].as_str().unwrap_or_default().to_owned();
            let own: Vec<Value> = ties.iter().filter(|(home, _)| *home == id).map(|(_, tie)| tie.clone()).collect();
            if !own.is_empty() {
                element["boundElements"] = own.into();
            }
        }
    }
}

/// A colour with an opacity, as Excalidraw takes it.
fn tinted(color: &Color, opacity: f32) -> String {
    if opacity >= 1.0 {
        return color.as_str().to_owned();
    }
    format!("{}{:02x}", color.as_str(), (opacity.clamp(0.0, 1.0) * 255.0).round() as u8)
}

fn bounds(points: &[Point]) -> Option<Rect> {
    points.iter().map(|p| Rect::new(p.x, p.y, 0.0, 0.0)).reduce(|a, b| a.union(&b))
}

/// Hundredths of a pixel are enough.
fn round(value: f32) -> Value {
    let value = if value.is_finite() { f64::from(value) } else { 0.0 };
    ((value * 100.0).round() / 100.0).into()
}
