//! Clients that are slow, greedy or rude, over real sockets and TLS.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
};

use jobs::{Runner, RunnerLimits};
use model::{IdSource, SystemClock};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::ServerName};
use store::{Store, StoreLimits, vault::KeyFile};

use super::engine::{Engine, Started, Two};
use crate::{Certificate, CertificateSource, HttpLimits, RequestLimits, Services, serve};

pub(super) struct Appliance {
    address: SocketAddr,
    client: Arc<ClientConfig>,
    handle: axum_server::Handle<SocketAddr>,
    runtime: Option<tokio::runtime::Runtime>,
    _runner: Runner,
    _folder: tempfile::TempDir,
}

impl Drop for Appliance {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(super) type Line = StreamOwned<ClientConnection, TcpStream>;

impl Appliance {
    pub(super) fn new(http: HttpLimits, requests: RequestLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Box::new(KeyFile::create(&folder.path().join("key")).unwrap());
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
        let store = Store::create(&folder.path().join("data"), key, StoreLimits::default(), clock, ids).unwrap();
        let store = Arc::new(store);
        let engine = Engine::new(store.clone());
        let (launcher, allowance) = (Box::new(Started(engine.clone())), Box::new(Two(engine)));
        let runner = Runner::start(store.clone(), launcher, allowance, RunnerLimits::default()).unwrap();
        let services = Services::new(store, "eu".parse().unwrap(), identity::Config::default(), runner.desk());
        let services = Arc::new(services.with_request_limits(requests));
        let tls = folder.path().join("tls");
        let source = CertificateSource::Own { names: vec!["localhost".into()], folder: tls.clone() };
        let certificate = Certificate::load(source, jiff::Timestamp::now()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = axum_server::Handle::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.spawn(serve(services, certificate.server(false).unwrap(), listener, http, handle.clone()));
        let mut roots = RootCertStore::empty();
        let pem = std::fs::read(tls.join("cert.pem")).unwrap();
        let own = rustls::pki_types::pem::PemObject::from_pem_slice(&pem).unwrap();
        roots.add(own).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Appliance {
            address,
            client: Arc::new(client),
            handle,
            runtime: Some(runtime),
            _runner: runner,
            _folder: folder,
        }
    }

    fn bounded() -> Self {
        let http = HttpLimits { handshake_s: 1, header_s: 1, idle_s: 2, connections: 3, ..HttpLimits::default() };
        Self::new(http, RequestLimits { body_s: 1, ..RequestLimits::default() })
    }

    fn line(&self) -> Line {
        self.line_for(&[])
    }

    /// A line to speak one of these protocols on.
    pub(super) fn line_for(&self, protocols: &[&[u8]]) -> Line {
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConfig::clone(&self.client);
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let connection = ClientConnection::new(Arc::new(client), name).unwrap();
        StreamOwned::new(connection, TcpStream::connect(self.address).unwrap())
    }

    /// What comes back until the appliance hangs up.
    pub(super) fn ask(&self, said: &[u8]) -> String {
        let mut line = self.line();
        // It may hang up while we still talk.
        let _ = line.write_all(said);
        rest(&mut line)
    }
}

/// What comes until the other side hangs up, whichever way it does so.
fn rest(line: &mut Line) -> String {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match line.read(&mut part) {
            Ok(0) => break,
            Ok(count) => all.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

pub(super) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

pub(super) const CLOSE: &str = "host: localhost\r\nconnection: close\r\n";

#[test]
fn who_is_slow_is_cut_off() {
    let appliance = Appliance::bounded();
    // Says nothing, not even hello.
    let mut silent = TcpStream::connect(appliance.address).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap_or(0), 0);
    // Says hello and then nothing.
    let mut line = appliance.line();
    line.conn.complete_io(&mut line.sock).unwrap();
    assert_eq!(rest(&mut line), "");
    // A head that never ends, a byte now and then.
    let mut line = appliance.line();
    line.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx-slow: ").unwrap();
    let answer = rest(&mut line);
    assert!(answer.is_empty() || status(&answer) == "408", "{answer}");
    // A body that never comes.
    let answer = appliance.ask(
        format!("POST /v1/session HTTP/1.1\r\n{CLOSE}content-type: application/json\r\ncontent-length: 20\r\n\r\n{{")
            .as_bytes(),
    );
    assert_eq!(status(&answer), "400", "{answer}");
    assert!(answer.contains("took too long"), "{answer}");
    // An open line on which nothing happens after an answer.
    let mut line = appliance.line();
    line.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert_eq!(status(&rest(&mut line)), "200");
    assert_eq!(status(&appliance.ask(format!("GET /livez HTTP/1.1\r\n{CLOSE}\r\n").as_bytes())), "200");
}

#[test]
fn who_is_greedy_is_refused() {
    let appliance = Appliance::new(HttpLimits::default(), RequestLimits::default());
    let ask = |head: String| appliance.ask(head.as_bytes());
    let head = |more: &str| format!("GET /livez HTTP/1.1\r\n{CLOSE}{more}\r\n");
    assert_eq!(status(&ask(head(""))), "200");
    let huge = format!("x-huge: {}\r\n", "a".repeat(64 << 10));
    // It hangs up while we still talk, so its answer may be lost on the way.
    let answer = ask(head(&huge));
    assert!(["431", "none"].contains(&status(&answer)), "{answer}");
    let many: String = (0..200).map(|number| format!("x-{number}: 1\r\n")).collect();
    assert_eq!(status(&ask(head(&many))), "431");
    let long = ask(format!("GET /{} HTTP/1.1\r\n{CLOSE}\r\n", "a".repeat(70_000)));
    assert!(["414", "431", "none"].contains(&status(&long)), "{long}");
    let post = |more: &str, body: &str| {
        format!("POST /v1/session HTTP/1.1\r\n{CLOSE}content-type: application/json\r\n{more}\r\n{body}")
    };
    // A body that says it is too large is refused before a byte of it has come.
    let large = ask(post("content-length: 1048577\r\n", ""));
    assert_eq!(status(&large), "413", "{large}");
    let deep = "[".repeat(10_000);
    let answer = ask(post("content-length: 10000\r\n", &deep));
    assert_eq!(status(&answer), "400", "{answer}");
    assert!(answer.contains("deeper than"), "{answer}");
    // Two readings of where a request ends are none.
    assert_eq!(status(&ask(post("content-length: 2\r\ncontent-length: 3\r\n", "{}"))), "400");
    let both = ask(post("content-length: 2\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"));
    assert_eq!(status(&both), "400", "{both}");
    for bad in ["GET /livez HTTP/1.1\nhost localhost\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET  /livez\r\n\r\n"] {
        let answer = ask(bad.to_owned());
        assert!(["400", "none"].contains(&status(&answer)), "{bad:?}: {answer}");
    }
}

#[test]
fn a_stranger_s_body_is_not_read() {
    let appliance = Appliance::new(HttpLimits::default(), RequestLimits::default());
    let head =
        format!("POST /v1/projects HTTP/1.1\r\n{CLOSE}content-type: application/json\r\ncontent-length: 1000\r\n\r\n");
    let answer = appliance.ask(head.as_bytes());
    assert_eq!(status(&answer), "401", "{answer}");
}

#[test]
fn there_is_room_for_so_many() {
    let appliance = Appliance::bounded();
    let mut inside: Vec<Line> = (0..3).map(|_| appliance.line()).collect();
    for line in &mut inside {
        line.conn.complete_io(&mut line.sock).unwrap();
    }
    let mut fourth = appliance.line();
    assert!(fourth.conn.complete_io(&mut fourth.sock).is_err(), "there is no room for it");
    // They are silent, so they are cut off, and there is room again.
    for line in &mut inside {
        rest(line);
    }
    let answer = appliance.ask(format!("GET /livez HTTP/1.1\r\n{CLOSE}\r\n").as_bytes());
    assert_eq!(status(&answer), "200");
}
