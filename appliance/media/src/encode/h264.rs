//! The picture track: H.264 by x264.

use ffmpeg_next as ffmpeg;

use ffmpeg::{Dictionary, Packet, color, picture};
use studio::draw::{Picture, PixelRect};

use super::EncodeError;
use super::libav;
use super::spec::LONGEST;
use super::yuv::{Area, convert};

/// Longest time between two points to seek to, in seconds.
const KEY_EVERY: u64 = 10;

/// Settings of x264, chosen by measuring on 1080p slides of text that appear box by box.
///
/// A constant quantiser: 224 kB at 52.5 dB of luma PSNR where constant rate factor 21 takes 260 kB for 52.4 dB, because
/// adaptive quantisation takes bits from edges, which is what text is; and no picture depends on the rate of the ones
/// before. `superfast`: 9 ms of processor time a picture; `veryfast` saves 5 % of the bytes for 15 % more time.
/// One thread without lookahead, and no algorithm chosen by processor: the bytes depend on nothing but the pictures.
/// No pictures that refer to later ones: they would shift time stamps across stills of any length.
const SETTINGS: [(&str, &str); 6] = [
    ("preset", "superfast"),
    ("profile", "high"),
    ("qp", "22"),
    ("forced-idr", "1"),
    ("threads", "1"),
    ("x264-params", "cpu-independent=1:rc-lookahead=0:mbtree=0:bframes=0:scenecut=0:weightp=0"),
];

/// Encodes pictures; times are frames of the canvas' rate.
pub(super) struct PictureTrack {
    encoder: ffmpeg::encoder::video::Encoder,
    frame: ffmpeg::frame::Video,
    size: (u32, u32),
    fps: u64,
    /// When the last picture and the last point to seek to were sent.
    last: Option<(u64, u64)>,
    cut: bool,
}

impl PictureTrack {
    pub(super) fn open(size: (u32, u32), fps: u32) -> Result<Self, EncodeError> {
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
        video.set_gop(fps.saturating_mul(KEY_EVERY as u32));
        video.set_colorspace(color::Space::BT709);
        video.set_color_range(color::Range::MPEG);
        video.set_color_primaries(color::Primaries::BT709);
        video.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
        let encoder =
            video.open_with(SETTINGS.into_iter().collect::<Dictionary<'_>>()).map_err(EncodeError::library(stage))?;
        let mut frame = libav::yuv_frame(size.0, size.1)?;
        frame.set_color_space(color::Space::BT709);
        frame.set_color_range(color::Range::MPEG);
        Ok(Self { encoder, frame, size, fps: u64::from(fps), last: None, cut: true })
    }

    pub(super) fn parameters(&self) -> ffmpeg::codec::Parameters {
        ffmpeg::codec::Parameters::from(&**self.encoder)
    }

    pub(super) fn time_base(&self) -> ffmpeg::Rational {
        ffmpeg::Rational(1, self.fps as i32)
    }

    pub(super) fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Makes the next picture one that players can seek to.
    pub(super) fn cut(&mut self) {
        self.cut = true;
    }

    /// Repeats the last picture once a second while it is held until `until`.
    fn hold(&mut self, until: u64, out: &mut impl FnMut(Packet) -> Result<(), EncodeError>) -> Result<(), EncodeError> {
        while let Some((last, key)) = self.last {
            let Some(at) = last.checked_add(self.fps).filter(|at| *at < until) else { break };
            self.send(at, at - key >= KEY_EVERY * self.fps, out)?;
        }
        Ok(())
    }

    /// Shows `picture` from `at` on.
    pub(super) fn show(
        &mut self,
        at: u64,
        picture: &Picture,
        changed: Option<PixelRect>,
        out: &mut impl FnMut(Packet) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let (width, height) = self.size;
        let bytes = picture.rgba.len();
        if (picture.w, picture.h) != self.size || bytes as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(EncodeError::Picture { width: picture.w, height: picture.h, bytes });
        }
        let in_order = self.last.map_or(at == 0, |(last, _)| at > last);
        if !in_order || at >= LONGEST * self.fps {
            return Err(EncodeError::Order { at });
        }
        self.hold(at, out)?;
        let area = match changed {
            Some(rect) if self.last.is_some() => Area::covering(rect, width, height),
            _ => Some(Area::whole(width, height)),
        };
        if let Some(area) = area {
            convert(&picture.rgba, width as usize, area, &mut libav::planes(&mut self.frame)?);
        }
        let key = self.cut || self.last.is_none_or(|(_, key)| at - key >= KEY_EVERY * self.fps);
        self.cut = false;
        self.send(at, key, out)
    }

    /// Holds the last picture until `end` and ends the track.
    pub(super) fn end(
        &mut self,
        end: u64,
        out: &mut impl FnMut(Packet) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if self.last.is_none_or(|(last, _)| end <= last) || end > LONGEST * self.fps {
            return Err(EncodeError::Order { at: end });
        }
        self.hold(end, out)?;
        self.encoder.send_eof().map_err(EncodeError::library("ending the pictures"))?;
        self.drain(out)
    }

    fn send(
        &mut self,
        at: u64,
        key: bool,
        out: &mut impl FnMut(Packet) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.frame.set_pts(Some(at as i64));
        self.frame.set_kind(if key { picture::Type::I } else { picture::Type::None });
        self.encoder.send_frame(&self.frame).map_err(EncodeError::library("encoding a picture"))?;
        let last_key = self.last.map_or(at, |(_, key)| key);
        self.last = Some((at, if key { at } else { last_key }));
        self.drain(out)
    }

    fn drain(&mut self, out: &mut impl FnMut(Packet) -> Result<(), EncodeError>) -> Result<(), EncodeError> {
        loop {
            let mut packet = Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => out(packet)?,
                Err(ffmpeg::Error::Eof | ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => return Ok(()),
                Err(e) => return Err(EncodeError::library("encoding a picture")(e)),
            }
        }
    }
}
