//! Audit rows on their way to a collector, as syslog over TLS (RFC 5424, RFC 5425).
//!
//! The protocol acknowledges nothing: what was written may be lost with the connection. A row counts as delivered when the
//! connection has held for a moment after it. When it breaks, all after the last row that counts is sent again, so that the
//! collector may get some rows twice (their `id` tells), and misses none.

mod positions;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    error::Error,
    io::{self, Read as _, Write},
    net::{TcpStream, ToSocketAddrs as _},
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use audit::{
    Trail as _,
    export::{ExportError, Source, forward},
};
use model::{
    AnyId, Id,
    noun::{self, Tenant},
};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};
use store::{Cursor, Database, Placement, Query, Read as _, Store, StoreError};

use self::positions::Positions;
use super::config::Config;
use crate::{client::Trust, failure::Failure};

/// How long it rests between two rounds; a connection that holds so long has delivered what was written before.
const REST: Duration = Duration::from_secs(2);
/// How long connecting and each write may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits before it connects again: at first, and at most.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];
/// Rows read at once.
const ROWS: usize = 500;
/// Pages of one log in a round: nobody's flood holds up the others.
const PAGES: usize = 10;
/// How many tenants the first pass adds in a round: each has its file opened.
const TENANTS: usize = 100;

/// Why no rows are forwarded.
#[derive(Debug, thiserror::Error)]
#[error("the collector {collector} is not to be reached; audit rows wait")]
struct ForwardError {
    collector: String,
    #[source]
    error: io::Error,
}

/// A connection to the collector.
type Line = StreamOwned<ClientConnection, TcpStream>;

/// Sends the trails of an appliance to one collector.
struct Forwarder {
    store: Weak<Store>,
    /// `host:port`.
    collector: String,
    tls: Arc<ClientConfig>,
    /// The appliance's name in its network.
    host: String,
    /// Whether the tenants' trails go too.
    tenants: bool,
    positions: Positions,
    rest: Duration,
    /// Tenants with rows that have not been sent.
    behind: BTreeSet<Id<Tenant>>,
    first: FirstPass,
}

/// The pass through all tenants that finds what was not sent before the appliance was stopped.
enum FirstPass {
    /// It goes on here.
    At(Option<Cursor>),
    Over,
}

/// Forwards for as long as the store is open, on a thread of its own; does nothing where no collector is named.
///
/// # Errors
/// When the collector's authorities cannot be read.
pub(super) fn keep_forwarded(config: &Config, store: &Arc<Store>) -> Result<(), Failure> {
    let Some(collector) = config.audit.syslog.clone() else { return Ok(()) };
    let trust = config.audit.syslog_ca.clone().map_or(Trust::System, Trust::Authorities);
    let forwarder = Forwarder {
        store: Arc::downgrade(store),
        collector,
        tls: Arc::new(trust.config()?),
        host: config.listen.names.first().cloned().unwrap_or_else(|| config.region.code().to_owned()),
        tenants: config.audit.syslog_tenants,
        positions: Positions::new(config.data.join("forwarded")),
        rest: REST,
        behind: BTreeSet::new(),
        first: FirstPass::At(None),
    };
    thread::spawn(move || forwarder.run());
    Ok(())
}

impl Forwarder {
    fn run(mut self) {
        let [first, most] = BACK_OFF;
        let mut wait = first;
        while self.store.strong_count() > 0 {
            let began = Instant::now();
            let broken = self.session();
            self.take_back();
            // Nothing said: the store is closed.
            let Err(error) = broken else { return };
            let told: &dyn Error = &error;
            tracing::warn!(error = told, "audit rows are not forwarded");
            if began.elapsed() > most {
                wait = first;
            }
            thread::sleep(wait);
            wait = (wait * 2).min(most);
        }
    }

    /// One connection, until it breaks or the store is closed.
    fn session(&mut self) -> Result<(), ForwardError> {
        let mut line = self.connect().map_err(|error| self.gone(error))?;
        tracing::info!(collector = self.collector, "audit rows are forwarded");
        loop {
            let Some(store) = self.store.upgrade() else { return Ok(()) };
            self.round(&store, &mut line)?;
            drop(store);
            rest(&mut line).map_err(|error| self.gone(error))?;
            if let Err(error) = self.positions.settle() {
                let error: &dyn Error = &error;
                tracing::warn!(error, "what was forwarded cannot be noted; it will be sent twice");
            }
        }
    }

    fn gone(&self, error: io::Error) -> ForwardError {
        ForwardError { collector: self.collector.clone(), error }
    }

    fn connect(&self) -> io::Result<Line> {
        let host = self.collector.rsplit_once(':').map_or("", |(host, _)| host.trim_matches(['[', ']']));
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut last = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
        for address in self.collector.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(PATIENCE))?;
                    socket.set_write_timeout(Some(PATIENCE))?;
                    let connection = ClientConnection::new(self.tls.clone(), name).map_err(io::Error::other)?;
                    let mut line = StreamOwned::new(connection, socket);
                    while line.conn.is_handshaking() {
                        line.conn.complete_io(&mut line.sock)?;
                    }
                    line.sock.set_read_timeout(Some(self.rest))?;
                    return Ok(line);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What was written to a connection that broke is to be sent again.
    fn take_back(&mut self) {
        self.behind.extend(self.positions.take_back().into_iter().filter_map(AnyId::typed::<noun::Tenant>));
    }

    /// What has come to the trails since the last round.
    fn round(&mut self, store: &Store, out: &mut impl Write) -> Result<(), ForwardError> {
        self.log(store.system().log(), store.system(), out)?;
        if !self.tenants {
            return Ok(());
        }
        for (tenant, size) in store.logs() {
            if self.positions.next(tenant.erase()) != size {
                self.behind.insert(tenant);
            }
        }
        self.first_pass(store);
        for tenant in self.behind.clone() {
            let all = match store.tenant(tenant) {
                Ok(file) => self.log(tenant.erase(), &file, out)?,
                Err(StoreError::NoTenant) => true,
                Err(error) => {
                    skip(tenant.erase(), &error);
                    false
                }
            };
            if all {
                self.behind.remove(&tenant);
            }
        }
        Ok(())
    }

    /// Some more tenants that have a file, until all had their turn.
    fn first_pass(&mut self, store: &Store) {
        let FirstPass::At(after) = &self.first else { return };
        let query = Query { index: None, after: after.as_ref(), limit: TENANTS, newest_first: false };
        match store.system().read().and_then(|view| view.list::<Placement>(&query, |place| place.begun)) {
            Err(error) => skip(store.system().log(), &error),
            Ok(page) => {
                self.behind.extend(page.items.iter().map(|place| place.tenant));
                self.first = page.next.map_or(FirstPass::Over, |next| FirstPass::At(Some(next)));
            }
        }
    }

    /// The new rows of one log, as many as are one log's share of a round. Whether that was all.
    fn log(&mut self, log: AnyId, trail: &Database, out: &mut impl Write) -> Result<bool, ForwardError> {
        let source = Source { log, host: self.host.clone(), version: env!("CARGO_PKG_VERSION").to_owned() };
        for _ in 0..PAGES {
            let next = self.positions.next(log);
            let sent = trail.size().map_err(ExportError::Trail).and_then(|size| {
                // A log that is shorter than it was came back from a backup.
                let sent = forward(trail, &source, next.min(size), ROWS, out)?;
                Ok((sent, sent >= size))
            });
            match sent {
                Ok((next, all)) => {
                    self.positions.sent(log, next);
                    if all {
                        return Ok(true);
                    }
                }
                Err(ExportError::Io(error)) => return Err(self.gone(error)),
                Err(error) => {
                    skip(log, &error);
                    break;
                }
            }
        }
        Ok(false)
    }
}

/// One log that cannot be read must not hold up the others.
fn skip(log: AnyId, error: &(dyn Error + 'static)) {
    tracing::warn!(log.id = %log, error, "an audit log cannot be forwarded; the next round tries again");
}

/// Waits, and finds out whether the collector is still there: it has nothing to say, so that to read is to wait.
fn rest(line: &mut Line) -> io::Result<()> {
    match line.read(&mut [0; 64]) {
        Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it closed the connection")),
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(()),
        Err(error) => Err(error),
    }
}
