//! One message to a destination, as HTTP/1.1 over TLS; of the answer, its status counts and nothing else.

use std::{
    error::Error,
    fmt::Write as _,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::{
    destination::{Destination, Resolve, Rules, SystemResolver, Unreachable},
    target::Target,
};

/// How long all of it may take, and how much longer for what is long.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes a second that a line carries at least.
const SLOWEST: u64 = 128 << 10;
/// The most bytes of answers that are read to find the status: interim ones (`1xx`) may come before.
const MOST: usize = 16 << 10;

/// What a message is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Tell something.
    Post,
    /// Put something in its place.
    Put,
    /// Take something away.
    Delete,
}

impl Method {
    /// Its name in HTTP.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// What sends messages out: where it may go, and whose certificates it trusts.
pub struct Client {
    rules: Rules,
    tls: Arc<ClientConfig>,
    resolver: Box<dyn Resolve + Send + Sync>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// Why a message got no answer. What it says is for whoever named the place: it tells nothing of the network.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is no such place, it may not be called, or nobody answers there.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The other side has no certificate that is trusted for its name.
    #[error("the host has no certificate that is trusted for its name")]
    Certificate,
    /// It broke off, took too long, or said what is no HTTP.
    #[error("the host did not answer in time, or not as HTTP")]
    Answer,
}

impl Client {
    /// Calls where `rules` allow, and trusts as `tls` says.
    pub fn new(rules: Rules, tls: ClientConfig) -> Self {
        let mut tls = tls;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Client { rules, tls: Arc::new(tls), resolver: Box::new(SystemResolver) }
    }

    /// Sends `body` with these headers and says the status of the answer. Redirects are answers: they are not followed. Waits, so it
    /// is to be called where waiting is allowed. Names and values of headers must be plain ASCII without line ends.
    ///
    /// # Errors
    /// When there was no answer.
    pub fn send(
        &self,
        method: Method,
        target: Target,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<u16, PostError> {
        let end = Instant::now() + PATIENCE + Duration::from_secs(body.len() as u64 / SLOWEST);
        let destination = self.rules.admit(target, &*self.resolver)?;
        let message = message(method, &destination, headers, body);
        let socket = destination.connect(left(end).ok_or(Unreachable)?)?;
        let answered = if destination.target.is_plain() {
            exchange(&mut Plain(socket), &message, end)
        } else {
            self.over_tls(&destination, socket, &message, end)
        };
        answered.map_err(|error| {
            tracing::debug!(host = destination.target.host(), error = &error as &dyn Error, "a call failed");
            let is_certificate = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match is_certificate {
                Some(rustls::Error::InvalidCertificate(_)) => PostError::Certificate,
                _ => PostError::Answer,
            }
        })
    }

    /// Connects to a server whose port the operator has named with it.
    ///
    /// # Errors
    /// When it may not be called, or does not answer in time.
    pub(crate) fn dial(&self, server: &Target, patience: Duration) -> Result<TcpStream, Unreachable> {
        self.rules.admit_on(server.clone(), &*self.resolver)?.connect(patience)
    }

    fn over_tls(&self, to: &Destination, socket: TcpStream, message: &[u8], end: Instant) -> io::Result<u16> {
        let name = ServerName::try_from(to.target.host()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(self.tls.clone(), name).map_err(io::Error::other)?;
        exchange(&mut StreamOwned::new(connection, socket), message, end)
    }
}

/// A connection whose every wait can be bounded.
trait Line: Read + Write {
    fn socket(&self) -> &TcpStream;
}

struct Plain(TcpStream);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
impl Line for Plain {
    fn socket(&self) -> &TcpStream {
        &self.0
    }
}
impl Line for StreamOwned<ClientConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

fn message(method: Method, to: &Destination, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = String::new();
    let _ = write!(
        head,
        "{} {} HTTP/1.1\r\nhost: {}\r\nuser-agent: audiagram/{}\r\ncontent-length: {}\r\nconnection: close\r\n",
        method.name(),
        to.target.path(),
        to.target.authority(),
        env!("CARGO_PKG_VERSION"),
        body.len()
    );
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

fn left(end: Instant) -> Option<Duration> {
    Some(end.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// Bounds the next wait: who sends a byte now and then does not hold the line for longer.
fn bound(line: &impl Line, end: Instant) -> io::Result<()> {
    let left = left(end).ok_or(io::ErrorKind::TimedOut)?;
    line.socket().set_read_timeout(Some(left))?;
    line.socket().set_write_timeout(Some(left))
}

fn exchange(line: &mut impl Line, message: &[u8], end: Instant) -> io::Result<u16> {
    for piece in message.chunks(4 << 10) {
        bound(line, end)?;
        line.write_all(piece)?;
    }
    line.flush()?;
    let mut said = Vec::new();
    loop {
        if let Some(status) = status(&mut said)? {
            return Ok(status);
        }
        let mut piece = [0; 1024];
        bound(line, end)?;
        let length = line.read(&mut piece)?;
        if length == 0 || said.len() + length > MOST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        said.extend_from_slice(&piece[..length]);
    }
}

/// The status of the final answer in what was said so far, once it is there. Interim answers are taken off.
fn status(said: &mut Vec<u8>) -> io::Result<Option<u16>> {
    loop {
        let Some(line) = said.windows(2).position(|pair| pair == b"\r\n") else { return Ok(None) };
        let wrong = || io::Error::from(io::ErrorKind::InvalidData);
        let text = std::str::from_utf8(&said[..line]).map_err(|_| wrong())?;
        let digits = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).ok_or_else(wrong)?;
        let status: u16 = digits.parse().map_err(|_| wrong())?;
        match status {
            100..=199 => {
                let Some(head) = said.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
                said.drain(..head + 4);
            }
            200..=599 => return Ok(Some(status)),
            _ => return Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn statuses_are_found_behind_interim_answers() {
        let check = |said: &str, expected: Option<u16>| {
            assert_eq!(status(&mut said.as_bytes().to_vec()).unwrap(), expected, "{said}");
        };
        check("HTTP/1.1 200 OK\r\n", Some(200));
        check("HTTP/1.0 503 \r\n", Some(503));
        check("HTTP/1.1 20", None);
        check("HTTP/1.1 103 Early Hints\r\nlink: x\r\n", None);
        check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\na: b\r\n\r\nHTTP/1.1 204 No Content\r\n", Some(204));
        for wrong in ["SSH-2.0-x\r\n", "HTTP/2 200\r\n", "HTTP/1.1 999 x\r\n", "HTTP/1.1 abc\r\n", "\r\n"] {
            assert!(status(&mut wrong.as_bytes().to_vec()).is_err(), "{wrong}");
        }
    }

    fn client(rules: Rules) -> Client {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Client::new(rules, tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
    }

    /// Answers one call with `answer`; gives what was said.
    fn answering(answer: &'static str) -> (u16, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let mut said = Vec::new();
            while !said.ends_with(b"{}") {
                let mut piece = [0; 512];
                let length = line.read(&mut piece).unwrap();
                said.extend_from_slice(&piece[..length]);
            }
            line.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(said).unwrap()
        });
        (port, heard)
    }

    #[test]
    fn a_message_goes_where_it_may_and_nowhere_else() {
        let (port, heard) = answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n");
        let url = format!("http://127.0.0.1:{port}/hook?a=b");
        let allowed = Rules { allow: vec!["127.0.0.0/8".parse().unwrap()], ports: vec![port], own: Vec::new() };
        for rules in [Rules::default(), Rules { allow: Vec::new(), ..allowed.clone() }] {
            let refused = client(rules).send(Method::Post, url.parse().unwrap(), &[], b"{}");
            assert!(matches!(refused, Err(PostError::Unreachable(_))), "{refused:?}");
        }
        let sent = client(allowed).send(Method::Post, url.parse().unwrap(), &[("webhook-id", "msg_1")], b"{}");
        assert_eq!(sent.unwrap(), 302);
        let heard = heard.join().unwrap();
        let head = format!("POST /hook?a=b HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n");
        assert!(heard.starts_with(&head) && heard.contains("\r\nwebhook-id: msg_1\r\n"), "{heard}");
        assert!(heard.contains("\r\ncontent-length: 2\r\n") && heard.ends_with("\r\n\r\n{}"), "{heard}");
    }

    #[test]
    fn who_speaks_something_else_is_no_receiver() {
        let (port, heard) = answering("220 mail.example.org ESMTP\r\n");
        let rules = Rules { allow: vec!["127.0.0.0/8".parse().unwrap()], ports: vec![port], own: Vec::new() };
        let sent = client(rules).send(Method::Post, format!("http://127.0.0.1:{port}/").parse().unwrap(), &[], b"{}");
        assert!(matches!(sent, Err(PostError::Answer)), "{sent:?}");
        heard.join().unwrap();
    }
}
