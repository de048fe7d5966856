//! The schemas `pg_catalog` and `information_schema`: tables that are made when a statement names them.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Int16Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder, new_null_array,
    },
    datatypes::{DataType, Field, Schema},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, SchemaProvider, TableProvider},
    common::Result,
};

use super::{
    data::{Columns, TABLES},
    facts::Facts,
    rows::{self, Cell, Line},
};
use crate::wire::kind::{MARK, PgType};

/// The schemas of the system.
pub(super) const SCHEMAS: [&str; 2] = ["pg_catalog", "information_schema"];

/// One of them.
#[derive(Debug)]
pub(super) struct SystemTables {
    name: &'static str,
    facts: Arc<Facts>,
}

impl SystemTables {
    pub(super) fn new(name: &'static str, facts: Arc<Facts>) -> Self {
        SystemTables { name, facts }
    }
}

#[async_trait]
impl SchemaProvider for SystemTables {
    fn table_names(&self) -> Vec<String> {
        TABLES.keys().filter(|(schema, _)| *schema == self.name).map(|(_, name)| (*name).to_owned()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some((key, columns)) = TABLES.get_key_value(&(self.name, name)) else { return Ok(None) };
        let rows = rows::of(key.0, key.1, &self.facts);
        Ok(Some(table(columns, &rows)?))
    }

    fn table_exist(&self, name: &str) -> bool {
        TABLES.contains_key(&(self.name, name))
    }
}

/// What the engine has for a type of a system table.
fn stored(kind: &str) -> DataType {
    match PgType::of_name(kind) {
        Some(kind) => kind.engine(),
        None if kind.starts_with('_') => DataType::new_list(DataType::Utf8, true),
        // Numbers of transactions.
        None if matches!(kind, "xid" | "xid8") => DataType::Int64,
        None => DataType::Utf8,
    }
}

fn table(columns: &Columns, lines: &[Line]) -> Result<Arc<dyn TableProvider>> {
    let field = |(name, kind): &(&'static str, &'static str)| {
        let field = Field::new(*name, stored(kind), true);
        field.with_metadata([(MARK.to_owned(), (*kind).to_owned())].into())
    };
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = schema.fields().iter().map(|field| column(field.name(), field.data_type(), lines)).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}

/// A column of lines. What a line does not say is 0, no or empty, as it mostly is; arrays and the like are nothing.
fn column(name: &str, kind: &DataType, lines: &[Line]) -> ArrayRef {
    let cells = lines.iter().map(|line| line.get(name));
    macro_rules! numbers {
        ($builder:ty, $number:ty) => {{
            let mut values = <$builder>::new();
            cells.for_each(|cell| match cell {
                None => values.append_value(0),
                Some(Cell::Number(number)) => values.append_option(<$number>::try_from(*number).ok()),
                Some(_) => values.append_null(),
            });
            Arc::new(values.finish())
        }};
    }
    match kind {
        DataType::Int16 => numbers!(Int16Builder, i16),
        DataType::Int32 => numbers!(Int32Builder, i32),
        DataType::Int64 => numbers!(Int64Builder, i64),
        DataType::Boolean => {
            let mut values = BooleanBuilder::new();
            cells.for_each(|cell| match cell {
                None => values.append_value(false),
                Some(Cell::Flag(flag)) => values.append_value(*flag),
                Some(_) => values.append_null(),
            });
            Arc::new(values.finish())
        }
        DataType::Utf8 => {
            let mut values = StringBuilder::new();
            cells.for_each(|cell| match cell {
                None => values.append_value(""),
                Some(Cell::Text(text)) => values.append_value(text),
                Some(_) => values.append_null(),
            });
            Arc::new(values.finish())
        }
        kind => new_null_array(kind, lines.len()),
    }
}
