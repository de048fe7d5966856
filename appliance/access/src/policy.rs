//! Changes of what a tenant lays down: its own policies and its list of networks.

use std::sync::Arc;

use model::{
    Actor, ActorKind, DataClass, Grant, Header, Id, Level, Permission, PermissionSet, Scope, Subject, noun,
    permission::{AuthpolicyManage, AuthpolicyRead},
};
use store::{Cursor, Page, Query, Read, Record, Tx};

use crate::{
    Specification,
    decide::{Context, decide},
    law::{NetworkList, PolicyRecord},
    network::Network,
    own::{CheckedPolicy, MAX_OWN_POLICIES, OwnPolicies, PolicyError},
    permit::{ListPermit, Permit},
    rights::{RightsError, name, unchanged},
};

/// A policy as its author writes it.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// What it is called.
    pub name: String,
    /// Exactly one Cedar statement.
    pub text: String,
    /// Whether it counts at once.
    pub enabled: bool,
}

/// Saves a policy: a new one when the permit is about the tenant, or else in place of the one that the permit is about.
///
/// # Errors
/// [`RightsError::Policy`] with the line when it does not fit, permits what its author lacks or is one too many;
/// [`RightsError::LockOut`] when its author could not change it back.
pub fn save(
    permit: Permit<AuthpolicyManage>,
    specification: &Arc<Specification>,
    base: Option<u64>,
    new: &NewPolicy,
) -> Result<PolicyRecord, RightsError> {
    let called = name(&new.name)?;
    let (author, own) = (permit.caller().clone(), permit.holds(None));
    let known: Option<Id<noun::Policy>> = permit.subject().id.typed();
    permit.write(|tx| {
        let now = tx.now();
        let header = match known {
            None => Header::new(tx.new_id(), author.tenant, author.home, author.id, DataClass::K6, now),
            Some(id) => {
                let mut header = get(tx, id)?.header;
                unchanged(base, header.version)?;
                header.touch(now);
                header
            }
        };
        CheckedPolicy::new(specification, header.id, &new.text)?.within(own)?;
        let record = PolicyRecord { header, name: called, text: new.text.clone(), enabled: new.enabled };
        tx.about(record.header.id.erase());
        tx.note("enabled", record.enabled.to_string());
        tx.put(&record)?;
        remains(tx, specification, &author)?;
        Ok(record)
    })
}

/// Deletes the policy of the permit.
///
/// # Errors
/// When there is none, or the author lived by it ([`RightsError::LockOut`]).
pub fn delete(
    permit: Permit<AuthpolicyManage>,
    specification: &Arc<Specification>,
    base: Option<u64>,
) -> Result<(), RightsError> {
    let id = permit.subject().id.typed().ok_or(RightsError::NotFound(PolicyRecord::NAME))?;
    let author = permit.caller().clone();
    permit.write(|tx| {
        unchanged(base, get(tx, id)?.header.version)?;
        tx.delete::<PolicyRecord>(&id)?;
        remains(tx, specification, &author)
    })
}

/// Sets the networks from which the tenant's people may come; every one when none is listed.
///
/// # Errors
/// [`RightsError::LockOut`] when the author's own address is in none of them.
pub fn set_networks(permit: Permit<AuthpolicyManage>, networks: Vec<Network>) -> Result<(), RightsError> {
    if networks.len() > NetworkList::MAX {
        return Err(RightsError::TooMany { what: "networks", limit: NetworkList::MAX });
    }
    let outside = |address| !networks.is_empty() && !networks.iter().any(|network| network.contains(address));
    if permit.caller().address.is_some_and(outside) {
        return Err(RightsError::LockOut);
    }
    permit.write(|tx| {
        let before = tx.get::<NetworkList>(&NetworkList::KEY)?.unwrap_or_default();
        let text = |networks: &[Network]| networks.iter().map(Network::to_string).collect::<Vec<_>>().join(" ");
        let added: Vec<_> = networks.iter().filter(|network| !before.networks.contains(network)).copied().collect();
        let removed: Vec<_> = before.networks.iter().filter(|network| !networks.contains(network)).copied().collect();
        tx.note("added", text(&added));
        tx.note("removed", text(&removed));
        tx.put(&NetworkList { networks })?;
        Ok(())
    })
}

/// The policy with this id.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn get(read: &impl Read, id: Id<noun::Policy>) -> Result<PolicyRecord, RightsError> {
    read.get::<PolicyRecord>(&id)?.ok_or(RightsError::NotFound(PolicyRecord::NAME))
}

/// The tenant's policies that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<AuthpolicyRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<PolicyRecord>, RightsError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<PolicyRecord>(&query, |policy| permit.visible(&policy.header.subject()))?)
}

/// The networks that the tenant allows.
///
/// # Errors
/// When they cannot be read.
pub fn networks(read: &impl Read) -> Result<Vec<Network>, RightsError> {
    Ok(read.get::<NetworkList>(&NetworkList::KEY)?.unwrap_or_default().networks)
}

/// That the author, and any owner, can still change policies under those that are about to be stored. Broken ones do not
/// count here: they stop nobody from repairing them.
fn remains(tx: &Tx<'_>, specification: &Arc<Specification>, author: &Actor) -> Result<(), RightsError> {
    // Those that do not count are limited too: any of them may be enabled.
    let all = tx.list::<PolicyRecord>(&Query::newest(MAX_OWN_POLICIES + 1), |_| true)?.items;
    if all.len() > MAX_OWN_POLICIES {
        return Err(PolicyError::Many.into());
    }
    let enabled = all.iter().filter(|policy| policy.enabled);
    let checked = enabled.filter_map(|policy| CheckedPolicy::new(specification, policy.header.id, &policy.text).ok());
    let own = OwnPolicies::new(specification, checked.collect())?;
    let context = Context {
        region: author.home,
        now: tx.now(),
        address: author.address,
        allow_networks: &[],
        not_after: None,
        break_glass: false,
    };
    let tenant = Subject::tenant(author.tenant, author.home);
    let all_of_it = Grant { scope: Scope::Tenant, permissions: Level::Owner.permissions(), expires: None };
    let owner = Actor {
        id: tx.new_id::<noun::User>().erase(),
        kind: ActorKind::User,
        grants: vec![all_of_it],
        ceiling: PermissionSet::TENANT,
        ..author.clone()
    };
    let may = |actor| decide(actor, Permission::AuthpolicyManage, &tenant, &context, own.as_ref()).allowed;
    if may(author) && may(&owner) { Ok(()) } else { Err(RightsError::LockOut) }
}

#[cfg(test)]
mod tests;
