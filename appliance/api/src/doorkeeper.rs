//! Connections: how many there may be, and how long one may say nothing.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use model::network;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use crate::{server::HttpLimits, services::Services};

/// Lets connections in and counts them.
#[derive(Clone)]
pub(crate) struct Doorkeeper(Arc<House>);

struct House {
    services: Arc<Services>,
    limits: HttpLimits,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Doorkeeper {
    pub(crate) fn new(services: Arc<Services>, limits: HttpLimits) -> Self {
        Doorkeeper(Arc::new(House { services, limits, guests: Mutex::default() }))
    }
}

impl House {
    /// Whether one more fits in. Connections of the machine itself are bounded in all only: a proxy or a load test is many people.
    fn admit(self: &Arc<Self>, address: IpAddr) -> io::Result<Stay> {
        let address = network(address);
        let mut guests = self.lock();
        let of_address = guests.by_address.get(&address).copied().unwrap_or_default();
        let too_many = of_address >= self.limits.connections_each && !address.is_loopback();
        if guests.all >= self.limits.connections || too_many {
            self.services.metrics.turned_away.fetch_add(1, Ordering::Relaxed);
            return Err(io::Error::other("too many connections"));
        }
        guests.all += 1;
        *guests.by_address.entry(address).or_default() += 1;
        self.services.metrics.connections.store(guests.all as u64, Ordering::Relaxed);
        Ok(Stay { house: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Accept<TcpStream, S> for Doorkeeper {
    type Stream = Guest;
    type Service = S;
    type Future = Ready<io::Result<(Guest, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let enter = || {
            let stay = self.0.admit(stream.peer_addr()?.ip().to_canonical())?;
            stream.set_nodelay(true)?;
            Ok(stay)
        };
        ready(enter().map(|stay| (Guest::new(stream, stay, Duration::from_secs(self.0.limits.idle_s)), service)))
    }
}

/// A connection's place among the others.
struct Stay {
    house: Arc<House>,
    address: IpAddr,
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut guests = self.house.lock();
        guests.all -= 1;
        if let Some(count) = guests.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                guests.by_address.remove(&self.address);
            }
        }
        self.house.services.metrics.connections.store(guests.all as u64, Ordering::Relaxed);
    }
}

/// A connection that ends when nothing has moved on it for a while, in whatever state it is: in the handshake, before the first
/// request, between two, or with an answer that nobody takes.
pub(crate) struct Guest {
    stream: TcpStream,
    idle: Duration,
    moved: Instant,
    alarm: Pin<Box<Sleep>>,
    _stay: Stay,
}

impl Guest {
    fn new(stream: TcpStream, stay: Stay, idle: Duration) -> Self {
        let moved = Instant::now();
        Guest { stream, idle, moved, alarm: Box::pin(tokio::time::sleep_until(moved + idle)), _stay: stay }
    }

    fn note<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.moved = Instant::now();
            return outcome;
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            let end = self.moved + self.idle;
            if Instant::now() >= end {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.as_mut().reset(end);
        }
        Poll::Pending
    }
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        let outcome = Pin::new(&mut guest.stream).poll_read(context, into);
        guest.note(context, outcome)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guest = self.get_mut();
        let outcome = Pin::new(&mut guest.stream).poll_write(context, bytes);
        guest.note(context, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let guest = self.get_mut();
        let outcome = Pin::new(&mut guest.stream).poll_write_vectored(context, bytes);
        guest.note(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
