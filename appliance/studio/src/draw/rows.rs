//! Rows of pixels mixed with one another: what frames are taken from a larger picture with.
//!
//! A byte mixed of two is `(a * (256 - share) + b * share) / 256`, which fits 16 bits. Whole rows are left to the compiler; pixels at
//! places of their own, which compilers do one byte at a time, are mixed four at once in the vector unit that every x86-64 has.

/// The pixel to the left of a place in a row, and in 256 parts how far towards the next one it is.
pub(super) type Column = (u32, u16);

/// Mixes two rows into `out`; `share` in 256 parts of the second.
pub(super) fn between(a: &[u8], b: &[u8], share: u16, out: &mut [u8]) {
    let rest = 256 - share;
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = ((u16::from(*a) * rest + u16::from(*b) * share) >> 8) as u8;
    }
}

/// Fills `out` with the pixels of `row` at `columns`; each has a pixel to its right.
pub(super) fn at_columns(row: &[[u8; 4]], columns: &[Column], out: &mut [[u8; 4]]) {
    #[cfg(target_arch = "x86_64")]
    let (columns, out) = {
        let (fours, rest) = columns.as_chunks();
        let (outs, rest_out) = out.as_chunks_mut();
        for (four, out) in fours.iter().zip(outs) {
            // SAFETY: every x86-64 processor has SSE2, which is all that the function asks for.
            unsafe { sse2::four(row, four, out) };
        }
        (rest, rest_out)
    };
    for (&(x, share), out) in columns.iter().zip(out) {
        between(&row[x as usize], &row[x as usize + 1], share, out);
    }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi16, _mm_cvtsi32_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_mullo_epi16,
        _mm_packus_epi16, _mm_setzero_si128, _mm_shuffle_epi32, _mm_srli_epi16, _mm_unpackhi_epi64, _mm_unpacklo_epi8,
        _mm_unpacklo_epi16, _mm_unpacklo_epi64,
    };

    use super::Column;

    /// Four pixels.
    #[target_feature(enable = "sse2")]
    pub(super) fn four(row: &[[u8; 4]], columns: &[Column; 4], out: &mut [[u8; 4]; 4]) {
        let weighed = columns.map(|column| weighed(row, column));
        let pixels = _mm_packus_epi16(sums(weighed[0], weighed[1]), sums(weighed[2], weighed[3]));
        let (low, high) = out.as_flattened_mut().split_at_mut(8);
        low.copy_from_slice(&_mm_cvtsi128_si64(pixels).to_le_bytes());
        high.copy_from_slice(&_mm_cvtsi128_si64(_mm_unpackhi_epi64(pixels, pixels)).to_le_bytes());
    }

    /// The pixel at a place and the next one, each times its share: 16 bits a byte.
    #[target_feature(enable = "sse2")]
    fn weighed(row: &[[u8; 4]], (x, share): Column) -> __m128i {
        let pair = row[x as usize..x as usize + 2].as_flattened();
        let bytes = _mm_cvtsi64_si128(i64::from_le_bytes(std::array::from_fn(|i| pair[i])));
        let shares = _mm_cvtsi32_si128(i32::from(256 - share) | i32::from(share) << 16);
        // Of two numbers four and four.
        let shares = _mm_shuffle_epi32::<0b01_01_00_00>(_mm_unpacklo_epi16(shares, shares));
        _mm_mullo_epi16(_mm_unpacklo_epi8(bytes, _mm_setzero_si128()), shares)
    }

    /// Two pixels of their weighed parts.
    #[target_feature(enable = "sse2")]
    fn sums(a: __m128i, b: __m128i) -> __m128i {
        _mm_srli_epi16::<8>(_mm_add_epi16(_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_is_exact_at_its_ends_and_keeps_what_is_equal() {
        let check = |a: [u8; 4], b: [u8; 4], share: u16, expected: [u8; 4]| {
            let mut out = [0; 4];
            between(&a, &b, share, &mut out);
            assert_eq!(out, expected);
        };
        check([0x44, 0x33, 0x22, 0x11], [0xcc, 0xdd, 0xee, 0xff], 0, [0x44, 0x33, 0x22, 0x11]);
        check([0, 255, 0, 255], [0, 255, 0, 255], 97, [0, 255, 0, 255]);
        check([0, 0, 0, 0], [0x20, 0x40, 0x80, 0xff], 128, [0x10, 0x20, 0x40, 0x7f]);
    }

    #[test]
    fn four_at_once_are_as_one_by_one() {
        let mut seed = 7_u32;
        let mut random = |most: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % (most + 1)
        };
        let row: Vec<[u8; 4]> = (0..90).map(|_| [0; 4].map(|_: u8| random(255) as u8)).collect();
        for length in [0, 1, 3, 4, 5, 63, 64] {
            let columns: Vec<Column> = (0..length).map(|_| (random(88), random(255) as u16)).collect();
            let mut out = vec![[0; 4]; length];
            at_columns(&row, &columns, &mut out);
            for (&(x, share), out) in columns.iter().zip(out) {
                let mut single = [0; 4];
                between(&row[x as usize], &row[x as usize + 1], share, &mut single);
                assert_eq!(out, single, "{length} pixels");
            }
        }
    }
}
