//! Backups: copies of the whole appliance, or of one tenant, made while it is at work.
//!
//! ```text
//! ROOT/appliance                    whose backups these are
//! ROOT/sets/bak_….manifest          a backup: what belongs to it, signed by the appliance
//! ROOT/data/ab/TENANT/rows-….copy   the rows of a tenant, sealed under the tenant's backup key
//! ROOT/data/ab/TENANT/blobs/…       its blobs, as they lie enciphered in the store; the same ones serve many backups
//! ROOT/keys/keys-….redb             the one copy of the vault, all keys wrapped by the appliance's key
//! ROOT/erased/TENANT.json           signed receipts of erased tenants
//! ```
//!
//! Data hold no key but sealed under a key of the vault, and there is one copy of the vault, replaced with every backup and with every erasure
//! ([`forget`]). So an erased tenant cannot be read from any backup, however old. Whoever kept another copy of the vault, and the appliance's
//! key, is told by the receipts: restoring destroys the keys of every tenant with a receipt before it reads anything.

mod create;
mod drill;
mod erased;
mod error;
mod manifest;
mod place;
mod prune;
mod restore;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod verify;

pub use create::{Scope, create, create_as};
pub use drill::{Drilled, clear_scratch, drill, scratch};
pub use erased::forget;
pub use error::BackupError;
pub use manifest::{Backup, Part, list, read};
pub use place::open_keys;
pub use prune::{Keep, Pruned, prune};
pub use restore::{Restored, restore, restore_tenant};
pub use verify::{Depth, Finding, Verified, verify};
