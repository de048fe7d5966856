//! Holding a picture: coded pictures that repeat the one before, put between those that were encoded.
//!
//! A P picture of nothing but skipped macroblocks without vectors shows again what the picture before shows, whatever
//! that is (H.264, 8.4.1.1: a skipped macroblock takes the motion of its neighbours, and here none has any). So one such
//! picture, some sixty bytes, is coded once and serves a whole film: it costs nothing to hold a picture, be it once a
//! second for players that seek or in every frame for those that want a constant rate. What changes is its number:
//! it counts reference pictures (7.4.3), so every picture up to the next point to seek to is numbered anew. VP9 has
//! such a picture in one byte and without a number (`vp9::REPEAT`).

use ffmpeg_next as ffmpeg;

use ffmpeg::Packet;
use ffmpeg::codec::packet::Flags;

use super::numbers::Numbering;
use super::{Container, EncodeError, VideoSpec, libav, vp9};

const STAGE: &str = "making a picture that repeats";

/// The pictures of a film in order, with repeats between them.
pub(super) struct Repeats {
    /// What H.264 needs for them; VP9 needs nothing.
    numbers: Option<Numbers>,
    /// Frames from one repeat to the next.
    step: u64,
    /// Frame of the last picture, and whether one can seek to it.
    last: Option<(u64, bool)>,
}

impl Repeats {
    /// Repeats for a film of such pictures, one every `step` frames in which nothing changes.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] when the library fails.
    pub(super) fn new(spec: &VideoSpec<'_>, step: u64) -> Result<Self, EncodeError> {
        let numbers = match spec.container {
            Container::Mp4 => Some(Numbers::new(spec)?),
            Container::Webm => None,
        };
        Ok(Self { numbers, step: step.max(1), last: None })
    }

    /// What holds the last picture until frame `until`, where one to seek to comes next or not.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] when the encoder coded what it never does.
    pub(super) fn hold(&mut self, until: u64, then_key: bool) -> Result<Vec<Packet>, EncodeError> {
        let Some((last, key)) = self.last else { return Ok(Vec::new()) };
        let mut frames: Vec<u64> =
            (0..).map_while(|i| last.checked_add(self.step * (i + 1))).take_while(|at| *at < until).collect();
        // Two pictures to seek to must not follow one another: coming from encoders that do not know of each other they
        // have the same number, and a decoder may take them for one (H.264, 7.4.3, idr_pic_id).
        if self.numbers.is_some() && key && then_key && frames.is_empty() && last + 1 < until {
            frames.push(until - 1);
        }
        frames.into_iter().map(|at| self.repeat(at)).collect()
    }

    fn repeat(&mut self, at: u64) -> Result<Packet, EncodeError> {
        let mut packet = match &self.numbers {
            Some(numbers) => Packet::copy(&numbers.numbered(&numbers.repeat)?),
            None => Packet::copy(&vp9::REPEAT),
        };
        packet.set_pts(Some(at as i64));
        packet.set_dts(Some(at as i64));
        self.passed(at, false);
        Ok(packet)
    }

    /// The next encoded picture, which is shown from frame `at` on, with the number it has here.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] when the encoder coded what it never does.
    pub(super) fn picture(&mut self, mut packet: Packet, at: u64) -> Result<Packet, EncodeError> {
        let key = packet.is_key();
        match &mut self.numbers {
            Some(numbers) if key => numbers.next = 0,
            Some(numbers) => {
                let bytes = numbers.numbered(packet.data().unwrap_or_default())?;
                if packet.data() != Some(&bytes) {
                    packet = Packet::copy(&bytes);
                    packet.set_flags(Flags::empty());
                }
            }
            None => {}
        }
        packet.set_pts(Some(at as i64));
        packet.set_dts(Some(at as i64));
        self.passed(at, key);
        Ok(packet)
    }

    fn passed(&mut self, at: u64, key: bool) {
        if let Some(numbers) = &mut self.numbers {
            numbers.next = numbers.next.wrapping_add(1);
        }
        self.last = Some((at, key));
    }
}

/// The numbers of H.264 pictures.
struct Numbers {
    /// A repeat, as the encoder coded it.
    repeat: Vec<u8>,
    /// How pictures are numbered.
    numbering: Numbering,
    /// Number of the next picture.
    next: u32,
}

impl Numbers {
    fn new(spec: &VideoSpec<'_>) -> Result<Self, EncodeError> {
        let mut encoder = spec.open_pictures()?;
        let numbering = Numbering::read(libav::extradata(&encoder.parameters()));
        let numbering = numbering.ok_or_else(|| unlike("the head of the film"))?;
        let mut frame = libav::yuv_frame(spec.size.0, spec.size.1)?;
        let planes = libav::planes(&mut frame)?;
        for plane in [planes.y, planes.cb, planes.cr] {
            plane.fill(128);
        }
        let mut packets = Vec::new();
        let mut keep = |packet| {
            packets.push(packet);
            Ok(())
        };
        for at in 0..2 {
            frame.set_pts(Some(at));
            encoder.picture(&frame, STAGE, &mut keep)?;
        }
        encoder.end(STAGE, &mut keep)?;
        let repeat = packets.pop().filter(|p| packets.len() == 1 && !p.is_key());
        let repeat = repeat.as_ref().and_then(Packet::data).ok_or_else(|| unlike("a picture that repeats"))?.to_vec();
        Ok(Self { repeat, numbering, next: 0 })
    }

    /// The units of a picture with the next number.
    fn numbered(&self, bytes: &[u8]) -> Result<Vec<u8>, EncodeError> {
        self.numbering.numbered(bytes, self.next).ok_or_else(|| unlike("a picture"))
    }
}

/// The encoder does not do what this is built on.
fn unlike(what: &str) -> EncodeError {
    EncodeError::Codec {
        stage: STAGE,
        reason: format!("{what} is not coded as expected; use x264, or another build of it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_small_and_counts_on() {
        let spec = VideoSpec { size: (1920, 1080), fps: 30, ..VideoSpec::default() };
        let mut repeats = Repeats::new(&spec, 1).unwrap();
        let length = repeats.numbers.as_ref().unwrap().repeat.len();
        assert!(length < 120, "{length} bytes");
        repeats.last = Some((4, true));
        let held = repeats.hold(40, true).unwrap();
        let times: Vec<Option<i64>> = held.iter().map(Packet::pts).collect();
        assert_eq!(times, (5..40).map(Some).collect::<Vec<_>>());
        let different: std::collections::BTreeSet<_> = held.iter().map(|p| p.data().unwrap().to_vec()).collect();
        assert_eq!(different.len(), 16, "numbers of four bits go round");
    }
}
