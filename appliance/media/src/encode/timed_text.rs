//! Captions inside the container: 3GPP timed text (TS 26.245), the subtitle format of MP4.

use ffmpeg_next as ffmpeg;

use ffmpeg::Packet;
use studio::transcript::Cue;

use super::spec::truncated;
use super::{EncodeError, libav};

/// Longest text of one caption in bytes; its length is written in 16 bits, and no screen holds more than this.
const LONGEST: usize = 4096;

/// Sample description: centred at the bottom, white on a see-through black box, font 1 of a table of one.
const DESCRIPTION: &[u8] = &[
    0, 0, 0, 0, // display flags
    1, 0xff, // centred, at the bottom
    0, 0, 0, 0x80, // background
    0, 0, 0, 0, 0, 0, 0, 0, // text box: the whole track
    0, 0, 0, 0, 0, 1, 0, 18, 0xff, 0xff, 0xff, 0xff, // style: all characters, font 1, size 18, white
    0, 0, 0, 18, b'f', b't', b'a', b'b', 0, 1, 0, 1, 5, b'S', b'e', b'r', b'i', b'f', // a table of one font
];

/// Captions in order, apart, as samples; times are milliseconds.
pub(super) struct TextTrack {
    cues: std::vec::IntoIter<(u64, u64, Vec<u8>)>,
}

impl TextTrack {
    /// Captions that follow one another; an earlier one ends where a later one begins. `None` when there are none.
    pub(super) fn new(cues: &[Cue]) -> Option<Self> {
        let mut samples: Vec<(u64, u64, Vec<u8>)> = cues
            .iter()
            .filter(|cue| cue.start_ms < cue.end_ms && i64::try_from(cue.end_ms).is_ok())
            .map(|cue| (cue.start_ms, cue.end_ms, sample(&cue.lines.join("\n"))))
            .collect();
        samples.sort_by_key(|sample| sample.0);
        samples.dedup_by_key(|sample| sample.0);
        for i in 1..samples.len() {
            samples[i - 1].1 = samples[i - 1].1.min(samples[i].0);
        }
        (!samples.is_empty()).then(|| Self { cues: samples.into_iter() })
    }

    pub(super) fn parameters(size: (u32, u32)) -> Result<ffmpeg::codec::Parameters, EncodeError> {
        let mut parameters = ffmpeg::codec::Parameters::new();
        parameters.set_medium(ffmpeg::media::Type::Subtitle);
        parameters.set_id(ffmpeg::codec::Id::MOV_TEXT);
        libav::set_size(&mut parameters, size);
        libav::set_extradata(&mut parameters, DESCRIPTION)?;
        Ok(parameters)
    }

    pub(super) fn time_base() -> ffmpeg::Rational {
        ffmpeg::Rational(1, 1000)
    }

    /// The next caption that is over by `now`; at the end of the video also the one that is not, cut short.
    pub(super) fn next(&mut self, now: u64, at_end: bool) -> Option<Packet> {
        let (start, end, _) = self.cues.as_slice().first()?;
        if *end > now && !(at_end && *start < now) {
            return None;
        }
        let (start, end, bytes) = self.cues.next()?;
        let mut packet = Packet::copy(&bytes);
        packet.set_pts(Some(start as i64));
        packet.set_dts(Some(start as i64));
        packet.set_duration((end.min(now) - start) as i64);
        packet.set_flags(ffmpeg::codec::packet::Flags::KEY);
        Some(packet)
    }
}

/// A text sample: length in 16 bits, then UTF-8.
fn sample(text: &str) -> Vec<u8> {
    let visible: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    let text = truncated(&visible, LONGEST).as_bytes();
    let mut bytes = (text.len() as u16).to_be_bytes().to_vec();
    bytes.extend_from_slice(text);
    bytes
}
