//! Checks a ggml file that no catalogue vouches for, before the C++ reader of the speech engine sees it.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use super::ggml::{MAGIC, Shape};
use super::network::{self, Role};
use super::{ConvertError, mel, tokens};

/// Bytes and weights in one block, by ggml's number of a type, for those that Whisper models are published in.
const BLOCKS: [(u32, u64, u64); 12] = [
    (0, 4, 1),
    (1, 2, 1),
    (2, 18, 32),
    (3, 20, 32),
    (6, 22, 32),
    (7, 24, 32),
    (8, 34, 32),
    (10, 84, 256),
    (11, 110, 256),
    (12, 144, 256),
    (13, 176, 256),
    (14, 210, 256),
];
/// ggml's numbers of file types, without the version of the quantisation; the engine ends the process over others.
const FILE_TYPES: [u32; 12] = [0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14];
/// Longer than any token or tensor name.
const MAX_TEXT: u32 = 1024;

/// Walks a whisper.cpp model file and holds every number in it against what a Whisper network needs: sane sizes, each
/// tensor once with its shape and a known type, and an end where the last one ends.
///
/// # Errors
/// [`ConvertError::Model`] with the first thing that is wrong.
pub(crate) fn inspect(mut input: impl Read + Seek) -> Result<(), ConvertError> {
    let length = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut numbers = [0; 14];
    for number in &mut numbers {
        *number = u32(&mut input)?;
    }
    let [magic, vocabulary, audio_context, width, audio_heads, audio_layers, rest @ ..] = numbers;
    let [text_context, text_width, text_heads, text_layers, mels, file_type, filters, bins] = rest;
    let is_between = |number: u32, most: u32| (1..=most).contains(&number);
    let is_sane = magic == MAGIC
        && is_between(vocabulary, 65_536)
        && is_between(width, 4096)
        && width == text_width
        && is_between(audio_context, 65_536)
        && is_between(text_context, 65_536)
        && [audio_heads, text_heads].iter().all(|&heads| is_between(heads, width) && width.is_multiple_of(heads))
        && is_between(audio_layers, 256)
        && is_between(text_layers, 256)
        && is_between(mels, 256)
        && FILE_TYPES.contains(&(file_type % 1000))
        && (filters, bins) == (mels, mel::BINS as u32);
    if !is_sane {
        return Err(wrong(format!("the header {numbers:?} is not that of a Whisper model")));
    }
    skip(&mut input, u64::from(mels) * mel::BINS as u64 * 4, length)?;
    let count = u32(&mut input)?;
    if count != tokens::STORED as u32 || count > vocabulary {
        return Err(wrong(format!("{count} tokens of {vocabulary}")));
    }
    for _ in 0..count {
        let size = bounded(&mut input)?;
        skip(&mut input, size.into(), length)?;
    }
    let shape = Shape {
        vocabulary,
        width,
        audio_context,
        audio_heads,
        audio_layers,
        text_context,
        text_heads,
        text_layers,
        mels,
    };
    let expected = network::tensors(&shape).into_iter().filter(|tensor| tensor.role != Role::Zero);
    tensors(&mut input, length, expected.map(|tensor| (tensor.name, tensor.shape)).collect())
}

/// Walks the tensors to the end of the file.
fn tensors(
    input: &mut (impl Read + Seek),
    length: u64,
    mut expected: BTreeMap<String, Vec<u32>>,
) -> Result<(), ConvertError> {
    while input.stream_position()? < length {
        let rank = u32(input)?;
        let name_length = bounded(input)?;
        let kind = u32(input)?;
        if !(1..=3).contains(&rank) {
            return Err(wrong(format!("a tensor of {rank} dimensions")));
        }
        let mut shape = Vec::new();
        for _ in 0..rank {
            shape.insert(0, u32(input)?);
        }
        let mut name = vec![0; name_length as usize];
        input.read_exact(&mut name)?;
        let name = String::from_utf8_lossy(&name);
        if expected.remove(&*name).as_ref() != Some(&shape) {
            return Err(wrong(format!("tensor `{name}` of shape {shape:?} is unknown, repeated or of another shape")));
        }
        let block = BLOCKS.iter().find(|(id, ..)| *id == kind);
        let row = u64::from(*shape.last().expect("a tensor has at least one dimension"));
        let Some(&(_, bytes, weights)) = block.filter(|(_, _, weights)| row.is_multiple_of(*weights)) else {
            return Err(wrong(format!("tensor `{name}` has the unknown type {kind}")));
        };
        // At most three sizes that a sane header allows: far from overflow.
        let count: u64 = shape.iter().map(|&dim| u64::from(dim)).product();
        skip(input, count / weights * bytes, length)?;
    }
    match expected.keys().next() {
        None => Ok(()),
        Some(name) => Err(wrong(format!("tensor `{name}` is missing"))),
    }
}

fn u32(input: &mut impl Read) -> Result<u32, ConvertError> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn bounded(input: &mut impl Read) -> Result<u32, ConvertError> {
    match u32(input)? {
        size if size <= MAX_TEXT => Ok(size),
        size => Err(wrong(format!("a text of {size} bytes; at most {MAX_TEXT}"))),
    }
}

fn skip(input: &mut (impl Read + Seek), bytes: u64, length: u64) -> Result<(), ConvertError> {
    let end = input.stream_position()?.saturating_add(bytes);
    if end > length {
        return Err(wrong("the file ends too soon".into()));
    }
    input.seek(SeekFrom::Start(end))?;
    Ok(())
}

fn wrong(reason: String) -> ConvertError {
    ConvertError::Model(reason)
}
