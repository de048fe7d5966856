//! Decoding: from any recording to plain samples.
//!
//! Bytes come from strangers, so the door is narrow: the file is opened here and handed to libav as a stream, only the
//! containers and audio codecs named in `formats` are probed, nothing but that one file is ever opened, pictures are
//! dropped undecoded, and lengths claimed by headers are never believed.

mod clock;
mod formats;
mod reader;
mod resample;

pub use reader::AudioReader;

use std::path::PathBuf;

/// Longest recording that is decoded unless [`AudioReader::with_limit`] says otherwise: 12 hours.
pub const MAX_DURATION_MS: u64 = 12 * 60 * 60 * 1000;

/// How the channels of a recording are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Mixed to one.
    Mono,
    /// Mixed or doubled to two.
    Stereo,
    /// As many as the recording has.
    Native,
}

/// What a recording is, as far as its header tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioInfo {
    /// Short name of the audio codec, such as `aac`.
    pub codec: String,
    /// Sample rate of the recording in hertz; not the rate it is read at.
    pub rate: u32,
    /// Channels of the recording.
    pub channels: u16,
    /// Length claimed by the header, in milliseconds. Often absent or wrong: show it, never rely on it.
    pub header_duration_ms: Option<u64>,
    /// Short name of the container, such as `mov`.
    pub container: String,
}

/// A recording that could be decoded in part only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Byte of the first packet that is broken, when the container tells; the length of the file when it ends early.
    pub byte: Option<u64>,
    /// Where in the decoded audio the first damage is, in milliseconds.
    pub at_ms: u64,
    /// Packets that were broken.
    pub packets: u64,
}

/// Why a recording cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No such file.
    #[error("{} does not exist; check the path", .0.display())]
    NotFound(PathBuf),
    /// The file cannot be opened or read.
    #[error("{} cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The recording.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No container that is accepted.
    #[error(
        "{} is not a recording that can be read ({reason}); accepted are wav, mp3, m4a, flac, ogg, opus, webm, mp4, mov, mkv",
        .path.display()
    )]
    NotMedia {
        /// The recording.
        path: PathBuf,
        /// What the library says.
        reason: String,
    },
    /// Only pictures or subtitles.
    #[error("{} has no audio stream; choose a recording with sound", .0.display())]
    NoAudio(PathBuf),
    /// The audio stream is in a codec or shape that is not accepted.
    #[error("{}: {what} is not accepted; convert it to wav, flac or mp3", .path.display())]
    Unsupported {
        /// The recording.
        path: PathBuf,
        /// The codec, rate or channel count.
        what: String,
    },
    /// An audio stream without a single sample.
    #[error("{} holds no sound: its audio stream is empty", .0.display())]
    Empty(PathBuf),
    /// Nothing could be decoded.
    #[error(
        "{} is broken{}: none of its audio could be decoded; get the recording again",
        .path.display(), at(.damage)
    )]
    Broken {
        /// The recording.
        path: PathBuf,
        /// Where.
        damage: Damage,
    },
    /// Longer than the limit.
    #[error("{} is longer than the limit of {} minutes; cut it into parts or raise the limit", .path.display(), .limit_ms / 60_000)]
    TooLong {
        /// The recording.
        path: PathBuf,
        /// The limit in milliseconds.
        limit_ms: u64,
    },
    /// The library failed in a way that is not the recording's fault.
    #[error("decoding {} failed while {stage}: {reason}", .path.display())]
    Library {
        /// The recording.
        path: PathBuf,
        /// What was being done.
        stage: &'static str,
        /// What the library says.
        reason: String,
    },
}

fn at(damage: &Damage) -> String {
    damage.byte.map_or_else(String::new, |byte| format!(" from byte {byte} on"))
}
