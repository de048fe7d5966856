//! A receiver of messages: a real listener over TLS, whose certificate only the test trusts.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{Receiver as Inbox, channel},
    },
    thread,
};

use outbound::{Client, Rules};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// A message as it came.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Message {
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// A certificate that was made by itself: who shows it, who trusts it, and what it is.
pub(super) struct Papers {
    pub(super) server: Arc<ServerConfig>,
    pub(super) client: ClientConfig,
    pub(super) pem: String,
}

/// For 127.0.0.1 and localhost.
pub(super) fn papers() -> Papers {
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (chain, key) = (made.cert.der().clone(), PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![chain.clone()], PrivateKeyDer::from(key)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(chain).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    Papers { server: Arc::new(server), client, pem: made.cert.pem() }
}

pub(super) struct Receiver {
    pub(super) port: u16,
    tls: ClientConfig,
    inbox: Inbox<Message>,
}

impl Receiver {
    /// Answers the first calls with `statuses`, and all after with 204.
    pub(super) fn answering(statuses: &'static [u16]) -> Self {
        let Papers { server, client: tls, .. } = papers();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, inbox) = channel();
        thread::spawn(move || {
            let mut statuses = statuses.iter();
            for socket in listener.incoming() {
                let mut line = StreamOwned::new(ServerConnection::new(server.clone()).unwrap(), socket.unwrap());
                // Who breaks off has said nothing.
                let Some(message) = heard(&mut line) else { continue };
                let status = statuses.next().copied().unwrap_or(204);
                let _ = line.write_all(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n").as_bytes());
                line.conn.send_close_notify();
                let _ = line.flush();
                if told.send(message).is_err() {
                    return;
                }
            }
        });
        Receiver { port, tls, inbox }
    }

    /// What trusts its certificate.
    pub(super) fn tls(&self) -> ClientConfig {
        self.tls.clone()
    }

    /// What may call it.
    pub(super) fn client(&self) -> Client {
        let rules = Rules { allow: vec!["127.0.0.0/8".parse().unwrap()], ports: vec![self.port], own: Vec::new() };
        Client::new(rules, self.tls.clone())
    }

    /// The next message.
    pub(super) fn next(&self) -> Message {
        self.inbox.recv().unwrap()
    }

    /// Whether nothing else came.
    pub(super) fn is_quiet(&self) -> bool {
        self.inbox.try_recv().is_err()
    }
}

fn heard(line: &mut StreamOwned<ServerConnection, std::net::TcpStream>) -> Option<Message> {
    let mut said = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = line.read(&mut piece).ok().filter(|length| *length > 0)?;
        said.extend_from_slice(&piece[..length]);
        let Some(head) = said.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8(said[..head].to_vec()).unwrap();
        let mut lines = text.split("\r\n");
        let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        let headers: Vec<(String, String)> = lines.map(header).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse::<usize>().unwrap();
        if said.len() - head - 4 == length {
            return Some(Message { path, headers, body: String::from_utf8_lossy(&said[head + 4..]).into_owned() });
        }
    }
}
