//! Self-service: a tenant, its keys and the invitation of its first owner in one call that can be sent again.

use std::{collections::BTreeMap, time::Duration};

use identity::{Email, Invitation, NewInvitation, PeopleError, Realm, Secret, invitation, user};
use model::{Classification, Id, Level, Timestamp, noun};
use store::{EventDraft, Read, ReadError, Store, Tx, WriteError};

use crate::{
    create::{self, CreateError, NewTenant},
    tenant::{Tenant, by_slug},
};

/// How long the first owner may take to come in.
const OWNER_TIME: Duration = Duration::from_secs(7 * 86_400);

/// A tenant to be made, with who is to own it.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The tenant.
    pub new: NewTenant,
    /// The address of its first owner; nobody is invited without one.
    pub owner: Option<Email>,
}

/// A tenant whose keys are made.
#[derive(Debug)]
pub struct Prepared {
    tenant: Tenant,
    owner: Option<Email>,
    known: bool,
}

/// A tenant that is there.
#[derive(Debug)]
pub struct Onboarded {
    /// The tenant.
    pub tenant: Tenant,
    /// The code for its first owner and when it ends; shown this once. Nothing where nobody was to be invited, or the owner is in.
    pub invitation: Option<(Secret, Timestamp)>,
    /// Whether it was there before: the call was sent again.
    pub known: bool,
}

/// Makes the keys of tenants that are not there yet.
///
/// A tenant with the same short name, name, plan and home is the one asked for: a call that was cut off can be sent again, and
/// makes a new code as long as no owner is in.
pub fn prepare(store: &Store, wanted: Vec<Newcomer>) -> Result<Vec<Prepared>, CreateError> {
    if wanted.len() > create::MOST_AT_ONCE {
        return Err(CreateError::TooMany);
    }
    let view = store.system().read()?;
    let mut slots: BTreeMap<String, Option<Tenant>> = BTreeMap::new();
    let mut fresh = Vec::new();
    for Newcomer { new, owner } in &wanted {
        create::check(new)?;
        let found = by_slug(&view, &new.slug)?;
        match &found {
            None => fresh.push(new.clone()),
            Some(tenant) if is_same(tenant, new) && may_wait_for(store, tenant, owner.as_ref())? => {}
            Some(_) => return Err(CreateError::Taken(new.slug.clone())),
        }
        if slots.insert(new.slug.clone(), found).is_some() {
            return Err(CreateError::Twice(new.slug.clone()));
        }
    }
    let mut made = create::prepare(store, fresh)?.into_iter();
    wanted
        .into_iter()
        .map(|Newcomer { new, owner }| {
            let known = slots.remove(&new.slug).flatten();
            let is_known = known.is_some();
            let tenant = known.or_else(|| made.next()).expect("each that is not known was made, in this order");
            Ok(Prepared { tenant, owner, known: is_known })
        })
        .collect()
}

/// Puts those that are new into the register.
pub fn register(tx: &mut Tx<'_>, prepared: &[Prepared]) -> Result<(), CreateError> {
    let fresh: Vec<Tenant> =
        prepared.iter().filter(|prepared| !prepared.known).map(|prepared| prepared.tenant.clone()).collect();
    create::register(tx, &fresh).map_err(|error| match error {
        WriteError::Taken(_) => CreateError::Taken(fresh.first().map(|tenant| tenant.slug.clone()).unwrap_or_default()),
        other => other.into(),
    })?;
    if let [one] = prepared {
        tx.about(one.tenant.id.erase());
    }
    Ok(())
}

/// Invites the first owners. `event` is the audit row in each tenant's trail.
pub fn invite_owners(
    store: &Store,
    event: &EventDraft,
    prepared: Vec<Prepared>,
) -> Result<Vec<Onboarded>, CreateError> {
    let invite = |Prepared { tenant, owner, known }: Prepared| {
        let invitation = owner.map(|owner| invite(store, event, &tenant, owner)).transpose()?.flatten();
        Ok(Onboarded { tenant, invitation, known })
    };
    prepared.into_iter().map(invite).collect()
}

fn is_same(tenant: &Tenant, new: &NewTenant) -> bool {
    tenant.is_active() && tenant.name == new.name.trim() && tenant.plan == new.plan && tenant.home == new.home
}

/// Whether `owner` can be, or is, the first owner of a tenant that is there already.
fn may_wait_for(store: &Store, tenant: &Tenant, owner: Option<&Email>) -> Result<bool, CreateError> {
    let Some(owner) = owner else { return Ok(true) };
    let view = store.tenant(tenant.id)?.read()?;
    Ok(!has_people(&view)? || user::by_email(&view, owner)?.is_some())
}

fn has_people(read: &impl Read) -> Result<bool, ReadError> {
    Ok(!user::list(read, None, 1, |_| true)?.items.is_empty())
}

fn invite(
    store: &Store,
    event: &EventDraft,
    tenant: &Tenant,
    owner: Email,
) -> Result<Option<(Secret, Timestamp)>, CreateError> {
    let by: Id<noun::Tenant> = tenant.id;
    let realm = Realm { tenant: tenant.id, home: tenant.home, suspended: false, name: tenant.name.clone() };
    let event = EventDraft { subject: by.erase(), ..event.clone() };
    let file = store.tenant(tenant.id)?;
    if has_people(&file.read()?)? {
        return Ok(None);
    }
    let made = file.write::<_, PeopleError>(event, |tx| {
        // The code of a call before leads nowhere from now on, and neither does one that went to a wrong address.
        let open = invitation::list(tx, None, 10, |open: &Invitation| open.header.owner == by.erase())?.items;
        for open in open {
            invitation::revoke(tx, open.id())?;
        }
        let expires = tx.now().after(OWNER_TIME);
        let clearance = Classification::Restricted;
        let new = NewInvitation { email: owner, level: Level::Owner, project: None, clearance, expires };
        let (token, _) = invitation::create(tx, &realm, by.erase(), new)?;
        Ok((token.reveal(), expires))
    })?;
    Ok(Some(made))
}
