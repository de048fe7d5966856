//! Statements as a client has prepared them.

use std::{collections::HashMap, sync::Arc};

use super::{
    catalog::shown,
    command::Command,
    fault::Fault,
    kind::{PgType, modifier},
    reply::Field,
};
use crate::asked::{Planned, schema};

/// The most statements that a connection keeps, and the bytes of their texts.
const MOST: usize = 512;
const LONGEST: usize = 4 << 20;

/// A statement with what is known of its parameters and its answer.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) command: Command,
    /// The question in it, for the engine.
    pub(super) query: String,
    /// The types that the client named; 0 for those that it left open.
    pub(super) named: Vec<u32>,
    pub(super) types: Vec<PgType>,
    /// The numbers of these types, as the client knows them.
    pub(super) oids: Vec<u32>,
    /// The columns of the answer, all as text; nothing where there are no rows.
    pub(super) fields: Option<Vec<Field>>,
}

/// The columns that a plan answers with.
pub(super) fn fields(planned: &Planned) -> Vec<Field> {
    let field = |field: &Arc<arrow::datatypes::Field>| Field {
        name: shown(field.name()).to_owned(),
        kind: PgType::of(field),
        modifier: modifier(field.data_type()),
        binary: false,
    };
    schema(planned).fields().iter().map(field).collect()
}

impl Prepared {
    /// What a plan says of a statement.
    pub(super) fn of(command: Command, query: String, named: Vec<u32>, planned: Option<&Planned>) -> Self {
        let known = planned.map(|planned| planned.parameters.as_slice()).unwrap_or_default();
        let count = known.len().max(named.len());
        let (mut types, mut oids) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for at in 0..count {
            let named = named.get(at).copied().unwrap_or_default();
            let found = known.get(at).cloned().flatten();
            let kind = PgType::of_oid(named)
                .or_else(|| found.filter(|_| named == 0).map(|kind| PgType::of_kind(&kind)))
                .unwrap_or(PgType::TEXT);
            types.push(kind);
            oids.push(if named == 0 { kind.oid() } else { named });
        }
        let has_rows = matches!(command, Command::Question);
        let fields = planned.filter(|_| has_rows).map(fields);
        Prepared { command, query, named, types, oids, fields }
    }
}

/// The prepared statements of a connection.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    statements: HashMap<String, Arc<Prepared>>,
    bytes: usize,
}

impl Shelf {
    pub(super) fn get(&self, name: &str) -> Result<Arc<Prepared>, Fault> {
        self.statements.get(name).cloned().ok_or_else(|| Fault::unknown("prepared statement", name))
    }

    /// Keeps a statement. One without a name takes the place of the one before.
    pub(super) fn put(&mut self, name: String, prepared: Prepared) -> Result<Arc<Prepared>, Fault> {
        if name.is_empty() {
            self.remove("");
        } else if self.statements.contains_key(&name) {
            return Err(Fault::new("42P05", format!("prepared statement \"{name}\" already exists")));
        }
        let bytes = name.len() + prepared.query.len();
        if self.statements.len() >= MOST || self.bytes + bytes > LONGEST {
            return Err(Fault::new("53400", "too many prepared statements; deallocate some"));
        }
        self.bytes += bytes;
        let prepared = Arc::new(prepared);
        self.statements.insert(name, prepared.clone());
        Ok(prepared)
    }

    pub(super) fn remove(&mut self, name: &str) -> bool {
        let removed = self.statements.remove(name);
        if let Some(prepared) = &removed {
            self.bytes -= name.len() + prepared.query.len();
        }
        removed.is_some()
    }

    pub(super) fn clear(&mut self) {
        *self = Shelf::default();
    }
}
