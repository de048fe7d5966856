//! When everything happens: placed scenes and word times in, the state of every element at every frame out.

/// A stretch of frames that are all alike, or that all differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First frame.
    pub first: u64,
    /// One past the last frame.
    pub end: u64,
    /// Whether the picture changes inside the span. A still span needs its first frame drawn only.
    pub moving: bool,
}

/// The state of the screen at one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameSpec {
    /// Index of the scene.
    pub scene: usize,
    /// State of every element of the scene, in painting order; indices are those of the scene's elements.
    pub elements: Vec<ElementState>,
}

/// How one element looks at one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElementState {
    /// 0 invisible to 1 fully there.
    pub opacity: f32,
    /// Pixels below its place (entering elements rise).
    pub sink: f32,
    /// Share of a line that is drawn, from its source.
    pub drawn: f32,
    /// 0 plain to 1 highlighted.
    pub highlight: f32,
}
