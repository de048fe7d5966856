//! Libraries of the system that this crate is linked to, as they say themselves.

use ffmpeg_next as ffmpeg;

/// Name, version and licence of each.
pub fn linked() -> Vec<(&'static str, String, &'static str)> {
    let version = |number: u32| format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff);
    vec![
        ("libavcodec", version(ffmpeg::codec::version()), ffmpeg::codec::license()),
        ("libavformat", version(ffmpeg::format::version()), ffmpeg::format::license()),
        ("libavutil", version(ffmpeg::util::version()), ffmpeg::util::license()),
        ("libswresample", version(ffmpeg::software::resampling::version()), ffmpeg::software::resampling::license()),
    ]
}
