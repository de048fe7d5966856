//! The ggml file of a whisper model, checked before the engine sees it.
//!
//! The engine reads past the end of a cut file without noticing, takes a file without tensors for a test stub, and ends
//! the process over numbers that do not fit, so the file is held against what a Whisper network needs before.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use whisper_rs::{DtwMode, DtwModelPreset};

use super::RATE;
use crate::model::convert::{ConvertError, inspect as walk};

/// Positions of the encoder for 30 s, 20 ms each.
pub(super) const POSITIONS: i32 = 1500;

/// How many positions encode so many samples: their own length and a margin, and no fewer than keep the model on lengths
/// like those it was trained on.
pub(super) fn positions(samples: usize) -> i32 {
    const POSITION: usize = RATE as usize / 50;
    const MARGIN: usize = 64;
    let positions = (samples.div_ceil(POSITION) + MARGIN).next_multiple_of(32).clamp(384, POSITIONS as usize);
    i32::try_from(positions).unwrap_or(POSITIONS)
}

/// What the header tells of a model's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    vocabulary: u32,
    audio_layers: u32,
    text_layers: u32,
    mels: u32,
}

impl Shape {
    /// How long after the sound of a token the attention leaves it, in milliseconds, so that `align` begins without
    /// bias on the synthetic speech of `benches/speech/measure.py`. Small models run behind, larger ones ahead.
    pub(super) fn lag_ms(&self) -> i64 {
        if self.text_layers <= 4 { 80 } else { -20 }
    }

    /// How many positions of the encoder a window needs.
    ///
    /// The encoder is two thirds of the work, so a window pays for its own length. The smallest models hear other words
    /// then than with all positions (11 of 988 of the speech benches, `base` none): they, cheap enough, encode 30 s always.
    pub(super) fn positions(&self, samples: usize) -> i32 {
        if self.audio_layers <= 4 { POSITIONS } else { positions(samples) }
    }

    /// Which attention heads follow the audio, for word times. The presets are those of the published models; a model
    /// of another shape uses the upper half of its layers.
    pub(super) fn alignment(&self) -> DtwMode<'static> {
        let english = self.vocabulary == 51_864;
        let pick = |en, many| Some(if english { en } else { many });
        let preset = match (self.audio_layers, self.text_layers) {
            (4, 4) => pick(DtwModelPreset::TinyEn, DtwModelPreset::Tiny),
            (6, 6) => pick(DtwModelPreset::BaseEn, DtwModelPreset::Base),
            (12, 12) => pick(DtwModelPreset::SmallEn, DtwModelPreset::Small),
            (24, 24) => pick(DtwModelPreset::MediumEn, DtwModelPreset::Medium),
            (32, 4) => Some(DtwModelPreset::LargeV3Turbo),
            (32, 32) if self.mels == 128 => Some(DtwModelPreset::LargeV3),
            (32, 32) => Some(DtwModelPreset::LargeV2),
            _ => None,
        };
        match preset {
            Some(model_preset) => DtwMode::ModelPreset { model_preset },
            None => DtwMode::TopMost { n_top: i32::try_from(self.text_layers / 2).unwrap_or(1).max(1) },
        }
    }
}

/// Walks a model file; `None` when it is not whole or no whisper model.
pub(crate) fn inspect(path: &Path) -> io::Result<Option<Shape>> {
    let mut file = BufReader::new(File::open(path)?);
    match walk(&mut file) {
        Ok(()) => {}
        Err(ConvertError::Io(e)) if e.kind() != io::ErrorKind::UnexpectedEof => return Err(e),
        Err(_) => return Ok(None),
    }
    file.seek(SeekFrom::Start(0))?;
    let mut header = [0; 44];
    file.read_exact(&mut header)?;
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| header[4 * at + i]));
    Ok(Some(Shape { vocabulary: number(1), audio_layers: number(5), text_layers: number(9), mels: number(10) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_pays_for_its_own_length_except_with_the_smallest_models() {
        let shape = |layers| Shape { vocabulary: 51_865, audio_layers: layers, text_layers: layers, mels: 80 };
        let check = |layers, seconds: usize, expected| {
            assert_eq!(shape(layers).positions(seconds * RATE as usize), expected, "{layers} layers, {seconds} s");
        };
        check(6, 1, 384);
        check(6, 10, 576);
        check(6, 20, 1088);
        check(6, 30, 1500);
        check(4, 10, 1500);
    }
}
