//! Audit bundles: refused, or whole.

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    if let Ok(report) = audit::bundle::verify(bytes, None) {
        assert!(report.erased <= report.checkpoint.size);
    }
}
