//! One connection to a server that speaks SFTP. What the server says is a stranger's: every wait has an end, and it opens nothing here.

use std::{
    borrow::Cow,
    future::Future,
    io,
    sync::{Arc, OnceLock},
    time::Instant,
};

use russh::{
    Channel, ChannelMsg, Preferred,
    client::{self, AuthResult, ChannelOpenHandle, Handle, Msg, Session},
    keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate},
};
use russh_sftp::{
    client::{Config as SftpConfig, RawSftpSession, error::Error as Refusal},
    protocol::{FileAttributes, OpenFlags, Packet, StatusCode},
};
use tokio::{runtime::Runtime, task::JoinSet};

use super::{HostKey, Login, SftpError, SftpServer};
use crate::post::Client;

/// Keys of servers that are taken, the best first. RSA is not among them: nothing else here needs it, and it has a crate of its own.
const KEYS: [Algorithm; 4] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
];
/// The most bytes of an answer: they hold names of files at most.
const MAX_ANSWER: u32 = 64 << 10;
/// Bytes of a file in one message; every server takes so many.
const PIECE: usize = 32 << 10;
/// Messages that are on their way at once.
const PIECES: usize = 16;
/// Renames over a file that is there, which version 3 by itself does not.
const POSIX_RENAME: &str = "posix-rename@openssh.com";
const FSYNC: &str = "fsync@openssh.com";

/// A connection on which the user is let in.
pub(super) struct Line {
    runtime: Runtime,
    // Ends the connection when it is dropped.
    _session: Handle<Watch>,
    sftp: Arc<RawSftpSession>,
    renames: bool,
    syncs: bool,
}

impl Line {
    /// Connects, looks at the server's key, and signs in. Waits.
    pub(super) fn open(server: &SftpServer, client: &Client, end: Instant) -> Result<Self, SftpError> {
        let socket = client.dial(&server.at, end.saturating_duration_since(Instant::now()))?;
        let broken = |error: &io::Error| {
            tracing::debug!(error = error as &dyn std::error::Error, "a line to a server breaks");
            SftpError::Answer
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| broken(&error))?;
        socket.set_nonblocking(true).map_err(|error| broken(&error))?;
        let opened = within(&runtime, end, async {
            let socket = tokio::net::TcpStream::from_std(socket).map_err(|error| broken(&error))?;
            let mut session = greet(server, socket).await?;
            sign_in(&mut session, server).await?;
            let channel = session.channel_open_session().await.map_err(|_| SftpError::NoSftp)?;
            Ok((session, speak(channel).await?))
        });
        let (session, (sftp, renames, syncs)) = opened?;
        Ok(Line { runtime, _session: session, sftp, renames, syncs })
    }

    /// Puts a file there: under another name first, which is taken away again when something goes wrong.
    pub(super) fn put(&self, path: &str, bytes: &[u8], end: Instant) -> Result<(), SftpError> {
        within(&self.runtime, end, async {
            let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
            let slash = if path.contains('/') { "/" } else { "" };
            let waiting = format!("{folder}{slash}.{file}.part");
            let handle = match self.create(&waiting).await {
                Err(Refusal::Status(status)) if status.status_code == StatusCode::NoSuchFile => {
                    self.make_folders(folder).await;
                    self.create(&waiting).await
                }
                created => created,
            };
            let done = match handle {
                Ok(handle) => self.fill(&waiting, handle, bytes).await,
                Err(refusal) => return Err(told(&refusal)),
            };
            let done = match done {
                Ok(()) => self.rename(&waiting, path).await.map_err(|refusal| told(&refusal)),
                failed => failed,
            };
            if done.is_err() {
                let _ = self.sftp.remove(waiting).await;
            }
            done
        })
    }

    /// Takes a file away. That there is none is well.
    pub(super) fn remove(&self, path: &str, end: Instant) -> Result<(), SftpError> {
        within(&self.runtime, end, async {
            match self.sftp.remove(path).await {
                Ok(_) => Ok(()),
                Err(Refusal::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(()),
                Err(refusal) => Err(told(&refusal)),
            }
        })
    }

    /// Takes the folders of these files away, those inside first, as far as they are empty and not above `top`.
    pub(super) fn clear(&self, top: &str, paths: &[String], end: Instant) {
        let mut folders = Vec::new();
        for path in paths {
            let mut rest = path.as_str();
            while let Some((folder, _)) = rest.rsplit_once('/').filter(|(folder, _)| folder.starts_with(top)) {
                folders.push(folder);
                rest = folder;
            }
        }
        folders.sort_unstable_by_key(|folder| (std::cmp::Reverse(folder.len()), *folder));
        folders.dedup();
        let _ = within(&self.runtime, end, async {
            for folder in folders {
                let _ = self.sftp.rmdir(folder).await;
            }
            Ok(())
        });
    }

    async fn create(&self, path: &str) -> Result<String, Refusal> {
        let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
        Ok(self.sftp.open(path, flags, FileAttributes::empty()).await?.handle)
    }

    /// Makes the folders of a path that are not there. Whether they are there then, the next try to use them tells.
    async fn make_folders(&self, path: &str) {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).filter(|at| *at > 0);
        for end in ends {
            let _ = self.sftp.mkdir(&path[..end], FileAttributes::empty()).await;
        }
    }

    /// Writes a file that was opened, and sees that all of it lies there.
    async fn fill(&self, path: &str, handle: String, bytes: &[u8]) -> Result<(), SftpError> {
        let mut on_their_way = JoinSet::new();
        let mut wrote = Ok(());
        for (index, piece) in bytes.chunks(PIECE).enumerate() {
            if on_their_way.len() >= PIECES {
                wrote = arrived(on_their_way.join_next().await);
                if wrote.is_err() {
                    break;
                }
            }
            let (sftp, handle, piece) = (self.sftp.clone(), handle.clone(), piece.to_vec());
            on_their_way.spawn(async move { sftp.write(handle, (index * PIECE) as u64, piece).await.map(drop) });
        }
        while let Some(done) = on_their_way.join_next().await {
            wrote = wrote.and(arrived(Some(done)));
        }
        if wrote.is_ok() && self.syncs {
            wrote = self.sftp.fsync(handle.clone()).await.map(drop).map_err(|refusal| told(&refusal));
        }
        let closed = self.sftp.close(handle).await.map(drop).map_err(|refusal| told(&refusal));
        wrote.and(closed)?;
        let held = self.sftp.stat(path).await.map_err(|refusal| told(&refusal))?.attrs.size;
        match held {
            Some(held) if held != bytes.len() as u64 => Err(SftpError::Short { held, sent: bytes.len() as u64 }),
            _ => Ok(()),
        }
    }

    /// Gives a file another name, in the place of one that has it.
    async fn rename(&self, from: &str, to: &str) -> Result<(), Refusal> {
        if !self.renames {
            // Between the two there is none; the server knows no better.
            let _ = self.sftp.remove(to).await;
            return self.sftp.rename(from, to).await.map(drop);
        }
        let mut names = Vec::new();
        for name in [from, to] {
            let length = u32::try_from(name.len()).map_err(|_| Refusal::UnexpectedPacket)?;
            names.extend_from_slice(&length.to_be_bytes());
            names.extend_from_slice(name.as_bytes());
        }
        match self.sftp.extended(POSIX_RENAME, names).await? {
            Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
            Packet::Status(status) => Err(Refusal::Status(status)),
            _ => Err(Refusal::UnexpectedPacket),
        }
    }
}

/// Does work that waits for a server, until `end` at most.
fn within<T>(
    runtime: &Runtime,
    end: Instant,
    work: impl Future<Output = Result<T, SftpError>>,
) -> Result<T, SftpError> {
    runtime.block_on(async {
        tokio::time::timeout_at(end.into(), work).await.unwrap_or_else(|_| {
            tracing::debug!("a server that takes files takes too long");
            Err(SftpError::Answer)
        })
    })
}

/// Agrees on keys with the server, and looks at its own before anything is said.
async fn greet(server: &SftpServer, socket: tokio::net::TcpStream) -> Result<Handle<Watch>, SftpError> {
    let shown = Arc::new(OnceLock::new());
    let watch = Watch { pinned: server.host_key, shown: shown.clone() };
    let preferred = Preferred { key: Cow::Borrowed(&KEYS), ..Preferred::DEFAULT };
    let config = client::Config { preferred, ..client::Config::default() };
    client::connect_stream(Arc::new(config), socket, watch).await.map_err(|error| {
        tracing::debug!(error = &error as &dyn std::error::Error, "a server is not believed");
        match (error, shown.get().copied(), server.host_key) {
            (russh::Error::UnknownKey, Some(shown), None) => SftpError::Unknown(shown),
            (russh::Error::UnknownKey, Some(shown), Some(pinned)) => SftpError::Changed { shown, pinned },
            (russh::Error::NoCommonAlgo { .. }, ..) => SftpError::Algorithm,
            _ => SftpError::Answer,
        }
    })
}

async fn sign_in(session: &mut Handle<Watch>, server: &SftpServer) -> Result<(), SftpError> {
    let answered = match &server.login {
        Login::Password(password) => session.authenticate_password(&server.user, password).await,
        Login::Key(key) => {
            let key = PrivateKeyWithHashAlg::new(Arc::new(key.as_ref().clone()), None);
            session.authenticate_publickey(&server.user, key).await
        }
    };
    match answered {
        Ok(AuthResult::Success) => Ok(()),
        // Servers hang up after too many tries.
        Ok(AuthResult::Failure { .. }) | Err(russh::Error::Disconnect | russh::Error::NoAuthMethod) => {
            Err(SftpError::Login)
        }
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "a login breaks off");
            Err(SftpError::Answer)
        }
    }
}

/// Asks for SFTP. Gives with it whether the server renames over files, and whether it writes through to its disk when asked.
async fn speak(mut channel: Channel<Msg>) -> Result<(Arc<RawSftpSession>, bool, bool), SftpError> {
    channel.request_subsystem(true, "sftp").await.map_err(|_| SftpError::Answer)?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            _ => return Err(SftpError::NoSftp),
        }
    }
    let config = SftpConfig { max_packet_len: MAX_ANSWER, ..SftpConfig::default() };
    let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
    let version = sftp.init().await.map_err(|_| SftpError::NoSftp)?;
    let has = |name: &str| version.extensions.get(name).is_some_and(|version| version == "1");
    Ok((Arc::new(sftp), has(POSIX_RENAME), has(FSYNC)))
}

/// What became of a piece that was on its way.
fn arrived(done: Option<Result<Result<(), Refusal>, tokio::task::JoinError>>) -> Result<(), SftpError> {
    match done {
        None | Some(Ok(Ok(()))) => Ok(()),
        Some(Ok(Err(refusal))) => Err(told(&refusal)),
        Some(Err(_)) => Err(SftpError::Answer),
    }
}

/// What a refusal means.
fn told(refusal: &Refusal) -> SftpError {
    tracing::debug!(error = refusal as &dyn std::error::Error, "a server takes no file");
    match refusal {
        Refusal::Status(status) => match status.status_code {
            StatusCode::PermissionDenied => SftpError::Denied,
            StatusCode::NoSuchFile => SftpError::Missing,
            StatusCode::NoConnection | StatusCode::ConnectionLost => SftpError::Answer,
            other => SftpError::Failed(other as u32),
        },
        _ => SftpError::Answer,
    }
}

/// Looks at the server's key, and lets it open nothing.
struct Watch {
    pinned: Option<HostKey>,
    shown: Arc<OnceLock<HostKey>>,
}

/// Channels that a server would open: dropping the answer refuses. By itself the library takes them.
macro_rules! refuse {
    ($($name:ident($($more:ty),*);)*) => {$(
        async fn $name(
            &mut self,
            _: Channel<Msg>,
            $(_: $more,)*
            _: ChannelOpenHandle,
            _: &mut Session,
        ) -> Result<(), russh::Error> {
            Ok(())
        }
    )*};
}

impl client::Handler for Watch {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        // Certificates are never asked for.
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let shown = HostKey(key.fingerprint(HashAlg::Sha256));
        let _ = self.shown.set(shown);
        Ok(self.pinned == Some(shown))
    }

    refuse! {
        server_channel_open_session();
        server_channel_open_agent_forward();
        server_channel_open_forwarded_tcpip(&str, u32, &str, u32);
        server_channel_open_direct_tcpip(&str, u32, &str, u32);
        server_channel_open_forwarded_streamlocal(&str);
        server_channel_open_direct_streamlocal(&str);
        server_channel_open_x11(&str, u32);
    }
}
