//! Media against real files: each module is one feature.

mod decode;
mod encode;
mod recording;
