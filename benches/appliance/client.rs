//! A client that costs little: one connection, one request at a time on HTTP/1.1, many on HTTP/2.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::Done;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

impl Ask {
    pub(crate) fn new(method: &str, path: impl Into<String>) -> Self {
        Ask { method: method.to_owned(), path: path.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    /// With an API key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.with("authorization", format!("Bearer {key}"))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self.with("content-type", "application/json")
    }

    fn wire(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        let body = self.body.as_deref().unwrap_or_default();
        if self.body.is_some() || self.method != "GET" {
            text += &format!("content-length: {}\r\n", body.len());
        }
        text += "\r\n";
        [text.as_bytes(), body].concat()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers as they came, or the headers of HTTP/2 as lines.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Where to connect to, and how.
#[derive(Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    tls: TlsConnector,
    http2: bool,
}

impl Target {
    pub(crate) fn new(address: SocketAddr, certificate: &Path, http2: bool) -> Done<Self> {
        let provider = Arc::new(ring::default_provider());
        let pinned = Pinned { certificate: CertificateDer::from_pem_file(certificate)?, provider: provider.clone() };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pinned))
            .with_no_client_auth();
        config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Target { address, tls: TlsConnector::from(Arc::new(config)), http2 })
    }

    /// A connection, from another loopback address where one is given: an address has 28,000 ports to connect from.
    pub(crate) async fn connect(&self, from: Option<Ipv4Addr>) -> io::Result<Client> {
        let stream = self.stream(from).await?;
        if !self.http2 {
            return Ok(Client::One(Box::new(stream)));
        }
        let (send, connection) = h2::client::Builder::new()
            .initial_window_size(1 << 20)
            .initial_connection_window_size(1 << 20)
            .handshake(stream)
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Client::Two(send))
    }

    /// The same before anything is said on it.
    pub(crate) async fn stream(&self, from: Option<Ipv4Addr>) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(SocketAddr::from((from, 0)))?;
        }
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        self.tls.connect(name, stream).await
    }
}

/// A connection. Clones of one of HTTP/2 share it.
pub(crate) enum Client {
    One(Box<TlsStream<TcpStream>>),
    Two(h2::client::SendRequest<io::Cursor<Vec<u8>>>),
}

impl Client {
    /// Another user of the same connection, where that can be.
    pub(crate) fn share(&self) -> Option<Client> {
        match self {
            Client::One(_) => None,
            Client::Two(send) => Some(Client::Two(send.clone())),
        }
    }

    pub(crate) async fn send(&mut self, ask: &Ask) -> io::Result<Answer> {
        match self {
            Client::One(stream) => {
                stream.write_all(&ask.wire()).await?;
                stream.flush().await?;
                receive(stream).await
            }
            Client::Two(send) => two(send.clone(), ask).await.map_err(io::Error::other),
        }
    }
}

async fn receive(stream: &mut TlsStream<TcpStream>) -> io::Result<Answer> {
    let mut bytes = Vec::with_capacity(2048);
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let mut answer = Answer { status, head, body: Vec::new() };
    if answer.header("transfer-encoding").is_some() {
        loop {
            if let Some(whole) = unchunked(&body) {
                answer.body = whole;
                return Ok(answer);
            }
            if stream.read_buf(&mut body).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    let length = answer.header("content-length").and_then(|digits| digits.parse().ok()).unwrap_or(0);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    answer.body = body;
    Ok(answer)
}

/// The body in chunks, once its last one is there.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size =
            usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return rest.starts_with(b"\r\n").then_some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

async fn two(send: h2::client::SendRequest<io::Cursor<Vec<u8>>>, ask: &Ask) -> Result<Answer, crate::Failure> {
    let mut request =
        http::Request::builder().method(ask.method.as_str()).uri(format!("https://localhost{}", ask.path));
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let mut send = send.ready().await?;
    let (response, mut stream) = send.send_request(request.body(())?, ask.body.is_none())?;
    if let Some(body) = &ask.body {
        stream.send_data(io::Cursor::new(body.clone()), true)?;
    }
    let (parts, mut incoming) = response.await?.into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = incoming.data().await {
        let chunk = chunk?;
        incoming.flow_control().release_capacity(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    let mut head = String::new();
    for (name, value) in &parts.headers {
        head += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    Ok(Answer { status: parts.status.as_u16(), head, body })
}

/// Trusts one certificate: the one the appliance has in its data folder.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General("another certificate than the one in the data folder".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
