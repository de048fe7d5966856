//! What can go wrong while a video is written.

use std::path::PathBuf;

use ffmpeg_next as ffmpeg;

use crate::decode::DecodeError;

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
    /// The disk or the quota is full.
    #[error("{stage} failed: no space left on the disk; free some or choose another place for the video")]
    DiskFull {
        /// What was being done.
        stage: &'static str,
    },
    /// The file system refuses.
    #[error("{} cannot be written: {reason}", .path.display())]
    Unwritable {
        /// The video.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The canvas cannot be encoded.
    #[error("a canvas of {width}x{height} cannot be encoded; sides must be even and from 16 to 7680 pixels")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The frame rate cannot be encoded.
    #[error("{0} frames a second cannot be encoded; choose 1 to 120")]
    Rate(u32),
    /// Chapters that overlap, run backwards or are too many.
    #[error("chapter {index} is out of place; chapters must be in order, not overlap, and be at most {max}")]
    Chapter {
        /// Index of the first chapter that does not fit.
        index: usize,
        /// Most chapters that are written.
        max: usize,
    },
    /// A picture that is not of the canvas' size.
    #[error("a picture of {width}x{height} with {bytes} bytes does not fit the canvas")]
    Picture {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Length of its pixels.
        bytes: usize,
    },
    /// Frames that do not rise from 0, or go on for more than a day.
    #[error("frame {at} is out of order; frames start at 0, rise, and end within a day")]
    Order {
        /// The frame.
        at: u64,
    },
    /// Packets that were kept are not what was written.
    #[error("{} is damaged; remove it and run the same command again", .path.display())]
    Unreadable {
        /// The file of the packets.
        path: PathBuf,
    },
    /// The speaker's voice cannot be decoded.
    #[error("the voice cannot be read: {0}")]
    Voice(#[from] DecodeError),
}

impl EncodeError {
    /// Sorts a failure of the library.
    pub(super) fn library(stage: &'static str) -> impl Fn(ffmpeg::Error) -> Self {
        move |error| match error {
            ffmpeg::Error::Other { errno } if errno == ffmpeg::error::ENOSPC || errno == EDQUOT => {
                Self::DiskFull { stage }
            }
            other => Self::Codec { stage, reason: other.to_string() },
        }
    }

    /// Sorts a failure of the file system.
    pub(super) fn disk(stage: &'static str, path: &std::path::Path) -> impl Fn(std::io::Error) -> Self {
        move |error| match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull { stage },
            _ => Self::Unwritable { path: path.to_owned(), reason: error.to_string() },
        }
    }
}

/// "Disk quota exceeded" on Linux; the library's bindings do not name it.
const EDQUOT: i32 = 122;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &EncodeError, full: bool, part: &str) {
        assert_eq!(matches!(error, EncodeError::DiskFull { .. }), full, "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    }

    #[test]
    fn a_full_disk_is_told_from_the_rest() {
        let library = EncodeError::library("writing");
        check(&library(ffmpeg::Error::Other { errno: ffmpeg::error::ENOSPC }), true, "no space left");
        check(&library(ffmpeg::Error::Other { errno: EDQUOT }), true, "no space left");
        check(&library(ffmpeg::Error::Other { errno: ffmpeg::error::EIO }), false, "writing failed");
        let disk = EncodeError::disk("writing", std::path::Path::new("a.mp4"));
        check(&disk(std::io::Error::from_raw_os_error(ffmpeg::error::ENOSPC)), true, "no space left");
        check(&disk(std::io::Error::from_raw_os_error(EDQUOT)), true, "no space left");
        check(&disk(std::io::Error::from_raw_os_error(ffmpeg::error::EACCES)), false, "a.mp4 cannot be written");
    }
}
