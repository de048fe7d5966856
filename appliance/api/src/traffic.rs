//! What a tenant's callers ask and take: counted in memory at each answer, and written to the tenant's ledger every minute in
//! which there was anything.
//!
//! A commit a request would cost more than the request. So what a crash takes away is at most a minute of these two meters, never a row
//! that was written; a minute is written once, even where its commit is tried again.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body::{Body as HttpBody, Frame, SizeHint};
use identity::Realm;
use metering::{Event, Meter};
use model::{Id, SystemTask, Timestamp, noun};
use store::{StoreError, WriteError};

use crate::{router, services::Services};

/// How long what was counted is kept in memory: a minute, less what whoever asks every minute may be early.
const EVERY: Duration = Duration::from_secs(50);
/// Up to here an answer is handed to the connection as a whole, in bytes: its length is counted at once.
const WHOLE: u64 = 64 << 10;

type TenantId = Id<noun::Tenant>;

/// What is not in a ledger yet. A tenant's counters stay once it was seen: there are no more of them than tenants.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    tenants: Mutex<BTreeMap<TenantId, Arc<Flow>>>,
    /// What was taken out of the counters to be written, with the name by which its commit counts once.
    pending: Mutex<Vec<Pending>>,
    written: Mutex<Timestamp>,
}

/// The counters of a tenant.
#[derive(Debug, Default)]
struct Flow {
    calls: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Clone)]
struct Pending {
    tenant: TenantId,
    name: String,
    at: Timestamp,
    amounts: [(Meter, u64); 2],
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Traffic {
    /// Counts an answer that goes to somebody of `tenant`, or to who has a link of it: the call, and each byte of the content as it is sent.
    pub(crate) fn count(&self, tenant: TenantId, response: Response) -> Response {
        if tenant == Realm::SYSTEM {
            return response;
        }
        let flow = lock(&self.tenants).entry(tenant).or_default().clone();
        flow.calls.fetch_add(1, Ordering::Relaxed);
        match response.body().size_hint().exact() {
            Some(bytes) if bytes <= WHOLE => {
                flow.bytes.fetch_add(bytes, Ordering::Relaxed);
                response
            }
            _ => response.map(|content| Body::new(Counted { content, flow })),
        }
    }

    /// Takes out what was counted since the last time.
    fn take(&self, now: Timestamp) -> Vec<Pending> {
        let mut pending = lock(&self.pending);
        for (tenant, flow) in &*lock(&self.tenants) {
            let taken = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
            let amounts = [(Meter::Calls, taken(&flow.calls)), (Meter::Egress, taken(&flow.bytes))];
            if amounts.iter().any(|(_, amount)| *amount > 0) {
                pending.push(Pending { tenant: *tenant, name: format!("{:032x}", router::fresh()), at: now, amounts });
            }
        }
        pending.clone()
    }
}

impl Services {
    /// Writes what was counted of calls and bytes to the ledgers of their tenants: where a minute has passed, or `at_once`.
    pub fn write_traffic(&self, at_once: bool) {
        let now = self.store.clock().now();
        {
            let mut written = lock(&self.traffic.written);
            if !at_once && now.since(*written) < EVERY {
                return;
            }
            *written = now;
        }
        for part in self.traffic.take(now) {
            match self.write_part(&part) {
                Ok(()) => lock(&self.traffic.pending).retain(|other| other.name != part.name),
                // Tried again next time, by the same name.
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(tenant.id = %part.tenant, error, "calls and bytes could not be counted; the next time tries again");
                }
            }
        }
    }

    fn write_part(&self, part: &Pending) -> Result<(), StoreError> {
        let permit = match self.gate.system(SystemTask::Metering, part.tenant, part.tenant.erase()) {
            // Closed or moved away since: there is no ledger to write to.
            Err(StoreError::NoTenant) => return Ok(()),
            permit => permit?,
        };
        permit.write::<_, WriteError>(|tx| {
            let used = part.amounts.iter().filter(|(_, amount)| *amount > 0);
            let events = used.map(|(meter, amount)| Event::own(*meter, &part.name, *amount, part.at));
            tx.note("step", "counted calls");
            metering::record(tx, events.collect())
        })?;
        Ok(())
    }
}

/// Content whose bytes are counted when they are taken to be sent.
struct Counted {
    content: Body,
    flow: Arc<Flow>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.content).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
        {
            self.flow.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}
