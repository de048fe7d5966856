//! What a tenant makes: projects, recordings, transcripts, storyboards, videos; and what goes with them: brand kits, glossaries,
//! comments, links to view.
//!
//! Every function takes a permit, and nothing but the permit says which tenant and which thing it is about.

pub mod anchor;
pub mod brand;
pub mod choice;
pub mod comment;
pub mod counted;
mod error;
pub mod glossary;
pub mod project;
pub mod settings;
mod text;
pub mod view_link;

pub use error::LibraryError;
