//! The HTTPS listener.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use axum_server::{Handle, tls_rustls::RustlsConfig};
use rustls::ServerConfig;

use crate::{endpoints, router, services::Services};

/// Bounds on connections, so that slow or greedy clients cost little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpLimits {
    /// How long a client may take to send the head of a request, in seconds.
    pub header_s: u64,
    /// The most bytes of a request's head.
    pub header_bytes: usize,
    /// The most requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// How long running requests may take after a stop was asked for, in seconds.
    pub drain_s: u64,
}

impl Default for HttpLimits {
    fn default() -> Self {
        HttpLimits { header_s: 10, header_bytes: 16 << 10, streams: 64, drain_s: 20 }
    }
}

/// Serves the table of endpoints on `listener` until `handle` is told to stop.
pub async fn serve(
    services: Arc<Services>,
    tls: ServerConfig,
    listener: TcpListener,
    limits: HttpLimits,
    handle: Handle<std::net::SocketAddr>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let app = router::router(&services, endpoints::all());
    let mut server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(Arc::new(tls)))?.handle(handle);
    let builder = server.http_builder();
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.header_s))
        .max_buf_size(limits.header_bytes.max(8 << 10));
    builder
        .http2()
        .timer(hyper_util::rt::TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(30))
        .initial_connection_window_size(256 << 10)
        .initial_stream_window_size(128 << 10);
    server.serve(app.into_make_service_with_connect_info::<std::net::SocketAddr>()).await
}
