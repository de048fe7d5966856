//! What a tenant itself lays down: the policies and the networks its people may come from. Stored in its file.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{
    Header, Id, NounKind,
    noun::{self, Tenant},
};
use serde::{Deserialize, Serialize};
use store::{Database, Headed, MAX_PAGE, Query, Read, ReadError, Record, View, aside};

use crate::{
    network::Network,
    own::{CheckedPolicy, OwnPolicies, PolicyError},
    specification::Specification,
};

/// A policy of a tenant as it is stored: exactly one Cedar statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// Its header.
    pub header: Header<noun::Policy>,
    /// What it is called.
    pub name: String,
    /// The statement.
    pub text: String,
    /// Whether it counts.
    pub enabled: bool,
}

impl Record for PolicyRecord {
    const NAME: &'static str = "policy";
    const NUMBER: u8 = NounKind::Policy as u8;
    type Key = Id<noun::Policy>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for PolicyRecord {
    type Noun = noun::Policy;
    fn header(&self) -> &Header<noun::Policy> {
        &self.header
    }
}

/// The networks from which a tenant's people may come; every one when none is listed. One record a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NetworkList {
    /// The networks, at most [`NetworkList::MAX`].
    pub networks: Vec<Network>,
}

impl NetworkList {
    /// How many networks a list may have.
    pub const MAX: usize = 256;
    /// The key of the one record.
    pub const KEY: [u8; 0] = [];
}

impl Record for NetworkList {
    const NAME: &'static str = "list of networks";
    const NUMBER: u8 = 90;
    type Key = [u8; 0];
    fn key(&self) -> Self::Key {
        Self::KEY
    }
}

/// Why a tenant's law cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There are more than there may be.
    #[error(transparent)]
    Set(#[from] PolicyError),
}

/// What a tenant lays down, ready for decisions.
#[derive(Debug, Clone)]
pub struct Law {
    /// The networks its people may come from.
    pub networks: Arc<[Network]>,
    /// Its own policies; nothing when it has none.
    pub own: Option<Arc<OwnPolicies>>,
}

impl Law {
    /// What is stored in a tenant's file.
    ///
    /// # Errors
    /// When it cannot be read. A policy that no longer fits is no error here: see [`OwnPolicies::broken`].
    pub fn read(view: &View, specification: &Arc<Specification>) -> Result<Law, LawError> {
        let networks = view.get::<NetworkList>(&NetworkList::KEY)?.unwrap_or_default().networks;
        let stored = view.list::<PolicyRecord>(&Query::newest(MAX_PAGE), |policy| policy.enabled)?.items;
        let (mut checked, mut broken) = (Vec::new(), Vec::new());
        for policy in &stored {
            match CheckedPolicy::new(specification, policy.header.id, &policy.text) {
                Ok(policy) => checked.push(policy),
                Err(_) => broken.push(policy.header.id),
            }
        }
        let own = if broken.is_empty() {
            OwnPolicies::new(specification, checked)?
        } else {
            Some(OwnPolicies::broken(specification, broken))
        };
        Ok(Law { networks: networks.into(), own: own.map(Arc::new) })
    }
}

/// The laws of the tenants that were asked about lately.
#[derive(Debug, Default)]
pub(crate) struct Laws(Mutex<HashMap<Id<Tenant>, Entry>>);

/// A law, and the state of the records it was made from.
#[derive(Debug)]
struct Entry {
    generations: [u64; 2],
    law: Law,
}

impl Laws {
    /// How many are kept before all are forgotten. As many as files are open by default.
    const MAX: usize = 1024;

    /// The law of `tenant`, whose file is `database`; made anew when a record behind it has changed.
    pub(crate) fn of(
        &self,
        tenant: Id<Tenant>,
        database: &Database,
        specification: &Arc<Specification>,
    ) -> Result<Law, LawError> {
        // Before the records are read: what changes after that is seen the next time.
        let generations = [database.generation(PolicyRecord::NUMBER), database.generation(NetworkList::NUMBER)];
        let known = |laws: &HashMap<Id<Tenant>, Entry>| {
            laws.get(&tenant).filter(|entry| entry.generations == generations).map(|entry| entry.law.clone())
        };
        if let Some(law) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(law);
        }
        // Policies are read and checked, which takes as long as waiting for a disk.
        let law = aside::wait(|| Law::read(&database.read()?, specification))?;
        let mut laws = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if laws.len() >= Self::MAX {
            laws.clear();
        }
        laws.insert(tenant, Entry { generations, law: law.clone() });
        Ok(law)
    }
}
