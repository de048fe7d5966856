//! The permissions: 64 of a tenant, 12 of the appliance. One table yields the values and a type for each, so that a
//! permit can say in its type what it permits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A permission as a type; implemented by the empty enums of this module only.
pub trait Permitted: Send + Sync + 'static {
    /// The permission as a value.
    const PERMISSION: Permission;
}

/// A text that names no permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission: `audiagram role permissions` lists them")]
pub struct ParsePermissionError;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $code:literal;)*) => {
        /// A permission. The number is its bit in a [`PermissionSet`] and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Permission { $($(#[$doc])* $name = $bit,)* }

        impl Permission {
            /// Every permission, in the order of its number.
            pub const ALL: &[Permission] = &[$(Permission::$name,)*];

            /// The name in the API, like `project:read`.
            pub const fn code(self) -> &'static str { match self { $(Permission::$name => $code,)* } }
        }

        $($(#[$doc])* #[derive(Debug)] pub enum $name {}
        impl Permitted for $name { const PERMISSION: Permission = Permission::$name; })*
    };
}

permissions! {
    /// See the tenant.
    TenantRead = 0 "tenant:read";
    /// Change the tenant.
    TenantUpdate = 1 "tenant:update";
    /// Delete the tenant.
    TenantDelete = 2 "tenant:delete";
    /// Export the tenant.
    TenantExport = 3 "tenant:export";
    /// See members.
    MemberRead = 4 "member:read";
    /// Invite members.
    MemberInvite = 5 "member:invite";
    /// Change members.
    MemberUpdate = 6 "member:update";
    /// Remove members.
    MemberRemove = 7 "member:remove";
    /// See roles.
    RoleRead = 8 "role:read";
    /// Manage roles.
    RoleManage = 9 "role:manage";
    /// Assign roles.
    RoleAssign = 10 "role:assign";
    /// See groups.
    GroupRead = 11 "group:read";
    /// Manage groups.
    GroupManage = 12 "group:manage";
    /// See single sign-on.
    SsoRead = 13 "sso:read";
    /// Manage single sign-on.
    SsoManage = 14 "sso:manage";
    /// Manage directory provisioning.
    ScimManage = 15 "scim:manage";
    /// See sign-in rules.
    AuthpolicyRead = 16 "authpolicy:read";
    /// Manage sign-in rules.
    AuthpolicyManage = 17 "authpolicy:manage";
    /// See sessions.
    SessionRead = 18 "session:read";
    /// Revoke sessions.
    SessionRevoke = 19 "session:revoke";
    /// See API keys.
    ApikeyRead = 20 "apikey:read";
    /// Create API keys.
    ApikeyCreate = 21 "apikey:create";
    /// Revoke API keys.
    ApikeyRevoke = 22 "apikey:revoke";
    /// See projects.
    ProjectRead = 23 "project:read";
    /// Create projects.
    ProjectCreate = 24 "project:create";
    /// Change projects.
    ProjectUpdate = 25 "project:update";
    /// Delete projects.
    ProjectDelete = 26 "project:delete";
    /// Share projects.
    ProjectShare = 27 "project:share";
    /// See recordings and files.
    AssetRead = 28 "asset:read";
    /// Upload recordings and files.
    AssetUpload = 29 "asset:upload";
    /// Delete recordings and files.
    AssetDelete = 30 "asset:delete";
    /// Download recordings and files.
    AssetDownload = 31 "asset:download";
    /// See transcripts.
    TranscriptRead = 32 "transcript:read";
    /// Edit transcripts.
    TranscriptEdit = 33 "transcript:edit";
    /// Edit storyboards.
    DiagramEdit = 34 "diagram:edit";
    /// Create comments.
    CommentCreate = 35 "comment:create";
    /// Moderate comments.
    CommentModerate = 36 "comment:moderate";
    /// See renders.
    RenderRead = 37 "render:read";
    /// Ask for renders.
    RenderSubmit = 38 "render:submit";
    /// Cancel renders.
    RenderCancel = 39 "render:cancel";
    /// Move ahead renders.
    RenderPrioritize = 40 "render:prioritize";
    /// See brand kits, glossaries and templates.
    TemplateRead = 41 "template:read";
    /// Manage brand kits, glossaries and templates.
    TemplateManage = 42 "template:manage";
    /// See reports.
    ReportRead = 43 "report:read";
    /// Create reports.
    ReportCreate = 44 "report:create";
    /// Schedule reports.
    ReportSchedule = 45 "report:schedule";
    /// Export reports.
    ReportExport = 46 "report:export";
    /// See dashboards.
    DashboardRead = 47 "dashboard:read";
    /// Manage dashboards.
    DashboardManage = 48 "dashboard:manage";
    /// Run SQL.
    QueryRun = 49 "query:run";
    /// Export data sets.
    DatasetExport = 50 "dataset:export";
    /// See costs.
    CostRead = 51 "cost:read";
    /// Manage budgets.
    BudgetManage = 52 "budget:manage";
    /// Manage chargeback.
    ChargebackManage = 53 "chargeback:manage";
    /// See webhooks.
    WebhookRead = 54 "webhook:read";
    /// Manage webhooks.
    WebhookManage = 55 "webhook:manage";
    /// Replay webhooks.
    WebhookReplay = 56 "webhook:replay";
    /// See connectors.
    ConnectorRead = 57 "connector:read";
    /// Manage connectors.
    ConnectorManage = 58 "connector:manage";
    /// See the audit log.
    AuditRead = 59 "audit:read";
    /// Export the audit log.
    AuditExport = 60 "audit:export";
    /// See compliance evidence.
    ComplianceRead = 61 "compliance:read";
    /// Manage compliance evidence.
    ComplianceManage = 62 "compliance:manage";
    /// Manage residency rules.
    ResidencyManage = 63 "residency:manage";
    /// See the appliance's state.
    SystemRead = 64 "system:read";
    /// Change the appliance's configuration.
    SystemConfigure = 65 "system:configure";
    /// Install a licence.
    SystemLicense = 66 "system:license";
    /// Make backups.
    SystemBackup = 67 "system:backup";
    /// Restore backups.
    SystemRestore = 68 "system:restore";
    /// Upgrade the appliance.
    SystemUpgrade = 69 "system:upgrade";
    /// Make a support bundle.
    SystemSupportBundle = 70 "system:support_bundle";
    /// Manage the appliance's keys.
    SystemKeys = 71 "system:keys";
    /// Manage the federation.
    SystemFederation = 72 "system:federation";
    /// Create tenants.
    SystemTenantCreate = 73 "system:tenant_create";
    /// Suspend, resume, close and erase tenants.
    SystemTenantSuspend = 74 "system:tenant_suspend";
    /// Act for a tenant's user, with a reason and in sight.
    SystemImpersonate = 75 "system:impersonate";
}

impl Permission {
    /// Whether it concerns the appliance; no tenant can hold or grant it.
    pub const fn is_of_appliance(self) -> bool {
        self as u8 >= 64
    }

    /// Whether it asks for a second factor within the last [`STEP_UP_S`] seconds.
    pub const fn needs_step_up(self) -> bool {
        STEP_UP.contains(self)
    }

    /// Whether using it is recorded although it only reads.
    pub const fn is_sensitive_read(self) -> bool {
        SENSITIVE_READS.contains(self)
    }
}

/// How fresh a second factor must be for the dangerous permissions, in seconds.
pub const STEP_UP_S: u64 = 900;

const STEP_UP: PermissionSet = PermissionSet::of(&[
    Permission::TenantDelete,
    Permission::TenantExport,
    Permission::SsoManage,
    Permission::AuthpolicyManage,
    Permission::RoleAssign,
    Permission::DatasetExport,
    Permission::AuditExport,
    Permission::ResidencyManage,
    Permission::ComplianceManage,
]);

const SENSITIVE_READS: PermissionSet = PermissionSet::of(&[
    Permission::TenantExport,
    Permission::AssetDownload,
    Permission::ReportExport,
    Permission::DatasetExport,
    Permission::QueryRun,
    Permission::AuditRead,
    Permission::AuditExport,
]);

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl FromStr for Permission {
    type Err = ParsePermissionError;
    fn from_str(text: &str) -> Result<Self, ParsePermissionError> {
        Permission::ALL.iter().find(|permission| permission.code() == text).copied().ok_or(ParsePermissionError)
    }
}
// By its code in readable formats, by its number in stored records.
impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.code())
        } else {
            serializer.serialize_u8(*self as u8)
        }
    }
}
impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let number = u8::deserialize(deserializer)?;
        Permission::ALL.get(usize::from(number)).copied().ok_or_else(|| serde::de::Error::custom(ParsePermissionError))
    }
}

/// A set of permissions: one bit each, so that the question whether one is granted costs one AND.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PermissionSet(u128);

impl PermissionSet {
    /// No permission.
    pub const NONE: PermissionSet = PermissionSet(0);
    /// Every permission of a tenant.
    pub const TENANT: PermissionSet = PermissionSet(u64::MAX as u128);
    /// Every permission of the appliance.
    pub const APPLIANCE: PermissionSet = PermissionSet(((1 << 12) - 1) << 64);

    /// The set of these.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < permissions.len() {
            bits |= 1 << permissions[at] as u8;
            at += 1;
        }
        PermissionSet(bits)
    }

    /// Whether `permission` is in it.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 >> permission as u8 & 1 == 1
    }

    /// Whether all of `other` is in it.
    pub const fn covers(self, other: PermissionSet) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in either.
    pub const fn union(self, other: PermissionSet) -> Self {
        PermissionSet(self.0 | other.0)
    }

    /// What is in both.
    pub const fn intersection(self, other: PermissionSet) -> Self {
        PermissionSet(self.0 & other.0)
    }

    /// What is in this but not in `other`.
    pub const fn without(self, other: PermissionSet) -> Self {
        PermissionSet(self.0 & !other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in it.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Those in it, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        permissions.into_iter().fold(Self::NONE, |set, permission| set.union(Self::of(&[permission])))
    }
}
impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::code)).finish()
    }
}
// A list of codes in readable formats, the bits in stored records.
impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_seq(self.iter()) } else { self.0.serialize(serializer) }
    }
}
impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Ok(Vec::<Permission>::deserialize(deserializer)?.into_iter().collect())
        } else {
            u128::deserialize(deserializer)
                .map(|bits| PermissionSet(bits).intersection(Self::TENANT.union(Self::APPLIANCE)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(Permission::ALL.len(), 76);
        for (number, permission) in Permission::ALL.iter().enumerate() {
            assert_eq!(*permission as usize, number, "numbers are in order and without gaps");
            assert_eq!(permission.code().parse(), Ok(*permission));
            assert_eq!(permission.is_of_appliance(), permission.code().starts_with("system:"));
        }
        assert_eq!(PermissionSet::TENANT.len(), 64);
        assert_eq!(PermissionSet::APPLIANCE.len(), 12);
        assert_eq!(STEP_UP.len(), 9);
    }

    #[test]
    fn sets() {
        let some = PermissionSet::of(&[Permission::ProjectRead, Permission::ResidencyManage]);
        assert!(some.contains(Permission::ResidencyManage) && !some.contains(Permission::ProjectCreate));
        assert!(PermissionSet::TENANT.covers(some) && !some.covers(PermissionSet::TENANT));
        assert_eq!(some.iter().collect::<PermissionSet>(), some);
        assert_eq!(serde_json::to_string(&some).unwrap(), r#"["project:read","residency:manage"]"#);
        let stored = postcard::to_allocvec(&some).unwrap();
        assert_eq!(postcard::from_bytes::<PermissionSet>(&stored).unwrap(), some);
        assert_eq!(serde_json::from_str::<PermissionSet>(r#"["project:read","residency:manage"]"#).unwrap(), some);
        assert!(serde_json::from_str::<PermissionSet>(r#"["project:fly"]"#).is_err());
    }
}
