//! What a tenant lays down for itself: its own policies, and the networks its people may come from.

use access::{
    Network, PolicyRecord,
    policy::{self, NewPolicy},
};
use model::permission::{AuthpolicyManage, AuthpolicyRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, moment, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<AuthpolicyRead>>("/v1/policies", "list_policies", "The tenant's own policies, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<AuthpolicyManage>>(
            "/v1/policies",
            "create_policy",
            "Lay down a policy: one Cedar statement that permits or forbids beyond roles",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<On<AuthpolicyRead, PolicyRecord>>("/v1/policies/{policy}", "read_policy", "A policy").briskly().by(read),
        patch::<On<AuthpolicyManage, PolicyRecord>>(
            "/v1/policies/{policy}",
            "update_policy",
            "Change a policy, or have it count no more",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<On<AuthpolicyManage, PolicyRecord>>("/v1/policies/{policy}", "delete_policy", "Remove a policy")
            .versioned()
            .silently()
            .by(remove),
        get::<InTenant<AuthpolicyRead>>("/v1/networks", "read_networks", "Where the tenant's people may come from")
            .by(networks),
        patch::<InTenant<AuthpolicyManage>>(
            "/v1/networks",
            "update_networks",
            "Say where the tenant's people may come from: everywhere where none is listed",
        )
        .takes::<NetworksBody>()
        .by(set_networks),
    ]
}

/// A policy of a tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
struct PolicyView {
    /// The id, by which decisions name it.
    id: String,
    /// What it is called.
    name: String,
    /// The statement, in Cedar.
    text: String,
    /// Whether it counts.
    enabled: bool,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl From<PolicyRecord> for PolicyView {
    fn from(policy: PolicyRecord) -> Self {
        PolicyView {
            id: policy.header.id.to_string(),
            name: policy.name,
            text: policy.text,
            enabled: policy.enabled,
            version: policy.header.version,
            created: moment(policy.header.created),
            updated: moment(policy.header.updated),
        }
    }
}

/// A new policy.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewPolicy")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Exactly one Cedar statement. One that permits names actions that you hold yourself.
    #[schemars(length(min = 1, max = 8192))]
    text: String,
    /// Whether it counts at once.
    #[serde(default)]
    enabled: bool,
}

/// A change of a policy: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// Another statement.
    #[schemars(length(min = 1, max = 8192))]
    text: Option<String>,
    /// Whether it counts from now on.
    enabled: Option<bool>,
}

/// Where a tenant's people may come from.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Networks")]
struct NetworksView {
    /// Ranges of addresses, like `10.0.0.0/8`; everywhere where there is none.
    networks: Vec<String>,
}

/// Where a tenant's people may come from.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewNetworks")]
#[serde(deny_unknown_fields)]
struct NetworksBody {
    /// Ranges of addresses, like `10.0.0.0/8`; your own address must be in one of them, if there are any.
    #[schemars(length(max = 256), inner(length(max = 64)))]
    networks: Vec<String>,
}

type Done = Result<Versioned<PolicyView>, Problem>;

fn versioned(policy: PolicyRecord) -> Versioned<PolicyView> {
    Versioned(policy.header.version, policy.into())
}

fn list(call: Call<'_, Listing<AuthpolicyRead>, PageQuery, Empty>) -> Result<Json<PageView<PolicyView>>, Problem> {
    let page = policy::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, PolicyView::from)))
}

fn create(call: Call<'_, InTenant<AuthpolicyManage>, Empty, NewBody>) -> Done {
    let NewBody { name, text, enabled } = call.body;
    let new = NewPolicy { name, text, enabled };
    Ok(versioned(policy::save(call.pass, call.services.gate.specification(), None, &new)?))
}

fn read(call: Call<'_, On<AuthpolicyRead, PolicyRecord>, Empty, Empty>) -> Done {
    Ok(versioned(policy::get(&call.pass.read()?, path_id(call.request)?)?))
}

fn update(call: Call<'_, On<AuthpolicyManage, PolicyRecord>, Empty, ChangeBody>) -> Done {
    let stored = policy::get(&call.pass.read()?, path_id(call.request)?)?;
    // What is absent is what was read just now, so the change is based on that at the latest.
    let base = call.request.base_version()?.unwrap_or(stored.header.version);
    let ChangeBody { name, text, enabled } = call.body;
    let new = NewPolicy {
        name: name.unwrap_or(stored.name),
        text: text.unwrap_or(stored.text),
        enabled: enabled.unwrap_or(stored.enabled),
    };
    Ok(versioned(policy::save(call.pass, call.services.gate.specification(), Some(base), &new)?))
}

fn remove(call: Call<'_, On<AuthpolicyManage, PolicyRecord>, Empty, Empty>) -> Result<Nothing, Problem> {
    policy::delete(call.pass, call.services.gate.specification(), call.request.base_version()?)?;
    Ok(Nothing)
}

fn view(networks: &[Network]) -> Json<NetworksView> {
    Json(NetworksView { networks: networks.iter().map(Network::to_string).collect() })
}

fn networks(call: Call<'_, InTenant<AuthpolicyRead>, Empty, Empty>) -> Result<Json<NetworksView>, Problem> {
    Ok(view(&policy::networks(&call.pass.read()?)?))
}

fn set_networks(
    call: Call<'_, InTenant<AuthpolicyManage>, Empty, NetworksBody>,
) -> Result<Json<NetworksView>, Problem> {
    let parse = |(at, text): (usize, &String)| {
        text.parse::<Network>().map_err(|error| Problem::at(format!("/networks/{at}"), error.to_string()))
    };
    let networks: Vec<Network> = call.body.networks.iter().enumerate().map(parse).collect::<Result<_, _>>()?;
    policy::set_networks(call.pass, networks.clone())?;
    Ok(view(&networks))
}
