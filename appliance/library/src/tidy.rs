//! Removes records that are past their end and of use to nobody: sessions, invitations, API keys, links to view.

use std::time::Duration;

use access::SystemPermit;
use identity::{PeopleError, api_key, invitation, session};
use store::WriteError;

use crate::view_link;

/// The most records of a kind that one call removes: a write is held in memory.
const MOST: usize = 500;
/// How long keys and links are still shown after their end, so that who wonders why one fails finds it.
const SHOWN_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// Why there was no change.
enum Stop {
    /// There was nothing to remove.
    Nothing,
    Failed(PeopleError),
}

impl From<PeopleError> for Stop {
    fn from(error: PeopleError) -> Self {
        Stop::Failed(error)
    }
}

impl From<WriteError> for Stop {
    fn from(error: WriteError) -> Self {
        Stop::Failed(error.into())
    }
}

/// Removes some of what has ended in one file, a tenant's or the appliance's; says how many records. Where there is nothing to
/// remove, nothing is written, no audit row either.
///
/// # Errors
/// Those of the store.
pub fn tidy(permit: SystemPermit) -> Result<usize, PeopleError> {
    let removed = permit.write::<_, Stop>(|tx| {
        let removed = session::purge(tx, MOST)?
            + invitation::purge(tx, MOST)?
            + api_key::purge(tx, SHOWN_AFTER, MOST)?
            + view_link::purge(tx, SHOWN_AFTER, MOST)?;
        tx.note("ended", removed.to_string());
        if removed == 0 { Err(Stop::Nothing) } else { Ok(removed) }
    });
    match removed {
        Ok(removed) => Ok(removed),
        Err(Stop::Nothing) => Ok(0),
        Err(Stop::Failed(error)) => Err(error),
    }
}
