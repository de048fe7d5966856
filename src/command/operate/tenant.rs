//! `audiagram tenant`: tenants of an appliance that is not running.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use identity::{Email, NewInvitation, PeopleError, Realm, Secret, invitation};
use model::{Classification, Id, Level, SystemTask, noun};
use serde_json::{Value, json};
use store::{EventDraft, Query, Read as _, Store};
use tenancy::{NewTenant, Plan, Tenant};

use crate::{
    console::{self, Console},
    failure::{Failure, Kind},
    serve::{Place, open_store},
};

/// How long the first owner may take, in days.
const OWNER_DAYS: u64 = 7;

/// Make and list tenants
#[derive(Debug, Args)]
pub(crate) struct TenantCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Create(Create),
    List(List),
}

/// Make a tenant
#[derive(Debug, Args)]
struct Create {
    /// Short name in addresses and at sign-in: lower-case letters, digits, hyphens
    slug: String,
    /// Name for people; the short name without a word
    #[arg(long)]
    name: Option<String>,
    /// What it may use
    #[arg(long, value_enum, default_value_t = PlanArg::Team)]
    plan: PlanArg,
    /// E-mail address of its first owner; prints the code with which the owner chooses a password
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List tenants, newest first
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlanArg {
    Trial,
    Team,
    Business,
    Enterprise,
}

impl From<PlanArg> for Plan {
    fn from(plan: PlanArg) -> Plan {
        match plan {
            PlanArg::Trial => Plan::Trial,
            PlanArg::Team => Plan::Team,
            PlanArg::Business => Plan::Business,
            PlanArg::Enterprise => Plan::Enterprise,
        }
    }
}

impl TenantCommand {
    pub(crate) fn run(&self, _: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::Create(create) => create.run(),
            Verb::List(list) => list.run(),
        }
    }
}

impl Create {
    fn run(&self) -> Result<(), Failure> {
        let config = self.place.load()?;
        let store = open_store(&config).map_err(|error| Failure::of(Kind::Failed, &error))?;
        let new = NewTenant {
            slug: self.slug.clone(),
            name: self.name.clone().unwrap_or_else(|| self.slug.clone()),
            home: config.region,
            plan: self.plan.into(),
        };
        let event = EventDraft::system(SystemTask::TenantCreate, Id::<noun::Appliance>::from_bits(0).erase());
        // The address is looked at first: a tenant whose owner cannot be invited would have to be found and removed.
        let owner =
            self.owner.as_deref().map(Email::parse).transpose().map_err(|error| Failure::of(Kind::BadInput, &error))?;
        let tenant = tenancy::create(&store, event, new).map_err(|error| Failure::of(Kind::BadInput, &error))?;
        let code = owner.map(|email| invite(&store, &tenant, email)).transpose()?;
        if self.json {
            let mut shown = view(&tenant);
            if let Some(code) = &code {
                shown["invitation"] = code.expose().into();
            }
            return console::print(&format!("{shown}\n"));
        }
        console::print(&format!("{}\n", tenant.id))?;
        let Some(code) = code else { return Ok(()) };
        console::print(&format!(
            "Invitation of the owner, good for {OWNER_DAYS} days, shown once:\n{}\n",
            code.expose()
        ))
    }
}

fn invite(store: &Store, tenant: &Tenant, email: Email) -> Result<Secret, Failure> {
    let realm = Realm { tenant: tenant.id, home: tenant.home, suspended: false, name: tenant.name.clone() };
    let db = store.tenant(tenant.id).map_err(|error| Failure::of(Kind::Failed, &error))?;
    let event = EventDraft::system(SystemTask::TenantCreate, tenant.id.erase());
    let invited = db.write::<_, PeopleError>(event, |tx| {
        let expires = tx.now().after(Duration::from_secs(OWNER_DAYS * 86_400));
        let clearance = Classification::Restricted;
        let new = NewInvitation { email, level: Level::Owner, project: None, clearance, expires };
        Ok(invitation::create(tx, &realm, tenant.id.erase(), new)?.0.reveal())
    });
    invited.map_err(|error| Failure::of(Kind::Failed, &error))
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let config = self.place.load()?;
        let failed = |error: &(dyn std::error::Error + 'static)| Failure::of(Kind::Failed, error);
        let store = open_store(&config).map_err(|error| failed(&error))?;
        let view_of = store.system().read().map_err(|error| failed(&error))?;
        let mut after = None;
        loop {
            let query = Query { after: after.as_ref(), ..Query::newest(1_000) };
            let page = view_of.list::<Tenant>(&query, |_| true).map_err(|error| failed(&error))?;
            for tenant in &page.items {
                let line = if self.json {
                    view(tenant).to_string()
                } else {
                    format!("{}  {:24} {}", tenant.id, tenant.slug, console::shown(&tenant.name))
                };
                console::print(&format!("{line}\n"))?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

fn view(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id, "slug": tenant.slug, "name": tenant.name, "home": tenant.home, "plan": tenant.plan, "state": tenant.state,
    })
}
