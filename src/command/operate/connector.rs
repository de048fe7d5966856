//! `audiagram connector`: places of a tenant's own into which files are put.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Form, text};
use crate::{
    client::{InTenant, encoded},
    console::table::Column,
    failure::{Failure, Kind},
    files,
};

const COLUMNS: [Column; 5] = [
    ("connector", "/id"),
    ("title", "/title"),
    ("folder", "/place/folder/path"),
    ("bucket", "/place/s3/bucket"),
    ("storage", "/place/s3/url"),
];
/// The longest key of a bucket.
const LONGEST: u64 = 1 << 10;

/// List, name and remove places into which tables are written as files
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram connector add-folder Lake bi/usage --tenant acme
  audiagram connector add-bucket Lake --url https://s3.example.com --region eu-1 --bucket lake \\
      --key-id AKID --secret-file key.txt --tenant acme
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
        let secret = String::from_utf8(files::read_small(secret_file, LONGEST)?)
            .map_err(|_| Failure::new(Kind::Usage, format!("{} holds no key", secret_file.display())))?;
        let (url, secret) = (url.trim_end_matches('/'), secret.trim());
        let place = json!({
            "url": url, "region": region, "bucket": bucket, "prefix": prefix, "key_id": key_id, "secret": secret,
        });
        add(*form, at, title, &json!({ "s3": place }))
    }
}

fn add(form: Form, at: &InTenant, title: &str, place: &Value) -> Result<(), Failure> {
    let made: Value = at.client()?.post("/v1/connectors", &json!({ "title": title, "place": place }))?.json()?;
    form.done(&made, &format!("{title} is {}", text(&made, "id")))
}
