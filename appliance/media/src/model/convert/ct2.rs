//! Reader of CTranslate2 Whisper weights (`model.bin`), binary version 6.
//!
//! Little endian: `u32` version, string spec, `u32` revision, `u32` count, then as many variables (string name, `u8`
//! rank, `u32` dimensions, `u8` type, `u32` bytes, data), `u32` count of aliases (two strings each), end of file. A
//! string is a `u16` length that counts its closing NUL, then the bytes. Only the index is kept in memory; data is read
//! tensor by tensor.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use super::ConvertError;

/// The binary version that this reader knows.
const VERSION: u32 = 6;
/// More variables than any Whisper model has (large-v3 has fewer than 2,000).
const MAX_VARIABLES: u32 = 8192;
/// Longer than any variable name.
const MAX_NAME: u16 = 512;
/// Whisper's convolutions have three dimensions.
const MAX_RANK: u8 = 4;

/// Type of a variable's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dtype {
    /// 32 bit floating point.
    F32,
    /// 8 bit integer: a quantised weight, or a flag.
    I8,
    /// 16 bit integer.
    I16,
    /// 32 bit integer.
    I32,
    /// IEEE half precision.
    F16,
    /// Brain floating point.
    Bf16,
}

impl Dtype {
    fn from_id(id: u8) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::I8,
            2 => Self::I16,
            3 => Self::I32,
            4 => Self::F16,
            5 => Self::Bf16,
            _ => return None,
        })
    }

    /// Bytes a number.
    fn size(self) -> u64 {
        match self {
            Self::I8 => 1,
            Self::I16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 => 4,
        }
    }
}

/// Where a variable lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// Dimensions, slowest first; empty for a scalar.
    pub(super) shape: Vec<u64>,
    /// Type of the numbers.
    pub(super) dtype: Dtype,
    offset: u64,
    bytes: u64,
}

/// An indexed weights file.
pub(super) struct Weights<R> {
    input: R,
    variables: BTreeMap<String, Variable>,
}

impl<R: Read + Seek> Weights<R> {
    /// Reads the index. The data of every variable is known to lie inside the file afterwards.
    pub(super) fn open(mut input: R) -> Result<Self, ConvertError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        let version = u32(&mut input)?;
        if version != VERSION {
            return Err(malformed(format!("binary version {version} instead of {VERSION}")));
        }
        let spec = string(&mut input)?;
        if spec != "WhisperSpec" {
            return Err(malformed(format!("the specification is `{spec}`, not `WhisperSpec`")));
        }
        let _revision = u32(&mut input)?;
        let count = u32(&mut input)?;
        if count > MAX_VARIABLES {
            return Err(malformed(format!("{count} variables; at most {MAX_VARIABLES}")));
        }
        let mut variables = BTreeMap::new();
        for _ in 0..count {
            let name = string(&mut input)?;
            let variable = variable(&mut input, &name, length)?;
            input.seek(SeekFrom::Start(variable.offset + variable.bytes))?;
            if variables.insert(name.clone(), variable).is_some() {
                return Err(malformed(format!("variable `{name}` appears twice")));
            }
        }
        let aliases = u32(&mut input)?;
        if aliases > MAX_VARIABLES {
            return Err(malformed(format!("{aliases} aliases; at most {MAX_VARIABLES}")));
        }
        for _ in 0..aliases {
            // The one alias ties the projection to the embeddings, which ggml's reader does by itself.
            string(&mut input)?;
            string(&mut input)?;
        }
        let end = input.stream_position()?;
        if end != length {
            return Err(malformed(format!("{} bytes after the end", length.saturating_sub(end))));
        }
        Ok(Self { input, variables })
    }

    /// Names in byte order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The variable `name`.
    pub(super) fn get(&self, name: &str) -> Result<&Variable, ConvertError> {
        self.variables.get(name).ok_or_else(|| malformed(format!("variable `{name}` is missing")))
    }

    /// The `i16` scalar `name`, such as a count of heads.
    pub(super) fn scalar(&mut self, name: &str) -> Result<i16, ConvertError> {
        let variable = self.get(name)?;
        if variable.dtype != Dtype::I16 || variable.bytes != 2 {
            return Err(malformed(format!("variable `{name}` is not a 16 bit number")));
        }
        let bytes = self.read(name)?;
        Ok(i16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// The bytes of `name`, little endian, row-major.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>, ConvertError> {
        let Variable { offset, bytes, .. } = *self.get(name)?;
        self.input.seek(SeekFrom::Start(offset))?;
        // `open` has seen that the file is at least this long, so a lie about the size allocates nothing.
        let mut data = vec![0; usize::try_from(bytes).map_err(|_| malformed(format!("variable `{name}` is too big")))?];
        self.input.read_exact(&mut data)?;
        Ok(data)
    }
}

fn variable(input: &mut (impl Read + Seek), name: &str, length: u64) -> Result<Variable, ConvertError> {
    let rank = u8(input)?;
    if rank > MAX_RANK {
        return Err(malformed(format!("variable `{name}` has {rank} dimensions; at most {MAX_RANK}")));
    }
    let mut shape = Vec::with_capacity(usize::from(rank));
    for _ in 0..rank {
        shape.push(u64::from(u32(input)?));
    }
    let id = u8(input)?;
    let dtype = Dtype::from_id(id).ok_or_else(|| malformed(format!("variable `{name}` has the unknown type {id}")))?;
    let bytes = u64::from(u32(input)?);
    let expected = shape.iter().try_fold(dtype.size(), |product, &dim| product.checked_mul(dim));
    if expected != Some(bytes) {
        return Err(malformed(format!("variable `{name}` has {bytes} bytes, which does not fit its shape {shape:?}")));
    }
    let offset = input.stream_position()?;
    if offset.checked_add(bytes).is_none_or(|end| end > length) {
        return Err(malformed(format!("the file ends inside variable `{name}`")));
    }
    Ok(Variable { shape, dtype, offset, bytes })
}

fn string(input: &mut impl Read) -> Result<String, ConvertError> {
    let length = u16::from_le_bytes(array(input)?);
    if length == 0 || length > MAX_NAME {
        return Err(malformed(format!("a name of {length} bytes; 1 to {MAX_NAME} with its closing NUL")));
    }
    let mut bytes = vec![0; usize::from(length)];
    input.read_exact(&mut bytes)?;
    if bytes.pop() != Some(0) {
        return Err(malformed("a name does not end in NUL".into()));
    }
    String::from_utf8(bytes).map_err(|_| malformed("a name is not UTF-8".into()))
}

fn u8(input: &mut impl Read) -> Result<u8, ConvertError> {
    Ok(array::<1>(input)?[0])
}

fn u32(input: &mut impl Read) -> Result<u32, ConvertError> {
    Ok(u32::from_le_bytes(array(input)?))
}

fn array<const N: usize>(input: &mut impl Read) -> Result<[u8; N], ConvertError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn malformed(reason: String) -> ConvertError {
    ConvertError::Weights(reason)
}
