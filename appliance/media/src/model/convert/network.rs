//! Which tensor of a CTranslate2 Whisper package becomes which tensor of ggml.
//!
//! CTranslate2 fuses the query, key and value projections of one attention into one matrix (in that order of rows) and
//! gives the key a bias, which is zero because Whisper has none. Nothing is transposed or scaled.

use super::ggml::Shape;

/// One tensor to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tensor {
    /// Name in ggml.
    pub(super) name: String,
    /// Variable that it is taken from.
    pub(super) source: String,
    /// Which of how many equal parts of the variable's rows.
    pub(super) part: (u32, u32),
    /// Dimensions in ggml, slowest first.
    pub(super) shape: Vec<u32>,
    /// What ggml expects of the numbers.
    pub(super) role: Role,
}

/// What ggml expects of a tensor's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Always full precision: biases, norms and positions.
    Exact,
    /// Half precision in every file: the convolutions.
    Half,
    /// Half precision or quantised: the matrices.
    Matrix,
    /// Not written, and expected to be zero: the bias of a key.
    Zero,
}

/// Every tensor in the order of the file.
pub(super) fn tensors(shape: &Shape) -> Vec<Tensor> {
    let Shape { width: d, mels, .. } = *shape;
    let mut list = List(Vec::new());
    list.one(
        "encoder.positional_embedding",
        "encoder/position_encodings/encodings",
        &[shape.audio_context, d],
        Role::Exact,
    );
    for (conv, inputs) in [("conv1", mels), ("conv2", d)] {
        list.one(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"), &[d, inputs, 3], Role::Half);
        list.one(&format!("encoder.{conv}.bias"), &format!("encoder/{conv}/bias"), &[d, 1], Role::Exact);
    }
    for layer in 0..shape.audio_layers {
        let (to, from) = (format!("encoder.blocks.{layer}"), format!("encoder/layer_{layer}"));
        list.self_attention(&to, &from, d);
        list.feed_forward(&to, &from, d);
    }
    list.norm("encoder.ln_post", "encoder/layer_norm", d);
    list.one(
        "decoder.positional_embedding",
        "decoder/position_encodings/encodings",
        &[shape.text_context, d],
        Role::Exact,
    );
    list.one("decoder.token_embedding.weight", "decoder/embeddings/weight", &[shape.vocabulary, d], Role::Matrix);
    for layer in 0..shape.text_layers {
        let (to, from) = (format!("decoder.blocks.{layer}"), format!("decoder/layer_{layer}"));
        list.self_attention(&to, &from, d);
        list.cross_attention(&to, &from, d);
        list.feed_forward(&to, &from, d);
    }
    list.norm("decoder.ln", "decoder/layer_norm", d);
    list.0
}

struct List(Vec<Tensor>);

impl List {
    fn one(&mut self, name: &str, source: &str, shape: &[u32], role: Role) {
        self.part(name, source, (0, 1), shape, role);
    }

    fn part(&mut self, name: &str, source: &str, part: (u32, u32), shape: &[u32], role: Role) {
        self.0.push(Tensor { name: name.into(), source: source.into(), part, shape: shape.into(), role });
    }

    /// A norm of `d` channels.
    fn norm(&mut self, name: &str, source: &str, d: u32) {
        self.one(&format!("{name}.weight"), &format!("{source}/gamma"), &[d], Role::Exact);
        self.one(&format!("{name}.bias"), &format!("{source}/beta"), &[d], Role::Exact);
    }

    /// A projection from `inputs` to `outputs` channels.
    fn linear(&mut self, name: &str, source: &str, [outputs, inputs]: [u32; 2]) {
        self.one(&format!("{name}.weight"), &format!("{source}/weight"), &[outputs, inputs], Role::Matrix);
        self.one(&format!("{name}.bias"), &format!("{source}/bias"), &[outputs], Role::Exact);
    }

    /// The projections in `names`, whose rows are fused in `source`.
    fn fused(&mut self, to: &str, names: &[&str], source: &str, d: u32) {
        let count = names.len() as u32;
        for (part, name) in (0..).zip(names) {
            let bias = if *name == "key" { Role::Zero } else { Role::Exact };
            self.part(
                &format!("{to}.{name}.weight"),
                &format!("{source}/weight"),
                (part, count),
                &[d, d],
                Role::Matrix,
            );
            self.part(&format!("{to}.{name}.bias"), &format!("{source}/bias"), (part, count), &[d], bias);
        }
    }

    fn self_attention(&mut self, to: &str, from: &str, d: u32) {
        let source = format!("{from}/self_attention");
        self.norm(&format!("{to}.attn_ln"), &format!("{source}/layer_norm"), d);
        self.fused(&format!("{to}.attn"), &["query", "key", "value"], &format!("{source}/linear_0"), d);
        self.linear(&format!("{to}.attn.out"), &format!("{source}/linear_1"), [d, d]);
    }

    fn cross_attention(&mut self, to: &str, from: &str, d: u32) {
        let source = format!("{from}/attention");
        self.norm(&format!("{to}.cross_attn_ln"), &format!("{source}/layer_norm"), d);
        self.linear(&format!("{to}.cross_attn.query"), &format!("{source}/linear_0"), [d, d]);
        self.fused(&format!("{to}.cross_attn"), &["key", "value"], &format!("{source}/linear_1"), d);
        self.linear(&format!("{to}.cross_attn.out"), &format!("{source}/linear_2"), [d, d]);
    }

    fn feed_forward(&mut self, to: &str, from: &str, d: u32) {
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"), d);
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"), [4 * d, d]);
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"), [d, 4 * d]);
    }
}
