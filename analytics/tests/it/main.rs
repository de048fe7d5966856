//! The engine as its callers see it: rows in, files and answers out.

mod extract;
mod hostile;
mod place;
mod questions;
mod unsealed;
