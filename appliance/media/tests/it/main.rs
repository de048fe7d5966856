//! Media against real files: each module is one feature.

mod decode;
mod recording;
