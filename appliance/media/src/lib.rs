//! The edge to recorded media: hearing (decoding and speech recognition), models, and encoding.
//!
//! Everything here parses bytes that strangers made; the root package runs it in a child process with limits.

pub mod decode;
pub mod encode;
#[doc(hidden)]
pub mod fuzzing;
pub mod hear;
mod libav;
mod linked;
pub mod model;
mod render;

pub use linked::linked;
pub use render::{MakeEncoder, Progress, RecordVoice, Render, RenderError};
