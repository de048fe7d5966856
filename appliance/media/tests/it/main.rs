//! Media against real files: each module is one feature.

mod decode;
mod encode;
mod guards;
mod hear;
mod measure;
mod recording;
