//! What a tenant makes: projects, recordings, transcripts, storyboards, videos; and what goes with them: brand kits, glossaries,
//! comments, links to view.
//!
//! Every function takes a permit, and nothing but the permit says which tenant and which thing it is about.

pub mod anchor;
pub mod brand;
pub mod choice;
pub mod comment;
mod error;
pub mod glossary;
mod content;
mod erase;
mod error;
pub mod making;
pub mod project;
pub mod recording;
pub mod storyboard;
pub mod stored;
pub mod tags;
mod text;
pub mod view_link;
pub mod transcript;
pub mod version;
pub mod video;
pub mod trash;
pub mod upload;

pub use error::LibraryError;
