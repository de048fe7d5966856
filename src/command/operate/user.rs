//! `audiagram user`: the people of a tenant.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Consent, Form, collect, in_days, text};
use crate::{
    client::{Client, InTenant, encoded},
    console::{Console, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 6] = [
    ("id", "/id"),
    ("e-mail", "/email"),
    ("name", "/name"),
    ("state", "/state"),
    ("locked", "/locked"),
    ("last sign-in", "/last_sign_in"),
];

/// Invite, list, suspend and remove the people of a tenant
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram user invite ada@example.org --role owner --tenant acme
  audiagram user list --tenant acme
  audiagram user unlock ada@example.org --tenant acme
  audiagram user list --json --server https://video.example.org:8443")]
pub(crate) struct UserCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List users, newest first
    List(Plain),
    /// Invite someone, and show the code with which they choose a password
    Invite(Invite),
    /// Show a user and the roles they have
    Show(One),
    /// Suspend a user: their sessions end and their keys die
    Suspend(One),
    /// Let a suspended user sign in again
    Resume(One),
    /// Remove a user for good, with their roles, sessions and keys
    Remove(Remove),
    /// Let a user try again whom failed sign-ins have locked out
    Unlock(One),
    /// Give a user a password for one sign-in, at which they choose another; ends their sessions
    ResetPassword(One),
    /// Remove the second factor of a user who has lost it; ends their sessions
    ResetSecondFactor(One),
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
    /// E-mail address or id
    user: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Args)]
struct Invite {
    /// E-mail address, to sign in with
    email: String,
    /// The role they will have
    #[arg(long, value_enum, default_value_t = Level::Viewer)]
    role: Level,
    /// In this project only
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// The most secret things they may see
    #[arg(long, value_enum)]
    clearance: Option<Secrecy>,
    /// How long the code is good
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=30))]
    days: u32,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

/// The built-in roles.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    Viewer,
    Editor,
    Manager,
    Admin,
    Owner,
    Auditor,
    Billing,
}

/// How secret things are.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Secrecy {
    Public,
    Internal,
    Confidential,
    Secret,
    Restricted,
}

impl UserCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::List(Plain { form, at }) => {
                form.pages(&mut at.client()?, "/v1/members", &COLUMNS, "there are no users")
            }
            Verb::Invite(invite) => invite.run(console),
            Verb::Show(one) => one.show(),
            Verb::Suspend(one) => one.change(&json!({ "suspended": true }), "suspended"),
            Verb::Resume(one) => one.change(&json!({ "suspended": false }), "active again"),
            Verb::Unlock(one) => one.change(&json!({ "locked": false }), "unlocked"),
            Verb::Remove(remove) => remove.run(),
            Verb::ResetPassword(one) => one.reset(console),
            Verb::ResetSecondFactor(one) => one.reset_second_factor(),
        }
    }
}

/// The id of the user with this id or e-mail address.
pub(super) fn find(client: &mut Client, who: &str) -> Result<String, Failure> {
    if !who.contains('@') {
        return Ok(who.to_owned());
    }
    let mut found = None;
    client.pages("/v1/members", "after", |user| {
        if text(&user, "email").eq_ignore_ascii_case(who) {
            found = Some(text(&user, "id").to_owned());
        }
        Ok(found.is_none())
    })?;
    found.ok_or_else(|| {
        Failure::new(Kind::Conflict, format!("nobody here signs in with {who}")).remedy("`audiagram user list`")
    })
}

impl One {
    fn path(&self, client: &mut Client) -> Result<String, Failure> {
        Ok(format!("/v1/members/{}", encoded(&find(client, &self.user)?)))
    }

    fn show(&self) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let path = self.path(client)?;
        let mut user: Value = client.get(&path)?.json()?;
        let given = collect(client, "/v1/assignments")?;
        let roles: Vec<Value> = given
            .iter()
            .filter(|given| given["principal"] == user["id"])
            .map(|given| match given["project"].as_str() {
                Some(project) => format!("{} in {project}", text(given, "role")).into(),
                None => given["role"].clone(),
            })
            .collect();
        user["roles"] = roles.into();
        self.form.thing(&user)
    }

    fn change(&self, change: &Value, now: &str) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let path = self.path(client)?;
        let before = client.get(&path)?;
        let user: Value = client.patch(&path, before.etag().unwrap_or("*"), change)?.json()?;
        self.form.done(&user, &format!("{} is {now}", text(&user, "email")))
    }

    fn reset(&self, console: &Console) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let path = self.path(client)?;
        let reset: Value = client.post(&format!("{path}/password"), &json!({}))?.json()?;
        console.info("password for one sign-in, shown this once:");
        self.form.done(&reset, text(&reset, "password"))
    }

    fn reset_second_factor(&self) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let path = self.path(client)?;
        let user: Value = client.get(&path)?.json()?;
        client.delete(&format!("{path}/second-factor"), None)?;
        self.form.done(&user, &format!("{} signs in with the password alone", text(&user, "email")))
    }
}

impl Remove {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.one.at.client()?;
        let path = self.one.path(client)?;
        let before = client.get(&path)?;
        let user: Value = before.json()?;
        let email = text(&user, "email");
        self.consent.ask(&format!("Removing {email}"), email)?;
        client.delete(&path, before.etag())?;
        self.one.form.done(&user, &format!("{email} is removed"))
    }
}

impl Invite {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
        let mut body = json!({
            "email": self.email,
            "role": name(self.role.to_possible_value()),
            "expires": in_days(self.days),
        });
        if let Some(project) = &self.project {
            body["project"] = project.as_str().into();
        }
        if let Some(clearance) = self.clearance {
            body["clearance"] = name(clearance.to_possible_value()).into();
        }
        let made: Value = self.at.client()?.post("/v1/invitations", &body)?.json()?;
        console.info(format!("code for {}, good until {}, shown this once:", self.email, text(&made, "expires")));
        self.form.done(&made, text(&made, "code"))
    }
}
