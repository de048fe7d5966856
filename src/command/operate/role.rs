//! `audiagram role`: who may what.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Form, collect, in_days, text, user};
use crate::{
    client::{Client, InTenant, encoded, query},
    console::{self, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 3] = [("role", "/role"), ("name", "/name"), ("permissions", "/count")];
const PATHS: [Column; 6] = [
    ("principal", "/principal"),
    ("project", "/project"),
    ("role", "/role_name"),
    ("group", "/group"),
    ("until", "/expires"),
    ("assignment", "/assignment"),
];
const CHANGES: [Column; 4] =
    [("principal", "/principal"), ("project", "/project"), ("change", "/change"), ("permission", "/permission")];

/// List roles and permissions, give and take them, and report who may what
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram role assign ada@example.org editor --tenant acme
  audiagram role report --principal ada@example.org --tenant acme
  audiagram role report --csv --tenant acme > rights.csv
  audiagram role changes --from 2026-11-01 --to 2026-12-01 --tenant acme
  audiagram role permissions")]
pub(crate) struct RoleCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the built-in roles and the tenant's own
    List(Plain),
    /// Show what a role grants
    Show(One),
    /// List every permission there is
    Permissions(Codes),
    /// Give a role to someone
    Assign(Assign),
    /// Take a role back
    Unassign(Unassign),
    /// Report who may what, where, and by which role
    Report(Report),
    /// Report who gained and lost what between two dates
    Changes(Changes),
}

#[derive(Debug, Args)]
struct Plain {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Codes {
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct One {
    /// Name of a built-in role, or name or id of one of the tenant's own
    role: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Assign {
    /// E-mail address of a user, or id of a user, group or service account
    who: String,
    /// Name of a built-in role, or name or id of one of the tenant's own
    role: String,
    /// In this project only
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// For so many days only
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Unassign {
    /// Id of the assignment, as `role report` shows it; or whom to take the role from
    who: String,
    /// The role to take
    role: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Report {
    /// What this user or service account may: e-mail address or id
    #[arg(long, value_name = "WHO", conflicts_with_all = ["role", "project"])]
    principal: Option<String>,
    /// Who has this role
    #[arg(long, value_name = "ROLE", conflicts_with = "project")]
    role: Option<String>,
    /// Who may what in this project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Changes {
    /// From when on: a day (UTC) or a moment as RFC 3339 writes it; since it is known when absent
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Until when; now when absent
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

impl RoleCommand {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::List(Plain { form, at }) => {
                let mut roles = all(&mut at.client()?)?;
                for role in &mut roles {
                    role["count"] = role["permissions"].as_array().map_or(0, Vec::len).into();
                }
                form.list(&COLUMNS, &roles, "there are no roles")
            }
            Verb::Show(one) => {
                let role = find(&mut one.at.client()?, &one.role)?;
                one.form.thing(&role)
            }
            Verb::Permissions(Codes { form }) => permissions(*form),
            Verb::Assign(assign) => assign.run(),
            Verb::Unassign(unassign) => unassign.run(),
            Verb::Report(report) => report.run(),
            Verb::Changes(changes) => changes.run(),
        }
    }
}

/// The built-in roles and the tenant's own, each with what names it to the API as `role`.
fn all(client: &mut Client) -> Result<Vec<Value>, Failure> {
    let built_in: Value = client.get("/v1/roles/built-in")?.json()?;
    let built_in = built_in["roles"].as_array().cloned().unwrap_or_default();
    let own = collect(client, "/v1/roles")?;
    let named = |(mut role, name): (Value, &str)| {
        role["role"] = role[name].clone();
        role
    };
    let built_in = built_in.into_iter().map(|role| (role, "name"));
    Ok(built_in.chain(own.into_iter().map(|role| (role, "id"))).map(named).collect())
}

fn find(client: &mut Client, name: &str) -> Result<Value, Failure> {
    let roles = all(client)?;
    let mut found = roles.iter().filter(|role| role["role"] == name || role["name"] == name);
    match (found.next(), found.next()) {
        (Some(role), None) => Ok(role.clone()),
        (Some(_), Some(_)) => {
            Err(Failure::new(Kind::Usage, format!("several roles are called {name}")).remedy("the id of one"))
        }
        _ => Err(Failure::new(Kind::Conflict, format!("there is no role {name}")).remedy("`audiagram role list`")),
    }
}

fn permissions(form: Form) -> Result<(), Failure> {
    let item = |permission: &model::Permission| {
        json!({
            "permission": permission.code(),
            "of": if permission.is_of_appliance() { "appliance" } else { "tenant" },
            "second_factor": permission.needs_step_up(),
            "use_is_recorded": permission.is_sensitive_read(),
        })
    };
    let items: Vec<Value> = model::Permission::ALL.iter().map(item).collect();
    let columns = [
        ("permission", "/permission"),
        ("of", "/of"),
        ("asks for a second factor", "/second_factor"),
        ("reads are recorded", "/use_is_recorded"),
    ];
    form.list(&columns, &items, "")
}

impl Assign {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let who = user::find(client, &self.who)?;
        let role = find(client, &self.role)?;
        let mut body = json!({ "principal": who, "role": role["role"] });
        if let Some(days) = self.days {
            body["expires"] = in_days(days).into();
        }
        let path = match &self.project {
            Some(project) => format!("/v1/projects/{}/shares", encoded(project)),
            None => "/v1/assignments".to_owned(),
        };
        let given: Value = client.post(&path, &body)?.json()?;
        self.form.done(&given, &format!("{} is {} now: {}", self.who, text(&role, "name"), text(&given, "id")))
    }
}

impl Unassign {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let id = match &self.role {
            None => self.who.clone(),
            Some(role) => {
                let who = user::find(client, &self.who)?;
                let role = find(client, role)?;
                let given = collect(client, "/v1/assignments")?;
                let fits = |given: &&Value| {
                    given["principal"] == *who && given["role"] == role["role"] && given["project"].is_null()
                };
                let found = given.iter().find(fits).map(|given| text(given, "id").to_owned());
                found.ok_or_else(|| Failure::new(Kind::Conflict, "they do not have this role in the whole tenant"))?
            }
        };
        client.delete(&format!("/v1/assignments/{}", encoded(&id)), None)?;
        self.form.done(&json!({ "id": id }), "the role is taken back")
    }
}

impl Report {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.at.client()?;
        let principal = self.principal.as_ref().map(|who| user::find(client, who)).transpose()?;
        let role = self.role.as_ref().map(|role| find(client, role)).transpose()?;
        let path = query(&[
            ("principal", principal.as_deref()),
            ("role", role.as_ref().map(|role| text(role, "role"))),
            ("project", self.project.as_deref()),
            ("format", self.csv.then_some("csv")),
        ]);
        let answer = client.get(&format!("/v1/permissions/report{path}"))?;
        if self.csv {
            return console::print(&String::from_utf8_lossy(&answer.body));
        }
        let report: Value = answer.json()?;
        let paths = report["paths"].as_array().cloned().unwrap_or_default();
        self.form.list(&PATHS, &paths, "nobody may anything")
    }
}

impl Changes {
    fn run(&self) -> Result<(), Failure> {
        let path =
            query(&[("from", self.from.as_deref()), ("to", self.to.as_deref()), ("format", self.csv.then_some("csv"))]);
        let answer = self.at.client()?.get(&format!("/v1/permissions/changes{path}"))?;
        if self.csv {
            return console::print(&String::from_utf8_lossy(&answer.body));
        }
        let found: Value = answer.json()?;
        match found["since"].as_str() {
            None => console::err_line("warning: rights were not looked at yet: that is done about once an hour"),
            Some(since) if since > text(&found, "from") => {
                console::err_line(&format!("warning: what rights were before {since} is not known"));
            }
            Some(_) => {}
        }
        let one = |change: &Value, word: &str, permission: &Value| json!({ "principal": change["principal"], "project": change["project"], "change": word, "permission": permission });
        let of = |change: &Value| {
            let words = ["gained", "lost"].map(|word| {
                let permissions = change[word].as_array().into_iter().flatten();
                permissions.map(|permission| one(change, word, permission)).collect::<Vec<_>>()
            });
            words.concat()
        };
        let items: Vec<Value> = found["changes"].as_array().into_iter().flatten().flat_map(of).collect();
        self.form.list(&CHANGES, &items, "nobody gained or lost anything")
    }
}
