//! A tenant's own policies: refused with a reason, or compiled.

use std::sync::LazyLock;

use access::{CheckedPolicy, Specification};
use model::{Id, PermissionSet};

static SPECIFICATION: LazyLock<Specification> = LazyLock::new(Specification::new);

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match CheckedPolicy::new(&SPECIFICATION, Id::from_bits(1), text) {
        Ok(policy) => drop(policy.within(PermissionSet::NONE)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
