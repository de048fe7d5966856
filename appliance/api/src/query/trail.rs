//! The audit trail as a table: who did what to what and how it ended, without details and addresses.

use std::sync::Arc;

use metering::{Cell, Column, Kind, Rows, Table, TableError};
use store::MAX_ROWS;

use super::Asker;

const COLUMNS: &[Column] = &[
    Column { name: "row", kind: Kind::Number, about: "the row's place in the log" },
    Column { name: "at", kind: Kind::Time, about: "when (UTC)" },
    Column { name: "action", kind: Kind::Text, about: "what was done" },
    Column { name: "actor_id", kind: Kind::Text, about: "who did it; nothing for the appliance itself" },
    Column { name: "subject_id", kind: Kind::Text, about: "to what" },
    Column { name: "subject_kind", kind: Kind::Text, about: "to what kind of thing" },
    Column { name: "outcome", kind: Kind::Text, about: "done, denied or failed" },
];

/// The trail of the caller's tenant.
#[derive(Debug)]
pub(super) struct Trail(pub(super) Arc<Asker>);

impl Table for Trail {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn about(&self) -> &'static str {
        "the audit trail in short; erased rows left out"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn rows(&self, from: Option<Vec<u8>>) -> Result<Rows, TableError> {
        let first = match from {
            None => 0,
            Some(from) => u64::from_be_bytes(
                from.try_into().map_err(|_| TableError("a place in the audit log is none".to_owned()))?,
            ),
        };
        let found = self.0.view.0.audit_rows(first, MAX_ROWS).map_err(|error| TableError(error.to_string()))?;
        let next = found.last().map(|(row, _)| (row + 1).to_be_bytes().to_vec());
        let mut rows = Vec::with_capacity(found.len());
        for (row, event) in found {
            let Some(event) = event else { continue };
            rows.push(vec![
                Cell::number(row),
                Cell::Time(event.at.millis()),
                Cell::Text(event.action.code().to_owned()),
                Cell::text(event.actor),
                Cell::Text(event.subject.to_string()),
                Cell::Text(event.subject.kind.label().to_owned()),
                Cell::Text(event.outcome.name().to_owned()),
            ]);
        }
        Ok((rows, next))
    }
}
