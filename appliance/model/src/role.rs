//! The built-in roles: five levels, each holding all of the one below, and two on the side.

use serde::{Deserialize, Serialize};

use crate::permission::{Permission, PermissionSet};

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Sees what is made.
    Viewer,
    /// Makes it.
    Editor,
    /// Runs a team: shares, deletes, invites.
    Manager,
    /// Runs the tenant.
    Admin,
    /// Answers for it: everything, and the only one who may end it.
    Owner,
    /// Sees how the tenant is run, and nothing of its content.
    Auditor,
    /// Sees and steers what it costs.
    Billing,
}

impl Level {
    /// Every built-in role.
    pub const ALL: &[Level] =
        &[Level::Viewer, Level::Editor, Level::Manager, Level::Admin, Level::Owner, Level::Auditor, Level::Billing];

    /// The name in the API and in policies.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Viewer => "viewer",
            Level::Editor => "editor",
            Level::Manager => "manager",
            Level::Admin => "admin",
            Level::Owner => "owner",
            Level::Auditor => "auditor",
            Level::Billing => "billing",
        }
    }

    /// What it grants.
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Level::Viewer => PermissionSet::of(VIEWER),
            Level::Editor => Level::Viewer.permissions().union(PermissionSet::of(EDITOR)),
            Level::Manager => Level::Editor.permissions().union(PermissionSet::of(MANAGER)),
            Level::Admin => Level::Manager.permissions().union(PermissionSet::of(ADMIN)),
            Level::Owner => PermissionSet::TENANT,
            Level::Auditor => PermissionSet::of(AUDITOR),
            Level::Billing => PermissionSet::of(BILLING),
        }
    }
}

/// What a viewer may.
const VIEWER: &[Permission] = &[
    Permission::TenantRead,
    Permission::MemberRead,
    Permission::GroupRead,
    Permission::ProjectRead,
    Permission::AssetRead,
    Permission::TranscriptRead,
    Permission::RenderRead,
    Permission::TemplateRead,
    Permission::ReportRead,
    Permission::DashboardRead,
];

/// What an editor may beyond a viewer.
const EDITOR: &[Permission] = &[
    Permission::ApikeyRead,
    Permission::ProjectCreate,
    Permission::ProjectUpdate,
    Permission::AssetUpload,
    Permission::AssetDelete,
    Permission::AssetDownload,
    Permission::TranscriptEdit,
    Permission::DiagramEdit,
    Permission::CommentCreate,
    Permission::RenderSubmit,
    Permission::RenderCancel,
    Permission::ReportCreate,
    Permission::WebhookRead,
    Permission::ConnectorRead,
];

/// What a manager may beyond an editor.
const MANAGER: &[Permission] = &[
    Permission::MemberInvite,
    Permission::RoleRead,
    Permission::GroupManage,
    Permission::SessionRead,
    Permission::ApikeyCreate,
    Permission::ProjectDelete,
    Permission::ProjectShare,
    Permission::CommentModerate,
    Permission::RenderPrioritize,
    Permission::TemplateManage,
    Permission::ReportSchedule,
    Permission::ReportExport,
    Permission::DashboardManage,
    Permission::QueryRun,
    Permission::CostRead,
    Permission::WebhookManage,
    Permission::WebhookReplay,
    Permission::ConnectorManage,
];

/// What an admin may beyond a manager.
const ADMIN: &[Permission] = &[
    Permission::TenantUpdate,
    Permission::MemberUpdate,
    Permission::MemberRemove,
    Permission::RoleManage,
    Permission::RoleAssign,
    Permission::SsoRead,
    Permission::SsoManage,
    Permission::ScimManage,
    Permission::AuthpolicyRead,
    Permission::AuthpolicyManage,
    Permission::SessionRevoke,
    Permission::ApikeyRevoke,
    Permission::DatasetExport,
    Permission::BudgetManage,
    Permission::ChargebackManage,
    Permission::AuditRead,
    Permission::ComplianceRead,
];

/// What an auditor may.
const AUDITOR: &[Permission] = &[
    Permission::TenantRead,
    Permission::MemberRead,
    Permission::RoleRead,
    Permission::GroupRead,
    Permission::SsoRead,
    Permission::AuthpolicyRead,
    Permission::SessionRead,
    Permission::ApikeyRead,
    Permission::ReportRead,
    Permission::CostRead,
    Permission::WebhookRead,
    Permission::ConnectorRead,
    Permission::AuditRead,
    Permission::AuditExport,
    Permission::ComplianceRead,
];

/// What billing may.
const BILLING: &[Permission] = &[
    Permission::TenantRead,
    Permission::ReportRead,
    Permission::ReportExport,
    Permission::DashboardRead,
    Permission::CostRead,
    Permission::BudgetManage,
    Permission::ChargebackManage,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_holds_the_one_below() {
        let sizes: Vec<_> = Level::ALL.iter().map(|level| level.permissions().len()).collect();
        assert_eq!(sizes, [10, 24, 42, 59, 64, 15, 7]);
        for pair in Level::ALL[..5].windows(2) {
            assert!(pair[1].permissions().covers(pair[0].permissions()));
        }
    }

    #[test]
    fn the_matrix() {
        let mut text = format!("{:20}", "");
        for level in Level::ALL {
            text += &format!("{:>8}", level.name());
        }
        for permission in Permission::ALL.iter().filter(|permission| !permission.is_of_appliance()) {
            text += &format!("\n{:20}", permission.code());
            for level in Level::ALL {
                text += &format!("{:>8}", if level.permissions().contains(*permission) { "x" } else { "." });
            }
        }
        insta::assert_snapshot!("matrix", text);
    }
}
