//! The register of tenants, in the system's file.

use access::usage::Limits;
use model::{Id, Region, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, KeyPart, Page, Query, Read, ReadError, Record};

use crate::plan::Plan;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: Id<noun::Tenant>,
    /// Its short name in addresses and at sign-in: unique on the appliance.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The region whose appliance holds its data.
    pub home: Region,
    /// The plan.
    pub plan: Plan,
    /// What was agreed beyond the plan.
    pub agreed: Option<Limits>,
    /// Where it is in its life.
    pub state: State,
    /// Counts changes from 1.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
}

/// Where a tenant is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At work.
    Active,
    /// Nobody of it can do anything; its data rest.
    Suspended,
    /// On its way out: nobody can sign in, the data rest until the grace is over.
    Closed {
        /// When it may be erased.
        erase_from: Timestamp,
    },
    /// Its keys are destroyed; this row remembers that it was.
    Erased,
}

/// The short name under which operators of the appliance sign in; no tenant can have it.
pub const APPLIANCE: &str = "appliance";

const BY_SLUG: u8 = 1;
/// By state and, for closed ones, by when they may be erased.
const BY_STATE: u8 = 2;
/// By the letters of the short name, for those who know only its beginning.
const BY_LETTERS: u8 = 3;

impl Record for Tenant {
    const NAME: &'static str = "tenant";
    const NUMBER: u8 = model::NounKind::Tenant as u8;
    type Key = Id<noun::Tenant>;
    fn key(&self) -> Self::Key {
        self.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        let erase_from = if let State::Closed { erase_from } = self.state { erase_from } else { Timestamp::default() };
        entries.add(BY_STATE, &KeyBytes::new().with(&self.state.kind()).with(&erase_from));
        entries.add(BY_LETTERS, &KeyBytes::new().with(&Letters(&self.slug)).with(&0u8));
        // The name of an erased tenant is free again.
        if self.state != State::Erased {
            entries.unique(BY_SLUG, &KeyBytes::new().with(&self.slug));
        }
    }
}

/// Where a tenant is in its life, without dates. The numbers are part of stored keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum StateKind {
    /// At work.
    Active = 1,
    /// Nobody of it can do anything.
    Suspended = 2,
    /// On its way out.
    Closed = 3,
    /// Its keys are destroyed.
    Erased = 4,
}

impl StateKind {
    /// The name in the API and in audit rows.
    pub const fn name(self) -> &'static str {
        match self {
            StateKind::Active => "active",
            StateKind::Suspended => "suspended",
            StateKind::Closed => "closed",
            StateKind::Erased => "erased",
        }
    }
}

impl KeyPart for StateKind {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }
}

/// A text whose beginnings are found too: short names have no byte 0, which ends it.
struct Letters<'a>(&'a str);

impl KeyPart for Letters<'_> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.0.as_bytes());
    }
}

impl State {
    /// It without dates.
    pub const fn kind(self) -> StateKind {
        match self {
            State::Active => StateKind::Active,
            State::Suspended => StateKind::Suspended,
            State::Closed { .. } => StateKind::Closed,
            State::Erased => StateKind::Erased,
        }
    }
}

impl Tenant {
    /// What it may use.
    pub fn limits(&self) -> Limits {
        self.agreed.unwrap_or_else(|| self.plan.limits())
    }

    /// Whether its people can work.
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }

    /// Whether its people are still known, if only to be turned away.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Active | State::Suspended)
    }
}

/// The tenant with this id.
pub fn find(system: &impl Read, id: Id<noun::Tenant>) -> Result<Option<Tenant>, ReadError> {
    system.get::<Tenant>(&id)
}

/// The tenant with this short name; not one that was erased.
pub fn by_slug(system: &impl Read, slug: &str) -> Result<Option<Tenant>, ReadError> {
    system.find::<Tenant>(BY_SLUG, &KeyBytes::new().with(slug))
}

/// Which tenants to list: all of it must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Where they are in their life.
    pub state: Option<StateKind>,
    /// Their plan.
    pub plan: Option<Plan>,
    /// What their short names begin with.
    pub slug: Option<&'a str>,
}

/// Tenants, a page at a time: newest first, or by their short names where their beginning is asked for.
pub fn list(
    system: &impl Read,
    filter: &Filter<'_>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Tenant>, ReadError> {
    let query = match (filter.slug, filter.state) {
        (Some(slug), _) => {
            let index = Some((BY_LETTERS, KeyBytes::new().with(&Letters(slug))));
            Query { index, after, limit, newest_first: false }
        }
        // Within a state in the order of erasing, which for all but closed ones is that of age.
        (None, Some(state)) => {
            Query { index: Some((BY_STATE, KeyBytes::new().with(&state))), after, limit, newest_first: true }
        }
        (None, None) => Query { after, ..Query::newest(limit) },
    };
    system.list(&query, |tenant: &Tenant| {
        filter.state.is_none_or(|state| tenant.state.kind() == state)
            && filter.plan.is_none_or(|plan| tenant.plan == plan)
    })
}

/// Closed tenants whose grace is over, the longest first.
pub(crate) fn due(system: &impl Read, now: Timestamp, limit: usize) -> Result<Vec<Tenant>, ReadError> {
    let query = Query::by(BY_STATE, KeyBytes::new().with(&StateKind::Closed), limit);
    let mut page = system.list(&query, |_: &Tenant| true)?.items;
    page.retain(|tenant| matches!(tenant.state, State::Closed { erase_from } if erase_from <= now));
    Ok(page)
}
