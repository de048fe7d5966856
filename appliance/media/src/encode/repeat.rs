//! Holding a picture: coded pictures that repeat the one before, put between those that were encoded.
//!
//! A P picture of nothing but skipped macroblocks without vectors shows again what the picture before shows, whatever
//! that is (H.264, 8.4.1.1: a skipped macroblock takes the motion of its neighbours, and here none has any). So one such
//! picture, some sixty bytes, is coded once and serves a whole film: it costs nothing to hold a picture, be it once a
//! second for players that seek or in every frame for those that want a constant rate. What changes is its number:
//! `frame_num` counts reference pictures (7.4.3), so every picture up to the next point to seek to is numbered anew. VP9 has
//! such a picture in one byte and without a number (`vp9::REPEAT`).

use ffmpeg_next as ffmpeg;

use ffmpeg::Packet;
use ffmpeg::codec::packet::Flags;

use super::{Container, EncodeError, h264, libav, vp9};

const STAGE: &str = "making a picture that repeats";
/// Types of network abstraction layer units: a slice that is no point to seek to, and the sequence parameter set.
const SLICE: u8 = 1;
const SEQUENCE: u8 = 7;
/// Sequence parameter sets of these profiles tell their chroma format (7.3.2.1.1); the encoder makes the first.
const HIGH: u32 = 100;

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
    pub(super) fn new(container: Container, size: (u32, u32), fps: u32, step: u64) -> Result<Self, EncodeError> {
        let numbers = match container {
            Container::Mp4 => Some(Numbers::new(size, fps)?),
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
            numbers.next = (numbers.next + 1) % (1 << numbers.bits);
        }
        self.last = Some((at, key));
    }
}

/// The numbers of H.264 pictures.
struct Numbers {
    /// A repeat, as the encoder coded it.
    repeat: Vec<u8>,
    /// Bits of a picture's number.
    bits: u32,
    /// Number of the next picture.
    next: u32,
}

impl Numbers {
    fn new(size: (u32, u32), fps: u32) -> Result<Self, EncodeError> {
        let mut encoder = h264::open(size, fps)?;
        let parameters = ffmpeg::codec::Parameters::from(&**encoder);
        let bits = number_bits(libav::extradata(&parameters)).ok_or_else(|| unlike("the head of the film"))?;
        let mut frame = libav::yuv_frame(size.0, size.1)?;
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
            encoder.send_frame(&frame).map_err(EncodeError::library(STAGE))?;
            libav::drain(&mut encoder, STAGE, &mut keep)?;
        }
        encoder.send_eof().map_err(EncodeError::library(STAGE))?;
        libav::drain(&mut encoder, STAGE, &mut keep)?;
        let repeat = packets.pop().filter(|p| packets.len() == 1 && !p.is_key());
        let repeat = repeat.as_ref().and_then(Packet::data).ok_or_else(|| unlike("a picture that repeats"))?.to_vec();
        Ok(Self { repeat, bits, next: 0 })
    }

    /// The units of a picture with the next number.
    fn numbered(&self, bytes: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::with_capacity(bytes.len() + 8);
        for unit in units(bytes) {
            out.extend([0, 0, 0, 1]);
            if unit.first().is_some_and(|head| head & 31 == SLICE) {
                let mut plain = unescaped(unit);
                self.set_number(&mut plain).ok_or_else(|| unlike("a picture"))?;
                escape(&plain, &mut out);
            } else {
                out.extend(unit);
            }
        }
        Ok(out)
    }

    /// Sets `frame_num` of a slice: after its first macroblock, its type and its picture parameter set (7.3.3).
    fn set_number(&self, slice: &mut [u8]) -> Option<()> {
        let mut bits = Bits { bytes: slice, at: 8 };
        let _ = (bits.golomb()?, bits.golomb()?, bits.golomb()?);
        let from = bits.at;
        bits.take(self.bits)?;
        for i in 0..self.bits as usize {
            let (byte, mask) = ((from + i) / 8, 128 >> ((from + i) % 8));
            let one = self.next >> (self.bits as usize - 1 - i) & 1 == 1;
            slice[byte] = if one { slice[byte] | mask } else { slice[byte] & !mask };
        }
        Some(())
    }
}

/// The encoder does not do what this is built on.
fn unlike(what: &str) -> EncodeError {
    EncodeError::Codec { stage: STAGE, reason: format!("{what} is not coded as expected; use another build of x264") }
}

/// Bits of `frame_num`, as the sequence parameter set among these units has it (7.3.2.1.1).
fn number_bits(head: &[u8]) -> Option<u32> {
    let unit = units(head).find(|unit| unit.first().is_some_and(|head| head & 31 == SEQUENCE))?;
    let plain = unescaped(unit);
    let mut bits = Bits { bytes: &plain, at: 8 };
    let profile = bits.take(8)?;
    // Constraints and level.
    bits.take(16)?;
    let _id = bits.golomb()?;
    if profile == HIGH {
        // Chroma format and depths; a bit for lossless; no scaling matrix.
        let _ = (bits.golomb()?, bits.golomb()?, bits.golomb()?, bits.take(1)?);
        if bits.take(1)? == 1 {
            return None;
        }
    }
    bits.golomb().map(|more| more + 4).filter(|count| *count <= 16)
}

/// The units between start codes.
fn units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.windows(3).position(|w| w == [0, 0, 1])? + 3;
        let rest = &bytes[start..];
        let length = rest.windows(3).position(|w| w == [0, 0, 1]).unwrap_or(rest.len());
        at = start + length;
        // The zero of the next, longer start code; a unit never ends with one.
        let end = rest[..length].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Some(&rest[..end])
    })
}

/// Without the bytes that keep start codes out of a unit (7.4.1.1).
fn unescaped(unit: &[u8]) -> Vec<u8> {
    let (mut out, mut zeros) = (Vec::with_capacity(unit.len()), 0);
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// With those bytes.
fn escape(plain: &[u8], out: &mut Vec<u8>) {
    let mut zeros = 0;
    for &byte in plain {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    if zeros >= 2 {
        out.push(3);
    }
}

/// Reads a unit bit by bit.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An Exp-Golomb number (9.1), of at most 16 bits.
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 16 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_and_the_end_is_known() {
        // 1, 010, 011, 00100 and then three bits.
        let mut bits = Bits { bytes: &[0b1010_0110, 0b0100_1010], at: 0 };
        let read: Vec<Option<u32>> = (0..4).map(|_| bits.golomb()).collect();
        assert_eq!(read, [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!((bits.take(4), bits.take(1)), (Some(0b1010), None));
        assert_eq!(Bits { bytes: &[0; 9], at: 0 }.golomb(), None);
    }

    #[test]
    fn a_repeat_is_small_and_counts_on() {
        let mut repeats = Repeats::new(Container::Mp4, (1920, 1080), 30, 1).unwrap();
        let numbers = repeats.numbers.as_ref().unwrap();
        let (length, bits) = (numbers.repeat.len(), numbers.bits);
        assert!(length < 120, "{length} bytes");
        repeats.last = Some((4, true));
        let held = repeats.hold(40, true).unwrap();
        let times: Vec<Option<i64>> = held.iter().map(Packet::pts).collect();
        assert_eq!(times, (5..40).map(Some).collect::<Vec<_>>());
        let different: std::collections::BTreeSet<_> = held.iter().map(|p| p.data().unwrap().to_vec()).collect();
        assert_eq!(different.len(), 1 << bits, "numbers go round");
    }

    #[test]
    fn heads_that_are_cut_short_are_not_believed() {
        let parameters = ffmpeg::codec::Parameters::from(&**h264::open((640, 360), 30).unwrap());
        let head = libav::extradata(&parameters);
        let whole = number_bits(head);
        assert!(whole.is_some_and(|bits| bits >= 4));
        for end in 0..head.len() {
            let cut = number_bits(&head[..end]);
            assert!(cut.is_none() || end >= 8 && cut == whole, "{end} bytes: {cut:?}");
        }
    }

    proptest! {
        #[test]
        fn units_survive_their_escaping(mut plain in proptest::collection::vec(0u8..5, 1..60)) {
            // What follows the last bit is never zero.
            plain.push(0x80);
            let mut coded = vec![0, 0, 0, 1];
            escape(&plain, &mut coded);
            let found: Vec<&[u8]> = units(&coded).collect();
            prop_assert_eq!(found.len(), 1, "{:?}", coded);
            prop_assert_eq!(unescaped(found[0]), plain);
        }
    }
}
