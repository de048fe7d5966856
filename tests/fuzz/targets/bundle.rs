//! Audit bundles: refused, or whole.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(report) = audit::bundle::verify(bytes, None) {
        assert!(report.erased <= report.checkpoint.size);
    }
});
