//! The closed list of what can go wrong, as a caller sees it.

use serde::Serialize;

/// The kind of an error. Every error enum of the appliance says its kind; only the API turns it into an HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request makes no sense; sending it again will not help.
    Invalid,
    /// Nobody knows who is calling.
    Unauthenticated,
    /// The caller may not do this.
    Denied,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// Something else came first; read again and decide.
    Conflict,
    /// A limit or quota is used up.
    Exhausted,
    /// Not now; try again later.
    Unavailable,
    /// Stored data is damaged.
    Corrupt,
    /// Our mistake.
    Bug,
}
