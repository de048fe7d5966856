//! The bytes of a row that its leaf hashes.

use model::{AnyId, AuditEvent};
use serde::Serialize;

/// An event that cannot be written as canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error("audit event {id} cannot be written as canonical JSON")]
pub struct RowError {
    id: model::Id<model::noun::AuditRow>,
    #[source]
    source: serde_json::Error,
}

impl RowError {
    /// Its kind: events are made by us.
    pub fn kind(&self) -> model::ErrorKind {
        model::ErrorKind::Bug
    }
}

/// An event with the log it belongs to, so that a row cannot pass for one of another tenant.
#[derive(Serialize)]
struct Row<'a> {
    log: AnyId,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

/// Canonical JSON (RFC 8785) of `event` with one more member, `log`: the tenant or appliance whose trail it is part of.
pub fn row_json(log: AnyId, event: &AuditEvent) -> Result<Vec<u8>, RowError> {
    serde_json_canonicalizer::to_vec(&Row { log, event }).map_err(|source| RowError { id: event.id, source })
}

#[cfg(test)]
mod tests {
    use model::{Action, IdSource, NounKind, Outcome, Permission, Timestamp};

    use super::*;

    #[test]
    fn members_are_sorted_and_absent_ones_left_out() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let event = AuditEvent {
            id: IdSource::fixed(1).next(at),
            at,
            action: Action::Permission(Permission::ProjectRead),
            actor: None,
            credential: None,
            address: None,
            request: None,
            subject: AnyId::new(NounKind::Project, 7),
            outcome: Outcome::Done,
            detail: [("b".into(), "ä\u{1}\"".into()), ("a".into(), "1".into())].into(),
        };
        let log = AnyId::new(NounKind::Tenant, 5);
        let id = event.id;
        let expected = format!(
            r#"{{"action":"project:read","at":1700000000000,"detail":{{"a":"1","b":"ä\u0001\""}},"id":"{id}","log":"{log}","outcome":"done","subject":"{}"}}"#,
            event.subject
        );
        assert_eq!(String::from_utf8(row_json(log, &event).unwrap()).unwrap(), expected);
        assert_eq!(serde_json::from_str::<AuditEvent>(&expected).unwrap(), event);
    }
}
