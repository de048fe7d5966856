//! What those who run the appliance do to a tenant: suspend, resume, close, reopen, erase.

use model::{
    Id, noun,
    permission::{SystemRead, SystemTenantSuspend},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Tx, vault::ErasureReceipt};
use tenancy::{LifeError, StateKind, Tenant};

use super::{
    tenants::{StateView, TenantView, days, named, versioned},
    view::{moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::InTenant,
    problem::Problem,
    reply::{Json, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<InTenant<SystemTenantSuspend>>(
            "/v1/tenants/{tenant}/suspend",
            "suspend_tenant",
            "Keep everyone of a tenant out from the next request on; its data stay",
        )
        .takes::<ReasonBody>()
        .by(|call| turn(call, tenancy::suspend)),
        post::<InTenant<SystemTenantSuspend>>(
            "/v1/tenants/{tenant}/resume",
            "resume_tenant",
            "Let a suspended tenant work again",
        )
        .takes::<ReasonBody>()
        .by(|call| turn(call, tenancy::resume)),
        post::<InTenant<SystemTenantSuspend>>(
            "/v1/tenants/{tenant}/close",
            "close_tenant",
            "Close a tenant: nobody signs in, and after its grace it is erased",
        )
        .takes::<CloseBody>()
        .by(close),
        post::<InTenant<SystemTenantSuspend>>(
            "/v1/tenants/{tenant}/reopen",
            "reopen_tenant",
            "Take a closing back while the grace lasts",
        )
        .takes::<ReasonBody>()
        .by(|call| turn(call, tenancy::reopen)),
        post::<InTenant<SystemTenantSuspend>>(
            "/v1/tenants/{tenant}/erase",
            "erase_tenant",
            "Destroy a tenant's keys and files at once, for good; answers with the receipt",
        )
        .takes::<EraseBody>()
        .by(erase),
        get::<InTenant<SystemRead>>(
            "/v1/tenants/{tenant}/erasure",
            "read_erasure",
            "How far the erasing of a tenant is, with the signed receipt at its end",
        )
        .by(read_erasure),
    ]
}

/// Why.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Reason")]
#[serde(deny_unknown_fields, default)]
struct ReasonBody {
    /// The reason, for the audit trail.
    #[schemars(length(max = 200))]
    reason: String,
}

/// How a tenant is closed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "TenantClosing")]
#[serde(deny_unknown_fields, default)]
struct CloseBody {
    /// The reason, for the audit trail.
    #[schemars(length(max = 200))]
    reason: String,
    /// After how many days it is erased; 30 without a word.
    #[schemars(range(min = 1, max = 3650))]
    grace_days: Option<u32>,
}

/// What must be said to erase a tenant.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "TenantErasing")]
#[serde(deny_unknown_fields)]
struct EraseBody {
    /// The tenant's short name, to confirm what cannot be undone.
    #[schemars(length(min = 2, max = 63))]
    confirm: String,
    /// The reason, for the audit trail.
    #[serde(default)]
    #[schemars(length(max = 200))]
    reason: String,
}

/// How far the erasing of a tenant is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Erasure")]
struct ErasureView {
    /// Where the tenant is in its life.
    state: StateView,
    /// When it is erased, for a closed one (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    erase_from: Option<String>,
    /// The appliance's Ed25519 key, in hexadecimal digits, to check the receipt with.
    public_key: String,
    /// The receipt, once nothing is left. Its signature is Ed25519 over the canonical JSON (RFC 8785) of all else in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptView>,
}

/// The signed proof that a tenant's keys are no more.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ErasureReceipt")]
#[serde(transparent)]
struct ReceiptView(#[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")] ErasureReceipt);

type Body<'a, B> = Call<'a, InTenant<SystemTenantSuspend>, Empty, B>;
type Turn = fn(&mut Tx<'_>, Id<noun::Tenant>, &str) -> Result<Tenant, LifeError>;

fn turn(call: Body<'_, ReasonBody>, to: Turn) -> Result<Versioned<TenantView>, Problem> {
    let id = path_id(call.request)?;
    let tenant = call.pass.write(|tx| to(tx, id, &call.body.reason))?;
    call.services.tell(&tenant);
    Ok(versioned(tenant))
}

fn close(call: Body<'_, CloseBody>) -> Result<Versioned<TenantView>, Problem> {
    let id = path_id(call.request)?;
    let CloseBody { reason, grace_days } = call.body;
    if grace_days == Some(0) {
        return Err(Problem::at("/grace_days", "must be at least 1; erase it instead"));
    }
    let grace = grace_days.map_or(tenancy::GRACE, days);
    let tenant = call.pass.write(|tx| tenancy::close(tx, id, grace, &reason))?;
    call.services.tell(&tenant);
    Ok(versioned(tenant))
}

fn erase(call: Body<'_, EraseBody>) -> Result<Json<ErasureView>, Problem> {
    let tenant = named(&call.services.store.system().read()?, call.request)?;
    tenancy::confirm(&tenant, &call.body.confirm)?;
    let (id, store) = (tenant.id, &call.services.store);
    if tenant.state.kind() != StateKind::Erased {
        let weight = store.weigh(id)?;
        call.pass.write(|tx| tenancy::begin_erasure(tx, id, weight, &call.body.reason))?;
        call.services.indexes.forget(id.erase());
        call.services.library.forget(id);
    }
    let receipt = tenancy::finish_erasure(store, id)?;
    call.services.upkeep.forget_erased();
    let public_key = store.vault().public_key().to_string();
    Ok(Json(ErasureView {
        state: StateView::Erased,
        erase_from: None,
        public_key,
        receipt: Some(ReceiptView(receipt)),
    }))
}

fn read_erasure(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Result<Json<ErasureView>, Problem> {
    let tenant = named(&call.pass.read()?, call.request)?;
    let receipt = tenancy::receipt(&call.services.store, tenant.id)?;
    let erase_from = match tenant.state {
        tenancy::State::Closed { erase_from } => Some(moment(erase_from)),
        _ => None,
    };
    let public_key = call.services.store.vault().public_key().to_string();
    let receipt = receipt.map(ReceiptView);
    Ok(Json(ErasureView { state: tenant.state.kind().into(), erase_from, public_key, receipt }))
}
