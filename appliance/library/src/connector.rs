//! Connectors: places of a tenant's own into which files are put, a folder in the operator's, a bucket of storage that speaks S3, or a folder on a
//! server that speaks SFTP.

use access::{ListPermit, Permit};
use model::{
    DataClass, Header, Id, noun,
    permission::{ConnectorManage, ConnectorRead},
};
use serde::{Deserialize, Serialize, Serializer};
use store::{Cursor, Headed, Page, Query, Read as _, Record, Tx};

use crate::{error::LibraryError, text};

/// The most connectors of a tenant.
pub const MAX_CONNECTORS: usize = 50;
const MAX_TITLE: usize = 120;
/// The longest address, in bytes.
const MAX_URL: usize = 2_048;
/// The longest path of a folder, or beginning of names in a bucket.
const MAX_PATH: usize = 200;
const MAX_DEPTH: usize = 8;
/// The longest name of a server, with brackets around an address, and the longest fingerprint.
const MAX_HOST: usize = 260;
/// The longest name of a user of a server, in bytes.
const MAX_USER: usize = 128;
/// The longest password, in bytes.
const MAX_PASSWORD: usize = 256;
/// The longest private key, in bytes: an Ed25519 key takes 400.
const MAX_KEY: usize = 4_096;

/// A place into which files are put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// Its header.
    pub header: Header<noun::Connector>,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub place: Place,
}

/// Where files are put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a folder.
    Folder {
        /// Its path in the tenant's folder, with slashes between its parts.
        path: String,
    },
    /// In a bucket.
    S3(Bucket),
    /// On a server.
    Sftp(SftpServer),
}

/// A server that speaks SFTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SftpServer {
    /// Its name or address, as the crate `outbound` reads it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in.
    pub user: String,
    /// How.
    pub login: Login,
    /// The fingerprint of the key that it must show; empty while nobody has written it down.
    pub host_key: String,
    /// Where files are put: from the root with a slash before it, else from where the server lets the user in; may be empty.
    pub folder: String,
}

/// What shows a server that a user is who they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Login {
    /// A password.
    Password(AccessKey),
    /// A private key, in OpenSSH's form.
    Key(AccessKey),
}

/// A bucket of storage that speaks S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The storage, as the crate `outbound` reads it: `https://host[:port]/`.
    pub url: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The bucket.
    pub name: String,
    /// What stands before the names of files, with slashes between its parts; may be empty.
    pub prefix: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub key: AccessKey,
}

/// What requests to a bucket are signed with, or a server is signed in to with. It lies in the tenant's file and is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct AccessKey(String);

impl AccessKey {
    /// The key as its owner gives it.
    pub fn new(text: String) -> Self {
        AccessKey(text)
    }

    /// The key, to sign with.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Serialize for AccessKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Err(serde::ser::Error::custom("the key of a place is not shown"));
        }
        serializer.serialize_newtype_struct("AccessKey", &self.0)
    }
}
impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey(..)")
    }
}

impl Record for Connector {
    const NAME: &'static str = "connector";
    const NUMBER: u8 = model::NounKind::Connector as u8;
    type Key = Id<noun::Connector>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Connector {
    type Noun = noun::Connector;
    fn header(&self) -> &Header<noun::Connector> {
        &self.header
    }
}

/// Makes a connector. Whether its address is one, and may be called, the caller has seen to.
///
/// # Errors
/// When a field is wrong, or there are too many.
pub fn create(permit: Permit<ConnectorManage>, title: &str, place: Place) -> Result<Connector, LibraryError> {
    let title = text::line("title", title, MAX_TITLE, false)?;
    check(&place)?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<Connector>(&Query::newest(MAX_CONNECTORS), |_| true)?.items.len() >= MAX_CONNECTORS {
            return Err(LibraryError::Limit { what: "connectors", allowed: MAX_CONNECTORS as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let connector = Connector { header, title, place };
        tx.about(connector.header.id.erase());
        tx.put(&connector)?;
        Ok(connector)
    })
}

/// Connectors that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<ConnectorRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Connector>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Connector>(&query, |connector| permit.visible(&connector.header.subject()))?)
}

/// Changes a connector of version `base`, or of whichever there is without one. What is `None` stays.
///
/// # Errors
/// When it has another version, or a field is wrong.
pub fn update(
    permit: Permit<ConnectorManage>,
    base: Option<u64>,
    title: Option<&str>,
    place: Option<Place>,
) -> Result<Connector, LibraryError> {
    let title = title.map(|title| text::line("title", title, MAX_TITLE, false)).transpose()?;
    place.as_ref().map(check).transpose()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut connector = current(tx, id, base)?;
        connector.title = title.unwrap_or(connector.title);
        connector.place = place.unwrap_or(connector.place);
        connector.header.touch(tx.now());
        tx.put(&connector)?;
        Ok(connector)
    })
}

/// Removes a connector; what was put there stays.
///
/// # Errors
/// When it has another version.
pub fn delete(permit: Permit<ConnectorManage>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current(tx, id, base)?;
        tx.delete::<Connector>(&id)?;
        Ok(())
    })
}

fn check(place: &Place) -> Result<(), LibraryError> {
    match place {
        Place::Folder { path } if path.is_empty() || !is_path(path) => fault("place/folder/path", PATH),
        Place::Folder { .. } => Ok(()),
        Place::S3(bucket) => check_bucket(bucket),
        Place::Sftp(server) => check_server(server),
    }
}

const PATH: &str = "must be names of letters, digits, `-`, `_` and `.` with slashes between";

fn fault(field: &'static str, fault: &str) -> Result<(), LibraryError> {
    Err(LibraryError::Field { field, fault: fault.to_owned() })
}

fn check_bucket(bucket: &Bucket) -> Result<(), LibraryError> {
    let Bucket { url, region, name, prefix, key_id, key } = bucket;
    let plain = |text: &str, most: usize, more: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(char::from(byte));
        (1..=most).contains(&text.len()) && text.bytes().all(fits)
    };
    let visible = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
    };
    if url.len() > MAX_URL {
        return fault("place/s3/url", "is too long");
    }
    if !plain(region, 32, "-") {
        return fault("place/s3/region", "must be lower-case letters, digits and hyphens, like `eu-central-1`");
    }
    if name.len() < 3 || !plain(name, 63, "-.") || name.starts_with(['-', '.']) || name.contains("..") {
        return fault("place/s3/bucket", "must be 3 to 63 lower-case letters, digits, hyphens and dots");
    }
    if !is_path(prefix) {
        return fault("place/s3/prefix", PATH);
    }
    if !visible(key_id, 128) || key_id.contains('/') {
        return fault("place/s3/key_id", "must be 1 to 128 characters without spaces, `/` and `,`");
    }
    if !visible(key.expose(), 256) {
        return fault("place/s3/secret", "must be 1 to 256 characters without spaces");
    }
    Ok(())
}

/// What the host, the host's key and a private key are, whoever calls the server has seen to.
fn check_server(server: &SftpServer) -> Result<(), LibraryError> {
    let SftpServer { host, port: _, user, login, host_key, folder } = server;
    if host.len() > MAX_HOST || host_key.len() > MAX_HOST {
        return fault("place/sftp/host", "is too long");
    }
    if !(1..=MAX_USER).contains(&user.len()) || user.chars().any(|char| char.is_control()) {
        return fault("place/sftp/user", "must be 1 to 128 bytes without control characters");
    }
    if !is_path(folder.strip_prefix('/').unwrap_or(folder)) {
        return fault(
            "place/sftp/folder",
            "must be names of letters, digits, `-`, `_` and `.` with slashes between, and may begin with a slash",
        );
    }
    match login {
        Login::Password(password) => {
            let text = password.expose();
            if !(1..=MAX_PASSWORD).contains(&text.len()) || text.chars().any(|char| char.is_control()) {
                return fault("place/sftp/password", "must be 1 to 256 bytes without control characters");
            }
        }
        Login::Key(key) if key.expose().len() > MAX_KEY => return fault("place/sftp/private_key", "is too long"),
        Login::Key(_) => {}
    }
    Ok(())
}

/// Whether a text is a path of plain names, or empty.
fn is_path(text: &str) -> bool {
    let name = |name: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits)
    };
    text.is_empty() || text.len() <= MAX_PATH && text.split('/').count() <= MAX_DEPTH && text.split('/').all(name)
}

fn current(tx: &Tx<'_>, id: Id<noun::Connector>, base: Option<u64>) -> Result<Connector, LibraryError> {
    let connector = tx.get::<Connector>(&id)?.ok_or(LibraryError::NotFound)?;
    let now = connector.header.version;
    match base.filter(|base| *base != now) {
        Some(read) => Err(LibraryError::Version { read, now }),
        None => Ok(connector),
    }
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Connector>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_down_only() {
        for good in ["", "bi", "bi/usage-2026", "a/b/c/d/e/f/g/h", "a.b_c"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["/bi", "bi/", "a//b", "..", "a/../b", ".hidden", "a b", "ä", "a/b/c/d/e/f/g/h/i"] {
            assert!(!is_path(bad), "{bad}");
        }
    }

    #[test]
    fn keys_are_not_shown() {
        let key = AccessKey::new("very secret".to_owned());
        assert!(serde_json::to_string(&key).is_err());
        assert_eq!(format!("{key:?}"), "AccessKey(..)");
    }
}
