//! The ggml file of a whisper model, checked before the engine sees it.
//!
//! The engine reads past the end of a cut file without noticing and takes a file without tensors for a test stub, so
//! the frame of the file is walked here: header, filters, tokens, and each tensor to the last byte.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use whisper_rs::{DtwMode, DtwModelPreset};

/// First number of the file: `ggml`.
const MAGIC: u32 = 0x6767_6d6c;

/// What the header tells of a model's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    vocabulary: u32,
    audio_layers: u32,
    text_layers: u32,
    mels: u32,
}

impl Shape {
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
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    match walk(&mut BufReader::new(file), end) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        result => result,
    }
}

fn walk(file: &mut BufReader<File>, end: u64) -> io::Result<Option<Shape>> {
    if number(file)? != MAGIC {
        return Ok(None);
    }
    let mut header = [0; 11];
    for value in &mut header {
        *value = number(file)?;
    }
    let [vocabulary, _, _, _, audio_layers, _, _, _, text_layers, mels, _] = header;
    if !(1..=1024).contains(&audio_layers) || !(1..=1024).contains(&text_layers) {
        return Ok(None);
    }
    let (rows, columns) = (number(file)?, number(file)?);
    if rows != mels || rows > 1024 || columns > 4096 {
        return Ok(None);
    }
    skip(file, u64::from(rows) * u64::from(columns) * 4)?;
    let tokens = number(file)?;
    if tokens > 1_000_000 {
        return Ok(None);
    }
    for _ in 0..tokens {
        let length = number(file)?;
        skip(file, u64::from(length))?;
    }
    let mut tensors = 0u32;
    loop {
        let at = file.stream_position()?;
        if at == end {
            return Ok((tensors > 0).then_some(Shape { vocabulary, audio_layers, text_layers, mels }));
        }
        let (dimensions, name, kind) = (number(file)?, number(file)?, number(file)?);
        if dimensions > 4 || name > 1024 || tensors > 100_000 {
            return Ok(None);
        }
        let mut elements = 1u64;
        for _ in 0..dimensions {
            elements = elements.saturating_mul(u64::from(number(file)?));
        }
        let Some((block, bytes)) = block(kind) else { return Ok(None) };
        let size = (elements / block).saturating_mul(bytes).saturating_add(u64::from(name));
        if size > end - at {
            return Ok(None);
        }
        skip(file, size)?;
        tensors += 1;
    }
}

fn number(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn skip(file: &mut BufReader<File>, bytes: u64) -> io::Result<()> {
    match i64::try_from(bytes) {
        Ok(bytes) => file.seek_relative(bytes),
        Err(_) => file.seek(SeekFrom::End(1)).map(|_| ()),
    }
}

/// Elements and bytes of a block of each tensor type of ggml.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}
