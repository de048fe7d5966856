//! Events of use as a stream of Arrow IPC.

use std::sync::LazyLock;

use analytics::{Engine, QueryLimits};
use metering::{Analyst as _, MAX_BATCH, MAX_DIMENSIONS};

/// Panics where more comes out than may come together.
pub fn run(bytes: &[u8]) {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::start(QueryLimits::default()).expect("an engine"));
    let Ok(events) = ENGINE.read_events(bytes) else { return };
    assert!(events.len() <= MAX_BATCH + 1);
    for said in events.into_iter().flatten() {
        assert!(said.dimensions.len() <= MAX_DIMENSIONS && said.id.len() <= 512);
    }
}
