//! `studio.scene/1`: the storyboard, Audiagram's own format and the heart of the product.
//!
//! Three layers in one file, each regenerable from the one above and each overridable by hand: **content** (scenes,
//! nodes, edges: what was said), **layout** (optional pins), **timeline** (optional overrides). Times are word ids
//! first and milliseconds second, so that a re-recorded or retimed talk keeps its synchrony. Every automatic element
//! carries the words it was drawn from. What a person changed says `"by": "user"` and survives re-extraction.
//! Fields this version does not know are kept and written back.

mod cut;
mod json;
mod kinds;
mod merge;
mod model;
mod near;
mod read;
mod schema;
mod tidy;
mod validate;
mod write;

pub use json::JsonError;
pub use kinds::{EdgeType, Kind, Origin, Role, Shape};
pub use merge::merge;
pub(crate) use merge::merge_scene;
pub use model::{
    AT_EXTRA, Action, Actor, At, CANVAS_EXTRA, Camera, Canvas, CaptionStyle, Cue, Ease, Edge, Extra, Group,
    LayoutHints, Motion, Node, Note, Removed, ReviewItem, SCHEMA, Scene, Source, Storyboard, Target, WordRange,
};
pub use read::{MAX_BYTES, ReadError, from_value, read, settled};
pub use schema::schema;
pub use validate::{MAX_PROBLEMS, Problem, Severity, validate, validate_bytes};
pub use write::{canonical, for_graphs, pretty, revision, to_value, write_pretty};

pub(crate) use cut::{append, part};
pub(crate) use json::parse as parse_json;
pub(crate) use near::hint;
pub(crate) use schema::of as schema_of;
pub(crate) use tidy::{element_ids, free_id, tidy};
pub(crate) use validate::{Report, check_shape, errors};
pub(crate) use write::{canonical_value, sha256_hex};

/// A small sound storyboard that uses every list of the format.
#[cfg(test)]
pub(crate) fn sample() -> Storyboard {
    let text = r#"{
      "schema": "studio.scene/1", "id": "rec_1", "lang": "en", "title": "Orders",
      "source": { "duration_ms": 16000, "words": 40 }, "theme": "light", "canvas": { "w": 1920, "h": 1080, "fps": 30 },
      "scenes": [
        { "id": "s1", "title": "Order handling", "kind": "flow", "alt_kinds": ["steps"], "words": [0, 19],
          "confidence": 0.83,
          "nodes": [
            { "id": "n1", "role": "activity", "label": "Check stock", "actor": "a1", "group": "g1",
              "evidence": [[2, 3]], "confidence": 0.91, "by": "auto", "alt": "Sales checks the stock" },
            { "id": "n2", "role": "decision", "label": "In stock?", "evidence": [[5, 6], [8, 8]], "confidence": 1.0,
              "by": "auto" },
            { "id": "n3", "role": "end", "label": "Ship", "evidence": [], "confidence": 1.0, "by": "user" }
          ],
          "edges": [
            { "id": "e1", "from": "n1", "to": "n2", "type": "then", "evidence": [[4, 4]], "confidence": 0.7,
              "by": "auto" },
            { "id": "e2", "from": "n2", "to": "n3", "type": "yes", "label": "yes", "evidence": [[9, 9]],
              "confidence": 0.5, "by": "auto" }
          ],
          "actors": [{ "id": "a1", "label": "Sales", "evidence": [[0, 1]], "by": "auto" }],
          "groups": [{ "id": "g1", "label": "Office", "evidence": [[10, 11]], "by": "auto" }],
          "notes": [{ "id": "t1", "text": "Only on working days", "evidence": [[12, 15]], "by": "auto" }],
          "layout": { "pins": { "n1": [0.2, 0.3] } },
          "timeline": [{ "at": { "word": 7, "offset_ms": -120 }, "do": "reveal", "target": "n2", "dur_ms": 350 },
            { "at": { "ms": 4000 }, "do": "camera", "fit": ["n1", "n2"], "ease": "in_out" }],
          "removed": [{ "id": "n9", "label": "Coffee", "evidence": [[16, 16]] }],
          "caption_style": "sidecar", "by": "auto" },
        { "id": "s2", "title": "Delivery", "kind": "steps", "words": [20, 39], "confidence": 1.0,
          "nodes": [{ "id": "n1", "role": "activity", "label": "Load van", "evidence": [[22, 23]],
            "confidence": 1.0, "by": "auto" }],
          "edges": [], "caption_style": "sidecar", "by": "auto" }
      ],
      "review": [{ "target": "s1/e2", "why": "low confidence 0.50", "words": [9, 9] }]
    }"#;
    from_value(serde_json::from_str(text).expect("the sample is JSON")).expect("the sample is sound")
}
