//! Files onto a server that speaks SFTP (version 3 of its draft, with OpenSSH's extensions where the server has them).
//!
//! The server is known by the fingerprint of its key, which is written down before anything is sent: a server that is called for the first
//! time says its fingerprint in the error, and gets neither a name nor a password. A connection serves all files of a [`Sftp`].

mod line;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use russh::keys::{Algorithm, PrivateKey, ssh_key::Fingerprint};

use crate::{
    destination::Unreachable,
    post::Client,
    target::{Target, TargetError},
};
use line::Line;

/// Where such servers usually are.
pub const SFTP_PORT: u16 = 22;
/// How long a file may take, and how much longer for what is long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second that a line carries at least.
const SLOWEST: u64 = 128 << 10;

/// A server that takes files, and who may put them there.
#[derive(Clone)]
pub struct SftpServer {
    /// Where it is; see [`Target::server`].
    pub at: Target,
    /// Who signs in.
    pub user: String,
    /// How.
    pub login: Login,
    /// The key that the server must show; none while nobody has written it down.
    pub host_key: Option<HostKey>,
    /// Where files are put: from the root with a slash before it, else from where the server lets the user in; empty for there.
    pub folder: String,
}

impl fmt::Debug for SftpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SftpServer").field("at", &self.at).field("user", &self.user).finish_non_exhaustive()
    }
}

/// What shows that a user is who they say.
#[derive(Clone)]
pub enum Login {
    /// A password.
    Password(String),
    /// An Ed25519 key.
    Key(Box<PrivateKey>),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// The SHA-256 of a server's key, as `ssh-keygen -l` shows it: `SHA256:` and 43 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostKey(Fingerprint);

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the fingerprint of the server's key as `ssh-keygen -l` shows it, `SHA256:` and 43 characters")]
pub struct HostKeyError;

impl FromStr for HostKey {
    type Err = HostKeyError;

    fn from_str(text: &str) -> Result<Self, HostKeyError> {
        match text.parse::<Fingerprint>() {
            Ok(fingerprint @ Fingerprint::Sha256(_)) => Ok(HostKey(fingerprint)),
            _ => Err(HostKeyError),
        }
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no key to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// No key at all.
    #[error("must be a private key in OpenSSH's form, as `ssh-keygen -t ed25519` writes it")]
    Form,
    /// Sealed.
    #[error("is sealed with a passphrase, which nobody types here; give a key of its own without one")]
    Sealed,
    /// Of another kind.
    #[error("must be an Ed25519 key; make one with `ssh-keygen -t ed25519`")]
    Kind,
}

impl Login {
    /// Reads a private key.
    ///
    /// # Errors
    /// When it is none that can sign.
    pub fn key(text: &str) -> Result<Self, LoginError> {
        let key = PrivateKey::from_openssh(text.trim()).map_err(|_| LoginError::Form)?;
        if key.is_encrypted() {
            return Err(LoginError::Sealed);
        }
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(LoginError::Kind);
        }
        Ok(Login::Key(Box::new(key)))
    }
}

/// Why a file is not where it should be. Nothing the server says is told, but its key and what kind of refusal it is.
#[derive(Debug, thiserror::Error)]
pub enum SftpError {
    /// There is no such place, it may not be called, or nobody answers there.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// Nobody has written down which key it should show.
    #[error(
        "nobody has written down the server's key, so nothing was sent; it shows {0}: ask those who run it whether that is theirs, and put it into `host_key`"
    )]
    Unknown(HostKey),
    /// It shows another key.
    #[error(
        "the server shows the key {shown} and not {pinned}, so nothing was sent; ask those who run it whether they changed it, and put the new one into `host_key` if so"
    )]
    Changed {
        /// The one it shows.
        shown: HostKey,
        /// The one it should.
        pinned: HostKey,
    },
    /// No way to agree.
    #[error(
        "the server and the appliance have no algorithm in common; it needs an Ed25519 or ECDSA key and what OpenSSH has offered since 2014"
    )]
    Algorithm,
    /// The login.
    #[error("the server refuses the login; check the user, and the password or whether the key stands in its list")]
    Login,
    /// No files.
    #[error("the server lets the user in and does not offer SFTP; ask those who run it")]
    NoSftp,
    /// The folder.
    #[error("the server refuses: the user may not write into the folder")]
    Denied,
    /// Nothing there.
    #[error("the server has no such folder, and the user may not make it")]
    Missing,
    /// It did not work out.
    #[error("the server could not do it (SFTP status {0}); its disk may be full")]
    Failed(u32),
    /// It has fewer bytes than were sent.
    #[error("the server holds {held} bytes of {sent}; its disk may be full")]
    Short {
        /// On the server.
        held: u64,
        /// Sent.
        sent: u64,
    },
    /// It broke off, took too long, or said what is no SSH.
    #[error("the server did not answer in time, or not as SSH")]
    Answer,
}

impl SftpError {
    /// Whether another try may fare better.
    pub fn may_pass(&self) -> bool {
        match self {
            SftpError::Unreachable(_) | SftpError::Failed(_) | SftpError::Short { .. } | SftpError::Answer => true,
            SftpError::Unknown(_)
            | SftpError::Changed { .. }
            | SftpError::Algorithm
            | SftpError::Login
            | SftpError::NoSftp
            | SftpError::Denied
            | SftpError::Missing => false,
        }
    }
}

impl SftpServer {
    /// The server as an operator names it: the host, and the port where it is not 22.
    pub fn name(&self) -> String {
        named(&self.at)
    }
}

/// A server as an operator names it.
pub(crate) fn named(at: &Target) -> String {
    let host = at.bare_host();
    if at.port == SFTP_PORT { host } else { format!("{host}:{}", at.port) }
}

impl Target {
    /// A host and a port without a URL around them, read as strictly as in one.
    ///
    /// # Errors
    /// When they are none.
    pub fn server(host: &str, port: u16) -> Result<Target, TargetError> {
        let target: Target = format!("https://{host}:{port}/").parse()?;
        // What held a slash or a question mark was no host.
        if target.path() == "/" { Ok(target) } else { Err(TargetError::Host) }
    }
}

/// A server into which files are put, by one connection as long as that holds.
pub(crate) struct Sftp<'a> {
    server: SftpServer,
    client: &'a Client,
    line: Mutex<Option<Line>>,
}

impl fmt::Debug for Sftp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sftp").field(&self.server).finish()
    }
}

impl<'a> Sftp<'a> {
    /// Nobody is called yet.
    pub(crate) fn new(server: SftpServer, client: &'a Client) -> Self {
        Sftp { server, client, line: Mutex::new(None) }
    }

    /// Puts a file there, whole or not at all; one of that name is replaced. Folders in the name are made.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), SftpError> {
        let path = self.path(name);
        self.with_line(bytes.len(), |line, end| line.put(&path, bytes, end))
    }

    /// Takes files away that all lie in the folder `top`, and their folders where nothing else is left in them.
    pub(crate) fn remove(&self, top: &str, names: &[&str]) -> Result<(), SftpError> {
        if names.is_empty() {
            return Ok(());
        }
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        self.with_line(0, |line, _| {
            // Each has its own time: there may be thousands.
            paths.iter().try_for_each(|path| line.remove(path, Instant::now() + PATIENCE))?;
            line.clear(&self.path(top), &paths, Instant::now() + PATIENCE);
            Ok(())
        })
    }

    fn path(&self, name: &str) -> String {
        match self.server.folder.as_str() {
            "" => name.to_owned(),
            folder => format!("{}/{name}", folder.trim_end_matches('/')),
        }
    }

    /// Works on the connection that there is, and on a new one where there is none or the server has let go of it meanwhile.
    fn with_line<T>(
        &self,
        length: usize,
        work: impl Fn(&Line, Instant) -> Result<T, SftpError>,
    ) -> Result<T, SftpError> {
        let end = || Instant::now() + PATIENCE + Duration::from_secs(length as u64 / SLOWEST);
        let mut held = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = held.take() {
            match work(&line, end()) {
                Err(SftpError::Answer) => {}
                done => {
                    *held = Some(line);
                    return done;
                }
            }
        }
        let end = end();
        let line = Line::open(&self.server, self.client, end)?;
        let done = work(&line, end);
        if !matches!(done, Err(SftpError::Answer)) {
            *held = Some(line);
        }
        done
    }
}
