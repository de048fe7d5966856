//! Encoding: from pictures and the speaker's voice to a video file.
//!
//! A film is encoded in takes, each into a reel of its own, the voice into another; then they are put together. Pictures
//! arrive only where something changes; a still is held by coded pictures that repeat it, which cost some sixty bytes and no
//! encoding: once a second so that players can seek, or in every frame where the rate must be constant. The same input gives
//! the same bytes with any number of threads: one thread of the encoder a take, no clock and no version in the file. Of MP4 they
//! are the same on every machine too, for x264 chooses nothing by the processor; libvpx and libopus may, and encoders of graphics
//! processors do. Of these none is believed: what one codes is put together, decoded and held against what it was given, and it
//! codes films only where that looks the same (`trial`).

mod boxes;
mod error;
mod file;
mod h264;
mod lang;
mod libav;
mod mute;
mod numbers;
pub(crate) mod reel;
mod repeat;
mod sink;
mod source;
mod spec;
mod surfaces;
mod take;
mod timed_text;
mod trial;
mod voice;
mod vp9;

pub use error::EncodeError;
pub use file::{Reels, assemble};
pub use h264::Coder;
pub use spec::{AudioSpec, Chapter, Container, VideoSpec};
pub use take::TakeEncoder;
pub use trial::{NEAR_DB, TrialError, hardware};
pub use voice::record_voice;

use studio::draw::{Picture, PixelRect};

/// Takes the pictures of one take in order and writes a reel.
///
/// Dropped before [`Encoder::finish`], it leaves nothing behind.
pub trait Encoder<P = Picture>: Send {
    /// Width and height of the pictures it takes, in pixels.
    fn canvas(&self) -> (u32, u32);

    /// Shows `picture` from frame `at` of the take on (frames of the canvas' rate, rising from 0). `changed` bounds the
    /// pixels that differ from the last call; `None` means all.
    ///
    /// # Errors
    /// When the codec or the disk fails, and when the picture or the order is not what was agreed.
    fn frame(&mut self, at: u64, picture: &P, changed: Option<PixelRect>) -> Result<(), EncodeError>;

    /// Gives the reel its name; the last picture is shown until frame `end` of the take.
    ///
    /// # Errors
    /// When the codec or the disk fails.
    fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError>;
}
