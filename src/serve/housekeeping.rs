//! What the appliance does by itself, every minute and once at its start.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use api::Services;
use tokio::sync::Notify;

/// How long it rests in between.
const REST: Duration = Duration::from_secs(60);

/// Keeps house for as long as the appliance runs.
pub(super) async fn keep_house(services: Arc<Services>, started: Instant) {
    loop {
        let services = services.clone();
        // One round that panics is told of by the panic's own message; the next one comes.
        let _ = tokio::task::spawn_blocking(move || round(&services, started)).await;
        tokio::time::sleep(REST).await;
    }
}

/// Takes note of the numbers of the appliance, for those who look at the last hours later.
pub(super) async fn measure(services: Arc<Services>) {
    let mut beat = tokio::time::interval(Duration::from_secs(10));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let services = services.clone();
        let _ = tokio::task::spawn_blocking(move || services.measure()).await;
    }
}

/// Closes the files of tenants beyond the number that may be open, so that who opens another does not wait for it.
pub(super) async fn make_room(services: Arc<Services>) {
    let surplus = Arc::new(Notify::new());
    let told = surplus.clone();
    services.store.on_surplus(move || told.notify_one());
    loop {
        surplus.notified().await;
        let services = services.clone();
        let _ = tokio::task::spawn_blocking(move || services.store.close_surplus()).await;
    }
}

fn round(services: &Services, started: Instant) {
    // What is erased is not taken back: a clock that was set by years must not have it done.
    if services.store.trusts_clock(started.elapsed()) {
        erase(services);
        drill(services);
    }
    services.rest();
}

/// Tries whether the newest backup could be put back, every so many days.
fn drill(services: &Services) {
    match services.upkeep.drill_when_due() {
        Ok(false) => {}
        Ok(true) => tracing::info!("a restore drill is begun"),
        Err(error) => tracing::error!(error = &error as &dyn Error, "a restore drill cannot be begun"),
    }
}

/// Erases closed tenants whose grace is over, and finishes what a crash has interrupted.
fn erase(services: &Services) {
    match tenancy::erase_due(&services.store) {
        Err(error) => tracing::error!(error = &error as &dyn Error, "closed tenants cannot be looked for"),
        Ok(round) => {
            if !round.erased.is_empty() {
                services.upkeep.forget_erased();
            }
            for tenant in round.erased {
                services.indexes.forget(tenant.erase());
                services.library.forget(tenant);
                tracing::info!(tenant.id = %tenant, "a closed tenant was erased");
            }
            for (tenant, error) in round.failed {
                let error: &dyn Error = &error;
                tracing::error!(tenant.id = %tenant, error, "a closed tenant could not be erased; it will be tried again");
            }
        }
    }
}
