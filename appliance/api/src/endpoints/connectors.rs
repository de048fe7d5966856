//! Connectors: places of the tenant's own into which files are put.

use library::connector::{self, AccessKey, Bucket, Connector, Login, Place, SftpServer};
use model::{
    Id, noun,
    permission::{ConnectorManage, ConnectorRead},
};
use outbound::{HostKey, SFTP_PORT, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Read as _;

use super::view::{PageQuery, PageView, moment, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    extracting::not_put,
    guard::{InTenant, Listing, On, Reading},
    problem::{Code, Problem},
    reply::{Json, Nothing, Versioned},
    services::Services,
};

type Seeing = Reading<ConnectorRead, Connector>;
type Managing = On<ConnectorManage, Connector>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ConnectorRead>>("/v1/connectors", "list_connectors", "Connectors of the tenant, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<ConnectorManage>>(
            "/v1/connectors",
            "create_connector",
            "Name a place of your own into which files are put: a folder in the operator's, a bucket, or a server that speaks SFTP",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<Seeing>("/v1/connectors/{connector}", "read_connector", "A connector").by(read),
        patch::<Managing>(
            "/v1/connectors/{connector}",
            "update_connector",
            "Change a connector, or give it another key",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<Managing>(
            "/v1/connectors/{connector}",
            "delete_connector",
            "Remove a connector; what was put there stays",
        )
        .versioned()
        .silently()
        .by(remove),
        post::<Managing>(
            "/v1/connectors/{connector}/test",
            "test_connector",
            "Put a small file there and take it away again, to see whether it works",
        )
        .by(test),
    ]
}

/// A connector to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewConnector")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    title: String,
    /// Where files are put.
    place: PlaceBody,
}

/// A change of a connector.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConnectorUpdate")]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// What it is called.
    #[serde(default)]
    #[schemars(length(min = 1, max = 120))]
    title: Option<String>,
    /// Where files are put from now on, with its key.
    #[serde(default)]
    place: Option<PlaceBody>,
}

/// Where files are put.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewPlace")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum PlaceBody {
    /// In a folder of the tenant's in the one that the operator allows.
    Folder(FolderView),
    /// In a bucket of storage that speaks S3.
    S3(BucketBody),
    /// On a server that speaks SFTP.
    Sftp(Box<SftpBody>),
}

/// A folder.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FolderPlace")]
#[serde(deny_unknown_fields)]
struct FolderView {
    /// Names of letters, digits, `-`, `_` and `.`, with slashes between.
    #[schemars(length(min = 1, max = 200))]
    path: String,
}

/// A bucket with its key.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBucket")]
#[serde(deny_unknown_fields)]
struct BucketBody {
    /// The storage: `https://host[:port]`, one that the operator names as standing in the appliance's residency zone.
    #[schemars(length(min = 9, max = 2048))]
    url: String,
    /// The region that requests are signed for.
    #[schemars(length(min = 1, max = 32))]
    region: String,
    /// The bucket.
    #[schemars(length(min = 3, max = 63))]
    bucket: String,
    /// What stands before the names of files; nothing without a word.
    #[serde(default)]
    #[schemars(length(max = 200))]
    prefix: String,
    /// The id of the key.
    #[schemars(length(min = 1, max = 128))]
    key_id: String,
    /// The key; it is never shown.
    #[schemars(length(min = 1, max = 256))]
    secret: String,
}

impl std::fmt::Debug for BucketBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketBody").field("url", &self.url).field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// A server with what shows it who signs in.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSftpServer")]
#[serde(deny_unknown_fields)]
struct SftpBody {
    /// The server: a name or an address (IPv6 in brackets), one that the operator names as standing in the appliance's residency zone.
    #[schemars(length(min = 1, max = 260))]
    host: String,
    /// Its port.
    #[serde(default = "usual_port")]
    #[schemars(range(min = 1))]
    port: u16,
    /// Who signs in.
    #[schemars(length(min = 1, max = 128))]
    user: String,
    /// The password; it is never shown.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    password: Option<String>,
    /// An Ed25519 key in OpenSSH's form, without a passphrase, in place of a password; it is never shown. Where a change names neither, and host,
    /// port and user stay, what is stored stays.
    #[serde(default)]
    #[schemars(length(min = 1, max = 4096))]
    private_key: Option<String>,
    /// The fingerprint of the key that the server must show, `SHA256:…` as `ssh-keygen -l` has it. Nothing is sent without; the test says which
    /// key the server shows.
    #[serde(default)]
    #[schemars(length(max = 64))]
    host_key: String,
    /// Where files are put: from the root with a slash before it, else from where the server lets the user in; there without a word.
    #[serde(default)]
    #[schemars(length(max = 200))]
    folder: String,
}

impl std::fmt::Debug for SftpBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SftpBody").field("host", &self.host).field("user", &self.user).finish_non_exhaustive()
    }
}

fn usual_port() -> u16 {
    SFTP_PORT
}

/// A connector.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Connector")]
struct ConnectorView {
    /// The id.
    id: String,
    /// What it is called.
    title: String,
    /// Where files are put.
    place: PlaceView,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was last changed (RFC 3339).
    updated: String,
}

/// Where files are put.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
#[serde(rename_all = "snake_case")]
enum PlaceView {
    /// In a folder of the tenant's in the one that the operator allows.
    Folder(FolderView),
    /// In a bucket of storage that speaks S3.
    S3(BucketView),
    /// On a server that speaks SFTP.
    Sftp(SftpView),
}

/// A bucket.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bucket")]
struct BucketView {
    /// The storage.
    url: String,
    /// The region that requests are signed for.
    region: String,
    /// The bucket.
    bucket: String,
    /// What stands before the names of files.
    prefix: String,
    /// The id of the key.
    key_id: String,
}

/// A server that speaks SFTP.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SftpServer")]
struct SftpView {
    /// The server.
    host: String,
    /// Its port.
    port: u16,
    /// Who signs in.
    user: String,
    /// How.
    signs_in_by: SftpLogin,
    /// The fingerprint of the key that it must show; empty while nobody has written it down, and nothing is sent.
    host_key: String,
    /// Where files are put.
    folder: String,
}

/// How a user signs in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SftpLogin {
    /// By a password.
    Password,
    /// By a key.
    PrivateKey,
}

impl From<&Connector> for ConnectorView {
    fn from(connector: &Connector) -> Self {
        ConnectorView {
            id: connector.header.id.to_string(),
            title: connector.title.clone(),
            place: match connector.place.clone() {
                Place::Folder { path } => PlaceView::Folder(FolderView { path }),
                Place::S3(Bucket { url, region, name: bucket, prefix, key_id, key: _ }) => {
                    PlaceView::S3(BucketView { url, region, bucket, prefix, key_id })
                }
                Place::Sftp(SftpServer { host, port, user, login, host_key, folder }) => {
                    let signs_in_by = match login {
                        Login::Password(_) => SftpLogin::Password,
                        Login::Key(_) => SftpLogin::PrivateKey,
                    };
                    PlaceView::Sftp(SftpView { host, port, user, signs_in_by, host_key, folder })
                }
            },
            owner: connector.header.owner.to_string(),
            version: connector.header.version,
            updated: moment(connector.header.updated),
        }
    }
}

/// A place as it is stored, once the operator allows it. It is asked again whenever files are put there. `stored` is the one before.
fn place(services: &Services, body: PlaceBody, stored: Option<Place>) -> Result<Place, Problem> {
    match body {
        PlaceBody::Folder(FolderView { path }) => {
            if services.depots.folder.is_none() {
                return Err(Problem::at("/place/folder", outbound::DepotError::NoFolder.to_string()));
            }
            Ok(Place::Folder { path })
        }
        PlaceBody::S3(BucketBody { url, region, bucket: name, prefix, key_id, secret }) => {
            let wrong = |detail: String| Problem::at("/place/s3/url", detail);
            let target: Target = url.parse().map_err(|error: outbound::TargetError| wrong(error.to_string()))?;
            if target.is_plain() || target.path() != "/" {
                return Err(wrong("must begin with https:// and end with the host or its port".to_owned()));
            }
            services.depots.allow(&target).map_err(|error| wrong(error.to_string()))?;
            Ok(Place::S3(Bucket { url: target.to_string(), region, name, prefix, key_id, key: AccessKey::new(secret) }))
        }
        PlaceBody::Sftp(body) => server(services, *body, stored).map(Place::Sftp),
    }
}

/// A server as it is stored.
fn server(services: &Services, body: SftpBody, stored: Option<Place>) -> Result<SftpServer, Problem> {
    let SftpBody { host, port, user, password, private_key, host_key, folder } = body;
    let wrong = |detail: String| Problem::at("/place/sftp/host", detail);
    let at = Target::server(&host, port).map_err(|error| wrong(error.to_string()))?;
    services.depots.allow_server(&at).map_err(|error| wrong(error.to_string()))?;
    let login = match (password, private_key) {
        (Some(password), None) => Login::Password(AccessKey::new(password)),
        (None, Some(key)) => {
            outbound::Login::key(&key).map_err(|error| Problem::at("/place/sftp/private_key", error.to_string()))?;
            Login::Key(AccessKey::new(key))
        }
        (Some(_), Some(_)) => {
            return Err(Problem::at(
                "/place/sftp/private_key",
                "a user signs in by a password or by a key; give one of them",
            ));
        }
        // Only to where it was given for.
        (None, None) => match stored {
            Some(Place::Sftp(before)) if (&before.host, before.port, &before.user) == (&host, port, &user) => {
                before.login
            }
            _ => return Err(Problem::at("/place/sftp/password", "give a password or a private key")),
        },
    };
    let host_key = match host_key.trim() {
        "" => String::new(),
        text => {
            let key = text.parse::<HostKey>();
            key.map_err(|error| Problem::at("/place/sftp/host_key", error.to_string()))?.to_string()
        }
    };
    Ok(SftpServer { host, port, user, login, host_key, folder })
}

fn list(call: Call<'_, Listing<ConnectorRead>, PageQuery, Empty>) -> Result<Json<PageView<ConnectorView>>, Problem> {
    let page = connector::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |connector| ConnectorView::from(&connector))))
}

fn create(call: Call<'_, InTenant<ConnectorManage>, Empty, NewBody>) -> Result<Json<ConnectorView>, Problem> {
    let NewBody { title, place: body } = call.body;
    let place = place(call.services, body, None)?;
    Ok(Json((&connector::create(call.pass, &title, place)?).into()))
}

fn read(call: Call<'_, Seeing, Empty, Empty>) -> Result<Versioned<ConnectorView>, Problem> {
    Ok(Versioned(call.pass.header.version, (&call.pass).into()))
}

fn update(call: Call<'_, Managing, Empty, ChangeBody>) -> Result<Versioned<ConnectorView>, Problem> {
    let ChangeBody { title, place: body } = call.body;
    let id: Id<noun::Connector> = path_id(call.request)?;
    let stored = call.pass.read()?.get::<Connector>(&id)?.map(|connector| connector.place);
    let place = body.map(|body| place(call.services, body, stored)).transpose()?;
    let base = call.request.base_version()?;
    let connector = connector::update(call.pass, base, title.as_deref(), place)?;
    Ok(Versioned(connector.header.version, (&connector).into()))
}

/// Whether files can be put somewhere.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConnectorTest")]
struct TestView {
    /// Whether a file was put there and taken away again.
    works: bool,
    /// What stood in the way, with the remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// The folder of the file that is put there and taken away.
const PROBE: &str = "audiagram-test";

fn test(call: Call<'_, Managing, Empty, Empty>) -> Result<Json<TestView>, Problem> {
    let id: Id<noun::Connector> = path_id(call.request)?;
    let place = call.pass.read()?.get::<Connector>(&id)?.ok_or_else(|| Problem::new(Code::NotFound, ""))?.place;
    let (tenant, now) = (call.pass.tenant().to_string(), call.services.seconds());
    let tried = call.services.depot(&tenant, place).and_then(|depot| {
        let name = format!("{PROBE}/{}.txt", call.request.id);
        let put = depot.put(&name, b"audiagram was here\n", now);
        put.and_then(|()| depot.remove(PROBE, [name.as_str()], now)).map_err(|error| not_put(&error))
    });
    let why = tried.err().map(|failure| failure.message);
    // The place was asked before the write, which others wait for.
    call.pass.write::<_, Problem>(|tx| {
        tx.note("test", if why.is_none() { "works" } else { "fails" });
        Ok(())
    })?;
    Ok(Json(TestView { works: why.is_none(), why }))
}

fn remove(call: Call<'_, Managing, Empty, Empty>) -> Result<Nothing, Problem> {
    connector::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}
