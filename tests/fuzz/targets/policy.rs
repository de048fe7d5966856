//! A tenant's own policies: refused with a reason, or compiled.
#![no_main]

use std::sync::LazyLock;

use access::{CheckedPolicy, Specification};
use libfuzzer_sys::fuzz_target;
use model::{Id, PermissionSet};

static SPECIFICATION: LazyLock<Specification> = LazyLock::new(Specification::new);

fuzz_target!(|text: &str| {
    match CheckedPolicy::new(&SPECIFICATION, Id::from_bits(1), text) {
        Ok(policy) => drop(policy.within(PermissionSet::NONE)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
