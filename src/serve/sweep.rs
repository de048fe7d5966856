//! What is past its time, removed in turns: the trash of all tenants, and their ended sessions, invitations, keys and links. Each turn
//! looks at rights too, and writes down which have changed, and tells people of keys of theirs that end soon.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use api::Services;
use identity::Realm;
use library::{
    LibraryError,
    trash::{Retention, Swept},
};
use model::{AnyId, Id, SystemTask, noun};
use store::{Cursor, Placement, Query, Read as _};
use tenancy::Tenant;

/// How long it rests between two turns.
const REST: Duration = Duration::from_secs(60);
/// How many tenants a turn looks at: each has its file opened.
const TENANTS: usize = 100;
/// How many turns a pass over the register takes at least: no tenant is swept more often than that.
const TURNS: u32 = 60;

/// Sweeps for as long as the appliance runs. A pass goes through the register of tenants, [`TENANTS`] a turn; the next one begins an hour
/// after it began, at the earliest.
pub(super) async fn keep_swept(services: Arc<Services>, started: Instant) {
    let (mut after, mut turns) = (None, 0);
    loop {
        tokio::time::sleep(REST).await;
        turns += 1;
        if after.is_none() && turns > 1 && turns < TURNS {
            continue;
        }
        if after.is_none() {
            turns = 1;
        }
        let (services, from) = (services.clone(), after.take());
        // A turn that panics is told of by the panic's own message; the next pass begins anew.
        after = tokio::task::spawn_blocking(move || turn(&services, from, started)).await.unwrap_or_default();
    }
}

/// Sweeps some tenants; where the next turn goes on.
fn turn(services: &Services, after: Option<Cursor>, started: Instant) -> Option<Cursor> {
    if !services.store.trusts_clock(started.elapsed()) {
        return after;
    }
    let after = after.as_ref();
    if after.is_none() {
        tidy(services, Realm::SYSTEM, services.store.system().log());
    }
    let query = Query { index: None, after, limit: TENANTS, newest_first: false };
    let page = services.store.system().read().and_then(|view| view.list::<Tenant>(&query, Tenant::is_active));
    match page {
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "the register of tenants cannot be read; no trash is swept");
            None
        }
        Ok(page) => {
            for tenant in &page.items {
                match begun(services, tenant).and_then(|begun| begun.then(|| sweep(services, tenant)).transpose()) {
                    Ok(None) => continue,
                    Ok(Some(swept)) if swept == Swept::default() => {}
                    Ok(Some(swept)) => tracing::info!(
                        tenant.id = %tenant.id,
                        recordings = swept.recordings,
                        projects = swept.projects,
                        uploads = swept.uploads,
                        files = swept.files,
                        bytes = swept.bytes,
                        "what is past its time was erased"
                    ),
                    Err(error) => {
                        let error: &dyn Error = &error;
                        tracing::error!(tenant.id = %tenant.id, error, "a trash could not be swept; the next pass tries again");
                    }
                }
                tidy(services, tenant.id, tenant.id.erase());
                look_at_rights(services, tenant.id);
                if let Err(error) = services.remind_of_keys(tenant.id) {
                    let error: &dyn Error = &error;
                    tracing::error!(tenant.id = %tenant.id, error, "people could not be told of keys that end; the next pass tries again");
                }
            }
            page.next
        }
    }
}

/// Whether a tenant has a file: one that has stored nothing has none, and gets none by being looked at.
fn begun(services: &Services, tenant: &Tenant) -> Result<bool, LibraryError> {
    let placement = services.store.system().read()?.get::<Placement>(&tenant.id)?;
    Ok(placement.is_some_and(|placement| placement.begun))
}

/// Removes what has ended in one file.
fn tidy(services: &Services, tenant: Id<noun::Tenant>, subject: AnyId) {
    let done: Result<usize, Box<dyn Error>> = services
        .gate
        .system(SystemTask::Retention, tenant, subject)
        .map_err(Into::into)
        .and_then(|permit| library::tidy::tidy(permit).map_err(Into::into));
    if let Err(error) = done {
        tracing::error!(tenant.id = %tenant, error, "what has ended could not be removed; the next pass tries again");
    }
}

/// Writes down what rights have changed.
fn look_at_rights(services: &Services, tenant: Id<noun::Tenant>) {
    let permit = services.gate.system(SystemTask::RightsHistory, tenant, tenant.erase());
    let done: Result<bool, Box<dyn Error>> = permit
        .map_err(Into::into)
        .and_then(|permit| library::rights::look(permit, services.store.clock().now()).map_err(Into::into));
    if let Err(error) = done {
        tracing::error!(tenant.id = %tenant, error, "changed rights could not be written down; the next pass tries again");
    }
}

fn sweep(services: &Services, tenant: &Tenant) -> Result<Swept, LibraryError> {
    let mut permit = || services.gate.system(SystemTask::Retention, tenant.id, tenant.id.erase());
    let settings = library::settings::of(&permit()?.read()?)?;
    let retention = Retention {
        trash_days: settings.trash_days,
        recording_days: settings.recording_days,
        report_days: settings.report_days,
    };
    library::trash::sweep(&mut permit, services.store.clock().now(), &retention)
}
