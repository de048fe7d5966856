//! What a caller's question in SQL is answered from: tables that hold what this caller may see, and nothing else.

pub(crate) mod appliance;
pub(crate) mod ask;
mod guest;
mod listed;
mod tables;
mod trail;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use access::ListPermit;
use library::project::Project;
use metering::{Prices, Question, Table, UsageSnapshot, rate};
use model::{Id, Permission, Permitted, Subject, noun::Tenant};
use store::{Read as _, View};
use tokio::sync::Notify;

pub use self::guest::{Guest, Knocking};
use crate::{
    problem::{Code, Problem},
    services::Services,
};

/// A caller who asks, and the one moment of the file that the whole question sees.
#[derive(Debug)]
pub(crate) struct Asker {
    sight: Box<dyn Sight>,
    view: Seen,
}

/// Who says whether the caller holds a permission on a record: the permit of whichever endpoint the question came by.
trait Sight: std::fmt::Debug + Send + Sync {
    fn allows(&self, permission: Permission, subject: &Subject) -> bool;
}

impl<P: Permitted> Sight for Arc<ListPermit<P>> {
    fn allows(&self, permission: Permission, subject: &Subject) -> bool {
        ListPermit::allows(self, permission, subject)
    }
}

/// A snapshot; it has nothing that one could print.
struct Seen(Arc<View>);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}

/// Tables that not everybody who may ask sees, and what one must hold for them.
const GUARDED: &[(&str, Permission)] = &[
    ("prices", Permission::CostRead),
    ("charges", Permission::CostRead),
    ("cost_focus", Permission::CostRead),
    ("cost_focus_1_2", Permission::CostRead),
    ("users", Permission::MemberRead),
    ("audit", Permission::AuditRead),
];

/// A table that a statement seems to name and its caller may not see, and what they lack.
pub(crate) fn withheld<P: Permitted>(
    permit: &ListPermit<P>,
    realm: &Subject,
    sql: &str,
) -> Option<(&'static str, Permission)> {
    guarded(sql).find(|(_, needs)| !permit.allows(*needs, realm))
}

/// The guarded tables that a statement seems to name, and what one must hold for each.
pub(crate) fn guarded(sql: &str) -> impl Iterator<Item = (&'static str, Permission)> {
    // Names that are not quoted mean the same in any letters.
    let sql = sql.to_lowercase();
    let words: BTreeSet<&str> = sql.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).collect();
    let found: Vec<_> = GUARDED.iter().filter(|(table, _)| words.contains(table)).copied().collect();
    found.into_iter()
}

/// Whether the caller sees a table that not everybody does; a table that is not listed as such is seen by nobody.
fn sees<P: Permitted>(permit: &ListPermit<P>, realm: &Subject, table: &str) -> bool {
    GUARDED.iter().any(|(guarded, needs)| *guarded == table && permit.allows(*needs, realm))
}

/// Adds to a question what its caller may see. A request that asks several keeps its permit, and leaves one row.
pub(crate) fn equip<P: Permitted>(
    services: &Services,
    permit: impl Into<Arc<ListPermit<P>>>,
    realm: &Subject,
    mut question: Question,
) -> Result<Question, Problem> {
    let permit = permit.into();
    let view = Arc::new(permit.read()?);
    let files = permit
        .files()
        .ok_or_else(|| Problem::new(Code::NotFound, "the appliance itself has no tables; ask in a tenant"))?;
    // What was used is seen as a whole by those who hold the permission in the whole tenant, and else by project; what lies in
    // projects is looked at row by row.
    let own = if permit.is_whole() { None } else { Some(own_projects(&permit, &view)?) };
    let sees_costs = match &own {
        None => sees(&permit, realm, "prices"),
        Some(own) => own.iter().all(|project| permit.allows(Permission::CostRead, project)),
    };
    if own.as_ref().is_none_or(|own| !own.is_empty()) {
        let projects = own.map(|own| own.iter().filter_map(|project| project.id.typed()).collect());
        let now = services.store.clock().now();
        let usage = library::sealing::snapshot(&view, files.blobs(), services.usage_kept, now)?;
        question.usage = Some(UsageSnapshot { projects, ..usage });
        if sees_costs {
            let tenant = tenancy::find(&services.store.system().read()?, question.tenant)?;
            let account = tenant.map_or_else(|| question.tenant.to_string(), |tenant| tenant.name);
            question.prices = Some(Prices { cards: rate::cards(&*view)?, account });
        }
    }
    let (reads_people, reads_trail) = (sees(&permit, realm, "users"), sees(&permit, realm, "audit"));
    let asker = Arc::new(Asker { sight: Box::new(permit), view: Seen(view) });
    let mut tables: Vec<Arc<dyn Table>> = tables::of_projects(&asker);
    if reads_people {
        tables.push(tables::users(&asker));
    }
    if reads_trail {
        tables.push(Arc::new(trail::Trail(asker)));
    }
    question.tables = tables;
    Ok(question)
}

/// The projects of which the caller sees what was used, as the gate sees them.
fn own_projects<P: Permitted>(permit: &ListPermit<P>, view: &View) -> Result<Vec<Subject>, Problem> {
    let mut own = Vec::new();
    for id in permit.projects() {
        let project = view.get::<Project>(&id)?.filter(|project| project.trashed.is_none());
        own.extend(project.map(|project| project.header.subject()).filter(|subject| permit.visible(subject)));
    }
    Ok(own)
}

/// A text as a literal of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A moment in milliseconds since 1970 as a literal of SQL.
pub(crate) fn moment_literal(millis: i64) -> String {
    format!("arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')", millis.saturating_mul(1_000))
}

/// Tenants of which so many rows wait that they should be sealed now.
#[derive(Debug, Default)]
pub struct Full {
    tenants: Mutex<BTreeSet<Id<Tenant>>>,
    told: Notify,
}

impl Full {
    /// Says that rows of a tenant should be sealed.
    pub(crate) fn tell(&self, tenant: Id<Tenant>) {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        self.told.notify_one();
    }

    /// Waits until there are such tenants.
    pub async fn wait(&self) -> BTreeSet<Id<Tenant>> {
        loop {
            let told = self.told.notified();
            let tenants = std::mem::take(&mut *self.tenants.lock().unwrap_or_else(PoisonError::into_inner));
            if !tenants.is_empty() {
                return tenants;
            }
            told.await;
        }
    }
}
