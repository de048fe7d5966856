//! What becomes of a run that a schedule has made: who is told, what lies in their mails, and where its files are put.

use jobs::{JobKind, NewJob};
use model::{Id, noun};
use serde::{Deserialize, Serialize};
use store::{Read, Tx};

use super::ReportRun;
use crate::{connector::Connector, error::LibraryError, notice::Audience};

/// The most connectors.
const MAX_CONNECTORS: usize = 10;

/// What becomes of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Who is told.
    #[serde(flatten)]
    pub audience: Audience,
    /// The forms of its files, by the names of `reports::Form`.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Where its files are put.
    #[serde(default)]
    pub connectors: Vec<Id<noun::Connector>>,
    /// Whether each person has a run of their own, drawn up as they see the answers, in place of being told of the owner's.
    #[serde(default)]
    pub each: bool,
}

/// What a job that puts the files of a run somewhere is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Where.
    pub connector: Id<noun::Connector>,
    /// The forms of the files.
    pub forms: Vec<String>,
}

impl Delivery {
    /// Reads what a schedule's jobs are given; nothing is nobody.
    ///
    /// # Errors
    /// When it is no delivery.
    pub fn read(payload: &[u8]) -> Result<Self, LibraryError> {
        if payload.is_empty() {
            return Ok(Delivery::default());
        }
        serde_json::from_slice(payload).map_err(|error| LibraryError::Stored(error.to_string()))
    }

    /// What a schedule's jobs are given.
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn payload(&self) -> Vec<u8> {
        let nothing = self.audience.is_empty() && self.connectors.is_empty();
        if nothing { Vec::new() } else { serde_json::to_vec(self).expect("plain data") }
    }

    /// Whether all of it is of the tenant, each once. What the forms are, the caller has seen to.
    ///
    /// # Errors
    /// Which is not.
    pub fn check(&mut self, read: &impl Read) -> Result<(), LibraryError> {
        self.audience.check(read)?;
        self.connectors.sort_unstable();
        self.connectors.dedup();
        if self.connectors.len() > MAX_CONNECTORS {
            return Err(LibraryError::Limit { what: "connectors of a schedule", allowed: MAX_CONNECTORS as u64 });
        }
        let field = |field, fault: String| LibraryError::Field { field, fault };
        if !self.connectors.is_empty() && self.forms.is_empty() {
            return Err(field("deliver/forms", "must name a form of the files that are put there".to_owned()));
        }
        for id in &self.connectors {
            if read.get::<Connector>(id)?.is_none() {
                return Err(field("deliver/connectors", format!("{id} is no connector of this tenant")));
            }
        }
        Ok(())
    }

    /// Hands in the jobs that put the files of a run where they are to be. Announce the tenant first.
    ///
    /// # Errors
    /// Those of the store, and a full queue.
    pub(super) fn deposit(&self, tx: &mut Tx<'_>, run: &ReportRun) -> Result<(), LibraryError> {
        for connector in &self.connectors {
            let deposit = Deposit { connector: *connector, forms: self.forms.clone() };
            let mut new = NewJob::new(JobKind::Deposit, run.header.tenant, run.header.home, run.header.owner);
            new.about = Some(run.header.id.erase());
            new.payload = serde_json::to_vec(&deposit).map_err(|error| LibraryError::Stored(error.to_string()))?;
            jobs::submit(tx, new)?;
        }
        Ok(())
    }
}
