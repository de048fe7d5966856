//! What the talk says: a transcript in, a storyboard out.

use crate::storyboard::{Canvas, Storyboard};
use crate::transcript::Transcript;

/// Draws the content of a storyboard from a transcript. Total: any transcript gives a storyboard, in the worst case
/// one of plain steps.
pub trait Outliner {
    /// The scenes of `transcript`, without layout and timeline.
    fn outline(&self, transcript: &Transcript, options: &Options) -> Storyboard;
}

/// What the person asks of the outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Id of the storyboard.
    pub id: String,
    /// Theme name.
    pub theme: String,
    /// Size and frame rate.
    pub canvas: Canvas,
    /// Draw every scene as this kind.
    pub kind: Option<crate::storyboard::Kind>,
}
