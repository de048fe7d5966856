//! What rights there are, looked at from time to time.

use access::{SystemPermit, history, report::Snapshot};
use identity::group;
use model::Timestamp;
use store::WriteError;

/// Writes down what has changed of the rights of a tenant since the last look; whether anything has.
///
/// # Errors
/// Those of the store.
pub fn look(permit: SystemPermit, now: Timestamp) -> Result<bool, WriteError> {
    let view = permit.read()?;
    let present = Snapshot::read(&view, now, group::everyone(&view)?)?;
    history::look(permit, &present)
}
