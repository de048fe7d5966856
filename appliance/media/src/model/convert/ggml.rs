//! Writer of whisper.cpp's model file.
//!
//! Little endian: magic, 11 `i32` of [`Shape`] (the last is the file type), the mel filterbank (`i32` bands, `i32` bins,
//! `f32` values), the tokens (`i32` count, then `u32` length and bytes), then tensors until the end of the file (`i32`
//! dimensions, `i32` name length, `i32` type, `i32` sizes fastest first, name, data).

use std::io::{self, Write};

use super::mel;

/// First four bytes of the file, as a little endian number (`ggml`).
pub(in crate::model) const MAGIC: u32 = 0x6767_6d6c;

/// What a model file says about its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Tokens with the special and timestamp ones.
    pub(super) vocabulary: u32,
    /// Width of the network.
    pub(super) width: u32,
    /// Positions of the encoder.
    pub(super) audio_context: u32,
    /// Attention heads of the encoder.
    pub(super) audio_heads: u32,
    /// Layers of the encoder.
    pub(super) audio_layers: u32,
    /// Positions of the decoder.
    pub(super) text_context: u32,
    /// Attention heads of the decoder.
    pub(super) text_heads: u32,
    /// Layers of the decoder.
    pub(super) text_layers: u32,
    /// Bands of the mel filterbank.
    pub(super) mels: u32,
}

/// How numbers are stored; the values are ggml's tensor types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// 32 bit floating point.
    F32 = 0,
    /// IEEE half precision.
    F16 = 1,
    /// See [`super::q5`].
    Q5_1 = 7,
}

/// Writes everything before the tensors. `file_type` is 1 for half precision, 2009 for `q5_1`.
pub(super) fn header(out: &mut impl Write, shape: &Shape, file_type: u32, tokens: &[Vec<u8>]) -> io::Result<()> {
    let Shape { vocabulary, width, audio_context, audio_heads, audio_layers, .. } = *shape;
    let Shape { text_context, text_heads, text_layers, mels, .. } = *shape;
    let audio = [audio_context, width, audio_heads, audio_layers];
    let text = [text_context, width, text_heads, text_layers];
    let numbers = [MAGIC, vocabulary].into_iter().chain(audio).chain(text).chain([mels, file_type]);
    for number in numbers.chain([mels, mel::BINS as u32]) {
        out.write_all(&number.to_le_bytes())?;
    }
    for value in mel::filterbank(mels as usize) {
        out.write_all(&value.to_le_bytes())?;
    }
    out.write_all(&(tokens.len() as u32).to_le_bytes())?;
    for token in tokens {
        out.write_all(&(token.len() as u32).to_le_bytes())?;
        out.write_all(token)?;
    }
    Ok(())
}

/// Writes one tensor; `shape` is slowest first.
pub(super) fn tensor(out: &mut impl Write, name: &str, shape: &[u32], storage: Storage, data: &[u8]) -> io::Result<()> {
    for number in [shape.len() as u32, name.len() as u32, storage as u32].iter().chain(shape.iter().rev()) {
        out.write_all(&number.to_le_bytes())?;
    }
    out.write_all(name.as_bytes())?;
    out.write_all(data)
}
