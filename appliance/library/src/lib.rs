//! What a tenant makes: projects, recordings, transcripts, storyboards, videos.
//!
//! Every function takes a permit, and nothing but the permit says which tenant and which thing it is about.

mod error;
pub mod project;
mod text;

pub use error::LibraryError;
