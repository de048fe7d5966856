//! `studio.scene/1`: the storyboard, Audiagram's own format and the heart of the product.
//!
//! Three layers in one file, each regenerable from the one above and each overridable by hand: **content** (scenes,
//! nodes, edges: what was said), **layout** (optional pins), **timeline** (optional overrides). Times are word ids
//! first and milliseconds second, so that a re-recorded or retimed talk keeps its synchrony. Every automatic element
//! carries the words it was drawn from. What a person changed says `"by": "user"` and survives re-extraction.
//! Fields this version does not know are kept and written back.

mod kinds;
mod model;

pub use kinds::{EdgeType, Kind, Origin, Role, Shape};
pub use model::{
    Action, Actor, At, Camera, Canvas, CaptionStyle, Cue, Ease, Edge, Extra, Group, LayoutHints, Node, Note,
    ReviewItem, SCHEMA, Scene, Source, Storyboard, Target, WordRange,
};
