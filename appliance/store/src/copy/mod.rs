//! Copies of a file's rows: the sealed stream they travel in, and the new database that is filled from them.
//!
//! Backups, exports, moves and new keys all go through here: a snapshot of the rows is walked once, in order, and the audit log in it is
//! recomputed on the way, so that no copy is ever made of a log that does not verify.

mod chain;
mod error;
mod fill;
mod item;
mod seal;
mod tap;
#[cfg(test)]
mod tests;

pub use error::CopyError;

pub(crate) use chain::ChainCheck;
pub(crate) use fill::Filling;
pub(crate) use item::{Item, ItemReader, ItemWriter, Totals};
pub(crate) use seal::{Hashed, Opener, Sealer};
pub(crate) use tap::Tap;

use crate::read::{View, storage};

/// Hands every row of the snapshot to `each`, in the order of their keys.
pub(crate) fn pour<E: From<CopyError>>(
    view: &View,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for row in redb::ReadableTable::iter(&*view.table).map_err(|error| CopyError::Read(storage(error)))? {
        let (key, value) = row.map_err(|error| CopyError::Read(storage(error)))?;
        each(key.value(), value.value())?;
    }
    Ok(())
}
