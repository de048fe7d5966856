//! The numbers in coded pictures of H.264: which of the reference pictures it is, and when it is shown.
//!
//! Pictures that were coded apart, and such as only repeat, are numbered anew as they come to stand in one file.

/// Types of network abstraction layer units: a slice that is no point to seek to, and the sequence parameter set.
const SLICE: u8 = 1;
const SEQUENCE: u8 = 7;
/// Sequence parameter sets of these profiles tell their chroma format (7.3.2.1.1); encoders make the first.
const HIGH: u32 = 100;

/// How the pictures of a film are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbering {
    /// Bits of `frame_num`.
    frame: u32,
    /// Bits of `pic_order_cnt_lsb`; none where pictures are shown in the order in which they are coded (type 2).
    order: u32,
}

impl Numbering {
    /// What the sequence parameter set among these units says (7.3.2.1.1); nothing where pictures refer to more than the one
    /// before, or consist of fields: between such no picture can be put.
    pub(super) fn read(head: &[u8]) -> Option<Self> {
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
        let frame = bits.golomb()? + 4;
        let order = match bits.golomb()? {
            0 => bits.golomb()? + 4,
            2 => 0,
            _ => return None,
        };
        let (references, _gaps, _width, _height) = (bits.golomb()?, bits.take(1)?, bits.golomb()?, bits.golomb()?);
        let whole_frames = bits.take(1)? == 1;
        (frame <= 16 && order <= 16 && references == 1 && whole_frames).then_some(Self { frame, order })
    }

    /// The units of a picture that is the `number`-th after the last point to seek to.
    pub(super) fn numbered(self, bytes: &[u8], number: u32) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(bytes.len() + 8);
        for unit in units(bytes) {
            out.extend([0, 0, 0, 1]);
            if unit.first().is_some_and(|head| head & 31 == SLICE) {
                let mut plain = unescaped(unit);
                self.set(&mut plain, number)?;
                escape(&plain, &mut out);
            } else {
                out.extend(unit);
            }
        }
        Some(out)
    }

    /// Sets the numbers of a slice: they come after its first macroblock, its type and its picture parameter set (7.3.3).
    fn set(self, slice: &mut [u8], number: u32) -> Option<()> {
        let mut bits = Bits { bytes: slice, at: 8 };
        let _ = (bits.golomb()?, bits.golomb()?, bits.golomb()?);
        let from = bits.at;
        bits.take(self.frame + self.order)?;
        write(slice, from, self.frame, number);
        // Of two fields a picture, which are shown one after the other.
        write(slice, from + self.frame as usize, self.order, number.wrapping_mul(2));
        // A picture that none refers to would not count.
        (slice[0] >> 5 & 3 != 0).then_some(())
    }
}

/// Writes the low `count` bits of a number.
fn write(bytes: &mut [u8], from: usize, count: u32, number: u32) {
    for i in 0..count as usize {
        let (byte, mask) = ((from + i) / 8, 128 >> ((from + i) % 8));
        let one = number >> (count as usize - 1 - i) & 1 == 1;
        bytes[byte] = if one { bytes[byte] | mask } else { bytes[byte] & !mask };
    }
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
    use crate::encode::{Coder, libav};

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
    fn heads_that_are_cut_short_are_not_believed() {
        let parameters = Coder::X264.open((640, 360), 30).unwrap().parameters();
        let head = libav::extradata(&parameters);
        let whole = Numbering::read(head);
        assert_eq!(whole, Some(Numbering { frame: 4, order: 0 }));
        for end in 0..head.len() {
            let cut = Numbering::read(&head[..end]);
            assert!(cut.is_none() || end >= 8 && cut == whole, "{end} bytes: {cut:?}");
        }
    }

    /// A unit of these bits, written as zeros and ones, with the bit that ends it.
    fn unit(head: u8, bits: &str) -> Vec<u8> {
        let bits: String = bits.split_whitespace().chain(["1"]).collect();
        let byte = |part: &[u8]| part.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0')) << (8 - part.len());
        let plain: Vec<u8> = std::iter::once(head).chain(bits.as_bytes().chunks(8).map(byte)).collect();
        let mut coded = vec![0, 0, 0, 1];
        escape(&plain, &mut coded);
        coded
    }

    /// A head of profile Main with four bits of `frame_num`, this order of pictures and so many references; frames or fields.
    fn head(order: &str, references: &str, frames: &str) -> Vec<u8> {
        unit(0x67, &format!("01001101 00000000 00101000 1 1 {order} {references} 0 1 1 {frames}"))
    }

    #[test]
    fn heads_of_other_encoders_are_read() {
        assert_eq!(Numbering::read(&head("1 011", "010", "1")), Some(Numbering { frame: 4, order: 6 }));
        assert_eq!(Numbering::read(&head("011", "010", "1")), Some(Numbering { frame: 4, order: 0 }));
        for (order, references, frames) in [("010", "010", "1"), ("011", "011", "1"), ("011", "010", "0")] {
            assert_eq!(Numbering::read(&head(order, references, frames)), None, "{order} {references} {frames}");
        }
    }

    #[test]
    fn both_numbers_of_a_picture_are_set_and_nothing_else() {
        let numbering = Numbering { frame: 4, order: 6 };
        let before = unit(0x41, "1 1 1 1111 111111 0110010");
        assert_eq!(numbering.numbered(&before, 37), Some(unit(0x41, "1 1 1 0101 001010 0110010")));
        assert_eq!(numbering.numbered(&unit(0x01, "1 1 1 1111 111111 0"), 1), None, "no other picture refers to it");
        assert_eq!(numbering.numbered(&unit(0x41, "1 1 1 11"), 1), None, "cut short");
        let key = unit(0x65, "1 1 1 0000 1 000000 10");
        assert_eq!(numbering.numbered(&key, 9), Some(key), "points to seek to begin at 0");
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
