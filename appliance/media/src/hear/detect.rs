//! Telling speech from everything else.

use std::path::Path;

use whisper_rs::{WhisperVadContext, WhisperVadContextParams};

use super::HearError;
use super::whisper::{model_name, quieten};

/// Samples that one probability stands for (32 ms).
pub(super) const FRAME: usize = 512;

/// Says how likely each moment is speech.
pub trait SpeechDetector {
    /// One probability for each 512 of `samples` (mono, [`super::RATE`]), the last frame padded with silence.
    /// Nothing is remembered from call to call.
    ///
    /// # Errors
    /// When the engine fails.
    fn probabilities(&mut self, samples: &[f32]) -> Result<Vec<f32>, HearError>;
}

/// The Silero voice activity detector, run by whisper.cpp.
pub struct SileroDetector {
    context: WhisperVadContext,
}

impl SileroDetector {
    /// Loads the model file (`ggml-silero-v6.2.0.bin`).
    ///
    /// # Errors
    /// [`HearError::NoModel`] or [`HearError::BadModel`].
    pub fn load(model: &Path) -> Result<Self, HearError> {
        quieten();
        let bad = || HearError::BadModel { name: model_name(model), path: model.to_owned() };
        if !model.is_file() {
            return Err(HearError::NoModel { name: model_name(model), path: model.to_owned() });
        }
        let path = model.to_str().filter(|p| !p.contains('\0')).ok_or_else(bad)?;
        let mut parameters = WhisperVadContextParams::new();
        // The network is tiny: a second thread costs more than it brings.
        parameters.set_n_threads(1);
        let context = WhisperVadContext::new(path, parameters).map_err(|_| bad())?;
        Ok(Self { context })
    }
}

impl SpeechDetector for SileroDetector {
    fn probabilities(&mut self, samples: &[f32]) -> Result<Vec<f32>, HearError> {
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        self.context
            .detect_speech(samples)
            .map_err(|e| HearError::Engine(format!("the speech detector failed ({e})")))?;
        let probabilities = self.context.probabilities();
        if probabilities.len() != samples.len().div_ceil(FRAME) {
            let (got, due) = (probabilities.len(), samples.len().div_ceil(FRAME));
            return Err(HearError::Engine(format!("the speech detector gave {got} values instead of {due}")));
        }
        Ok(probabilities.to_vec())
    }
}
