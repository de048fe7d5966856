//! The HTTPS listener, and the plain one for a collector on the same machine.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use rustls::ServerConfig;

use crate::{doorkeeper::Doorkeeper, endpoints, router, services::Services};

/// Bounds on connections, so that slow or greedy clients cost little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpLimits {
    /// How long a client may take for the TLS handshake, in seconds.
    pub handshake_s: u64,
    /// How long a client may take to send the head of a request, in seconds. On HTTP/1 also how long it may wait between two.
    pub header_s: u64,
    /// The most bytes of a request's head.
    pub header_bytes: usize,
    /// How long nothing may move on a connection, in seconds.
    pub idle_s: u64,
    /// The most requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// The most connections.
    pub connections: usize,
    /// The most connections of one address, or of one IPv6 network of 64 bits; the machine itself has no such bound.
    pub connections_each: usize,
    /// How long running requests may take after a stop was asked for, in seconds.
    pub drain_s: u64,
}

impl Default for HttpLimits {
    fn default() -> Self {
        HttpLimits {
            handshake_s: 10,
            header_s: 30,
            header_bytes: 16 << 10,
            idle_s: 120,
            streams: 64,
            connections: 16_384,
            connections_each: 1_024,
            drain_s: 20,
        }
    }
}

/// Streams that a client may open and take back at once before it is cut off (HTTP/2 rapid reset, CVE-2023-44487).
const RESETS: usize = 32;

/// Serves the table of endpoints on `listener` until `handle` is told to stop.
pub async fn serve(
    services: Arc<Services>,
    tls: ServerConfig,
    listener: TcpListener,
    limits: HttpLimits,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let app = router::router(&services, endpoints::all());
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(tls)))
        .handshake_timeout(Duration::from_secs(limits.handshake_s))
        .acceptor(Doorkeeper::new(services, limits));
    let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
    let builder = server.http_builder();
    // At most 100 header fields, which is what hyper allows where nothing is said.
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.header_s))
        .max_buf_size(limits.header_bytes.max(8 << 10));
    builder
        .http2()
        .timer(hyper_util::rt::TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_send_buf_size(64 << 10)
        .initial_connection_window_size(256 << 10)
        .initial_stream_window_size(128 << 10);
    server.serve(app.into_make_service_with_connect_info::<SocketAddr>()).await
}

/// Serves the metrics in plain HTTP, for a collector on the same machine.
pub async fn serve_metrics(services: Arc<Services>, listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let app = router::metrics_router(&services);
    let mut server = axum_server::from_tcp(listener)?;
    let http1 = &mut server.http_builder().http1();
    http1.timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(Duration::from_secs(30));
    server.serve(app.into_make_service()).await
}
