//! Encoding: from pictures and the speaker's voice to a video file.

use studio::draw::{Picture, PixelRect};

/// Takes pictures in order and writes a video.
pub trait Encoder {
    /// Shows `picture` from frame `at` on (frames of the canvas' rate, rising from 0). `changed` bounds the pixels
    /// that differ from the last call; `None` means all.
    ///
    /// # Errors
    /// When the codec or the disk fails.
    fn frame(&mut self, at: u64, picture: &Picture, changed: Option<PixelRect>) -> Result<(), EncodeError>;

    /// Holds the last picture until frame `end`, writes the trailer and makes the file durable.
    ///
    /// # Errors
    /// When the codec or the disk fails.
    fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError>;
}

/// Why a video cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The codec or container failed.
    #[error("{stage} failed: {reason}")]
    Codec {
        /// What was being done.
        stage: &'static str,
        /// What the library says.
        reason: String,
    },
}
