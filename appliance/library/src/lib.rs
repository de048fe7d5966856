//! What a tenant makes: projects, recordings, transcripts, storyboards, videos.
//!
//! Every function takes a permit, and nothing but the permit says which tenant and which thing it is about.

pub mod counted;
mod error;
pub mod project;
pub mod settings;
mod text;

pub use error::LibraryError;
