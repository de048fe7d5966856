//! The system tables and functions that clients of PostgreSQL look at, made of the tables of one session and of nothing else.
//!
//! `columns.txt` holds the columns of system tables, `types.txt` and `procs.txt` the rows of `pg_type` and `pg_proc` that clients look
//! for, as a PostgreSQL 15 has them.

mod absent;
mod data;
mod facts;
mod functions;
mod names;
mod rewrite;
mod rows;
mod schema;

use std::{collections::BTreeMap, sync::Arc};

use arrow::datatypes::DataType;
use datafusion::{common::Result, prelude::SessionContext, sql::parser::Statement};

pub(super) use self::{data::proc_name, names::shown};
use self::{facts::Facts, schema::SystemTables};
use crate::{asked::Furnish, session::Comment};

/// What a session of the wire has besides its tables.
#[derive(Debug)]
pub(super) struct Furnishing {
    pub(super) database: String,
    pub(super) user: String,
    pub(super) process: u32,
    /// The types that the client named for parameters.
    pub(super) named: Vec<u32>,
    pub(super) settings: BTreeMap<String, String>,
}

impl Furnish for Furnishing {
    async fn session(&mut self, session: &SessionContext, comments: &[Comment]) -> Result<()> {
        let relations = facts::relations(session, comments).await?;
        let facts = Arc::new(Facts {
            database: self.database.clone(),
            user: self.user.clone(),
            process: self.process,
            settings: std::mem::take(&mut self.settings),
            relations,
        });
        // The engine's own would tell of types and settings that no client knows.
        session.state_ref().write().config_mut().options_mut().catalog.information_schema = false;
        if let Some(catalog) = session.catalog(facts::CATALOG) {
            for name in schema::SCHEMAS {
                catalog.register_schema(name, Arc::new(SystemTables::new(name, facts.clone())))?;
            }
        }
        functions::register(session, &facts);
        Ok(())
    }

    fn statement(&self, statement: &mut Statement) -> BTreeMap<usize, DataType> {
        rewrite::rewrite(statement, &self.database, &self.named)
    }
}
