//! Pictures as VP9, by libvpx.

use super::{EncodeError, libav::PictureEncoder};

/// Settings of libvpx, chosen by measuring on 150 pictures of a talk at 1080p.
///
/// A constant quality (`b=0`, `crf`): 217 kB at 53.7 dB of luma PSNR, near what x264 gives here (220 kB at 56 dB), in 9 ms of
/// processor time a picture. `screen` keeps the edges of text. No picture waits for later ones, and none is made that is not
/// shown: so the picture before is always the first of those that the decoder remembers. One thread: the bytes depend on
/// nothing but the pictures.
const SETTINGS: [(&str, &str); 9] = [
    ("deadline", "realtime"),
    ("cpu-used", "7"),
    ("b", "0"),
    ("crf", "30"),
    ("tune-content", "screen"),
    ("lag-in-frames", "0"),
    ("auto-alt-ref", "0"),
    ("row-mt", "0"),
    ("threads", "1"),
];

/// A picture that shows the one before again: a frame of one byte that names the first of the remembered pictures
/// (VP9 bitstream specification, 6.2: frame marker 2, profile 0, `show_existing_frame`, index 0).
pub(super) const REPEAT: [u8; 1] = [0b1000_1000];

/// Opens the encoder.
pub(super) fn open(size: (u32, u32), fps: u32) -> Result<PictureEncoder, EncodeError> {
    PictureEncoder::open("libvpx-vp9", "opening the VP9 encoder", size, fps, &SETTINGS, None)
}
