//! Pictures as H.264, by x264.

use ffmpeg_next as ffmpeg;

use ffmpeg::encoder::video::Encoder;

use super::{EncodeError, libav};

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

/// Opens the encoder.
pub(super) fn open(size: (u32, u32), fps: u32) -> Result<Encoder, EncodeError> {
    libav::open_pictures("libx264", "opening the H.264 encoder", size, fps, &SETTINGS)
}
