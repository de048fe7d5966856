//! The listener: connections within bounds, each a task of its own.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::network;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch};

use super::{
    bell::Bells,
    fault::Fault,
    house::House,
    start::{ALPN, Hall},
};
use crate::Engine;

/// Bounds on connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireLimits {
    /// The most connections.
    pub connections: usize,
    /// The most connections of one tenant.
    pub connections_per_tenant: usize,
    /// The most connections of one address, or of one IPv6 network of 64 bits, that have not signed in.
    pub strangers_each: usize,
    /// How long a client may take for TLS, and again to sign in, in seconds.
    pub handshake_s: u64,
    /// How long a client may say nothing between two statements, in seconds.
    pub idle_s: u64,
}

impl Default for WireLimits {
    fn default() -> Self {
        WireLimits { connections: 512, connections_per_tenant: 64, strangers_each: 32, handshake_s: 10, idle_s: 3_600 }
    }
}

/// How long connections may go on after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves the wire on `listener` until `stop` says so.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    engine: Arc<Engine>,
    house: Arc<dyn House>,
    mut tls: rustls::ServerConfig,
    listener: TcpListener,
    limits: WireLimits,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let tls = Arc::new(tls);
    let guests = Arc::<Guests>::default();
    let hall = Arc::new(Hall { engine, house, tls, bells: Arc::<Bells>::default(), limits });
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            _ = stop.changed() => break,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            // No more files, most likely: others will go.
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let from = from.ip().to_canonical();
        let Some(stay) = guests.admit(from, &limits) else {
            // Without a word: who floods the door gets no TLS.
            drop(stream);
            continue;
        };
        connections.spawn(host(hall.clone(), guests.clone(), stream, from, stay, stop.clone()));
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN, ended).await;
    Ok(())
}

async fn host(
    hall: Arc<Hall>,
    guests: Arc<Guests>,
    stream: TcpStream,
    from: IpAddr,
    mut stay: Stay,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let Some(mut connection) = hall.receive(stream, from).await else { return };
    let ended = if guests.move_in(&mut stay, connection.guest.tenant(), &hall.limits) {
        tokio::select! {
            ended = connection.serve() => ended,
            _ = stop.changed() => Err(Fault::last("57P01", "the appliance is shutting down")),
        }
    } else {
        Err(Fault::last("53300", "too many connections of this tenant"))
    };
    if let Err(fault) = ended {
        connection.line.replies.fault(&fault);
    }
    let farewell = async {
        let _ = connection.line.flush().await;
        let _ = connection.line.stream.shutdown().await;
    };
    let _ = tokio::time::timeout(DRAIN, farewell).await;
}

/// Who is here.
#[derive(Debug, Default)]
struct Guests(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    strangers: HashMap<IpAddr, usize>,
    tenants: HashMap<u128, usize>,
}

/// A connection's place among the others.
#[derive(Debug)]
struct Stay {
    guests: Arc<Guests>,
    as_whom: Whom,
}

#[derive(Debug, Clone, Copy)]
enum Whom {
    Stranger(IpAddr),
    Tenant(u128),
    Nobody,
}

impl Guests {
    /// A place for a stranger. The machine itself is many people.
    fn admit(self: &Arc<Self>, from: IpAddr, limits: &WireLimits) -> Option<Stay> {
        let from = network(from);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = counts.strangers.get(&from).copied().unwrap_or_default();
        if counts.all >= limits.connections || (here >= limits.strangers_each && !from.is_loopback()) {
            return None;
        }
        counts.all += 1;
        *counts.strangers.entry(from).or_default() += 1;
        Some(Stay { guests: self.clone(), as_whom: Whom::Stranger(from) })
    }

    /// Whether a stranger who has signed in finds a place among its tenant's.
    fn move_in(&self, stay: &mut Stay, tenant: u128, limits: &WireLimits) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Whom::Stranger(from) = stay.as_whom {
            leave(&mut counts.strangers, &from);
        }
        let here = counts.tenants.entry(tenant).or_default();
        let fits = *here < limits.connections_per_tenant;
        if fits {
            *here += 1;
        }
        stay.as_whom = if fits { Whom::Tenant(tenant) } else { Whom::Nobody };
        fits
    }
}

fn leave<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, who: &K) {
    if let Some(count) = counts.get_mut(who) {
        *count -= 1;
        if *count == 0 {
            counts.remove(who);
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut counts = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        match self.as_whom {
            Whom::Stranger(from) => leave(&mut counts.strangers, &from),
            Whom::Tenant(tenant) => leave(&mut counts.tenants, &tenant),
            Whom::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let limits =
            WireLimits { connections: 3, connections_per_tenant: 1, strangers_each: 2, ..WireLimits::default() };
        let guests = Arc::<Guests>::default();
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        let (mut first, mut second) = (guests.admit(from, &limits).unwrap(), guests.admit(from, &limits).unwrap());
        assert!(guests.admit(from, &limits).is_none());
        assert!(guests.move_in(&mut first, 7, &limits) && !guests.move_in(&mut second, 7, &limits));
        drop(second);
        let others: Vec<_> = (0..2).map(|_| guests.admit(from, &limits).unwrap()).collect();
        assert!(guests.admit("192.0.2.2".parse().unwrap(), &limits).is_none(), "the house is full");
        drop((first, others));
        let counts = guests.0.lock().unwrap();
        assert!(counts.all == 0 && counts.strangers.is_empty() && counts.tenants.is_empty());
    }
}
