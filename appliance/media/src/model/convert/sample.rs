//! A tiny CTranslate2 model for tests: every kind of variable, every size as small as it can be.

use half::f16;

use super::ggml::Shape;
use super::network::{self, Role};
use super::tokens;

/// The network of [`weights`].
pub(super) const SHAPE: Shape = Shape {
    vocabulary: 50_300,
    width: 32,
    audio_context: 4,
    audio_heads: 2,
    audio_layers: 1,
    text_context: 3,
    text_heads: 2,
    text_layers: 2,
    mels: 80,
};

/// A `vocabulary.txt`.
pub(in crate::model) fn vocabulary() -> Vec<u8> {
    (0..tokens::STORED).map(|i| format!("t{i}\n")).collect::<String>().into_bytes()
}

/// A `model.bin` whose number `i` of a variable is `i % 64` steps of 1/16; biases of keys are zero.
pub(in crate::model) fn weights() -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(6u32.to_le_bytes());
    string(&mut file, "WhisperSpec");
    file.extend(3u32.to_le_bytes());
    let variables = variables();
    file.extend((variables.len() as u32).to_le_bytes());
    for (name, shape, dtype, data) in variables {
        string(&mut file, &name);
        file.push(shape.len() as u8);
        for dim in shape {
            file.extend(dim.to_le_bytes());
        }
        file.push(dtype);
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
    }
    file.extend(1u32.to_le_bytes());
    string(&mut file, "decoder/projection/weight");
    string(&mut file, "decoder/embeddings/weight");
    file
}

fn variables() -> Vec<(String, Vec<u32>, u8, Vec<u8>)> {
    let mut list: Vec<(String, Vec<u32>, u8, Vec<u8>)> = Vec::new();
    for tensor in network::tensors(&SHAPE) {
        let (part, of) = tensor.part;
        if part == 0 {
            let mut shape = tensor.shape.clone();
            if shape.last() == Some(&1) {
                shape.pop();
            }
            shape[0] *= of;
            list.push((tensor.source.clone(), shape, 4, Vec::new()));
        }
        let count: u32 = tensor.shape.iter().product();
        let (.., data) = list.iter_mut().find(|(name, ..)| *name == tensor.source).expect("part 0 comes first");
        data.extend((0..count).flat_map(|i| {
            let value = if tensor.role == Role::Zero { 0.0 } else { (i % 64) as f32 / 16.0 };
            f16::from_f32(value).to_le_bytes()
        }));
    }
    for (side, heads) in [("encoder", SHAPE.audio_heads), ("decoder", SHAPE.text_heads)] {
        list.push((format!("{side}/num_heads"), Vec::new(), 2, (heads as i16).to_le_bytes().into()));
        list.push((format!("{side}/pre_norm"), Vec::new(), 1, vec![1]));
    }
    list
}

fn string(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u16 + 1).to_le_bytes());
    file.extend(text.bytes());
    file.push(0);
}
