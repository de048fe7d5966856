//! Rights from role assignments.

use access::assignment::{GRANT_RECORDS, grants_of};
use identity::GrantSource;
use model::{AnyId, Grant, Id, noun};
use store::{ReadError, View};

/// Asks the access crate.
#[derive(Debug)]
pub(crate) struct Grants;

impl GrantSource for Grants {
    fn records(&self) -> &[u8] {
        GRANT_RECORDS
    }

    fn grants(&self, view: &View, principal: AnyId, groups: &[Id<noun::Group>]) -> Result<Vec<Grant>, ReadError> {
        grants_of(view, principal, groups)
    }
}
