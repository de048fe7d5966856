//! A row of the audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    id::{AnyId, Id},
    noun::AuditRow,
    permission::Permission,
};

/// What happened, who did it, to what, and how it ended. Serialized as canonical JSON (RFC 8785) it is a leaf of the tenant's
/// Merkle log; fields are only ever added, and absent ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Its id.
    pub id: Id<AuditRow>,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// The user, service account or operator; nothing for the system's own tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<AnyId>,
    /// The session or API key it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<AnyId>,
    /// The address it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The request it was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The thing.
    pub subject: AnyId,
    /// How it ended.
    pub outcome: Outcome,
    /// Facts about it, by name: what changed, why it was denied. Never secrets or content.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, String>,
}

/// What was done: a permission used, or a task of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Someone used, or was denied, this permission.
    Permission(Permission),
    /// The appliance did this by itself, or it happened before anyone was signed in.
    System(SystemTask),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Denied,
    /// It was allowed and failed.
    Failed,
}

impl Outcome {
    /// The name in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }
    }
}

macro_rules! tasks {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// What the appliance does without a caller's permission: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SystemTask { $($(#[$doc])* $name,)* }
        impl SystemTask {
            /// Every task.
            pub const ALL: &[SystemTask] = &[$(SystemTask::$name,)*];
            /// The name in the audit log.
            pub const fn code(self) -> &'static str { match self { $(SystemTask::$name => $code,)* } }
        }
    };
}

tasks! {
    /// A tenant's first rows.
    TenantCreate "task:tenant.create";
    /// A tenant suspended, resumed, closed, moved or erased by its life's rules.
    TenantLife "task:tenant.life";
    /// A sign-in, good or bad.
    SignIn "task:auth.sign_in";
    /// A sign-out.
    SignOut "task:auth.sign_out";
    /// A session renewed, expired or its credentials changed by its own user.
    SessionLife "task:auth.session";
    /// An invitation accepted.
    InvitationAccept "task:member.accept";
    /// A job leased, retried, finished or given up.
    JobRun "task:job.run";
    /// What is past its retention removed.
    Retention "task:retention";
    /// A data key renewed.
    KeyRotation "task:keys.rotate";
    /// A copy made or put back.
    Backup "task:backup";
    /// Answers kept for requests that are sent again.
    AnswerKeep "task:request.answer";
    /// An access by a link without an account.
    LinkView "task:link.view";
    /// What was used counted, sealed into files, merged or let go of by its age.
    Metering "task:usage.meter";
    /// What rights have changed written down, so that two dates can be compared.
    RightsHistory "task:rights.history";
    /// What a person was told marked as read, by themselves.
    NotificationRead "task:notification.read";
    /// What a person says of themselves, changed by themselves: their name, how they are told of what.
    ProfileChange "task:member.profile";
    /// People told of keys of theirs that end soon.
    KeyReminder "task:key.remind";
}

impl Action {
    /// The name in the audit log: `project:read`, `task:job.run`.
    pub const fn code(self) -> &'static str {
        match self {
            Action::Permission(permission) => permission.code(),
            Action::System(task) => task.code(),
        }
    }
}
impl Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        if let Ok(permission) = code.parse() {
            return Ok(Action::Permission(permission));
        }
        let task = SystemTask::ALL.iter().find(|task| task.code() == code);
        task.map(|task| Action::System(*task)).ok_or_else(|| serde::de::Error::custom("unknown action"))
    }
}
