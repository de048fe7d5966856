//! How loud a window is, from moment to moment.

use super::RATE;

/// Samples between two levels (5 ms) and around each (20 ms).
pub(super) const HOP: usize = RATE as usize / 200;
const SPAN: usize = RATE as usize / 50;
/// How far below its loud tenth a window is silent, in decibels.
const DEPTH: f32 = 30.0;

/// Energy of each [`HOP`] of `samples`, in decibels of full scale.
pub(super) fn levels(samples: &[f32]) -> Vec<f32> {
    (0..samples.len().div_ceil(HOP))
        .map(|i| {
            let from = (i * HOP).saturating_sub((SPAN - HOP) / 2);
            let part = &samples[from..(from + SPAN).min(samples.len())];
            let energy: f32 = part.iter().map(|s| s * s).sum::<f32>() / part.len().max(1) as f32;
            10.0 * libm::log10f(energy + 1e-10)
        })
        .collect()
}

/// The level below which a moment is silent: what the loud tenth of the window exceeds, less [`DEPTH`].
pub(super) fn quiet(levels: &[f32]) -> f32 {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() * 9 / 10).map_or(f32::NEG_INFINITY, |loud| loud - DEPTH)
}
