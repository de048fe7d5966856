//! Removing things for good, with all that belongs to them. The one place that knows what goes with what.

use model::{Id, noun};
use store::Tx;

use crate::{
    error::LibraryError,
    project::Project,
    recording::{self, Recording},
    stored,
};

/// The most recordings that go with a project in one commit; more are removed in steps by the sweep of the trash.
pub(crate) const MAX_AT_ONCE: usize = 500;

/// Removes a recording and what was made of it; its file goes with the next sweep, unless other records refer to it.
pub(crate) fn recording(tx: &mut Tx<'_>, recording: &Recording) -> Result<(), LibraryError> {
    if recording.header.legal_hold {
        return Err(LibraryError::Held);
    }
    stored::release(tx, &recording.media)?;
    tx.delete::<Recording>(&recording.header.id)?;
    Ok(())
}

/// Removes a project and what lies in it. Says how many recordings that were.
pub(crate) fn project(tx: &mut Tx<'_>, id: Id<noun::Project>) -> Result<usize, LibraryError> {
    let page = recording::of_project(tx, id, None, MAX_AT_ONCE)?;
    if page.next.is_some() {
        return Err(LibraryError::Field {
            field: "project",
            fault: format!("has more than {MAX_AT_ONCE} recordings; remove some, or wait until the trash is swept"),
        });
    }
    for recording in &page.items {
        self::recording(tx, recording)?;
    }
    tx.delete::<Project>(&id)?;
    Ok(page.items.len())
}
