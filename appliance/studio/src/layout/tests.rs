//! What holds for every layout, and a few in full.

use super::*;

/// Every character is 0.55 em wide.
pub(super) struct Even;

impl Measure for Even {
    fn width(&self, text: &str, px: f32) -> f32 {
        text.chars().count() as f32 * 0.55 * px
    }
}
