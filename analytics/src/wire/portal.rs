//! Portals: statements with their values, whose rows are sent in one go or in parts.

use std::{collections::HashMap, sync::Arc};

use datafusion::common::ScalarValue;

use super::{fault::Fault, prepared::Prepared, reply::Field, value::Column};
use crate::asked::Batches;

/// The most portals of a connection.
const MOST: usize = 64;

/// A statement with its values.
#[derive(Debug)]
pub(super) struct Portal {
    pub(super) prepared: Arc<Prepared>,
    pub(super) values: Vec<ScalarValue>,
    /// The columns as they are to be sent.
    pub(super) fields: Option<Vec<Field>>,
    pub(super) state: State,
}

/// How far a portal is.
#[derive(Debug, Default)]
pub(super) enum State {
    #[default]
    Waiting,
    Running(Running),
    Done,
}

/// An answer that is being sent.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) batches: Batches,
    pub(super) rows: Option<Rows>,
}

/// Rows that have come and are not sent yet.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) count: usize,
    pub(super) at: usize,
}

/// The portals of a connection.
#[derive(Debug, Default)]
pub(super) struct Portals(HashMap<String, Portal>);

impl Portals {
    pub(super) fn get(&self, name: &str) -> Result<&Portal, Fault> {
        self.0.get(name).ok_or_else(|| Fault::unknown("portal", name))
    }

    /// Takes one out, to be put back when it was worked on.
    pub(super) fn take(&mut self, name: &str) -> Result<Portal, Fault> {
        self.0.remove(name).ok_or_else(|| Fault::unknown("portal", name))
    }

    pub(super) fn put_back(&mut self, name: String, portal: Portal) {
        self.0.insert(name, portal);
    }

    /// Opens one. One without a name takes the place of the one before.
    pub(super) fn put(&mut self, name: String, portal: Portal) -> Result<(), Fault> {
        if !name.is_empty() && self.0.contains_key(&name) {
            return Err(Fault::new("42P03", format!("cursor \"{name}\" already exists")));
        }
        if self.0.len() >= MOST && !self.0.contains_key(&name) {
            return Err(Fault::new("53400", "too many open portals; close some"));
        }
        self.0.insert(name, portal);
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
