//! How a connection begins: TLS or nothing, then who is there.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    bell::Bells,
    connection::{Connection, Line},
    fault::Fault,
    house::{Guest, House},
    listener::WireLimits,
    message::{self, LONGEST_OF_STRANGER, Message, Opening},
    portal::Portals,
    prepared::Shelf,
    reply::{Replies, Standing},
    settings::Settings,
};
use crate::Engine;

/// What TLS of PostgreSQL calls itself.
pub(super) const ALPN: &[u8] = b"postgresql";
const MECHANISM: &str = "SCRAM-SHA-256";

/// What a connection needs.
#[derive(Debug)]
pub(super) struct Hall {
    pub(super) engine: Arc<Engine>,
    pub(super) house: Arc<dyn House>,
    pub(super) tls: Arc<rustls::ServerConfig>,
    pub(super) bells: Arc<Bells>,
    pub(super) limits: WireLimits,
}

/// Someone who has said what it wants.
struct Asking {
    line: Line<TlsStream<TcpStream>>,
    minor: u32,
    parameters: Vec<(String, String)>,
}

impl Hall {
    /// Lets a client in, if it is someone. Nothing where there is nobody to serve: a cancel, a client that went.
    pub(super) async fn receive(&self, stream: TcpStream, from: IpAddr) -> Option<Connection<TlsStream<TcpStream>>> {
        let patience = Duration::from_secs(self.limits.handshake_s);
        let mut asking = timeout(patience, self.open(stream)).await.ok()??;
        let signed_in = timeout(patience, self.sign_in(&mut asking.line, &asking.parameters, asking.minor, from)).await;
        let refused = match signed_in {
            Ok(Ok((guest, settings, names))) => return Some(self.connection(asking.line, guest, settings, names)),
            Ok(Err(fault)) => fault,
            Err(_) => Fault::new("08006", "signing in took too long"),
        };
        asking.line.replies.fault(&Fault { is_last: true, ..refused });
        let _ = asking.line.flush().await;
        let _ = asking.line.stream.shutdown().await;
        None
    }

    /// Leads a client to TLS, in which it says what it wants.
    async fn open(&self, stream: TcpStream) -> Option<Asking> {
        let acceptor = TlsAcceptor::from(self.tls.clone());
        // Clients of PostgreSQL 17 may begin with TLS at once.
        let mut first = [0];
        if stream.peek(&mut first).await.ok()? == 1 && first[0] == 0x16 {
            let stream = acceptor.accept(stream).await.ok()?;
            // Without its name it may be meant for another protocol (ALPACA).
            if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
                return None;
            }
            return self.ask(Line::new(stream)).await;
        }
        let mut line = Line::new(stream);
        // TLS, after another encryption that there is not.
        for _ in 0..3 {
            match opening(&mut line).await? {
                // What came behind it in the clear would be taken for something said in TLS.
                Opening::Tls if line.input.is_empty() => {
                    line.stream.write_all(b"S").await.ok()?;
                    let stream = acceptor.accept(line.stream).await.ok()?;
                    return self.ask(Line::new(stream)).await;
                }
                Opening::Tls => return None,
                Opening::Gss => line.stream.write_all(b"N").await.ok()?,
                Opening::Cancel { process, secret } => {
                    self.bells.ring(process, secret);
                    return None;
                }
                Opening::Session { .. } => {
                    let text = "connections are encrypted here; connect with sslmode=require or stricter";
                    line.replies.fault(&Fault::last("28000", text));
                    let _ = line.flush().await;
                    let _ = line.stream.shutdown().await;
                    return None;
                }
            }
        }
        None
    }

    async fn ask(&self, mut line: Line<TlsStream<TcpStream>>) -> Option<Asking> {
        match opening(&mut line).await? {
            Opening::Cancel { process, secret } => {
                self.bells.ring(process, secret);
                // Without its farewell the client takes the end for an accident.
                let _ = line.stream.shutdown().await;
                None
            }
            Opening::Session { minor, parameters } => Some(Asking { line, minor, parameters }),
            Opening::Tls | Opening::Gss => None,
        }
    }

    async fn sign_in(
        &self,
        line: &mut Line<TlsStream<TcpStream>>,
        parameters: &[(String, String)],
        minor: u32,
        from: IpAddr,
    ) -> Result<(Box<dyn Guest>, Settings, [String; 2]), Fault> {
        let parameter =
            |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let user = parameter("user").filter(|user| !user.is_empty());
        let user = user.ok_or_else(|| Fault::new("28000", "name a user: the id of an API key"))?.to_owned();
        let database = parameter("database").filter(|name| !name.is_empty()).unwrap_or(&user).to_owned();
        if parameter("replication").is_some_and(|value| !matches!(value, "false" | "off" | "no" | "0")) {
            return Err(Fault::new("0A000", "there is nothing to replicate here"));
        }
        let options: Vec<&str> =
            parameters.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("_pq_.")).collect();
        if minor > 0 || !options.is_empty() {
            line.replies.negotiate(&options);
        }
        let mut settings = Settings::new(Duration::from_secs(self.engine.limits.timeout_s), &user);
        start_with(&mut settings, parameters)?;

        let mut knocking = self.house.knock(database.clone(), user.clone(), from).await?;
        line.replies.authentication(10, format!("{MECHANISM}\0\0").as_bytes());
        let first = said(line).await?;
        let first = initial(&first)?;
        let challenge = knocking.first(first)?;
        line.replies.authentication(11, challenge.as_bytes());
        let last = said(line).await?;
        let (proof, guest) = knocking.last(last.to_vec()).await?;
        line.replies.authentication(12, proof.as_bytes());
        line.replies.authentication(0, &[]);
        Ok((guest, settings, [database, user]))
    }

    fn connection(
        &self,
        mut line: Line<TlsStream<TcpStream>>,
        guest: Box<dyn Guest>,
        settings: Settings,
        names: [String; 2],
    ) -> Connection<TlsStream<TcpStream>> {
        let hung = self.bells.hang();
        let replies: &mut Replies = &mut line.replies;
        settings.reported().for_each(|(name, value)| replies.parameter(name, value));
        replies.key(hung.process, hung.secret);
        Connection {
            line,
            guest,
            engine: self.engine.clone(),
            hung,
            settings,
            names,
            statements: Shelf::default(),
            portals: Portals::default(),
            standing: Standing::default(),
            fresh: None,
            idle: Duration::from_secs(self.limits.idle_s),
        }
    }
}

async fn opening<S: tokio::io::AsyncRead + Unpin>(line: &mut Line<S>) -> Option<Opening> {
    loop {
        if let Some(opening) = message::opening(&mut line.input).ok()? {
            return Some(opening);
        }
        if line.stream.read_buf(&mut line.input).await.ok()? == 0 {
            return None;
        }
    }
}

/// What a client answers about its password.
async fn said(line: &mut Line<TlsStream<TcpStream>>) -> Result<bytes::Bytes, Fault> {
    // The sign-in as a whole has its time.
    match line.message(LONGEST_OF_STRANGER, Duration::from_secs(3_600)).await? {
        Some(Message::Password(said)) => Ok(said),
        Some(_) => Err(Fault::new("08P01", "expected an answer about the password")),
        None => Err(Fault::new("08006", "the client has gone")),
    }
}

/// The first message of SCRAM, behind the mechanism's name and its length.
fn initial(said: &[u8]) -> Result<&[u8], Fault> {
    let wrong = || Fault::new("08P01", "the answer about the password is not well formed");
    let end = said.iter().position(|byte| *byte == 0).ok_or_else(wrong)?;
    if said.get(..end) != Some(MECHANISM.as_bytes()) {
        return Err(Fault::new("28000", format!("only {MECHANISM} is understood")));
    }
    let (length, first) = said.get(end + 1..).and_then(|rest| rest.split_first_chunk::<4>()).ok_or_else(wrong)?;
    if usize::try_from(i32::from_be_bytes(*length)) != Ok(first.len()) {
        return Err(wrong());
    }
    Ok(first)
}

/// Settings with which a session is to begin: parameters of their own, and `-c name=value` among the options.
fn start_with(settings: &mut Settings, parameters: &[(String, String)]) -> Result<(), Fault> {
    for (name, value) in parameters {
        match name.as_str() {
            "user" | "database" | "replication" => {}
            "options" => {
                let mut words = value.split_whitespace();
                while let Some(word) = words.next() {
                    let pair = match word.strip_prefix("-c") {
                        Some("") => words.next(),
                        Some(pair) => Some(pair),
                        None => word.strip_prefix("--"),
                    };
                    let pair = pair.and_then(|pair| pair.split_once('='));
                    let (name, value) = pair.ok_or_else(|| Fault::new("42601", "options are -c name=value"))?;
                    settings.set(name, Some(value))?;
                }
            }
            name if name.starts_with("_pq_.") => {}
            name => settings.set(name, Some(value))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn first_answers() {
        assert_eq!(initial(b"SCRAM-SHA-256\0\0\0\0\x02n,").unwrap(), b"n,");
        for bad in
            [&b""[..], b"SCRAM-SHA-256", b"SCRAM-SHA-256\0\0\0", b"SCRAM-SHA-256\0\0\0\0\x09n", b"PLAIN\0\0\0\0\0"]
        {
            assert!(initial(bad).is_err());
        }
    }

    #[test]
    fn settings_of_the_start() {
        let mut settings = Settings::new(Duration::from_secs(30), "u");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let given =
            [pair("user", "u"), pair("application_name", "x"), pair("options", "-c statement_timeout=5s -cgeqo=off")];
        start_with(&mut settings, &given).unwrap();
        assert_eq!(settings.timeout(), Duration::from_secs(5));
        assert_eq!(settings.show("application_name").unwrap(), "x");
        assert!(start_with(&mut settings, &[pair("options", "-X")]).is_err());
        assert!(start_with(&mut settings, &[pair("client_encoding", "LATIN1")]).is_err());
    }
}
