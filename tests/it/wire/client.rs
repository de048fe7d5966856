//! A small client of PostgreSQL's protocol, written for these tests: it says what it is told to, also what no client would say.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustls::{
    ClientConfig, ClientConnection, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest as _, Sha256};

/// An error as the server tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) code: String,
    pub(super) message: String,
}

/// What came back until the server was ready again.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<String>,
    /// The numbers of the columns' types.
    pub(super) types: Vec<u32>,
    pub(super) rows: Vec<Vec<Option<Vec<u8>>>>,
    pub(super) tags: Vec<String>,
    pub(super) error: Option<Told>,
    /// The kinds of all messages, one after the other.
    pub(super) kinds: String,
    /// All that came.
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    /// The rows as texts, between bars.
    pub(super) fn text(&self) -> String {
        let value = |value: &Option<Vec<u8>>| match value {
            Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            None => "NULL".to_owned(),
        };
        let row = |row: &Vec<Option<Vec<u8>>>| row.iter().map(value).collect::<Vec<_>>().join("|");
        self.rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn code(&self) -> &str {
        self.error.as_ref().map_or("", |told| &told.code)
    }
}

/// A connection.
pub(super) struct Client {
    stream: StreamOwned<ClientConnection, TcpStream>,
    /// The numbers with which it can be stopped.
    pub(super) key: (u32, u32),
    /// What the server says of itself.
    pub(super) parameters: Vec<(String, String)>,
}

/// Whoever the server is: the tests have started it themselves.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }
    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Opens a connection in the clear.
pub(super) fn plain(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Stops what another connection does.
pub(super) fn cancel(address: &str, key: (u32, u32)) {
    let mut stream = plain(address);
    let words = [16, (1234 << 16) | 5678, key.0, key.1].map(u32::to_be_bytes).concat();
    stream.write_all(&words).unwrap();
    let _ = stream.read(&mut [0]);
}

impl Client {
    /// Signs in.
    pub(super) fn connect(address: &str, user: &str, database: &str, password: &str) -> Result<Self, Told> {
        Self::with(address, password, &[("user", user), ("database", database), ("application_name", "test")])
    }

    /// Signs in with these parameters.
    pub(super) fn with(address: &str, password: &str, parameters: &[(&str, &str)]) -> Result<Self, Told> {
        let mut stream = plain(address);
        stream.write_all(&[8, (1234 << 16) | 5679].map(u32::to_be_bytes).concat()).unwrap();
        let mut said = [0];
        stream.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"S");
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone))
            .with_no_client_auth();
        let tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        let mut client = Client { stream: StreamOwned::new(tls, stream), key: (0, 0), parameters: Vec::new() };
        let mut body = (3_u32 << 16).to_be_bytes().to_vec();
        for (name, value) in parameters {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        client.raw(&[&length[..], &body].concat());
        client.sign_in(password)?;
        Ok(client)
    }

    fn sign_in(&mut self, password: &str) -> Result<(), Told> {
        let code = |body: &[u8]| u32::from_be_bytes(body[..4].try_into().unwrap());
        let bare = "n=,r=clientnonce";
        let mut expected = Vec::new();
        loop {
            let (kind, body) = self.read().expect("the server answers");
            match kind {
                b'E' => return Err(told(&body)),
                b'R' => match code(&body) {
                    10 => {
                        assert!(body[4..].starts_with(b"SCRAM-SHA-256\0"));
                        let first = format!("n,,{bare}");
                        let length = u32::try_from(first.len()).unwrap().to_be_bytes();
                        self.send(b'p', &[b"SCRAM-SHA-256\0", &length[..], first.as_bytes()].concat());
                    }
                    11 => {
                        let first = String::from_utf8(body[4..].to_vec()).unwrap();
                        let field = |name: &str| first.split(',').find_map(|field| field.strip_prefix(name)).unwrap();
                        let salt = STANDARD.decode(field("s=")).unwrap();
                        let mut last = mac(password.as_bytes(), &[&salt[..], &[0, 0, 0, 1]].concat());
                        let mut salted = last.clone();
                        for _ in 1..field("i=").parse::<u32>().unwrap() {
                            last = mac(password.as_bytes(), &last);
                            salted.iter_mut().zip(&last).for_each(|(all, one)| *all ^= one);
                        }
                        let client = mac(&salted, b"Client Key");
                        let rest = format!("c=biws,r={}", field("r="));
                        let said = format!("{bare},{first},{rest}");
                        let signature = mac(&Sha256::digest(&client), said.as_bytes());
                        let proof: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
                        expected = mac(&mac(&salted, b"Server Key"), said.as_bytes());
                        self.send(b'p', format!("{rest},p={}", STANDARD.encode(proof)).as_bytes());
                    }
                    12 => assert_eq!(body[4..], *format!("v={}", STANDARD.encode(&expected)).as_bytes()),
                    0 => {}
                    other => panic!("it asks for {other}"),
                },
                b'S' => {
                    let text = String::from_utf8(body).unwrap();
                    let mut parts = text.split('\0').map(str::to_owned);
                    self.parameters.push((parts.next().unwrap(), parts.next().unwrap()));
                }
                b'K' => self.key = (code(&body), code(&body[4..])),
                b'Z' => return Ok(()),
                b'v' => {}
                other => panic!("{}", char::from(other)),
            }
        }
    }

    /// Sends bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        self.stream.flush().unwrap();
    }

    pub(super) fn send(&mut self, kind: u8, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        self.raw(&[&[kind][..], &length, body].concat());
    }

    /// The next message; nothing when the server has closed.
    pub(super) fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).ok()?;
        let mut body = vec![0; u32::from_be_bytes(head[1..].try_into().unwrap()) as usize - 4];
        self.stream.read_exact(&mut body).ok()?;
        Some((head[0], body))
    }

    /// What comes until the server is ready.
    pub(super) fn answer(&mut self) -> Answer {
        let mut answer = Answer::default();
        while let Some((kind, body)) = self.read() {
            answer.kinds.push(char::from(kind));
            answer.bytes.extend(&body);
            let word = |at: usize| usize::from(u16::from_be_bytes(body[at..at + 2].try_into().unwrap()));
            match kind {
                b'T' => {
                    let mut rest = &body[2..];
                    for _ in 0..word(0) {
                        let end = rest.iter().position(|byte| *byte == 0).unwrap();
                        answer.columns.push(String::from_utf8(rest[..end].to_vec()).unwrap());
                        answer.types.push(u32::from_be_bytes(rest[end + 7..end + 11].try_into().unwrap()));
                        rest = &rest[end + 19..];
                    }
                }
                b'D' => {
                    let mut rest = &body[2..];
                    let mut row = Vec::new();
                    for _ in 0..word(0) {
                        let length = i32::from_be_bytes(rest[..4].try_into().unwrap());
                        rest = &rest[4..];
                        row.push(usize::try_from(length).ok().map(|length| {
                            let (value, behind) = rest.split_at(length);
                            rest = behind;
                            value.to_vec()
                        }));
                    }
                    answer.rows.push(row);
                }
                b'C' => answer.tags.push(String::from_utf8(body[..body.len() - 1].to_vec()).unwrap()),
                b'E' => answer.error = Some(told(&body)),
                b'Z' => break,
                _ => {}
            }
        }
        answer
    }

    /// Asks in one message.
    pub(super) fn query(&mut self, sql: &str) -> Answer {
        self.send(b'Q', &[sql.as_bytes(), b"\0"].concat());
        self.answer()
    }

    /// Asks in steps, with values as text, or columns in binary.
    pub(super) fn steps(&mut self, sql: &str, values: &[Option<&str>], binary: bool) -> Answer {
        self.parse("", sql, &[]);
        self.bind("", values, binary);
        self.send(b'D', b"P\0");
        self.execute(0);
        self.send(b'S', b"");
        self.answer()
    }

    pub(super) fn parse(&mut self, name: &str, sql: &str, types: &[u32]) {
        let types = types.iter().flat_map(|oid| oid.to_be_bytes()).collect::<Vec<_>>();
        let count = u16::try_from(types.len() / 4).unwrap().to_be_bytes();
        self.send(b'P', &[name.as_bytes(), b"\0", sql.as_bytes(), b"\0", &count[..], &types].concat());
    }

    pub(super) fn bind(&mut self, statement: &str, values: &[Option<&str>], binary: bool) {
        let mut body = [b"\0", statement.as_bytes(), b"\0\0\0"].concat();
        body.extend(u16::try_from(values.len()).unwrap().to_be_bytes());
        for value in values {
            match value {
                None => body.extend((-1_i32).to_be_bytes()),
                Some(value) => {
                    body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
                    body.extend(value.as_bytes());
                }
            }
        }
        body.extend([0, 1, 0, u8::from(binary)]);
        self.send(b'B', &body);
    }

    pub(super) fn execute(&mut self, rows: u32) {
        self.send(b'E', &[&b"\0"[..], &rows.to_be_bytes()].concat());
    }
}

/// The fields of an error that matter.
pub(super) fn told(body: &[u8]) -> Told {
    let field = |kind: u8| {
        let mut fields = body.split(|byte| *byte == 0).filter(|field| field.first() == Some(&kind));
        fields.next().map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).unwrap_or_default()
    };
    Told { code: field(b'C'), message: field(b'M') }
}
