//! Custom roles: sets of permissions with a name, made by a tenant.

use model::{
    DataClass, Header, Id, NounKind, PermissionSet, noun,
    permission::{RoleManage, RoleRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, IndexEntries, KeyBytes, Page, Query, Read, Record};

use crate::{
    assignment,
    permit::{ListPermit, Permit},
    rights::{RightsError, name, unchanged, within},
};

/// How many roles of its own a tenant may have.
pub const MAX_ROLES: usize = 200;

const BY_NAME: u8 = 1;

/// A role of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// Its header.
    pub header: Header<noun::Role>,
    /// What it is called; no two of a tenant have the same name, whatever their case.
    pub name: String,
    /// What it grants.
    pub permissions: PermissionSet,
}

impl Record for CustomRole {
    const NAME: &'static str = "role";
    const NUMBER: u8 = NounKind::Role as u8;
    type Key = Id<noun::Role>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.unique(BY_NAME, &KeyBytes::new().with(&self.name.to_lowercase()));
    }
}

impl Headed for CustomRole {
    type Noun = noun::Role;
    fn header(&self) -> &Header<noun::Role> {
        &self.header
    }
}

/// A change of a role: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// A new name.
    pub name: Option<String>,
    /// Other permissions.
    pub permissions: Option<PermissionSet>,
}

/// Makes a role. It holds no more than its author does in the whole tenant.
///
/// # Errors
/// [`RightsError::Beyond`] and the rules about names, numbers and permissions.
pub fn create(permit: Permit<RoleManage>, called: &str, permissions: PermissionSet) -> Result<CustomRole, RightsError> {
    let called = name(called)?;
    fits(permissions)?;
    within(permissions, permit.holds(None))?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<CustomRole>(&Query::newest(MAX_ROLES), |_| true)?.items.len() == MAX_ROLES {
            return Err(RightsError::TooMany { what: "roles", limit: MAX_ROLES });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let role = CustomRole { header, name: called, permissions };
        tx.about(role.header.id.erase());
        tx.note("permissions", codes(permissions));
        tx.put(&role)?;
        Ok(role)
    })
}

/// Changes the role of the permit. Neither what it held nor what it will hold may go beyond its author's rights: who could take
/// away what is beyond them would rule over those who hold it.
///
/// # Errors
/// As for [`create`].
pub fn update(permit: Permit<RoleManage>, base: Option<u64>, change: &RoleChange) -> Result<CustomRole, RightsError> {
    let called = change.name.as_deref().map(name).transpose()?;
    change.permissions.map_or(Ok(()), fits)?;
    let (id, own) = (subject(&permit)?, permit.holds(None));
    permit.write(|tx| {
        let mut role = tx.get::<CustomRole>(&id)?.ok_or(RightsError::NotFound(CustomRole::NAME))?;
        unchanged(base, role.header.version)?;
        within(role.permissions, own)?;
        if let Some(called) = called {
            role.name = called;
        }
        if let Some(permissions) = change.permissions {
            within(permissions, own)?;
            tx.note("given", codes(permissions.without(role.permissions)));
            tx.note("taken", codes(role.permissions.without(permissions)));
            role.permissions = permissions;
        }
        role.header.touch(tx.now());
        tx.put(&role)?;
        Ok(role)
    })
}

/// Deletes the role of the permit, which nobody may hold any more.
///
/// # Errors
/// [`RightsError::InUse`], and as for [`update`].
pub fn delete(permit: Permit<RoleManage>, base: Option<u64>) -> Result<(), RightsError> {
    let (id, own) = (subject(&permit)?, permit.holds(None));
    permit.write(|tx| {
        let role = tx.get::<CustomRole>(&id)?.ok_or(RightsError::NotFound(CustomRole::NAME))?;
        unchanged(base, role.header.version)?;
        within(role.permissions, own)?;
        if assignment::is_assigned(tx, id)? {
            return Err(RightsError::InUse);
        }
        tx.delete::<CustomRole>(&id)?;
        Ok(())
    })
}

/// The role with this id.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn get(read: &impl Read, id: Id<noun::Role>) -> Result<CustomRole, RightsError> {
    read.get::<CustomRole>(&id)?.ok_or(RightsError::NotFound(CustomRole::NAME))
}

/// The tenant's roles that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<RoleRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<CustomRole>, RightsError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<CustomRole>(&query, |role| permit.visible(&role.header.subject()))?)
}

fn subject(permit: &Permit<RoleManage>) -> Result<Id<noun::Role>, RightsError> {
    permit.subject().id.typed().ok_or(RightsError::NotFound(CustomRole::NAME))
}

fn fits(permissions: PermissionSet) -> Result<(), RightsError> {
    let fits = !permissions.is_empty() && PermissionSet::TENANT.covers(permissions);
    if fits { Ok(()) } else { Err(RightsError::Permissions) }
}

/// The codes with blanks between them, for audit rows.
fn codes(permissions: PermissionSet) -> String {
    permissions.iter().map(|permission| permission.code()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
