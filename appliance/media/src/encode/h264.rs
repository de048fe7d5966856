//! Pictures as H.264: by x264, or by what a graphics processor has for it.

use std::path::PathBuf;

use super::{EncodeError, libav::PictureEncoder, surfaces::Surfaces};

const STAGE: &str = "opening the H.264 encoder";

/// Settings of x264, chosen by measuring on 1080p slides of text that appear box by box.
///
/// A constant quantiser: 224 kB at 52.5 dB of luma PSNR where constant rate factor 21 takes 260 kB for 52.4 dB, because
/// adaptive quantisation takes bits from edges, which is what text is; and no picture depends on the rate of the ones
/// before. `superfast`: 5 ms of processor time a picture; `veryfast` saves 5 % of the bytes for 15 % more time. No motion
/// between pixels (`subme=0`): parts of a film move by whole ones, and it costs a sixth of the time for 0.5 % of the bytes.
/// One thread without lookahead, and no algorithm chosen by processor: the bytes depend on nothing but the pictures.
/// No pictures that refer to later ones: they would shift time stamps across stills of any length.
const X264: [(&str, &str); 6] = [
    ("preset", "superfast"),
    ("profile", "high"),
    ("qp", "22"),
    ("forced-idr", "1"),
    ("threads", "1"),
    ("x264-params", "cpu-independent=1:rc-lookahead=0:mbtree=0:bframes=0:scenecut=0:weightp=0:subme=0"),
];

/// Settings of NVIDIA's encoder to the same end: a constant quantiser, each picture coded when it comes, from the one before.
const NVENC: [(&str, &str); 9] = [
    ("preset", "p4"),
    ("profile", "high"),
    ("rc", "constqp"),
    ("qp", "22"),
    ("bf", "0"),
    ("delay", "0"),
    ("dpb_size", "1"),
    ("forced-idr", "1"),
    ("no-scenecut", "1"),
];

/// The same of the encoders that Intel and AMD offer by VA-API.
const VAAPI: [(&str, &str); 6] =
    [("profile", "high"), ("rc_mode", "CQP"), ("qp", "22"), ("bf", "0"), ("async_depth", "1"), ("sei", "0")];

/// What codes pictures as H.264.
///
/// Reels of the one and the other do not go into one file: their heads differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coder {
    /// The processor, by x264: the same bytes on every machine.
    #[default]
    X264,
    /// A graphics processor of NVIDIA.
    Nvenc,
    /// One of Intel or AMD: that of the render node `/dev/dri/renderD` and this number.
    Vaapi(u16),
    /// x264 with other settings, as other encoders code.
    #[cfg(test)]
    Odd(&'static [(&'static str, &'static str)]),
}

impl Coder {
    /// What people know it by.
    pub fn name(self) -> String {
        match self {
            Coder::X264 => "x264".to_owned(),
            Coder::Nvenc => "NVENC".to_owned(),
            #[cfg(test)]
            Coder::Odd(_) => "odd".to_owned(),
            Coder::Vaapi(node) => format!("VA-API on {}", render_node(node).display()),
        }
    }

    /// Opens the encoder.
    pub(super) fn open(self, size: (u32, u32), fps: u32) -> Result<PictureEncoder, EncodeError> {
        match self {
            Coder::X264 => PictureEncoder::open("libx264", STAGE, size, fps, &X264, None),
            #[cfg(test)]
            Coder::Odd(settings) => PictureEncoder::open("libx264", STAGE, size, fps, settings, None),
            Coder::Nvenc => PictureEncoder::open("h264_nvenc", STAGE, size, fps, &NVENC, None),
            Coder::Vaapi(node) => {
                let surfaces = Surfaces::open(&render_node(node), size)?;
                PictureEncoder::open("h264_vaapi", STAGE, size, fps, &VAAPI, Some(surfaces))
            }
        }
    }
}

/// The device file of a graphics processor.
pub(super) fn render_node(number: u16) -> PathBuf {
    PathBuf::from(format!("/dev/dri/renderD{number}"))
}
