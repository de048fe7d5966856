//! Records as tables: page by page, as far as the caller may see each of them.

use std::sync::Arc;

use metering::{Cell, Column, Rows, Table, TableError};
use model::{Permission, Subject};
use store::{Cursor, Headed, MAX_PAGE, Query, Read as _, ReadError, View};

use super::Asker;

/// A kind of record as a table.
pub(super) struct Listed<R: 'static> {
    pub(super) asker: Arc<Asker>,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) columns: &'static [Column],
    /// What one must hold on a record to see it.
    pub(super) permission: Permission,
    /// Whether a record is at work: neither it nor what it lies in is in the trash.
    pub(super) at_work: fn(&View, &R) -> Result<bool, ReadError>,
    /// A record as a row.
    pub(super) row: fn(R) -> Vec<Cell>,
}

impl<R> std::fmt::Debug for Listed<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl<R: Headed + 'static> Table for Listed<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn columns(&self) -> &'static [Column] {
        self.columns
    }

    fn rows(&self, from: Option<Vec<u8>>) -> Result<Rows, TableError> {
        let Asker { sight, view } = &*self.asker;
        let after = from.map(Cursor);
        let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let mut failed = None;
        let page = view.0.list::<R>(&query, |record| {
            let subject: Subject = record.header().subject();
            sight.allows(self.permission, &subject)
                && (self.at_work)(&view.0, record).unwrap_or_else(|error| failed.replace(error).is_some())
        });
        let unreadable = |error: ReadError| TableError(error.to_string());
        let page = page.map_err(unreadable)?;
        if let Some(error) = failed {
            return Err(unreadable(error));
        }
        Ok((page.items.into_iter().map(self.row).collect(), page.next.map(|Cursor(next)| next)))
    }
}
