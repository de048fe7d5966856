//! Targets whose addresses were found and checked.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _},
    time::{Duration, Instant},
};

use access::Network;
use serde::Deserialize;

use crate::{
    address::{embedded, is_metadata, is_public},
    target::{Host, Target},
};

/// The most redirects that are followed.
pub const MAX_HOPS: usize = 3;
/// The most addresses of one name that are looked at; a name with more is refused.
const MAX_ADDRESSES: usize = 64;

/// Where calls may go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Networks beyond the public Internet that may be called: receivers in the company. Plain HTTP goes there only.
    pub allow: Vec<Network>,
    /// Ports that may be called.
    pub ports: Vec<u16>,
    /// Where this appliance listens itself: never called.
    #[serde(skip)]
    pub own: Vec<SocketAddr>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { allow: Vec::new(), ports: vec![443, 8443], own: Vec::new() }
    }
}

/// A place that is not called. Says the same whether there is no such name, it may not be called, or nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the host cannot be reached; check its name, and whether the operator allows its network")]
pub struct Unreachable;

/// Finds the addresses of a name.
pub trait Resolve {
    /// All of them.
    ///
    /// # Errors
    /// When the name is not known, or whoever knows is not to be had.
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver. It waits: to be called where waiting is allowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        // The dot at the end keeps the machine's search domains out of it.
        Ok((format!("{name}."), 0).to_socket_addrs()?.map(|found| found.ip()).collect())
    }
}

/// A target with its addresses, all of which may be called. Calls go to these and to no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What is called.
    pub target: Target,
    /// Where it is.
    pub addresses: Vec<SocketAddr>,
}

impl Rules {
    /// Resolves a target once and checks every address. One that may not be called spoils them all: the name of an honest
    /// receiver does not lead to such.
    ///
    /// # Errors
    /// When there is none, or one may not be called; the log says which.
    pub fn admit(&self, target: Target, resolver: &dyn Resolve) -> Result<Destination, Unreachable> {
        let is_usual = self.ports.contains(&target.port) || target.is_plain && target.port == 80;
        if !is_usual {
            return Err(refuse(&target, "the port is not in outbound.ports"));
        }
        self.admit_on(target, resolver)
    }

    /// The same for a target whose port the operator has named with it.
    pub(crate) fn admit_on(&self, target: Target, resolver: &dyn Resolve) -> Result<Destination, Unreachable> {
        let found = match &target.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => resolver.resolve(name).map_err(|error| refuse(&target, &error.to_string()))?,
        };
        if found.is_empty() || found.len() > MAX_ADDRESSES {
            return Err(refuse(&target, "the name has no addresses, or too many"));
        }
        for address in &found {
            self.check(*address, &target).map_err(|why| refuse(&target, why))?;
        }
        let addresses = found.into_iter().map(|address| SocketAddr::new(address.to_canonical(), target.port)).collect();
        Ok(Destination { target, addresses })
    }

    fn check(&self, address: IpAddr, target: &Target) -> Result<(), &'static str> {
        let address = address.to_canonical();
        if is_metadata(address) {
            return Err("it is a metadata service");
        }
        let is_own = |own: &SocketAddr| {
            let here = own.ip() == address || own.ip().is_unspecified() && address.is_loopback();
            own.port() == target.port && here
        };
        if self.own.iter().any(is_own) {
            return Err("it is this appliance");
        }
        if self.allow.iter().any(|network| network.contains(address)) {
            // What carries an address inside goes where that one is.
            let inside = if let IpAddr::V6(v6) = address { embedded(v6) } else { None };
            let inner = inside.is_none_or(|v4| self.allow.iter().any(|network| network.contains(IpAddr::V4(v4))));
            return if inner { Ok(()) } else { Err("it carries an address that is not in outbound.allow") };
        }
        if target.is_plain {
            return Err("without TLS only networks in outbound.allow are called");
        }
        if is_public(address) { Ok(()) } else { Err("it is no public address, and not in outbound.allow") }
    }
}

impl Destination {
    /// Connects to the first address that answers.
    ///
    /// # Errors
    /// When none does in time.
    pub fn connect(&self, patience: Duration) -> Result<TcpStream, Unreachable> {
        let end = Instant::now() + patience;
        for address in &self.addresses {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            match TcpStream::connect_timeout(address, left) {
                Ok(stream) => return Ok(stream),
                Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "an address does not answer"),
            }
        }
        Err(Unreachable)
    }
}

fn refuse(target: &Target, why: &str) -> Unreachable {
    tracing::info!(host = target.host(), port = target.port, why, "a call is refused");
    Unreachable
}
