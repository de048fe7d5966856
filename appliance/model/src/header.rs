//! What every stored record says about itself, so that rules about access and residency need no knowledge of its content.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    class::{Classification, DataClass, Region},
    clock::Timestamp,
    id::{AnyId, Id},
    noun::{Noun, Project, Tenant},
};

/// The head of a record of kind `K`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Header<K: Noun> {
    /// Its id.
    pub id: Id<K>,
    /// Whose it is.
    pub tenant: Id<Tenant>,
    /// The region whose appliance alone writes it.
    pub home: Region,
    /// The user or service account that made it or was given it.
    pub owner: AnyId,
    /// The project it lies in, for what lies in one; a project is in itself.
    pub project: Option<Id<Project>>,
    /// What its data are, for residency.
    pub class: DataClass,
    /// How secret it is.
    pub classification: Classification,
    /// The regions in which it may be used; empty: its home only.
    pub residency: BTreeSet<Region>,
    /// Nothing may delete it while a legal matter is open.
    pub legal_hold: bool,
    /// Free marks of the tenant, at most [`Header::<K>::MAX_LABELS`].
    pub labels: BTreeMap<String, String>,
    /// Counts changes from 1; the API's entity tag.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl<K: Noun> Header<K> {
    /// How many labels a record may carry.
    pub const MAX_LABELS: usize = 32;

    /// The head of a fresh record.
    pub fn new(id: Id<K>, tenant: Id<Tenant>, home: Region, owner: AnyId, class: DataClass, now: Timestamp) -> Self {
        Self {
            id,
            tenant,
            home,
            owner,
            project: None,
            class,
            classification: Classification::default(),
            residency: BTreeSet::new(),
            legal_hold: false,
            labels: BTreeMap::new(),
            version: 1,
            created: now,
            updated: now,
        }
    }

    /// Counts a change made at `now`.
    pub fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated = now;
    }

    /// The record as the gate sees it.
    pub fn subject(&self) -> Subject {
        let mut residency = self.residency.clone();
        residency.insert(self.home);
        Subject {
            id: self.id.erase(),
            tenant: self.tenant,
            owner: Some(self.owner),
            project: self.project.or_else(|| self.id.erase().typed()),
            classification: self.classification,
            residency,
            legal_hold: self.legal_hold,
        }
    }
}

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The thing.
    pub id: AnyId,
    /// Whose it is.
    pub tenant: Id<Tenant>,
    /// Who owns it, if anyone.
    pub owner: Option<AnyId>,
    /// The project it lies in; a project lies in itself.
    pub project: Option<Id<Project>>,
    /// How secret it is.
    pub classification: Classification,
    /// The regions in which it may be used.
    pub residency: BTreeSet<Region>,
    /// Whether it must not be deleted.
    pub legal_hold: bool,
}

impl Subject {
    /// The tenant itself as the subject: for actions on no record in particular, like creating or listing.
    pub fn tenant(tenant: Id<Tenant>, home: Region) -> Self {
        Subject {
            id: tenant.erase(),
            tenant,
            owner: None,
            project: None,
            classification: Classification::Public,
            residency: BTreeSet::from([home]),
            legal_hold: false,
        }
    }
}
