//! Changes say which version of a thing they are based on, so that nobody writes over what they have not seen.

use model::Id;
use store::{Headed, Tx};

use crate::error::LibraryError;

/// Refuses a change that is based on another version than there is now; one that names none is based on whichever there is.
pub(crate) fn check_base(now: u64, base: Option<u64>) -> Result<(), LibraryError> {
    match base {
        Some(read) if read != now => Err(LibraryError::Version { read, now }),
        _ => Ok(()),
    }
}

/// A thing as it is now, for a change that is based on version `base`.
pub(crate) fn current<R: Headed>(tx: &Tx<'_>, id: Id<R::Noun>, base: Option<u64>) -> Result<R, LibraryError> {
    use store::Read as _;
    let found = tx.get::<R>(&id)?.ok_or(LibraryError::NotFound)?;
    check_base(found.header().version, base)?;
    Ok(found)
}
