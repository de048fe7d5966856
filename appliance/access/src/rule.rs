//! The rules that hold in every tenant, by their names in `base.cedar`.

use std::fmt;

use model::{Level, Permission, PermissionSet};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $id:literal;)*) => {
        /// A rule of `base.cedar`: what permits comes first, what forbids after it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Rule] = &[$(Rule::$name,)*];

            /// Its policy id.
            pub const fn id(self) -> &'static str { match self { $(Rule::$name => $id,)* } }
        }
    };
}

rules! {
    /// The viewer's role.
    Viewer "role.viewer";
    /// The editor's role.
    Editor "role.editor";
    /// The manager's role.
    Manager "role.manager";
    /// The admin's role.
    Admin "role.admin";
    /// The owner's role.
    Owner "role.owner";
    /// The auditor's role.
    Auditor "role.auditor";
    /// The role for billing.
    Billing "role.billing";
    /// A custom role.
    Custom "role.custom";
    /// What the owner of a thing may do with it.
    OwnerSelf "owner.self";
    /// A thing of another tenant.
    Tenant "guard.tenant";
    /// An operator in a tenant, or someone else at the appliance.
    Realm "guard.realm";
    /// A suspended caller or tenant.
    Suspended "guard.suspended";
    /// An API key whose scopes do not hold the permission.
    Key "guard.key";
    /// A thing that may not be used in this region.
    Residency "guard.residency";
    /// A thing more secret than the caller may see.
    Clearance "guard.clearance";
    /// An address outside the tenant's list of networks.
    Network "guard.network";
    /// A time window that is over.
    Time "guard.time";
    /// A dangerous permission without a fresh second factor.
    StepUp "guard.step_up";
    /// A thing that must be kept for a legal matter.
    LegalHold "guard.legal_hold";
}

impl Rule {
    /// The rule with this policy id.
    pub fn from_id(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// Whether it forbids.
    pub const fn is_guard(self) -> bool {
        self as u8 >= Rule::Tenant as u8
    }

    /// The rule by which a built-in role grants.
    pub const fn of_level(level: Level) -> Rule {
        match level {
            Level::Viewer => Rule::Viewer,
            Level::Editor => Rule::Editor,
            Level::Manager => Rule::Manager,
            Level::Admin => Rule::Admin,
            Level::Owner => Rule::Owner,
            Level::Auditor => Rule::Auditor,
            Level::Billing => Rule::Billing,
        }
    }
}

/// What the owner of a thing may do with it, whatever its roles say.
pub const OWNER_SELF: PermissionSet = PermissionSet::of(&[
    Permission::ProjectRead,
    Permission::ProjectUpdate,
    Permission::ProjectDelete,
    Permission::AssetRead,
    Permission::AssetDownload,
    Permission::TranscriptRead,
    Permission::TranscriptEdit,
    Permission::DiagramEdit,
    Permission::RenderRead,
]);

/// What a legal hold forbids.
pub const HELD: PermissionSet =
    PermissionSet::of(&[Permission::TenantDelete, Permission::ProjectDelete, Permission::AssetDelete]);

/// A set of rules: one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rules(u32);

impl Rules {
    /// No rule.
    pub const NONE: Rules = Rules(0);

    /// The set with `rule` when `holds`.
    #[must_use]
    pub const fn with(self, rule: Rule, holds: bool) -> Rules {
        Rules(self.0 | (holds as u32) << rule as u8)
    }

    /// Whether `rule` is in it.
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 >> rule as u8 & 1 == 1
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in this but not in `other`.
    #[must_use]
    pub const fn without(self, other: Rules) -> Rules {
        Rules(self.0 & !other.0)
    }

    /// Those in it, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |rule| self.contains(*rule))
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<T: IntoIterator<Item = Rule>>(rules: T) -> Self {
        rules.into_iter().fold(Rules::NONE, |set, rule| set.with(rule, true))
    }
}
impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Rule::id)).finish()
    }
}
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, rule) in self.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " " })?;
            f.write_str(rule.id())?;
        }
        Ok(())
    }
}
