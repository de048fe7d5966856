//! Counts and times of requests, and the state of the process, in the text form of Prometheus (0.0.4).
//!
//! Labels are names of endpoints and classes of statuses only, so their number does not grow with tenants, paths or callers and
//! nothing can be learned about one of them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;
use store::health::Fault;

use crate::{otlp::Tracer, services::Services};

/// Upper bounds of the classes of duration, in microseconds.
const BOUNDS: [u64; 12] =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The meters of all endpoints.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    endpoints: Mutex<BTreeMap<&'static str, Arc<Meter>>>,
    /// Requests that have begun and are not answered.
    in_flight: AtomicU64,
    /// Connections that are open.
    pub(crate) connections: AtomicU64,
    /// Connections that were closed at once because there were too many.
    pub(crate) turned_away: AtomicU64,
}

/// What is measured of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Meter([Class; CLASSES.len()]);

#[derive(Debug, Default)]
struct Class {
    /// How many took no longer than each bound and longer than the one before; the last took longer than all.
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Meter {
    /// Counts an answer.
    pub(crate) fn count(&self, status: u16, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = &self.0[usize::from(status / 100).clamp(1, CLASSES.len()) - 1];
        let at = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        class.counts[at].fetch_add(1, Ordering::Relaxed);
        class.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a AtomicU64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// The meter of an endpoint.
    pub(crate) fn meter(&self, endpoint: &'static str) -> Arc<Meter> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).entry(endpoint).or_default().clone()
    }

    /// Counts a request as long as the result lives.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// How many requests were answered since the start, and how many of them by the appliance's own fault (5xx).
    fn answered(&self) -> (u64, u64) {
        let endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let of = |class: &Class| class.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum::<u64>();
        endpoints.values().fold((0, 0), |(all, failed), meter| {
            let counts = meter.0.each_ref().map(of);
            (all + counts.iter().sum::<u64>(), failed + counts[CLASSES.len() - 1])
        })
    }

    fn requests(&self, out: &mut String) {
        out.push_str(
            "# HELP audiagram_http_request_duration_seconds Time from a request's head to its answer's head.\n",
        );
        out.push_str("# TYPE audiagram_http_request_duration_seconds histogram\n");
        let endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (endpoint, meter) in endpoints {
            for (class, name) in meter.0.iter().zip(CLASSES) {
                let counts = class.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
                if counts.iter().all(|count| *count == 0) {
                    continue;
                }
                let labels = format!("endpoint=\"{endpoint}\",status=\"{name}\"");
                let mut sum = 0;
                for (count, bound) in counts.iter().zip(BOUNDS.iter().map(Some).chain([None])) {
                    sum += count;
                    let le = bound.map_or("+Inf".to_owned(), |bound| seconds(*bound));
                    line(out, "audiagram_http_request_duration_seconds_bucket", &format!("{labels},le=\"{le}\""), sum);
                }
                let micros = seconds(class.micros.load(Ordering::Relaxed));
                line(out, "audiagram_http_request_duration_seconds_sum", &labels, micros);
                line(out, "audiagram_http_request_duration_seconds_count", &labels, sum);
            }
        }
    }
}

/// The whole page.
pub(crate) fn page(services: &Services) -> String {
    let (metrics, mut out) = (&services.metrics, String::with_capacity(16 << 10));
    metrics.requests(&mut out);
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let mut gauge = |name: &str, kind: &str, help: &str, value: u64| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    gauge("audiagram_http_requests_in_flight", "gauge", "Requests being answered.", count(&metrics.in_flight));
    gauge(
        "audiagram_http_requests_at_work",
        "gauge",
        "Requests on threads of the pool.",
        services.walls.at_work() as u64,
    );
    gauge("audiagram_connections_open", "gauge", "Open connections.", count(&metrics.connections));
    let turned_away = count(&metrics.turned_away);
    gauge("audiagram_connections_refused_total", "counter", "Connections refused by a limit.", turned_away);
    let health = services.store.health();
    gauge("audiagram_store_open_files", "gauge", "Tenants' files that are open.", health.open_files as u64);
    gauge("audiagram_store_repaired_total", "counter", "Files repaired since the start.", health.repaired);
    gauge("audiagram_store_free_bytes", "gauge", "Room on the disk of the data.", health.free_bytes.unwrap_or(0));
    gauge("audiagram_ready", "gauge", "1 while it can serve.", u64::from(health.ready));
    gauge(
        "audiagram_answers_waiting_bytes",
        "gauge",
        "Answers to be kept for repeats.",
        services.repeats.waiting() as u64,
    );
    let lost = services.tracer.get().map_or(0, Tracer::lost);
    gauge("audiagram_traces_lost_total", "counter", "Traces that were dropped or not delivered.", lost);
    let process = Process::look();
    gauge("process_resident_memory_bytes", "gauge", "Memory in use.", process.memory);
    gauge("process_open_fds", "gauge", "Open files and sockets.", process.files);
    gauge("process_threads", "gauge", "Threads.", process.threads);
    gauge("audiagram_draining", "gauge", "1 while it stops.", u64::from(services.is_draining()));
    let faults = "audiagram_store_faults";
    let _ =
        writeln!(out, "# HELP {faults} Files with this fault, a tenant's or the appliance's.\n# TYPE {faults} gauge");
    for fault in Fault::ALL {
        let count = health.conditions.iter().filter(|condition| condition.fault == *fault).count();
        line(&mut out, faults, &format!("code=\"{}\"", fault.code()), count);
    }
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "# HELP audiagram_build_info What is running.\n# TYPE audiagram_build_info gauge");
    line(&mut out, "audiagram_build_info", &format!("version=\"{version}\",region=\"{}\"", services.region), 1);
    out
}

/// The numbers that are looked at while they change.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub(crate) struct SystemNow {
    /// Requests that were answered since the start.
    pub(crate) http_requests: u64,
    /// Those of them that failed by the appliance's own fault (5xx).
    pub(crate) http_failures: u64,
    /// Requests on threads of the pool.
    pub(crate) http_requests_at_work: u64,
    /// Open connections.
    pub(crate) connections_open: u64,
    /// Connections that were refused by a limit since the start.
    pub(crate) connections_refused: u64,
    /// Jobs that run.
    pub(crate) jobs_running: u64,
    /// Tenants whose work waits for a slot.
    pub(crate) tenants_waiting: u64,
    /// Tenants' files that are open.
    pub(crate) store_open_files: u64,
    /// Room on the disk of the data.
    pub(crate) store_free_bytes: u64,
    /// Memory in use.
    pub(crate) process_resident_memory_bytes: u64,
    /// Open files and sockets.
    pub(crate) process_open_fds: u64,
    /// Answers to be kept for repeats.
    pub(crate) answers_waiting_bytes: u64,
}

/// The numbers as they are.
pub(crate) fn now(services: &Services) -> SystemNow {
    let metrics = &services.metrics;
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (health, process, jobs) = (services.store.health(), Process::look(), services.jobs.status());
    let (requests, failures) = metrics.answered();
    SystemNow {
        http_requests: requests,
        http_failures: failures,
        http_requests_at_work: services.walls.at_work() as u64,
        connections_open: count(&metrics.connections),
        connections_refused: count(&metrics.turned_away),
        jobs_running: jobs.running.into(),
        tenants_waiting: jobs.waiting_tenants as u64,
        store_open_files: health.open_files as u64,
        store_free_bytes: health.free_bytes.unwrap_or(0),
        process_resident_memory_bytes: process.memory,
        process_open_fds: process.files,
        answers_waiting_bytes: services.repeats.waiting() as u64,
    }
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name}{{{labels}}} {value}");
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The process as Linux shows it; zeros elsewhere.
#[derive(Debug, Default)]
struct Process {
    memory: u64,
    files: u64,
    threads: u64,
}

impl Process {
    fn look() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            rest.split_whitespace().next()?.parse::<u64>().ok()
        };
        Process {
            memory: number("VmRSS:").unwrap_or_default().saturating_mul(1_024),
            files: std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64),
            threads: number("Threads:").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_add_up() {
        let metrics = Metrics::default();
        let meter = metrics.meter("list_projects");
        for (status, micros) in [(200, 900), (200, 1_000), (200, 1_001), (204, 9_000_000), (404, 3), (999, 3), (0, 3)] {
            meter.count(status, Duration::from_micros(micros));
        }
        let mut page = String::new();
        metrics.requests(&mut page);
        insta::assert_snapshot!("histogram", page);
    }

    #[test]
    fn seconds_are_exact() {
        assert_eq!([seconds(2_500), seconds(1_000_000), seconds(0), seconds(1)], ["0.0025", "1", "0", "0.000001"]);
    }
}
