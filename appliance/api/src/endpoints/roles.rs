//! Roles: the built-in ones and the tenant's own.

use access::{
    CustomRole,
    roles::{self, RoleChange},
};
use model::{
    Level,
    permission::{RoleManage, RoleRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, codes, moment, parse_permissions, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<RoleRead>>("/v1/roles/built-in", "list_built_in_roles", "The roles that every tenant has")
            .by(built_in),
        get::<Listing<RoleRead>>("/v1/roles", "list_roles", "The tenant's own roles, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<RoleManage>>("/v1/roles", "create_role", "Make a role of permissions that you hold")
            .takes::<NewBody>()
            .creates()
            .by(create),
        get::<On<RoleRead, CustomRole>>("/v1/roles/{role}", "read_role", "A role").briskly().by(read),
        patch::<On<RoleManage, CustomRole>>("/v1/roles/{role}", "update_role", "Change a role for all who have it")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<On<RoleManage, CustomRole>>("/v1/roles/{role}", "delete_role", "Remove a role that nobody has")
            .versioned()
            .silently()
            .by(remove),
    ]
}

/// A role that every tenant has.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BuiltInRole")]
struct BuiltInView {
    /// The name, by which it is given.
    name: &'static str,
    /// What it grants.
    permissions: Vec<&'static str>,
}

/// The roles that every tenant has.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BuiltInRoles")]
struct BuiltInsView {
    /// From the weakest to the strongest, then those on the side.
    roles: Vec<BuiltInView>,
}

/// A role of the tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Role")]
struct RoleView {
    /// The id, by which it is given.
    id: String,
    /// The name.
    name: String,
    /// What it grants.
    permissions: Vec<&'static str>,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl From<CustomRole> for RoleView {
    fn from(role: CustomRole) -> Self {
        RoleView {
            id: role.header.id.to_string(),
            name: role.name,
            permissions: codes(role.permissions),
            version: role.header.version,
            created: moment(role.header.created),
            updated: moment(role.header.updated),
        }
    }
}

/// A new role.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewRole")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// The name; no two roles have the same.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What it grants: codes like `project:read`.
    #[schemars(length(min = 1, max = 64))]
    permissions: Vec<String>,
}

/// A change of a role: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "RoleChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// What it grants from now on.
    #[schemars(length(min = 1, max = 64))]
    permissions: Option<Vec<String>>,
}

type Done = Result<Versioned<RoleView>, Problem>;

fn versioned(role: CustomRole) -> Versioned<RoleView> {
    Versioned(role.header.version, role.into())
}

fn built_in(_: Call<'_, InTenant<RoleRead>, Empty, Empty>) -> Result<Json<BuiltInsView>, Problem> {
    let view = |level: &Level| BuiltInView { name: level.name(), permissions: codes(level.permissions()) };
    Ok(Json(BuiltInsView { roles: Level::ALL.iter().map(view).collect() }))
}

fn list(call: Call<'_, Listing<RoleRead>, PageQuery, Empty>) -> Result<Json<PageView<RoleView>>, Problem> {
    let page = roles::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, RoleView::from)))
}

fn create(call: Call<'_, InTenant<RoleManage>, Empty, NewBody>) -> Done {
    let permissions = parse_permissions("/permissions", &call.body.permissions)?;
    Ok(versioned(roles::create(call.pass, &call.body.name, permissions)?))
}

fn read(call: Call<'_, On<RoleRead, CustomRole>, Empty, Empty>) -> Done {
    Ok(versioned(roles::get(&call.pass.read()?, path_id(call.request)?)?))
}

fn update(call: Call<'_, On<RoleManage, CustomRole>, Empty, ChangeBody>) -> Done {
    let ChangeBody { name, permissions } = call.body;
    let permissions = permissions.map(|codes| parse_permissions("/permissions", &codes)).transpose()?;
    let change = RoleChange { name, permissions };
    Ok(versioned(roles::update(call.pass, call.request.base_version()?, &change)?))
}

fn remove(call: Call<'_, On<RoleManage, CustomRole>, Empty, Empty>) -> Result<Nothing, Problem> {
    roles::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}
