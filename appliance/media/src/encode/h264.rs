//! Pictures of one take: H.264 by x264.

use ffmpeg_next as ffmpeg;

use std::path::Path;

use ffmpeg::{Dictionary, color, picture};
use studio::draw::{Picture, PixelRect};

use super::spec::{LONGEST, check_canvas};
use super::yuv::{Area, convert};
use super::{EncodeError, Encoder, libav, reel};

/// Settings of x264, chosen by measuring on 1080p slides of text that appear box by box.
///
/// A constant quantiser: 224 kB at 52.5 dB of luma PSNR where constant rate factor 21 takes 260 kB for 52.4 dB, because
/// adaptive quantisation takes bits from edges, which is what text is; and no picture depends on the rate of the ones
/// before. `superfast`: 5 ms of processor time a picture; `veryfast` saves 5 % of the bytes for 15 % more time. No motion
/// between pixels (`subme=0`): parts of a film move by whole ones, and it costs a sixth of the time for 0.5 % of the bytes.
/// One thread without lookahead, and no algorithm chosen by processor: the bytes depend on nothing but the pictures.
/// No pictures that refer to later ones: they would shift time stamps across stills of any length.
const SETTINGS: [(&str, &str); 6] = [
    ("preset", "superfast"),
    ("profile", "high"),
    ("qp", "22"),
    ("forced-idr", "1"),
    ("threads", "1"),
    ("x264-params", "cpu-independent=1:rc-lookahead=0:mbtree=0:bframes=0:scenecut=0:weightp=0:subme=0"),
];

/// Encodes the pictures of one take into a reel; times are frames from the beginning of the take.
///
/// The first picture is one that players can seek to, and nothing refers back beyond it: reels that were encoded apart,
/// in any order and by any number of threads, can be put one after the other.
pub struct TakeEncoder {
    encoder: ffmpeg::encoder::video::Encoder,
    frame: ffmpeg::frame::Video,
    reel: reel::Writer,
    size: (u32, u32),
    fps: u64,
    /// When the last picture was sent.
    last: Option<u64>,
}

/// Opens the encoder.
pub(super) fn open(size: (u32, u32), fps: u32) -> Result<ffmpeg::encoder::video::Encoder, EncodeError> {
    crate::libav::init();
    let stage = "opening the H.264 encoder";
    let codec = ffmpeg::encoder::find_by_name("libx264").ok_or_else(|| EncodeError::Codec {
        stage,
        reason: "this build of FFmpeg lacks libx264; install one that has it".to_owned(),
    })?;
    let mut context = ffmpeg::codec::Context::new_with_codec(codec);
    libav::tag_centred_colour(&mut context);
    context.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER);
    context.set_time_base((1, fps as i32));
    context.set_frame_rate(Some((fps as i32, 1)));
    let mut video = context.encoder().video().map_err(EncodeError::library(stage))?;
    video.set_width(size.0);
    video.set_height(size.1);
    video.set_format(ffmpeg::format::Pixel::YUV420P);
    video.set_aspect_ratio((1, 1));
    // Never by itself: takes are short, and each begins with one.
    video.set_gop(i32::MAX as u32);
    video.set_colorspace(color::Space::BT709);
    video.set_color_range(color::Range::MPEG);
    video.set_color_primaries(color::Primaries::BT709);
    video.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
    video.open_with(SETTINGS.into_iter().collect::<Dictionary<'_>>()).map_err(EncodeError::library(stage))
}

impl TakeEncoder {
    /// Begins a reel that will be at `target`, of pictures of `size` pixels at `fps` frames a second.
    ///
    /// # Errors
    /// [`EncodeError::Size`] and [`EncodeError::Rate`] for what cannot be encoded, [`EncodeError::Unwritable`] or
    /// [`EncodeError::DiskFull`] for a place that cannot be written, [`EncodeError::Codec`] when the library fails.
    pub fn create(target: &Path, size: (u32, u32), fps: u32) -> Result<Self, EncodeError> {
        check_canvas(size, fps)?;
        let encoder = open(size, fps)?;
        let mut frame = libav::yuv_frame(size.0, size.1)?;
        frame.set_color_space(color::Space::BT709);
        frame.set_color_range(color::Range::MPEG);
        let reel = reel::Writer::create(target)?;
        Ok(Self { encoder, frame, reel, size, fps: u64::from(fps), last: None })
    }

    fn send(&mut self, at: u64) -> Result<(), EncodeError> {
        self.frame.set_pts(Some(at as i64));
        self.frame.set_kind(if self.last.is_none() { picture::Type::I } else { picture::Type::None });
        self.encoder.send_frame(&self.frame).map_err(EncodeError::library(ENCODING))?;
        self.last = Some(at);
        self.drain()
    }

    fn drain(&mut self) -> Result<(), EncodeError> {
        let Self { encoder, reel, .. } = self;
        libav::drain(encoder, ENCODING, &mut |packet| reel.put(&packet))
    }
}

impl Encoder for TakeEncoder {
    fn canvas(&self) -> (u32, u32) {
        self.size
    }

    fn frame(&mut self, at: u64, picture: &Picture, changed: Option<PixelRect>) -> Result<(), EncodeError> {
        let (width, height) = self.size;
        let bytes = picture.rgba.len();
        if (picture.w, picture.h) != self.size || bytes as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(EncodeError::Picture { width: picture.w, height: picture.h, bytes });
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
            convert(&picture.rgba, width as usize, area, &mut libav::planes(&mut self.frame)?);
        }
        self.send(at)
    }

    fn finish(mut self: Box<Self>, end: u64) -> Result<(), EncodeError> {
        if self.last.is_none_or(|last| end <= last) || end > LONGEST * self.fps {
            return Err(EncodeError::Order { at: end });
        }
        self.encoder.send_eof().map_err(EncodeError::library(ENCODING))?;
        self.drain()?;
        self.reel.finish()
    }
}

const ENCODING: &str = "encoding a picture";
