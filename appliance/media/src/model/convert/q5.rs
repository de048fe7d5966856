//! ggml's `q5_1`: 32 weights in 24 bytes, as a scale, a minimum and 5 bits each.

use half::f16;

/// Weights in one block.
pub(super) const BLOCK: usize = 32;

/// Quantises half precision weights (little endian); the count must be a multiple of [`BLOCK`].
///
/// A block is `f16` scale, `f16` minimum, `u32` fifth bits (weight `i` at bit `i`), 16 bytes of low bits (weight `i` low
/// and weight `i + 16` high nibble). The arithmetic is that of `quantize_row_q5_1_ref` in ggml, in `f32` throughout.
pub(super) fn quantize(halves: &[u8]) -> Vec<u8> {
    let blocks = halves.chunks_exact(2 * BLOCK);
    let mut out = Vec::with_capacity(blocks.len() * 24);
    for block in blocks {
        let mut weights = [0f32; BLOCK];
        for (weight, half) in weights.iter_mut().zip(block.chunks_exact(2)) {
            *weight = f16::from_le_bytes([half[0], half[1]]).to_f32();
        }
        let min = weights.iter().fold(f32::MAX, |a, &b| if b < a { b } else { a });
        let max = weights.iter().fold(f32::MIN, |a, &b| if b > a { b } else { a });
        let scale = (max - min) / 31.0;
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        let mut fifth = 0u32;
        let mut low = [0u8; BLOCK / 2];
        for (i, weight) in weights.iter().enumerate() {
            let code = ((weight - min) * inverse + 0.5) as u8;
            fifth |= u32::from(code >> 4 & 1) << i;
            low[i % 16] |= (code & 15) << (i / 16 * 4);
        }
        out.extend(f16::from_f32(scale).to_le_bytes());
        out.extend(f16::from_f32(min).to_le_bytes());
        out.extend(fifth.to_le_bytes());
        out.extend(low);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn halves(weights: &[f32]) -> Vec<u8> {
        weights.iter().flat_map(|&w| f16::from_f32(w).to_le_bytes()).collect()
    }

    fn restore(block: &[u8]) -> Vec<f32> {
        let half = |i: usize| f16::from_le_bytes([block[i], block[i + 1]]).to_f32();
        let (scale, min) = (half(0), half(2));
        let fifth = u32::from_le_bytes(block[4..8].try_into().unwrap());
        let code = |i: usize| u32::from(block[8 + i % 16] >> (i / 16 * 4) & 15) | (fifth >> i & 1) << 4;
        (0..BLOCK).map(|i| code(i) as f32 * scale + min).collect()
    }

    #[test]
    fn whole_steps_survive() {
        let weights: Vec<f32> = (0..32).map(|i| i as f32 * 0.25 - 2.0).collect();
        let block = quantize(&halves(&weights));
        assert_eq!(block.len(), 24);
        assert_eq!(restore(&block), weights);
    }

    #[test]
    fn constant_blocks_survive() {
        assert_eq!(restore(&quantize(&halves(&[0.5; 32]))), [0.5; 32]);
    }

    proptest! {
        #[test]
        fn error_is_within_half_a_step(weights in proptest::collection::vec(-4.0f32..4.0, 32)) {
            let weights: Vec<f32> = weights.into_iter().map(|w| f16::from_f32(w).to_f32()).collect();
            let (min, max) = weights.iter().fold((9f32, -9f32), |(a, b), &w| (a.min(w), b.max(w)));
            let step = (max - min) / 31.0;
            for (before, after) in weights.iter().zip(restore(&quantize(&halves(&weights)))) {
                prop_assert!((before - after).abs() <= step / 2.0 + 0.02, "{before} became {after}");
            }
        }

        #[test]
        fn any_bits_are_quantised(bytes in proptest::collection::vec(any::<u8>(), 64)) {
            prop_assert_eq!(quantize(&bytes).len(), 24);
        }
    }
}
