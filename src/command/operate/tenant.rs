//! `audiagram tenant`: the life of tenants.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Consent, Form, text};
use crate::{
    client::{Client, Reach, encoded, query},
    console::{Console, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 6] = [
    ("id", "/id"),
    ("short name", "/slug"),
    ("name", "/name"),
    ("plan", "/plan"),
    ("state", "/state"),
    ("created", "/created"),
];

/// Make tenants and steer their lives
#[derive(Debug, Args)]
#[command(after_help = "\
Closing is the way out: nobody signs in, the data rest for the grace, and then they are erased. Erasing destroys the
tenant's keys at once, which makes its files and all their backups unreadable for good, and answers with a signed receipt.

Examples:
  audiagram tenant create acme --name \"Acme Ltd\" --owner ada@example.org
  audiagram tenant list --state suspended
  audiagram tenant suspend acme --reason \"invoice 4711\"
  audiagram tenant close acme --grace-days 60
  audiagram tenant erase acme")]
pub(crate) struct TenantCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a tenant, and show the code with which its first owner comes in
    Create(Create),
    /// List tenants, newest first
    List(List),
    /// Show a tenant
    Show(One),
    /// Keep everyone of a tenant out from the next request on; its data stay
    Suspend(Turn),
    /// Let a suspended tenant work again
    Resume(Turn),
    /// Close a tenant: nobody signs in, and after its grace it is erased
    Close(Close),
    /// Take a closing back while the grace lasts
    Reopen(Turn),
    /// Destroy a tenant's keys and files at once, for good; prints the receipt
    Erase(Erase),
}

#[derive(Debug, Args)]
struct Create {
    /// Short name in addresses and at sign-in: lower-case letters, digits, hyphens
    slug: String,
    /// Name for people; the short name without a word
    #[arg(long)]
    name: Option<String>,
    /// What it may use
    #[arg(long, value_enum, default_value_t = Plan::Team)]
    plan: Plan,
    /// E-mail address of its first owner; prints the code with which the owner chooses a password
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
struct List {
    /// Those in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Those whose short name begins with this
    #[arg(long, value_name = "BEGINNING")]
    slug: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
struct One {
    /// Short name or id
    tenant: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
struct Turn {
    #[command(flatten)]
    one: One,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

#[derive(Debug, Args)]
struct Close {
    #[command(flatten)]
    turn: Turn,
    /// After how many days it is erased
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    grace_days: u32,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    turn: Turn,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Plan {
    Trial,
    Team,
    Business,
    Enterprise,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Active,
    Suspended,
    Closed,
    Erased,
}

impl TenantCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::Create(create) => create.run(console),
            Verb::List(list) => list.run(),
            Verb::Show(one) => {
                let client = &mut one.reach.client()?;
                let tenant = find(client, &one.tenant)?;
                one.form.thing(&tenant)
            }
            Verb::Suspend(turn) => turn.run("suspend", "suspended"),
            Verb::Resume(turn) => turn.run("resume", "at work again"),
            Verb::Reopen(turn) => turn.run("reopen", "open again"),
            Verb::Close(close) => close.run(),
            Verb::Erase(erase) => erase.run(console),
        }
    }
}

fn word(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// The tenant with this short name or id.
pub(super) fn find(client: &mut Client, name: &str) -> Result<Value, Failure> {
    if name.starts_with("tnt_") {
        return client.get(&format!("/v1/tenants/{}", encoded(name)))?.json();
    }
    let mut found = None;
    client.pages(&format!("/v1/tenants{}", query(&[("slug", Some(name))])), "after", |tenant| {
        // In the order of short names, so the very name comes before those that it begins.
        if text(&tenant, "slug") == name {
            found = Some(tenant);
        }
        Ok(false)
    })?;
    found.ok_or_else(|| {
        Failure::new(Kind::Conflict, format!("there is no tenant {name}")).remedy("`audiagram tenant list`")
    })
}

impl Create {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let mut body = json!({ "slug": self.slug, "plan": word(&self.plan) });
        if let Some(name) = &self.name {
            body["name"] = name.as_str().into();
        }
        if let Some(owner) = &self.owner {
            body["owner"] = owner.as_str().into();
        }
        let made: Value = self.reach.client_or_new()?.post("/v1/tenants", &body)?.json()?;
        if made["known"] == true {
            console.warn(format!("the tenant {} was there before", self.slug));
        }
        let mut told = format!("{}  {}", text(&made, "id"), text(&made, "slug"));
        if let Some(code) = made["invitation"]["code"].as_str() {
            let until = text(&made["invitation"], "expires");
            told = format!("{told}\nInvitation of the owner, good until {until}, shown once:\n{code}");
        }
        self.form.done(&made, &told)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let state = self.state.as_ref().and_then(word);
        let path = format!("/v1/tenants{}", query(&[("state", state.as_deref()), ("slug", self.slug.as_deref())]));
        self.form.pages(&mut self.reach.client()?, &path, &COLUMNS, "there are no tenants")
    }
}

impl Turn {
    fn run(&self, verb: &str, now: &str) -> Result<(), Failure> {
        let client = &mut self.one.reach.client()?;
        let tenant = find(client, &self.one.tenant)?;
        let path = format!("/v1/tenants/{}/{verb}", text(&tenant, "id"));
        let turned: Value = client.post(&path, &json!({ "reason": self.reason }))?.json()?;
        self.one.form.done(&turned, &format!("{} is {now}", text(&turned, "slug")))
    }
}

impl Close {
    fn run(&self) -> Result<(), Failure> {
        let one = &self.turn.one;
        let client = &mut one.reach.client()?;
        let tenant = find(client, &one.tenant)?;
        let slug = text(&tenant, "slug");
        self.consent.ask(&format!("Closing {slug} is not final before its grace is over, and then it"), slug)?;
        let path = format!("/v1/tenants/{}/close", text(&tenant, "id"));
        let body = json!({ "reason": self.turn.reason, "grace_days": self.grace_days });
        let closed: Value = client.post(&path, &body)?.json()?;
        one.form.done(&closed, &format!("{slug} is closed; it is erased from {} on", text(&closed, "erase_from")))
    }
}

impl Erase {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let one = &self.turn.one;
        let client = &mut one.reach.client()?;
        let tenant = find(client, &one.tenant)?;
        let slug = text(&tenant, "slug");
        self.consent.ask(&format!("Erasing {slug}, with its recordings, videos and backups,"), slug)?;
        let path = format!("/v1/tenants/{}/erase", text(&tenant, "id"));
        let erased: Value = client.post(&path, &json!({ "confirm": slug, "reason": self.turn.reason }))?.json()?;
        console.info(format!("{slug} is erased; keep the receipt:"));
        one.form.thing(&erased["receipt"])
    }
}
