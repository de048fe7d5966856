//! The appliance's keys, for operators.

use model::permission::SystemKeys;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenancy::upkeep::{KeyKind, Task};

use super::backups::{Begun, begin, tenant_of};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::InTenant,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemKeys>>("/v1/keys", "read_keys", "The public keys by which others know this appliance")
            .by(read),
        post::<InTenant<SystemKeys>>(
            "/v1/keys/rotate",
            "rotate_key",
            "Renew the appliance's key, or one of a tenant, while everybody works",
        )
        .takes::<Rotate>()
        .accepted()
        .by(rotate),
    ]
}

/// Public keys, in hexadecimal digits.
#[derive(Debug, Serialize, JsonSchema)]
struct Keys {
    /// Checks its signatures: receipts, backups, checkpoints, exported tenants (Ed25519).
    signing: String,
    /// Seals a tenant for it (X25519).
    receiver: String,
    /// Tells the key that wraps all others from earlier ones.
    appliance_key: String,
}

/// Which key.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WhichKey {
    /// The appliance's, which wraps those of all tenants.
    Appliance,
    /// A tenant's own, which wraps its data keys.
    Tenant,
    /// That of a tenant's records: they are enciphered anew.
    Database,
    /// That of a tenant's files: they are enciphered anew.
    Blob,
    /// That of a tenant's search index.
    Search,
    /// That of copies from now on.
    Backup,
}

impl From<WhichKey> for KeyKind {
    fn from(key: WhichKey) -> Self {
        match key {
            WhichKey::Appliance => KeyKind::Appliance,
            WhichKey::Tenant => KeyKind::Tenant,
            WhichKey::Database => KeyKind::Database,
            WhichKey::Blob => KeyKind::Blob,
            WhichKey::Search => KeyKind::Search,
            WhichKey::Backup => KeyKind::Backup,
        }
    }
}

/// A key to be renewed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "RotateKey")]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// Which.
    key: WhichKey,
    /// Whose; to be left out for the appliance's.
    #[serde(default)]
    tenant: Option<String>,
}

fn read(call: Call<'_, InTenant<SystemKeys>, Empty, Empty>) -> Result<Json<Keys>, Problem> {
    let vault = call.services.store.vault();
    Ok(Json(Keys {
        signing: vault.public_key().to_string(),
        receiver: vault.receiver_key().to_string(),
        appliance_key: vault.root_fingerprint().to_string(),
    }))
}

fn rotate(call: Call<'_, InTenant<SystemKeys>, Empty, Rotate>) -> Begun {
    let tenant = call.body.tenant.as_deref().map(tenant_of).transpose()?;
    let task = Task::Rekey { tenant, key: call.body.key.into() };
    begin(call.services, call.pass, task)
}
