//! What backups know of erased tenants, and the one copy of the vault.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use model::{Id, noun::Tenant};

use super::{
    BackupError,
    place::{Place, write_whole},
};
use crate::{
    store::Store,
    vault::{ErasureReceipt, Vault, VaultError},
};

/// The longest receipt.
const LONGEST: u64 = 64 << 10;

/// Makes a folder of backups forget the tenants that were erased: replaces its copy of the vault by one without their keys, overwriting the old
/// one, puts their receipts in and removes their data. To be called after every erasure; making a backup does it too.
pub fn forget(store: &Store, root: &Path) -> Result<(), BackupError> {
    let place = Place::at(root);
    let _locked = place.claim(store.vault())?;
    renew(store, &place)
}

pub(super) fn renew(store: &Store, place: &Place) -> Result<(), BackupError> {
    for tenant in store.vault().destroyed()? {
        let path = receipt_of(place, tenant);
        if !path.exists() {
            let receipt = store.vault().receipt(tenant, BTreeMap::new())?;
            let text = serde_json::to_vec_pretty(&receipt).expect("texts and numbers are written without failure");
            write_whole(&path, &text)?;
        }
        match fs::remove_dir_all(place.tenant(tenant)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let mut now = store.clock().now();
    loop {
        match store.vault().copy(&place.keys(), now, Duration::ZERO) {
            Err(VaultError::Exists(_)) => now = now.after(Duration::from_millis(1)),
            done => return Ok(done.map(drop)?),
        }
    }
}

/// Destroys in a copy of the vault the keys of all tenants with a receipt of this appliance. Says whose receipts there are.
pub(super) fn apply(place: &Place, vault: &Vault) -> Result<Vec<Id<Tenant>>, BackupError> {
    let mut erased = Vec::new();
    let entries = match fs::read_dir(place.erased()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(erased),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") || fs::metadata(&path)?.len() > LONGEST {
            continue;
        }
        // A receipt that is not the appliance's own destroys nothing.
        let Ok(receipt) = serde_json::from_slice::<ErasureReceipt>(&fs::read(&path)?) else { continue };
        if receipt.verify(&vault.public_key()).is_err() {
            continue;
        }
        match vault.destroy(receipt.tenant, receipt.erased) {
            Ok(_) | Err(VaultError::Unscrubbed(_)) => erased.push(receipt.tenant),
            Err(VaultError::Unknown(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(erased)
}

fn receipt_of(place: &Place, tenant: Id<Tenant>) -> PathBuf {
    place.erased().join(format!("{:032x}.json", tenant.bits()))
}
