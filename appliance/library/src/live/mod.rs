//! Storyboards that several people edit at once.
//!
//! A live document is a Yjs map of cells; what its cells say is a storyboard. People's updates are taken as long as it is
//! sound, and each is stored before anybody else hears of it. From time to time what the document says becomes a version of the
//! storyboard, with the marks that the edit operations leave; what was changed elsewhere meanwhile is laid over the document first.

mod cells;
mod document;
mod keep;
#[cfg(test)]
mod tests;
mod wire;

pub use document::{Document, MAX_STATE, MAX_UPDATE, Refused, joined, writers};
pub(crate) use keep::forget;
#[cfg(test)]
pub(crate) use keep::{Live, Part};
pub use keep::{Opened, keep, note, open};
