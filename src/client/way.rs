//! The ways to an appliance. One connection is kept and used again while the other side keeps it.

use std::{fmt, io, os::unix::net::UnixStream as StdUnixStream, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, Uri, header},
};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use jobs::Runner;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::TlsConnector;
use tower::ServiceExt as _;

use super::{Answer, MOST, tls::Trust};
use crate::failure::{Failure, Kind};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(15);

/// A way to an appliance.
pub(super) enum Way {
    /// The appliance in this process.
    Inside {
        router: Router,
        /// What takes jobs in; begins none.
        _jobs: Runner,
    },
    /// A connection to another process.
    Line(Box<Line>),
}

/// A connection that is made when it is needed.
pub(super) struct Line {
    to: To,
    open: Option<SendRequest<Body>>,
}

/// Where a connection goes.
enum To {
    Https { host: String, port: u16, name: ServerName<'static>, tls: TlsConnector },
    Http { host: String, port: u16 },
    Socket { path: PathBuf, first: Option<StdUnixStream> },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Line(line) => line.to.fmt(f),
            Way::Inside { .. } => f.write_str("this process"),
        }
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            To::Https { host, port, .. } => write!(f, "https://{host}:{port}"),
            To::Http { host, port } => write!(f, "http://{host}:{port}"),
            To::Socket { path, .. } => write!(f, "{}", path.display()),
        }
    }
}

impl Way {
    /// Over HTTPS.
    pub(super) fn https(server: &str, trust: &Trust) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(Kind::Usage, format!("--server: {what}"))
                .remedy("an address like https://video.example.org:8443")
        };
        let uri: Uri = server.parse().map_err(|_| wrong("is no address"))?;
        if uri.scheme_str() != Some("https") {
            return Err(wrong("must begin with https://"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("must hold no name or password"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(wrong("ends behind the port"));
        }
        let host = authority.host().to_owned();
        let port = authority.port_u16().unwrap_or(443);
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| wrong("has no host name or IP address"))?;
        let tls = TlsConnector::from(Arc::new(trust.http()?));
        Ok(Self::to(To::Https { host, port, name, tls }))
    }

    /// Over HTTPS, with the other side's name and trust at hand.
    pub(super) fn tls(host: String, port: u16, name: ServerName<'static>, tls: TlsConnector) -> Self {
        Self::to(To::Https { host, port, name, tls })
    }

    /// Over plain HTTP: a language model on the own network, never an appliance.
    pub(super) fn http(host: String, port: u16) -> Self {
        Self::to(To::Http { host, port })
    }

    /// Over the control socket at `path`, on which `stream` is a connection.
    pub(super) fn socket(path: PathBuf, stream: StdUnixStream) -> Result<Self, Failure> {
        stream.set_nonblocking(true).map_err(|e| Failure::new(Kind::Failed, "cannot use the socket").because(&e))?;
        Ok(Self::to(To::Socket { path, first: Some(stream) }))
    }

    fn to(to: To) -> Self {
        Way::Line(Box::new(Line { to, open: None }))
    }

    /// Sends a request.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&'static str, &str)],
    ) -> Result<Answer, Failure> {
        let host = match self {
            Way::Line(line) => line.to.host(),
            Way::Inside { .. } => "localhost".to_owned(),
        };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        request = request.header(header::USER_AGENT, concat!("audiagram/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).map_err(|e| Failure::of(Kind::Usage, &e))?;
        let response: Response<Body> = match self {
            Way::Inside { router, .. } => match router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Way::Line(line) => line.send(request).await?,
        };
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, MOST).await.map_err(|e| {
            let message = format!("the answer of {self} broke off or is larger than {} MiB", MOST >> 20);
            Failure::new(Kind::Unreachable, message).because(&e)
        })?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() })
    }
}

impl Line {
    async fn send(&mut self, request: Request<Body>) -> Result<Response<Body>, Failure> {
        let mut kept = self.open.take();
        if let Some(open) = &mut kept
            && open.ready().await.is_err()
        {
            kept = None;
        }
        let mut open = match kept {
            Some(open) => open,
            None => self.to.connect().await?,
        };
        let sent = open.send_request(request).await.map_err(|e| {
            let message = format!("{} broke the connection before it answered", self.to);
            Failure::new(Kind::Unreachable, message).because(&e)
        })?;
        self.open = Some(open);
        Ok(sent.map(Body::new))
    }
}

impl To {
    fn host(&self) -> String {
        match self {
            To::Https { host, port, .. } | To::Http { host, port } => format!("{host}:{port}"),
            To::Socket { .. } => "localhost".to_owned(),
        }
    }

    async fn connect(&mut self) -> Result<SendRequest<Body>, Failure> {
        match self {
            To::Https { host, port, name, tls } => {
                let place = format!("{host}:{port}");
                let stream = tokio::time::timeout(CONNECT, async {
                    let stream = TcpStream::connect(&place).await?;
                    stream.set_nodelay(true)?;
                    tls.connect(name.clone(), stream).await
                });
                let stream = stream.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                speak(stream.map_err(|e| unreached(&place, &e))?).await
            }
            To::Http { host, port } => {
                let place = format!("{host}:{port}");
                let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&place)).await;
                let stream = stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                speak(stream.map_err(|e| {
                    Failure::new(Kind::Unreachable, format!("cannot reach http://{place}"))
                        .because(&e)
                        .remedy("is it running, and does no firewall stand between?")
                })?)
                .await
            }
            To::Socket { path, first } => {
                let stream = match first.take() {
                    Some(stream) => UnixStream::from_std(stream),
                    None => UnixStream::connect(&*path).await,
                };
                let failed = |e: io::Error| {
                    Failure::new(Kind::Unreachable, "the control socket does not answer").file(&*path).because(&e)
                };
                speak(stream.map_err(failed)?).await
            }
        }
    }
}

fn unreached(place: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(Kind::Unreachable, format!("cannot reach https://{place}")).because(error);
    if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
        return failure.remedy("--ca FILE or --fingerprint SHA256, for a certificate that no public authority signed");
    }
    failure.remedy("is it running, and does no firewall stand between?")
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<SendRequest<Body>, Failure> {
    let (line, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|e| Failure::new(Kind::Unreachable, "the other side does not speak HTTP").because(&e))?;
    tokio::spawn(connection);
    Ok(line)
}
