//! What a session has: its tables and views, and the numbers by which the system tables know them.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use datafusion::{catalog::view::ViewTable, common::Result, prelude::SessionContext};

use crate::session::Comment;

/// The engine's name for the one catalog of a session.
pub(super) const CATALOG: &str = "audiagram";
/// The schema of the session's tables, and its number.
pub(super) const PUBLIC: (&str, i64) = ("public", 2_200);
/// The number of `pg_catalog`.
pub(super) const SYSTEM: i64 = 11;
/// The number of `information_schema`.
pub(super) const INFORMATION: i64 = 13_000;
/// The number of the user, who owns all there is.
pub(super) const USER: i64 = 10;
/// The number of the database.
pub(super) const DATABASE: i64 = 16_384;

/// What system tables and functions are made of.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) database: String,
    pub(super) user: String,
    pub(super) process: u32,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) relations: Vec<Relation>,
}

/// A table or view of the session.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) oid: i64,
    pub(super) name: String,
    pub(super) is_view: bool,
    pub(super) schema: SchemaRef,
    pub(super) about: Option<&'static str>,
    /// What its columns mean, in their order.
    pub(super) columns_about: Vec<Option<&'static str>>,
}

impl Facts {
    /// The table or view of a name, which may have its schema before it and quotes around it.
    pub(super) fn relation(&self, name: &str) -> Option<&Relation> {
        let name = name.trim();
        let bare = name.strip_prefix("public.").or_else(|| name.strip_prefix("\"public\".")).unwrap_or(name);
        let bare = match bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => quoted.to_owned(),
            None => bare.to_lowercase(),
        };
        self.relations.iter().find(|relation| relation.name == bare)
    }

    /// The table or view with a number.
    pub(super) fn by_oid(&self, oid: i64) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.oid == oid)
    }
}

/// The tables and views of a session by name.
pub(super) async fn relations(session: &SessionContext, comments: &[Comment]) -> Result<Vec<Relation>> {
    let schema = session.catalog(CATALOG).and_then(|catalog| catalog.schema(PUBLIC.0));
    let Some(schema) = schema else { return Ok(Vec::new()) };
    let mut names = schema.table_names();
    names.sort_unstable();
    let mut relations = Vec::with_capacity(names.len());
    for name in names {
        let Some(table) = schema.table(&name).await? else { continue };
        let about = |column: &str| {
            let found = comments.iter().find(|(table, known, _)| *table == name && *known == column);
            found.map(|(.., about)| *about)
        };
        let fields = table.schema();
        // Sealed and waiting rows are put together by a view, and are a table to whoever asks.
        let is_view = name != crate::session::USAGE && table.downcast_ref::<ViewTable>().is_some();
        relations.push(Relation {
            oid: number(&name),
            is_view,
            about: about(""),
            columns_about: fields.fields().iter().map(|field| about(field.name())).collect(),
            schema: fields,
            name,
        });
    }
    Ok(relations)
}

/// The number of a table: the same in every session, whoever sees which tables. FNV-1a over its name, above the system's own numbers.
fn number(name: &str) -> i64 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    20_000 + i64::from(hash >> 2)
}
