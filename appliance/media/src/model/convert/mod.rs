//! From CTranslate2 Whisper weights to a ggml file that whisper.cpp reads.
//!
//! The conversion is deterministic: the same weights give the same bytes on every machine, so that a catalogue can name
//! the SHA-256 of the result.

mod ct2;
mod ggml;
mod inspect;
mod mel;
mod network;
mod q5;
#[cfg(test)]
pub(super) mod sample;
mod tokens;

use std::io::{self, Read, Seek, Write};

use ct2::{Dtype, Variable, Weights};
pub(super) use ggml::MAGIC;
use ggml::{Shape, Storage};
use half::f16;
pub(crate) use inspect::inspect;
use network::{Role, Tensor};
use serde::{Deserialize, Serialize};

/// Wider than any Whisper model (large has 1280 channels).
const MAX_WIDTH: u64 = 4096;
/// More than any Whisper model's vocabulary, positions or layers.
const MAX_COUNT: u64 = 65_536;

/// How the matrices of a model are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Half precision, as in the weights.
    #[default]
    F16,
    /// ggml's `q5_1`: 6 bits a weight.
    Q5_1,
}

/// Why weights cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The weights are not a CTranslate2 Whisper model of half precision.
    #[error("not usable as CTranslate2 Whisper weights: {0}")]
    Weights(String),
    /// The vocabulary is not Whisper's.
    #[error("the vocabulary is not usable: {0}")]
    Vocabulary(String),
    /// A ready file is not a Whisper model.
    #[error("not usable as a Whisper model: {0}")]
    Model(String),
    /// Reading or writing failed; a file that ends too soon is the usual cause.
    #[error("reading or writing a model failed: {0}")]
    Io(#[from] io::Error),
}

/// Converts `weights` (the bytes of `model.bin`) and `vocabulary` (the bytes of `vocabulary.txt` or `vocabulary.json`)
/// to a ggml model. Memory holds one tensor at a time.
///
/// # Errors
/// When the weights or the vocabulary are malformed, or reading or writing fails.
pub fn convert(
    weights: impl Read + Seek,
    vocabulary: &[u8],
    precision: Precision,
    out: &mut impl Write,
) -> Result<(), ConvertError> {
    let tokens = tokens::tokens(vocabulary)?;
    let mut weights = Weights::open(weights)?;
    let shape = shape(&mut weights)?;
    let file_type = match precision {
        Precision::F16 => 1,
        // 1000 times the version of the quantisation formats, plus ggml's number of the type.
        Precision::Q5_1 => 2009,
    };
    ggml::header(out, &shape, file_type, &tokens)?;
    for tensor in network::tensors(&shape) {
        let storage = match (tensor.role, precision) {
            (Role::Exact | Role::Zero, _) => Storage::F32,
            (Role::Half, _) | (Role::Matrix, Precision::F16) => Storage::F16,
            (Role::Matrix, Precision::Q5_1) => Storage::Q5_1,
        };
        let data = numbers(&mut weights, &tensor, storage)?;
        if tensor.role == Role::Zero {
            if data.iter().any(|&byte| byte & 0x7f != 0) {
                return Err(ConvertError::Weights(format!("`{}` has a bias for its key", tensor.source)));
            }
            continue;
        }
        ggml::tensor(out, &tensor.name, &tensor.shape, storage, &data)?;
    }
    Ok(())
}

/// The shape of the network, from the shapes of its variables.
fn shape<R: Read + Seek>(weights: &mut Weights<R>) -> Result<Shape, ConvertError> {
    let [vocabulary, width] = dimensions(weights, "decoder/embeddings/weight")?;
    let [audio_context, _] = dimensions(weights, "encoder/position_encodings/encodings")?;
    let [text_context, _] = dimensions(weights, "decoder/position_encodings/encodings")?;
    let [_, mels, _] = dimensions(weights, "encoder/conv1/weight")?;
    if width > MAX_WIDTH as u32 || mels > 256 {
        return Err(ConvertError::Weights(format!("{width} channels and {mels} mel bands are too many")));
    }
    Ok(Shape {
        vocabulary,
        width,
        audio_context,
        audio_heads: heads(weights, "encoder/num_heads", width)?,
        audio_layers: layers(weights, "encoder")?,
        text_context,
        text_heads: heads(weights, "decoder/num_heads", width)?,
        text_layers: layers(weights, "decoder")?,
        mels,
    })
}

fn dimensions<R: Read + Seek, const N: usize>(weights: &Weights<R>, name: &str) -> Result<[u32; N], ConvertError> {
    let wrong = || ConvertError::Weights(format!("variable `{name}` does not have {N} sensible dimensions"));
    let dims = &weights.get(name)?.shape;
    let small = |&dim: &u64| (1..=MAX_COUNT).contains(&dim).then_some(dim as u32);
    let dims: Vec<u32> = dims.iter().map(small).collect::<Option<_>>().ok_or_else(wrong)?;
    dims.try_into().map_err(|_| wrong())
}

fn heads<R: Read + Seek>(weights: &mut Weights<R>, name: &str, width: u32) -> Result<u32, ConvertError> {
    let heads = weights.scalar(name)?;
    u32::try_from(heads)
        .ok()
        .filter(|&heads| heads > 0 && width.is_multiple_of(heads))
        .ok_or_else(|| ConvertError::Weights(format!("{heads} heads do not divide {width} channels")))
}

/// Counts `encoder/layer_0`, `encoder/layer_1`, ...; a gap shows later as a missing variable.
fn layers<R: Read + Seek>(weights: &Weights<R>, side: &str) -> Result<u32, ConvertError> {
    let number = |name: &str| name.strip_prefix(side)?.strip_prefix("/layer_")?.split('/').next()?.parse::<u32>().ok();
    let last = weights.names().filter_map(number).max();
    last.map(|last| last.saturating_add(1))
        .filter(|&count| count <= 256)
        .ok_or_else(|| ConvertError::Weights(format!("the {side} has no layers, or more than 256")))
}

/// The numbers of one tensor, as they are stored.
fn numbers<R: Read + Seek>(
    weights: &mut Weights<R>,
    tensor: &Tensor,
    storage: Storage,
) -> Result<Vec<u8>, ConvertError> {
    let Tensor { source, part: (part, of), shape, .. } = tensor;
    let wrong = |reason: String| ConvertError::Weights(format!("variable `{source}` {reason}"));
    let variable = weights.get(source)?;
    if !fits(variable, tensor) {
        return Err(wrong(format!("has shape {:?}; {of} of {shape:?} are expected", variable.shape)));
    }
    let dtype = variable.dtype;
    let data = weights.read(source)?;
    let size = data.len() / *of as usize;
    let data = &data[size * *part as usize..][..size];
    match (dtype, storage) {
        (Dtype::F32, Storage::F32) | (Dtype::F16, Storage::F16) => Ok(data.to_vec()),
        (Dtype::F16, Storage::F32) => {
            Ok(data.chunks_exact(2).flat_map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32().to_le_bytes()).collect())
        }
        (Dtype::F16, Storage::Q5_1) => {
            let row = *shape.last().expect("a matrix has dimensions") as usize;
            if row.is_multiple_of(q5::BLOCK) {
                Ok(q5::quantize(data))
            } else {
                Err(wrong(format!("has rows of {row}, which q5_1 cannot split into blocks of {}", q5::BLOCK)))
            }
        }
        (dtype, _) => Err(wrong(format!("is {dtype:?}; only half precision weights can be converted"))),
    }
}

/// Whether the variable holds as many numbers, in as long rows, as its tensors take from it.
fn fits(variable: &Variable, tensor: &Tensor) -> bool {
    let (_, of) = tensor.part;
    let mut expected: Vec<u64> = tensor.shape.iter().map(|&dim| u64::from(dim)).collect();
    expected[0] *= u64::from(of);
    // A convolution's bias has a second dimension of 1 in ggml only.
    expected == variable.shape || expected.split_last() == Some((&1, &variable.shape))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn converted(weights: &[u8], precision: Precision) -> Result<Vec<u8>, ConvertError> {
        let mut out = Vec::new();
        convert(Cursor::new(weights), &sample::vocabulary(), precision, &mut out).map(|()| out)
    }

    /// Changes the weights and looks for `expected` in the error.
    fn check(change: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut weights = sample::weights();
        change(&mut weights);
        let error = converted(&weights, Precision::F16).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    /// Where the text begins that follows a string's length.
    fn find(weights: &[u8], text: &str) -> usize {
        weights.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
    }

    #[test]
    fn result_is_a_whole_model() {
        for precision in [Precision::F16, Precision::Q5_1] {
            let model = converted(&sample::weights(), precision).unwrap();
            inspect(Cursor::new(&model)).unwrap();
            assert_eq!(model, converted(&sample::weights(), precision).unwrap());
        }
    }

    #[test]
    fn quantised_matrices_take_six_bits() {
        let plain = converted(&sample::weights(), Precision::F16).unwrap().len();
        let small = converted(&sample::weights(), Precision::Q5_1).unwrap().len();
        let tensors = network::tensors(&sample::SHAPE);
        let matrices = tensors.iter().filter(|tensor| tensor.role == Role::Matrix);
        let weights: u32 = matrices.map(|tensor| tensor.shape.iter().product::<u32>()).sum();
        assert_eq!(plain - small, weights as usize * (16 - 6) / 8);
    }

    #[test]
    fn count_of_tensors_is_that_of_whisper() {
        let count = network::tensors(&sample::SHAPE).iter().filter(|tensor| tensor.role != Role::Zero).count();
        assert_eq!(count, 11 + 15 + 2 * 24);
    }

    #[test]
    fn fused_projections_are_split_by_rows() {
        let mut weights = sample::weights();
        let name = "decoder/layer_0/attention/linear_1/weight";
        let data = find(&weights, name) + name.len() + 1 + 1 + 8 + 1 + 4;
        // The second half of the rows is the value; its first number becomes 7.
        weights[data + 32 * 32 * 2..][..2].copy_from_slice(&f16::from_f32(7.0).to_le_bytes());
        let model = converted(&weights, Precision::F16).unwrap();
        let tensor = |name: &str| {
            let data = find(&model, name) + name.len();
            f16::from_le_bytes([model[data], model[data + 1]]).to_f32()
        };
        assert_eq!(tensor("decoder.blocks.0.cross_attn.value.weight"), 7.0);
        assert_eq!(tensor("decoder.blocks.0.cross_attn.key.weight"), 0.0);
    }

    #[test]
    fn broken_weights_are_told() {
        check(|w| w[0] = 7, "binary version 7");
        check(|w| w[6] = b'X', "the specification is `XhisperSpec`");
        check(|w| w.truncate(w.len() - 1), "failed to fill");
        check(|w| w.push(0), "1 bytes after the end");
        check(|w| w.truncate(300), "ends inside variable `encoder/position_encodings/encodings`");
        let count = 4 + 2 + 12 + 4;
        check(|w| w[count + 3] = 1, "variables; at most");
        let rename = |w: &mut Vec<u8>, name: &str| {
            let at = find(w, name);
            w[at] = b'X';
        };
        check(|w| rename(w, "decoder/layer_1/ffn/linear_1/bias"), "`decoder/layer_1/ffn/linear_1/bias` is missing");
        let dtype = |w: &mut Vec<u8>, id: u8| {
            let name = "encoder/conv1/bias";
            let at = find(w, name) + name.len() + 1 + 1 + 4;
            w[at] = id;
        };
        check(|w| dtype(w, 1), "does not fit its shape");
        check(|w| dtype(w, 9), "unknown type 9");
        check(|w| dtype(w, 5), "is Bf16; only half precision");
        check(
            |w| {
                let name = "encoder/num_heads";
                let at = find(w, name) + name.len() + 1 + 1 + 1 + 4;
                w[at] = 5;
            },
            "5 heads do not divide 32 channels",
        );
        check(
            |w| {
                let name = "encoder/layer_0/self_attention/linear_0/bias";
                let at = find(w, name) + name.len() + 1 + 1 + 4 + 1 + 4;
                w[at + 32 * 2 + 1] = 0x3c;
            },
            "has a bias for its key",
        );
    }

    #[test]
    fn broken_models_are_told() {
        let model = converted(&sample::weights(), Precision::F16).unwrap();
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let mut model = model.clone();
            change(&mut model);
            let error = inspect(Cursor::new(model)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&|m| m[0] = 0, "is not that of a Whisper model");
        check(&|m| m[16] = 3, "is not that of a Whisper model");
        check(&|m| m[44] = 99, "is not that of a Whisper model");
        check(&|m| m[8] = 0xff, "tensor `encoder.positional_embedding`");
        check(&|m| m.truncate(m.len() - 1), "ends too soon");
        check(&|m| m.extend([0; 12]), "a tensor of 0 dimensions");
        check(&|m| m.truncate(m.len() - (12 + 4 + "decoder.ln.bias".len() + 128)), "`decoder.ln.bias` is missing");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Weights::open(Cursor::new(&bytes)).is_err());
            prop_assert!(inspect(Cursor::new(&bytes)).is_err());
        }

        #[test]
        fn random_variables_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut file = sample::weights();
            file.truncate(4 + 2 + 12 + 4 + 4);
            file.extend(bytes);
            prop_assert!(Weights::open(Cursor::new(&file)).is_err());
        }

        #[test]
        fn truncated_weights_never_panic(share in 0.0..1.0f64) {
            let weights = sample::weights();
            let cut = (weights.len() as f64 * share) as usize;
            prop_assert!(Weights::open(Cursor::new(&weights[..cut])).is_err());
        }
    }
}
