//! What stands between a request and the threads that do the work: how often one may ask, and how many may be inside at once.
//!
//! A request is counted before its body is read. One by a caller who was known a moment ago is refused without looking anything
//! up; one by a stranger counts against its address until it is found out who it is. So a credential that is not good never costs
//! a tenant anything.

mod admission;
mod buckets;
mod known;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use model::{AnyId, Id, network, noun};
use serde::{Deserialize, Serialize};

pub(crate) use self::{admission::Place, known::Known};
use self::{
    admission::{Admission, Full},
    buckets::{Buckets, Rate, Standing},
    known::Callers,
};
use crate::problem::{Code, Problem};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Bounds on requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestLimits {
    /// For how many seconds of its rate one may be ahead.
    pub burst_s: u32,
    /// The share of its tenant's rate that one user or key may take, in percent…
    pub caller_percent: u32,
    /// …but no less than this, as far as the tenant has it, a second.
    pub caller_per_second: u32,
    /// Requests to public endpoints, and those of callers who are not known yet, from one address, a second.
    pub address_per_second: u32,
    /// Requests that are worked on at once.
    pub at_once: usize,
    /// Those of one tenant, or of one address where nobody is signed in.
    pub at_once_each: usize,
    /// How long one waits for a place, in seconds.
    pub patience_s: u64,
    /// How long a body that is read as a whole may take, in seconds.
    pub body_s: u64,
    /// Exports that are drawn at once, one of them for each tenant.
    pub exports_at_once: usize,
    /// How long one waits for one's turn to export, in seconds.
    pub exports_patience_s: u64,
}

impl Default for RequestLimits {
    fn default() -> Self {
        RequestLimits {
            burst_s: 2,
            caller_percent: 20,
            caller_per_second: 20,
            address_per_second: 50,
            at_once: 256,
            at_once_each: 16,
            patience_s: 5,
            body_s: 30,
            exports_at_once: 2,
            exports_patience_s: 30,
        }
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// A tenant's.
    Tenant(Id<noun::Tenant>),
    /// Those from one network where nobody is signed in.
    Address(IpAddr),
}

/// The walls.
#[derive(Debug)]
pub(crate) struct Walls {
    pub(crate) callers: Callers,
    limits: RequestLimits,
    tenants: Buckets<Id<noun::Tenant>>,
    actors: Buckets<(Id<noun::Tenant>, AnyId)>,
    addresses: Buckets<IpAddr>,
    work: Arc<Admission<Party>>,
    bodies: Arc<Admission<Party>>,
    exports: Arc<Admission<Id<noun::Tenant>>>,
}

/// How a caller stands, for the headers of the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standings(Vec<(&'static str, Standing)>);

impl Walls {
    pub(crate) fn new(limits: RequestLimits) -> Self {
        let admission = || Admission::new(limits.at_once, limits.at_once_each, Duration::from_secs(limits.patience_s));
        Walls {
            callers: Callers::default(),
            limits,
            tenants: Buckets::default(),
            actors: Buckets::default(),
            addresses: Buckets::default(),
            work: admission(),
            bodies: admission(),
            exports: Admission::new(limits.exports_at_once, 1, Duration::from_secs(limits.exports_patience_s)),
        }
    }

    /// Whether a credential that is not known may be looked up for this address. Nothing is counted: many people may share one,
    /// and each of them comes for the first time.
    pub(crate) fn look_at_stranger(&self, address: IpAddr, now: u64, standings: &mut Standings) -> Result<(), Problem> {
        let rate = Rate { per_second: self.limits.address_per_second, burst_s: self.limits.burst_s };
        standings.add("address", self.addresses.look(network(address), rate, now))
    }

    /// Counts a request to a public endpoint, or with a credential that was no good.
    pub(crate) fn count_stranger(&self, address: IpAddr, now: u64, standings: &mut Standings) -> Result<(), Problem> {
        let rate = Rate { per_second: self.limits.address_per_second, burst_s: self.limits.burst_s };
        standings.add("address", self.addresses.take(network(address), rate, now))
    }

    /// Counts a request of a caller. The caller's own share goes first: what it asks beyond that costs its colleagues nothing.
    pub(crate) fn count(&self, known: Known, now: u64, standings: &mut Standings) -> Result<(), Problem> {
        let whole = known.per_second;
        let percent = u64::from(whole) * u64::from(self.limits.caller_percent) / 100;
        let share = u32::try_from(percent).unwrap_or(u32::MAX).max(self.limits.caller_per_second).min(whole);
        let rate = |per_second| Rate { per_second, burst_s: self.limits.burst_s };
        standings.add("caller", self.actors.take((known.tenant, known.actor), rate(share), now))?;
        standings.add("tenant", self.tenants.take(known.tenant, rate(whole), now))
    }

    /// Waits for a place among those that are worked on.
    pub(crate) async fn work(&self, party: Party) -> Result<Place<Party>, Problem> {
        match self.work.try_enter(party) {
            Some(place) => Ok(place),
            // Apart, so that those who need not wait do not carry the timers of those who do.
            None => Box::pin(self.work.enter(party)).await.map_err(busy),
        }
    }

    /// Waits for a place among those that send a long body, which takes memory.
    pub(crate) async fn body(&self, party: Party) -> Result<Place<Party>, Problem> {
        self.bodies.enter(party).await.map_err(busy)
    }

    /// Waits for a tenant's turn to have something drawn, which takes a processor for seconds.
    pub(crate) async fn export(&self, tenant: Id<noun::Tenant>) -> Result<Place<Id<noun::Tenant>>, Problem> {
        self.exports.enter(tenant).await.map_err(busy)
    }

    /// How long a body may take.
    pub(crate) fn body_time(&self) -> Duration {
        Duration::from_secs(self.limits.body_s)
    }

    /// How many requests are worked on.
    pub(crate) fn at_work(&self) -> usize {
        self.work.inside(self.limits.at_once)
    }
}

/// A party of one address.
pub(crate) fn stranger(address: IpAddr) -> Party {
    Party::Address(network(address))
}

fn busy(full: Full) -> Problem {
    let mut problem = match full {
        Full::Party => Problem::new(Code::TooManyAtOnce, "wait for the answers to your other requests, then try again"),
        Full::Appliance => Problem::new(Code::Unavailable, "the appliance is busy; try again in a moment"),
    };
    problem.retry_after_s = Some(1);
    problem
}

impl Standings {
    fn add(&mut self, name: &'static str, standing: Standing) -> Result<(), Problem> {
        self.0.push((name, standing));
        let Some(wait) = standing.refused else { return Ok(()) };
        let detail = format!("more than {} requests a second for this {name}", standing.rate.per_second);
        let mut problem = Problem::new(Code::RateLimited, detail);
        problem.retry_after_s = Some(seconds(wait).max(1));
        Err(problem)
    }

    /// Writes `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        let (mut policy, mut left) = (String::with_capacity(64), String::with_capacity(64));
        let mut digits = itoa::Buffer::new();
        // By hand, since every answer has them and formatting took as long as the whole count.
        let mut say = |to: &mut String, name: &str, parts: [(&str, u64); 2]| {
            to.push_str(if to.is_empty() { "\"" } else { ", \"" });
            to.push_str(name);
            to.push('"');
            for (part, number) in parts {
                to.push_str(part);
                to.push_str(digits.format(number));
            }
        };
        for (name, standing) in &self.0 {
            let Standing { rate, remaining, .. } = standing;
            let reset = seconds(standing.refused.unwrap_or(standing.reset));
            say(&mut policy, name, [(";q=", rate.burst()), (";w=", rate.burst_s.max(1).into())]);
            say(&mut left, name, [(";r=", *remaining), (";t=", reset)]);
        }
        for (name, value) in [(RATELIMIT_POLICY, policy), (RATELIMIT, left)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

fn seconds(time: Duration) -> u64 {
    time.as_micros().div_ceil(1_000_000).min(u128::from(u64::MAX)) as u64
}
