//! Open Cybersecurity Schema Framework 1.9: each family of permissions has its class.

use std::net::IpAddr;

use model::{Action, AnyId, AuditEvent, NounKind, Outcome, Permission, SystemTask};
use serde_json::{Map, Value, json};

use super::{Source, text::time};

/// The classes that are used. Account Change (3001) is not: version 1.9 gave it up for User Management.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Authentication = 3002,
    AuthorizeSession = 3003,
    EntityManagement = 3004,
    GroupManagement = 3006,
    UserManagement = 3007,
    RoleManagement = 3008,
    ApiActivity = 6003,
    DatastoreActivity = 6005,
}

const OTHER: u32 = 99;

/// An event as a line of JSON.
pub(super) fn line(source: &Source, event: &AuditEvent) -> String {
    let (class, activity) = class(event.action);
    let number = class as u32;
    let (severity, status) = match event.outcome {
        Outcome::Done => (1, 1),
        Outcome::Failed => (2, 2),
        Outcome::Denied => (3, 2),
    };
    let action = event.action.code();
    let mut record = json!({
        "activity_id": activity,
        "category_uid": number / 1000,
        "class_uid": number,
        "type_uid": number * 100 + activity,
        "time": event.at.millis(),
        "severity_id": severity,
        "status_id": status,
        "status_code": event.outcome.name(),
        "message": format!("{action} {}", event.outcome.name()),
        "metadata": {
            "version": "1.9.0",
            "uid": event.id.to_string(),
            "event_code": action,
            "log_name": "audit",
            "original_time": time(event.at),
            "tenant_uid": source.log.to_string(),
            "product": {"name": "Audiagram", "vendor_name": "Audiagram", "version": source.version},
        },
        "actor": actor(event),
        "src_endpoint": endpoint(source, event),
    });
    let members = record.as_object_mut().expect("it is an object");
    if activity == OTHER {
        members.insert("activity_name".into(), action.into());
    }
    if let Some(reason) = event.detail.get("reason") {
        members.insert("status_detail".into(), reason.as_str().into());
    }
    describe(class, source, event, members);
    if !event.detail.is_empty() {
        members.insert("unmapped".into(), json!(event.detail));
    }
    record.to_string() + "\n"
}

/// The class of an action and its activity there.
fn class(action: Action) -> (Class, u32) {
    use Class::*;
    use Permission as P;
    use SystemTask as T;
    match action {
        Action::System(task) => match task {
            T::TenantCreate => (EntityManagement, 1),
            T::TenantLife | T::KeyRotation => (EntityManagement, 3),
            T::SignIn => (Authentication, 1),
            T::SignOut => (Authentication, 2),
            T::SessionLife => (AuthorizeSession, OTHER),
            T::InvitationAccept => (UserManagement, 4),
            T::JobRun | T::AnswerKeep | T::Metering | T::RightsHistory => (ApiActivity, OTHER),
            T::Retention => (DatastoreActivity, 7),
            T::Backup => (DatastoreActivity, 1),
            T::LinkView => (ApiActivity, 2),
            T::NotificationRead => (ApiActivity, 3),
            T::ProfileChange => (UserManagement, 2),
            T::KeyReminder => (ApiActivity, OTHER),
        },
        Action::Permission(permission) => match permission {
            P::TenantRead | P::MemberRead | P::RoleRead | P::GroupRead | P::SsoRead => (EntityManagement, 2),
            P::AuthpolicyRead | P::ApikeyRead => (EntityManagement, 2),
            P::TenantUpdate | P::SsoManage | P::ScimManage | P::AuthpolicyManage => (EntityManagement, 3),
            P::TenantDelete => (EntityManagement, 4),
            P::SystemTenantCreate => (EntityManagement, 1),
            P::SystemTenantSuspend => (EntityManagement, 12),
            P::MemberInvite => (UserManagement, 1),
            P::MemberUpdate => (UserManagement, 2),
            P::MemberRemove => (UserManagement, 3),
            P::RoleAssign => (UserManagement, 16),
            P::ApikeyCreate => (UserManagement, 18),
            P::ApikeyRevoke => (UserManagement, 19),
            P::RoleManage => (RoleManagement, 2),
            P::GroupManage => (GroupManagement, 9),
            P::SessionRevoke => (Authentication, 2),
            P::SystemImpersonate => (Authentication, 7),
            P::QueryRun => (DatastoreActivity, 4),
            P::TenantExport | P::AssetDownload | P::ReportExport | P::DatasetExport => (DatastoreActivity, 1),
            P::AuditRead | P::AuditExport | P::SystemBackup | P::SystemSupportBundle => (DatastoreActivity, 1),
            P::SystemRestore => (DatastoreActivity, 5),
            other => (ApiActivity, verb(other)),
        },
    }
}

/// What a permission's verb is among create, read, update and delete.
fn verb(permission: Permission) -> u32 {
    let verb = permission.code().split_once(':').map_or("", |(_, verb)| verb);
    match verb {
        "create" | "upload" | "submit" | "schedule" => 1,
        "read" => 2,
        "update" | "edit" | "manage" | "share" | "prioritize" | "moderate" | "configure" => 3,
        "delete" | "cancel" => 4,
        _ => OTHER,
    }
}

/// The members that only this class has.
fn describe(class: Class, source: &Source, event: &AuditEvent, members: &mut Map<String, Value>) {
    let subject = event.subject;
    let thing = json!({"uid": subject.to_string(), "type": subject.kind.label()});
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    match class {
        Class::Authentication => {
            put("user", affected(event));
            put("service", json!({"name": source.host}));
            if let Some(session) = session(event) {
                put("session", session);
            }
        }
        Class::AuthorizeSession => {
            put("user", affected(event));
            put("privileges", json!([event.action.code()]));
            if let Some(session) = session(event) {
                put("session", session);
            }
        }
        Class::EntityManagement => {
            put("entity", entity(subject));
        }
        Class::GroupManagement => {
            put("group", thing);
        }
        Class::UserManagement => {
            put("user", affected(event));
            if !is_account(subject) {
                put("resources", json!([thing]));
            }
        }
        Class::RoleManagement => {
            put("iam_role", json!({"uid": subject.to_string()}));
        }
        Class::ApiActivity => {
            put("api", api(event));
            put("resources", json!([thing]));
        }
        Class::DatastoreActivity => {
            put("table", json!({"uid": subject.to_string(), "name": subject.kind.label()}));
            put("type_id", 3.into());
        }
    }
}

fn api(event: &AuditEvent) -> Value {
    match &event.request {
        Some(request) => json!({"operation": event.action.code(), "request": {"uid": request}}),
        None => json!({"operation": event.action.code()}),
    }
}

fn is_account(id: AnyId) -> bool {
    matches!(id.kind, NounKind::User | NounKind::ServiceAccount)
}

/// The account that something was done to: the subject if it is one, else the one who did it.
fn affected(event: &AuditEvent) -> Value {
    user(Some(event.subject).filter(|subject| is_account(*subject)).or(event.actor))
}

fn user(id: Option<AnyId>) -> Value {
    match id {
        Some(id) => {
            let kind = match id.kind {
                NounKind::User => 1,
                NounKind::ServiceAccount => 4,
                _ => 99,
            };
            json!({"uid": id.to_string(), "type": id.kind.label(), "type_id": kind})
        }
        None => json!({"name": "system", "type_id": 3}),
    }
}

fn session(event: &AuditEvent) -> Option<Value> {
    let candidates = [Some(event.subject), event.credential];
    let session = candidates.into_iter().flatten().find(|id| id.kind == NounKind::Session);
    session.map(|id| json!({"uid": id.to_string()}))
}

fn actor(event: &AuditEvent) -> Value {
    match event.credential {
        Some(id) if id.kind == NounKind::Session => {
            json!({"user": user(event.actor), "session": {"uid": id.to_string()}})
        }
        Some(id) => {
            let mut user = user(event.actor);
            user["credential_uid"] = id.to_string().into();
            json!({"user": user})
        }
        None => json!({"user": user(event.actor)}),
    }
}

fn entity(subject: AnyId) -> Value {
    let kind = match subject.kind {
        NounKind::User | NounKind::ServiceAccount => 2,
        NounKind::Group => 3,
        NounKind::Tenant => 4,
        NounKind::Policy => 5,
        _ => 99,
    };
    json!({"uid": subject.to_string(), "type": subject.kind.label(), "type_id": kind})
}

fn endpoint(source: &Source, event: &AuditEvent) -> Value {
    match &event.address {
        Some(address) if address.parse::<IpAddr>().is_ok() => json!({"ip": address}),
        Some(address) => json!({"name": address}),
        None => json!({"name": source.host}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table as a golden text: a new permission or task shows up here.
    #[test]
    fn every_action_has_a_class() {
        let permissions = Permission::ALL.iter().map(|permission| Action::Permission(*permission));
        let tasks = SystemTask::ALL.iter().map(|task| Action::System(*task));
        let table: Vec<_> = permissions
            .chain(tasks)
            .map(|action| {
                let (class, activity) = class(action);
                format!("{:24} {}{activity:02} {class:?}", action.code(), class as u32)
            })
            .collect();
        insta::assert_snapshot!("classes", table.join("\n"));
    }
}
