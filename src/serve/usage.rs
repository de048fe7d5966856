//! Rows of usage on their way into files: at once where many wait, else in turns over all tenants.

use std::{collections::BTreeSet, error::Error, sync::Arc, time::Duration};

use api::Services;
use library::{
    LibraryError,
    sealing::{self, Round, Rules},
};
use model::{Id, SystemTask, noun};
use store::{Cursor, Placement, Query, Read as _};

use super::config::UsageConfig;

/// How long it rests between two turns.
const REST: Duration = Duration::from_secs(60);
/// How many tenants a turn looks at: each has its file opened.
const TENANTS: usize = 100;
/// How many turns a pass over all tenants takes at least: nobody's rows are looked at more often, but where many wait.
const TURNS: u32 = 30;

/// Seals for as long as the appliance runs.
pub(super) async fn keep_sealed(services: Arc<Services>, config: UsageConfig) {
    let rules = Rules { kept: config.kept(), ..Rules::default() };
    let (mut after, mut turns) = (None, 0);
    loop {
        let full = tokio::time::timeout(REST, services.full.wait()).await;
        let from = after.take();
        // Also where rows are always due to be sealed: it writes only where a minute has passed.
        let work = services.clone();
        let _ = tokio::task::spawn_blocking(move || work.write_traffic(false)).await;
        match full {
            // A turn that panics is told of by the panic's own message; the next one comes.
            Ok(tenants) => {
                let work = services.clone();
                let _ = tokio::task::spawn_blocking(move || seal_all(&work, &tenants, &rules)).await;
                after = from;
            }
            Err(_) => {
                turns += 1;
                if from.is_none() && turns > 1 && turns < TURNS {
                    continue;
                }
                if from.is_none() {
                    turns = 1;
                }
                let work = services.clone();
                after =
                    tokio::task::spawn_blocking(move || turn(&work, from.as_ref(), &rules)).await.unwrap_or_default();
            }
        }
    }
}

/// Seals the rows of some tenants that have a file; where the next turn goes on.
fn turn(services: &Services, after: Option<&Cursor>, rules: &Rules) -> Option<Cursor> {
    let query = Query { index: None, after, limit: TENANTS, newest_first: false };
    let page = services.store.system().read().and_then(|view| view.list::<Placement>(&query, |place| place.begun));
    match page {
        Err(error) => {
            let error: &dyn Error = &error;
            tracing::error!(error, "the register of tenants cannot be read; no usage is sealed");
            None
        }
        Ok(page) => {
            seal_all(services, &page.items.iter().map(|place| place.tenant).collect(), rules);
            page.next
        }
    }
}

fn seal_all(services: &Services, tenants: &BTreeSet<Id<noun::Tenant>>, rules: &Rules) {
    for tenant in tenants {
        match seal(services, *tenant, rules) {
            Ok(None) => {}
            Ok(Some(round)) if round == Round::default() => {}
            Ok(Some(round)) => tracing::info!(
                tenant.id = %tenant,
                sealed_rows = round.sealed_rows,
                merged_files = round.merged_files,
                removed_files = round.removed_files,
                "usage was sealed"
            ),
            Err(error) => {
                let error: &dyn Error = &error;
                tracing::error!(tenant.id = %tenant, error, "usage could not be sealed; the next turn tries again");
            }
        }
    }
}

fn seal(services: &Services, tenant: Id<noun::Tenant>, rules: &Rules) -> Result<Option<Round>, LibraryError> {
    let Some(analyst) = services.analyst() else { return Ok(None) };
    let mut permit = || services.gate.system(SystemTask::Metering, tenant, tenant.erase());
    sealing::round(&mut permit, analyst, rules, services.store.clock().now()).map(Some)
}
