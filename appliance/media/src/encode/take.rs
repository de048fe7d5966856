//! Pictures of one take.

use ffmpeg_next as ffmpeg;

use std::path::Path;

use ffmpeg::{color, picture};
use studio::draw::PixelRect;
use studio::draw::yuv::{Area, Footage};

use super::libav::{self, PictureEncoder};
use super::spec::{LONGEST, check_canvas};
use super::{EncodeError, Encoder, VideoSpec, reel};

/// Encodes the pictures of one take into a reel; times are frames from the beginning of the take.
///
/// The first picture is one that players can seek to, and nothing refers back beyond it: reels that were encoded apart,
/// in any order and by any number of threads, can be put one after the other.
pub struct TakeEncoder {
    encoder: PictureEncoder,
    frame: ffmpeg::frame::Video,
    reel: reel::Writer,
    size: (u32, u32),
    fps: u64,
    /// When the last picture was sent.
    last: Option<u64>,
}

impl TakeEncoder {
    /// Begins a reel that will be at `target`, of pictures for such a file.
    ///
    /// # Errors
    /// [`EncodeError::Size`] and [`EncodeError::Rate`] for what cannot be encoded, [`EncodeError::Unwritable`] or
    /// [`EncodeError::DiskFull`] for a place that cannot be written, [`EncodeError::Codec`] when the library fails.
    pub fn create(target: &Path, spec: &VideoSpec<'_>) -> Result<Self, EncodeError> {
        let VideoSpec { size, fps, .. } = *spec;
        check_canvas(size, fps)?;
        let encoder = spec.open_pictures()?;
        let mut frame = libav::yuv_frame(size.0, size.1)?;
        frame.set_color_space(color::Space::BT709);
        frame.set_color_range(color::Range::MPEG);
        let reel = reel::Writer::create(target)?;
        Ok(Self { encoder, frame, reel, size, fps: u64::from(fps), last: None })
    }

    fn send(&mut self, at: u64) -> Result<(), EncodeError> {
        self.frame.set_pts(Some(at as i64));
        self.frame.set_kind(if self.last.is_none() { picture::Type::I } else { picture::Type::None });
        self.last = Some(at);
        self.encoder.picture(&self.frame, ENCODING, &mut |packet| self.reel.put(&packet))
    }
}

impl<P: Footage> Encoder<P> for TakeEncoder {
    fn canvas(&self) -> (u32, u32) {
        self.size
    }

    fn frame(&mut self, at: u64, picture: &P, changed: Option<PixelRect>) -> Result<(), EncodeError> {
        let (width, height) = self.size;
        let given = picture.extent();
        if given != (width, height, P::bytes(self.size)) {
            return Err(EncodeError::Picture { width: given.0, height: given.1, bytes: given.2 });
        }
        let in_order = self.last.map_or(at == 0, |last| at > last);
        if !in_order || at >= LONGEST * self.fps {
            return Err(EncodeError::Order { at });
        }
        let area = match changed {
            Some(rect) if self.last.is_some() => Area::covering(rect, width, height),
            _ => Some(Area::whole(width, height)),
        };
        if let Some(area) = area {
            picture.write(area, &mut libav::planes(&mut self.frame)?);
        }
        self.send(at)
    }

    fn finish(self: Box<Self>, end: u64) -> Result<(), EncodeError> {
        let Self { mut encoder, mut reel, last, fps, .. } = *self;
        if last.is_none_or(|last| end <= last) || end > LONGEST * fps {
            return Err(EncodeError::Order { at: end });
        }
        encoder.end(ENCODING, &mut |packet| reel.put(&packet))?;
        reel.finish()
    }
}

const ENCODING: &str = "encoding a picture";
