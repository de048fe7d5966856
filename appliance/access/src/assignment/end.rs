//! Until when roles hold, said anew.

use model::{
    AnyId, Id, Permitted, Timestamp, noun,
    permission::{ProjectShare, RoleAssign},
};
use store::{Read as _, Record as _, Tx};

use super::{Assignment, note, other_owner};
use crate::{
    permit::Permit,
    rights::{RightsError, ahead, within},
};

/// Says until when the role holds that the permit is about; for good with nothing. Who says so must hold what it gives. `also` as for
/// [`super::give`].
///
/// # Errors
/// [`RightsError::LastOwner`], [`RightsError::Beyond`], an end that is past, or when there is no such assignment.
pub fn set_end(
    permit: Permit<RoleAssign>,
    expires: Option<Timestamp>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    let id = permit.subject().id.typed().ok_or(RightsError::NotFound(Assignment::NAME))?;
    change_end(permit, id, expires, also)
}

/// Says until when the permit's project is shared by this assignment.
///
/// # Errors
/// As for [`set_end`].
pub fn set_end_of_share(
    permit: Permit<ProjectShare>,
    id: Id<noun::Assignment>,
    expires: Option<Timestamp>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    permit.subject().project.ok_or(RightsError::NotFound("project"))?;
    change_end(permit, id, expires, also)
}

fn change_end<P: Permitted>(
    permit: Permit<P>,
    id: Id<noun::Assignment>,
    expires: Option<Timestamp>,
    also: impl FnOnce(&mut Tx<'_>, AnyId) -> Result<(), RightsError>,
) -> Result<Assignment, RightsError> {
    ahead(expires, permit.now())?;
    let project = permit.subject().project;
    let own = permit.holds(project);
    permit.write(|tx| {
        let found = tx.get::<Assignment>(&id)?.filter(|assignment| assignment.header.project == project);
        let mut assignment = found.ok_or(RightsError::NotFound(Assignment::NAME))?;
        // What has ended is given anew by this, and what is to end is taken back on that day.
        within(assignment.role.permissions(tx)?, own)?;
        if assignment.is_owner() && expires.is_some() && !other_owner(tx, assignment.principal)? {
            return Err(RightsError::LastOwner);
        }
        also(tx, assignment.principal)?;
        if let Some(before) = assignment.expires {
            tx.note("expired", before.millis().to_string());
        }
        assignment.expires = expires;
        assignment.header.touch(tx.now());
        note(tx, &assignment);
        tx.put(&assignment)?;
        Ok(assignment)
    })
}
