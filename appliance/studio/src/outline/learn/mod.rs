//! What the outliner learned from the own corpus: small linear models, their features, and nothing else.
//!
//! The weights are text files beside the word lists. `audiagram eval --train` makes them anew from
//! `assets/language/en/corpus` and reports how they do on domains that they have not seen; see [`crate::eval`].

pub(crate) mod kinds;
pub(crate) mod linear;

use std::sync::OnceLock;

use linear::Linear;

const KINDS: &str = include_str!("../../../../../assets/language/en/weights/kinds.txt");

/// The trained weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights {
    /// Which kind a scene is of.
    pub(crate) kinds: Linear,
}

impl Weights {
    /// Those that are part of the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Weights> = OnceLock::new();
        BUILT_IN.get_or_init(|| Self { kinds: Linear::parse(KINDS) })
    }

    /// The files that hold them: name and text.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        vec![("kinds.txt", self.kinds.text())]
    }
}
