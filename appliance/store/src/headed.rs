//! Records with a header.

use model::{Header, Id, Noun};

use crate::record::Record;

/// A record that says about itself what access and residency rules ask.
pub trait Headed: Record<Key = Id<Self::Noun>> {
    /// What it is.
    type Noun: Noun;
    /// Its header.
    fn header(&self) -> &Header<Self::Noun>;
}
