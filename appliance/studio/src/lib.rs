//! Transcript in, frames out: the pure core of Audiagram.
//!
//! ```text
//! Transcript --Outliner--> Storyboard --layout--> Placed --film--> Film --Rasterizer--> pixels
//! ```
//!
//! Every stage is a pure function of its inputs: no clock, no disk, no network, no threads. The crate knows nothing
//! of audio or video formats; `media` feeds it a [`transcript::Transcript`] and takes its frames.

pub mod alternative;
pub mod arrange;
pub mod draw;
pub mod edit;
pub mod eval;
pub mod export;
pub mod film;
pub mod geometry;
pub mod import;
pub mod layout;
pub mod outline;
pub mod storyboard;
pub mod transcript;
