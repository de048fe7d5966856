//! Laying premultiplied pixels over opaque ones, in whole numbers.

/// Lays a row over opaque pixels, four at a time, which is what vector units take at once.
pub(super) fn lay_row(source: &[[u8; 4]], alpha: u32, target: &mut [u8]) {
    let (blocks, rest) = source.as_chunks::<4>();
    let (targets, rest_targets) = target.as_chunks_mut::<16>();
    for (s, t) in blocks.iter().zip(targets) {
        if alpha == 255 && s.iter().all(|pixel| pixel[3] == 255) {
            t.copy_from_slice(s.as_flattened());
        } else {
            lay_four(s, alpha as u16, t);
        }
    }
    for (s, t) in rest.iter().zip(rest_targets.chunks_exact_mut(4)) {
        lay(*s, alpha, t);
    }
}

/// As [`lay_row`] with a row of equal pixels.
pub(super) fn lay_plain(source: [u8; 4], alpha: u32, target: &mut [u8]) {
    let four = [source; 4];
    let opaque = alpha == 255 && source[3] == 255;
    let (targets, rest) = target.as_chunks_mut::<16>();
    for t in targets {
        if opaque {
            t.copy_from_slice(four.as_flattened());
        } else {
            lay_four(&four, alpha as u16, t);
        }
    }
    for t in rest.chunks_exact_mut(4) {
        lay(source, alpha, t);
    }
}

/// As [`lay`]: products of two bytes, and their rounded quotients, fit 16 bits. Opaque stays opaque.
fn lay_four(source: &[[u8; 4]; 4], alpha: u16, target: &mut [u8; 16]) {
    let by_255 = |value: u16| {
        let value = value + 128;
        (value + (value >> 8)) >> 8
    };
    let source = source.as_flattened();
    let scaled: [u16; 16] = std::array::from_fn(|i| by_255(u16::from(source[i]) * alpha));
    let left: [u16; 16] = std::array::from_fn(|i| 255 - scaled[i | 3]);
    for i in 0..16 {
        target[i] = (scaled[i] + by_255(u16::from(target[i]) * left[i])).min(255) as u8;
    }
}

/// Lays one premultiplied pixel over an opaque one.
pub(super) fn lay(source: [u8; 4], alpha: u32, target: &mut [u8]) {
    let left = 255 - by_255(u32::from(source[3]) * alpha);
    for (s, t) in source.iter().zip(target.iter_mut()).take(3) {
        *t = (by_255(u32::from(*s) * alpha) + by_255(u32::from(*t) * left)).min(255) as u8;
    }
}

/// `value / 255`, rounded, for products of two bytes.
fn by_255(value: u32) -> u32 {
    let value = value + 128;
    (value + (value >> 8)) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blending_is_exact_at_its_ends() {
        let blend = |source: [u8; 4], alpha: u32, below: u8| {
            let mut target = [below, below, below, 255];
            lay(source, alpha, &mut target);
            target
        };
        assert_eq!(blend([10, 20, 30, 255], 255, 200), [10, 20, 30, 255]);
        assert_eq!(blend([10, 20, 30, 255], 0, 200), [200, 200, 200, 255]);
        assert_eq!(blend([128, 0, 0, 128], 255, 255), [255, 127, 127, 255]);
        assert_eq!(blend([0, 0, 0, 255], 128, 100), [50, 50, 50, 255]);
    }

    #[test]
    fn four_pixels_are_laid_as_one_is() {
        let mut seed = 1_u32;
        let mut byte = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        for alpha in (0..=255).rev() {
            let source: Vec<[u8; 4]> = (0..64)
                .map(|i| {
                    // Premultiplied: no colour is above the coverage.
                    let a = if i % 7 < 4 { 255 } else { byte() };
                    [byte().min(a), byte().min(a), byte().min(a), a]
                })
                .collect();
            for length in [0, 1, 3, 4, 5, 63, 64] {
                let below: Vec<u8> = (0..length * 4).map(|i| if i % 4 == 3 { 255 } else { byte() }).collect();
                let (mut row, mut single) = (below.clone(), below);
                lay_row(&source[..length], alpha, &mut row);
                source.iter().zip(single.chunks_exact_mut(4)).for_each(|(s, t)| lay(*s, alpha, t));
                assert_eq!(row, single, "opacity {alpha}, {length} pixels");
            }
        }
    }

    #[test]
    fn plain_rows_are_laid_as_their_pixels_are() {
        for (alpha, pixel) in
            [(255, [9, 80, 200, 255]), (255, [9, 60, 70, 90]), (131, [9, 80, 200, 255]), (1, [0, 0, 0, 9])]
        {
            for length in [1, 3, 4, 5, 64, 67] {
                let below: Vec<u8> =
                    (0..length * 4_u32).map(|i| if i % 4 == 3 { 255 } else { (i * 37) as u8 }).collect();
                let (mut plain, mut row) = (below.clone(), below);
                lay_plain(pixel, alpha, &mut plain);
                lay_row(&vec![pixel; length as usize], alpha, &mut row);
                assert_eq!(plain, row, "{pixel:?}, opacity {alpha}, {length} pixels");
            }
        }
    }

    #[test]
    fn division_by_255_rounds() {
        for value in 0..=255 * 255 {
            assert_eq!(by_255(value), (value + 127) / 255, "{value}");
        }
    }
}
