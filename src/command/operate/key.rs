//! `audiagram key`: API keys.

use std::io::{IsTerminal as _, Write as _};

use axum::http::{Method, header};
use clap::{Args, Subcommand, ValueEnum};
use identity::Secret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::{Value, json};

use super::{Form, errand, in_days, line, tenant, text};
use crate::{
    client::{Answer, Client, InTenant, Reach, encoded, query},
    console::{Console, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 6] = [
    ("id", "/id"),
    ("name", "/name"),
    ("of", "/owner"),
    ("until", "/expires"),
    ("last used", "/last_used"),
    ("revoked", "/revoked"),
];

/// Make, list and revoke API keys, with which programs sign in; renew the keys that encipher
#[derive(Debug, Args)]
#[command(after_help = "\
A key acts for a service account of a tenant, or for the person who makes it by signing in. What it may is a part of
what its owner may; `audiagram role permissions` lists the codes.

Examples:
  audiagram key create nightly-export --permission project:read --service-account sva_… --tenant acme
  audiagram key create ops --permission system:read --sign-in root@example.org
  audiagram key list --tenant acme
  audiagram key revoke key_… --tenant acme
  audiagram key rotate database --of acme")]
pub(crate) struct KeyCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make an API key, and show its secret once
    Create(Create),
    /// List API keys, newest first
    List(List),
    /// Revoke an API key: it is refused from the next request on
    Revoke(Revoke),
    /// Renew the appliance's key, or one of a tenant, while everybody works
    Rotate(Rotate),
}

#[derive(Debug, Args)]
struct Rotate {
    /// Which key
    #[arg(value_enum)]
    key: Which,
    /// Whose: short name or id of a tenant; not for the appliance's
    #[arg(long, value_name = "TENANT")]
    of: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The appliance's, which wraps those of all tenants; keep a copy of the new one
    Appliance,
    /// A tenant's own, which wraps its data keys
    Tenant,
    /// That of a tenant's records, which are enciphered anew
    Database,
    /// That of a tenant's recordings and videos, which are enciphered anew
    Blob,
    /// That of a tenant's search index
    Search,
    /// That of copies from now on
    Backup,
}

#[derive(Debug, Args)]
struct Create {
    /// What it is for
    name: String,
    /// What it may, like project:read; again for more, or separated by commas
    #[arg(long, required = true, value_delimiter = ',', value_name = "CODE")]
    permission: Vec<String>,
    /// How long it is good
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Make it for this service account
    #[arg(long, value_name = "ID", conflicts_with = "sign_in")]
    service_account: Option<String>,
    /// Sign in with this e-mail address and make it for yourself: as an operator, or in --tenant; asks for the password
    #[arg(long, value_name = "EMAIL")]
    sign_in: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct List {
    /// Those of this user or service account
    #[arg(long, value_name = "ID", conflicts_with = "own")]
    owner: Option<String>,
    /// Those of whose key is used with --server
    #[arg(long)]
    own: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Revoke {
    /// Id of the key
    key: String,
    /// One of whose key is used with --server
    #[arg(long)]
    own: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

impl KeyCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::Create(create) => create.run(console),
            Verb::List(list) => list.run(),
            Verb::Revoke(revoke) => revoke.run(),
            Verb::Rotate(rotate) => rotate.run(),
        }
    }
}

impl Create {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let mut body = json!({ "name": self.name, "permissions": self.permission, "expires": in_days(self.days) });
        let made: Value = match (&self.sign_in, &self.service_account) {
            (Some(email), _) => self.signed_in(email, &body)?,
            (None, Some(account)) => {
                body["service_account"] = account.as_str().into();
                self.at.client()?.post("/v1/api-keys", &body)?.json()?
            }
            (None, None) if self.at.reach.is_remote() => self.at.client()?.post("/v1/me/api-keys", &body)?.json()?,
            (None, None) => {
                return Err(Failure::new(Kind::Usage, "whose key is it to be?")
                    .remedy("--service-account ID, or --sign-in EMAIL for one of your own"));
            }
        };
        console.info(format!(
            "{}, good until {}; the secret, shown this once:",
            text(&made, "id"),
            text(&made, "expires")
        ));
        self.form.done(&made, text(&made, "secret"))
    }

    /// Makes a key of one's own: a session for this one request.
    fn signed_in(&self, email: &str, body: &Value) -> Result<Value, Failure> {
        let tenant = self.at.tenant.as_deref().unwrap_or(tenancy::APPLIANCE);
        let client = &mut self.at.reach.stranger()?;
        let password = password(email)?;
        let sign_in = json!({ "tenant": tenant, "email": email, "password": password.expose() });
        let signed_in = client.post("/v1/session", &sign_in)?;
        let cookie = signed_in.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).unwrap_or_default().to_owned();
        let with = [("cookie", cookie.as_str()), ("sec-fetch-site", "none")];
        let made = client.send(Method::POST, "/v1/me/api-keys", Some(body), &with).and_then(Answer::good);
        // Whatever became of the key, the session has done its work.
        sign_out(client, &with)?;
        made?.json()
    }
}

fn sign_out(client: &mut Client, with: &[(&'static str, &str)]) -> Result<(), Failure> {
    client.send(Method::DELETE, "/v1/session", None, with).and_then(Answer::good).map(drop)
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let none = "there are no API keys";
        if self.own {
            let own: Value = self.at.client()?.get("/v1/me/api-keys")?.json()?;
            return self.form.list(&COLUMNS, own["items"].as_array().map_or(&[], Vec::as_slice), none);
        }
        let path = format!("/v1/api-keys{}", query(&[("owner", self.owner.as_deref())]));
        self.form.pages(&mut self.at.client()?, &path, &COLUMNS, none)
    }
}

impl Revoke {
    fn run(&self) -> Result<(), Failure> {
        let own = if self.own { "me/" } else { "" };
        self.at.client()?.delete(&format!("/v1/{own}api-keys/{}", encoded(&self.key)), None)?;
        self.form.done(&json!({ "id": self.key }), "the key is revoked")
    }
}

impl Rotate {
    fn run(&self) -> Result<(), Failure> {
        if (self.key == Which::Appliance) == self.of.is_some() {
            return Err(
                Failure::new(Kind::Usage, "every key but the appliance's is that of a tenant").remedy("--of TENANT")
            );
        }
        let client = &mut self.reach.client()?;
        let tenant = self.of.as_ref().map(|of| tenant::find(client, of)).transpose()?;
        let name = self.key.to_possible_value().map(|value| value.get_name().to_owned());
        let mut body = json!({ "key": name });
        if let Some(tenant) = &tenant {
            body["tenant"] = tenant["id"].clone();
        }
        let done = errand(client, "/v1/keys/rotate", &body)?;
        self.form.done(&done, "the key is renewed")
    }
}

/// A password from standard input; a terminal does not show it.
fn password(email: &str) -> Result<Secret, Failure> {
    let stdin = std::io::stdin();
    let before = if stdin.is_terminal() { tcgetattr(&stdin).ok() } else { None };
    if let Some(before) = &before {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "Password of {}: ", crate::console::shown(email)).and_then(|()| err.flush());
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        let _ = tcsetattr(&stdin, OptionalActions::Now, &silent);
    }
    let read = line();
    if let Some(before) = &before {
        let _ = tcsetattr(&stdin, OptionalActions::Now, before);
        crate::console::err_line("");
    }
    let text = read?;
    Ok(Secret::from(text.trim_end_matches(['\n', '\r']).to_owned()))
}
