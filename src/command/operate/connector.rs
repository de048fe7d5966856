//! `audiagram connector`: places of a tenant's own into which files are put.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Form, text};
use crate::{
    client::{InTenant, encoded},
    console::table::Column,
    failure::{Failure, Kind},
    files,
};

const COLUMNS: [Column; 7] = [
    ("connector", "/id"),
    ("title", "/title"),
    ("folder", "/place/folder/path"),
    ("bucket", "/place/s3/bucket"),
    ("storage", "/place/s3/url"),
    ("server", "/place/sftp/host"),
    ("on the server", "/place/sftp/folder"),
];
/// The longest key of a bucket, and password or key of a server.
const LONGEST: u64 = 4 << 10;

/// List, name and remove places into which tables are written as files
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram connector add-folder Lake bi/usage --tenant acme
  audiagram connector add-bucket Lake --url https://s3.example.com --region eu-1 --bucket lake \\
      --key-id AKID --secret-file key.txt --tenant acme
  audiagram connector add-server Partner --host files.example.com --user audiagram --key-file id_ed25519 \\
      --host-key SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM --folder in/reports --tenant acme
  audiagram connector list --tenant acme")]
pub(crate) struct ConnectorCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the tenant's connectors
    List(Plain),
    /// Name a folder in the one that the operator allows (exports.folder)
    AddFolder(AddFolder),
    /// Name a bucket of storage that speaks S3 and stands in the residency zone (exports.s3_hosts)
    AddBucket(AddBucket),
    /// Name a server that speaks SFTP and stands in the residency zone (exports.sftp_hosts)
    AddServer(AddServer),
    /// Put a small file there and take it away again, to see whether it works
    Test(One),
    /// Remove a connector; what was put there stays
    Remove(One),
}

#[derive(Debug, Args)]
struct Plain {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct One {
    /// Id of the connector
    connector: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct AddFolder {
    /// What it is called
    title: String,
    /// The folder, in that of the tenant
    path: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct AddBucket {
    /// What it is called
    title: String,
    /// The storage: `https://host`, with `:port` where it is not 443
    #[arg(long)]
    url: String,
    /// The region that requests are signed for
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The bucket
    #[arg(long)]
    bucket: String,
    /// What stands before the names of files
    #[arg(long, default_value = "")]
    prefix: String,
    /// Id of the key that may write into the bucket
    #[arg(long, value_name = "ID")]
    key_id: String,
    /// File with the key
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct AddServer {
    /// What it is called
    title: String,
    /// The server: a name or an address
    #[arg(long)]
    host: String,
    /// Its port
    #[arg(long, default_value_t = 22)]
    port: u16,
    /// Who signs in
    #[arg(long)]
    user: String,
    /// File with the password
    #[arg(long, value_name = "FILE", required_unless_present = "key_file", conflicts_with = "key_file")]
    password_file: Option<PathBuf>,
    /// File with an Ed25519 key, as `ssh-keygen -t ed25519` writes it, without a passphrase
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Fingerprint of the server's key; without it nothing is sent, and `connector test` says which the server shows
    #[arg(long, value_name = "SHA256:...", default_value = "")]
    host_key: String,
    /// Where files are put; without a word where the server lets the user in
    #[arg(long, default_value = "")]
    folder: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

impl ConnectorCommand {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::List(Plain { form, at }) => {
                form.pages(&mut at.client()?, "/v1/connectors", &COLUMNS, "there are no connectors")
            }
            Verb::AddFolder(AddFolder { title, path, form, at }) => {
                add(*form, at, title, &json!({ "folder": { "path": path } }))
            }
            Verb::AddBucket(bucket) => bucket.run(),
            Verb::AddServer(server) => server.run(),
            Verb::Test(One { connector, form, at }) => {
                let path = format!("/v1/connectors/{}/test", encoded(connector));
                let tried: Value = at.client()?.post(&path, &json!({}))?.json()?;
                match tried["works"].as_bool() {
                    Some(true) => form.done(&tried, "a file was put there and taken away again"),
                    _ => Err(Failure::new(Kind::Failed, text(&tried, "why").to_owned())),
                }
            }
            Verb::Remove(One { connector, form, at }) => {
                let client = &mut at.client()?;
                let path = format!("/v1/connectors/{}", encoded(connector));
                let found = client.get(&path)?;
                client.delete(&path, found.etag())?;
                form.done(&json!({ "id": connector }), "the connector is removed; what was put there stays")
            }
        }
    }
}

impl AddBucket {
    fn run(&self) -> Result<(), Failure> {
        let AddBucket { title, url, region, bucket, prefix, key_id, secret_file, form, at } = self;
        let (url, secret) = (url.trim_end_matches('/'), secret_in(secret_file)?);
        let place = json!({
            "url": url, "region": region, "bucket": bucket, "prefix": prefix, "key_id": key_id, "secret": secret,
        });
        add(*form, at, title, &json!({ "s3": place }))
    }
}

impl AddServer {
    fn run(&self) -> Result<(), Failure> {
        let AddServer { title, host, port, user, password_file, key_file, host_key, folder, form, at } = self;
        let mut place = json!({ "host": host, "port": port, "user": user, "host_key": host_key, "folder": folder });
        match (password_file, key_file) {
            (_, Some(file)) => place["private_key"] = secret_in(file)?.into(),
            (Some(file), None) => place["password"] = secret_in(file)?.into(),
            (None, None) => {}
        }
        add(*form, at, title, &json!({ "sftp": place }))
    }
}

/// The one secret that a file holds, without the lines around it.
fn secret_in(file: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(files::read_small(file, LONGEST)?)
        .map_err(|_| Failure::new(Kind::Usage, format!("{} holds no text", file.display())))?;
    Ok(text.trim().to_owned())
}

fn add(form: Form, at: &InTenant, title: &str, place: &Value) -> Result<(), Failure> {
    let made: Value = at.client()?.post("/v1/connectors", &json!({ "title": title, "place": place }))?.json()?;
    form.done(&made, &format!("{title} is {}", text(&made, "id")))
}
