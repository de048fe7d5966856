//! What a tenant makes: projects and their folders, recordings, transcripts, storyboards, videos; and what goes with them: brand kits, glossaries,
//! comments, links to view, dashboards, reports, alerts, whom to tell of them, and where to put tables as files.
//!
//! Every function takes a permit, and nothing but the permit says which tenant and which thing it is about.

pub mod alert;
pub mod anchor;
mod base;
pub mod brand;
pub mod choice;
pub mod comment;
pub mod connector;
mod content;
pub mod counted;
pub mod dashboard;
mod erase;
mod error;
pub mod folder;
#[doc(hidden)]
pub mod fuzzing;
pub mod glossary;
pub mod import;
pub mod live;
pub mod making;
pub mod moving;
pub mod notice;
pub mod project;
pub mod recording;
pub mod report;
pub mod rights;
pub mod sealing;
pub mod search;
pub mod settings;
pub mod standing;
pub mod stored;
#[cfg(test)]
mod stored_forms;
pub mod storyboard;
pub mod table_export;
pub mod tags;
#[cfg(test)]
mod test_place;
mod text;
pub mod tidy;
pub mod transcript;
pub mod trash;
pub mod upload;
pub mod version;
pub mod video;
pub mod view_link;
pub mod webhook;
mod whereabouts;

pub use error::LibraryError;
