//! What those who run the appliance ask: sums over each tenant, and nothing of what a tenant has made, is called or calls its own.

use std::{collections::BTreeMap, sync::Arc};

use ::jobs::Job;
use access::{Permit, usage};
use metering::{Cell, Column, Kind, Meter, Question, Rows, Table, TableError, day_totals};
use model::{Action, SystemTask, Timestamp, permission::SystemRead};
use store::{Cursor, MAX_PAGE, MAX_ROWS, Query, Read as _, ReadError, Store, View, WriteError};
use tenancy::{Filter, Plan, StateKind, Tenant};

use crate::{problem::Problem, services::Services};

const DAY_MS: u64 = 86_400_000;

/// Adds the tables of the appliance to a question of those who run it. It leaves one row.
pub(crate) fn equip(
    services: &Services,
    permit: Permit<SystemRead>,
    mut question: Question,
) -> Result<Question, Problem> {
    permit.write::<_, WriteError>(|tx| {
        tx.note("asks", "sql");
        Ok(())
    })?;
    let tenants = Arc::new(tenants(&services.store.system().read()?)?);
    let table = |(name, about, columns, rows): Sheet| {
        let (store, tenants) = (services.store.clone(), tenants.clone());
        Arc::new(Across { store, tenants, name, about, columns, rows }) as Arc<dyn Table>
    };
    question.tables = TABLES.iter().copied().map(table).collect();
    Ok(question)
}

/// Every tenant of which something is left, oldest last.
fn tenants(system: &View) -> Result<Vec<Tenant>, ReadError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = tenancy::list(system, &Filter::default(), after.as_ref(), MAX_PAGE)?;
        all.extend(page.items.into_iter().filter(|tenant| tenant.state.kind() != StateKind::Erased));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Lines of one tenant without its id, from a place in its file on; where the next ones begin.
type Sums = fn(&Tenant, &View, Option<Vec<u8>>, Timestamp) -> Result<Rows, ReadError>;

/// A table's name, a line about it, its columns, and its lines.
type Sheet = (&'static str, &'static str, &'static [Column], Sums);

/// A table that goes from tenant to tenant.
struct Across {
    store: Arc<Store>,
    tenants: Arc<Vec<Tenant>>,
    name: &'static str,
    about: &'static str,
    columns: &'static [Column],
    rows: Sums,
}

impl std::fmt::Debug for Across {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Table for Across {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn columns(&self) -> &'static [Column] {
        self.columns
    }

    fn rows(&self, from: Option<Vec<u8>>) -> Result<Rows, TableError> {
        let (number, inside) = match from.as_deref().and_then(|from| from.split_first_chunk::<8>()) {
            None => (0, None),
            Some((number, inside)) => (u64::from_be_bytes(*number), Some(inside.to_vec()).filter(|it| !it.is_empty())),
        };
        let Some(tenant) = usize::try_from(number).ok().and_then(|number| self.tenants.get(number)) else {
            return Ok((Vec::new(), None));
        };
        // Which tenant it is, those who ask may know; what is wrong with its file, the log says.
        let unreadable = || TableError(format!("the file of {}", tenant.id));
        let view = self.store.tenant(tenant.id).map_err(|_| unreadable())?.read().map_err(|_| unreadable())?;
        let now = self.store.clock().now();
        let (mut rows, inside) = (self.rows)(tenant, &view, inside, now).map_err(|_| unreadable())?;
        for row in &mut rows {
            row.insert(0, Cell::Text(tenant.id.to_string()));
        }
        let next = match inside {
            Some(inside) => Some([&number.to_be_bytes()[..], &inside].concat()),
            None => Some((number + 1).to_be_bytes().to_vec()).filter(|_| number + 1 < self.tenants.len() as u64),
        };
        Ok((rows, next))
    }
}

const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, about }
}

const TENANT: Column = column("tenant_id", Kind::Text, "the tenant");
const DAY: Column = column("day", Kind::Time, "the day (UTC)");

const TABLES: &[Sheet] = &[
    (
        "tenants",
        "each tenant with what it has at present",
        &[
            TENANT,
            column("slug", Kind::Text, "its short name"),
            column("state", Kind::Text, "active, suspended or closed"),
            column("plan", Kind::Text, "its plan"),
            column("region", Kind::Text, "its home"),
            column("created_at", Kind::Time, "when it was made (UTC)"),
            column("seats", Kind::Number, "people who are not removed"),
            column("projects", Kind::Number, "projects, those in the trash too"),
            column("storage_bytes", Kind::Number, "bytes of stored files"),
            column("video_seconds", Kind::Number, "seconds of video rendered in this month"),
        ],
        tenant,
    ),
    (
        "usage_by_day",
        "what each tenant used on a day; meters of its own are one line without a quantity",
        &[
            TENANT,
            DAY,
            column("meter", Kind::Text, "the meter of the appliance, or `other`"),
            column("unit", Kind::Text, "what the quantity counts"),
            column("quantity", Kind::Number, "how much, in the meter's unit"),
            column("events", Kind::Number, "how many events there were"),
        ],
        used,
    ),
    (
        "jobs_by_day",
        "jobs of each tenant by the day on which they were asked for; lines of the same day add up",
        &[
            TENANT,
            DAY,
            column("kind", Kind::Text, "what they do"),
            column("state", Kind::Text, "queued, running, done, failed, dead or cancelled"),
            column("jobs", Kind::Number, "how many"),
            column("attempts", Kind::Number, "how often they were begun"),
            column("failures", Kind::Number, "how many of those failed"),
        ],
        worked,
    ),
    (
        "sign_ins",
        "how often people and keys of each tenant signed in on a day; lines of the same day add up",
        &[
            TENANT,
            DAY,
            column("outcome", Kind::Text, "done, denied or failed"),
            column("sign_ins", Kind::Number, "how many"),
        ],
        signed_in,
    ),
];

fn tenant(tenant: &Tenant, view: &View, _: Option<Vec<u8>>, now: Timestamp) -> Result<Rows, ReadError> {
    let has = usage::current(view)?;
    let row = vec![
        Cell::Text(tenant.slug.clone()),
        Cell::Text(tenant.state.kind().name().to_owned()),
        Cell::Text(plan(tenant.plan).to_owned()),
        Cell::Text(tenant.home.to_string()),
        Cell::Time(tenant.created.millis()),
        Cell::number(has.seats),
        Cell::number(has.projects),
        Cell::number(has.storage_bytes),
        Cell::number(usage::video_seconds(view, now)?),
    ];
    Ok((vec![row], None))
}

/// The name of a plan.
pub(crate) const fn plan(plan: Plan) -> &'static str {
    match plan {
        Plan::Trial => "trial",
        Plan::Team => "team",
        Plan::Business => "business",
        Plan::Enterprise => "enterprise",
    }
}

fn used(_: &Tenant, view: &View, from: Option<Vec<u8>>, _: Timestamp) -> Result<Rows, ReadError> {
    let page = day_totals(view, from.map(Cursor).as_ref(), MAX_PAGE)?;
    let mut rows = Vec::new();
    for totals in page.items {
        let day = Cell::Time(u64::from(totals.day) * DAY_MS);
        for total in totals.own {
            let unit = Meter::ALL.iter().find(|meter| meter.name() == total.meter).map(|meter| meter.unit());
            rows.push(vec![
                day.clone(),
                Cell::Text(total.meter),
                Cell::text(unit),
                Cell::Number(total.quantity),
                Cell::number(total.events),
            ]);
        }
        if totals.others > 0 {
            rows.push(vec![day, Cell::Text("other".to_owned()), Cell::Null, Cell::Null, Cell::number(totals.others)]);
        }
    }
    Ok((rows, page.next.map(|Cursor(next)| next)))
}

fn worked(_: &Tenant, view: &View, from: Option<Vec<u8>>, _: Timestamp) -> Result<Rows, ReadError> {
    let after = from.map(Cursor);
    let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
    let page = view.list::<Job>(&query, |_| true)?;
    let mut sums: BTreeMap<(u64, &str, String), [u64; 3]> = BTreeMap::new();
    for job in page.items {
        let day = job.header.created.millis() / DAY_MS;
        let sum = sums.entry((day, job.kind.code(), job.state.kind().to_string())).or_default();
        for (sum, more) in sum.iter_mut().zip([1, job.attempts.into(), job.failures.into()]) {
            *sum = sum.saturating_add(more);
        }
    }
    let row = |((day, kind, state), sum): ((u64, &str, String), [u64; 3])| {
        let mut row = vec![Cell::Time(day * DAY_MS), Cell::Text(kind.to_owned()), Cell::Text(state)];
        row.extend(sum.map(Cell::number));
        row
    };
    Ok((sums.into_iter().map(row).collect(), page.next.map(|Cursor(next)| next)))
}

fn signed_in(_: &Tenant, view: &View, from: Option<Vec<u8>>, _: Timestamp) -> Result<Rows, ReadError> {
    let first = from.and_then(|from| from.try_into().ok()).map_or(0, u64::from_be_bytes);
    let found = view.audit_rows(first, MAX_ROWS)?;
    let next = found.last().map(|(row, _)| (row + 1).to_be_bytes().to_vec());
    let mut sums: BTreeMap<(u64, &str), u64> = BTreeMap::new();
    for event in found.into_iter().filter_map(|(_, event)| event) {
        if event.action == Action::System(SystemTask::SignIn) {
            *sums.entry((event.at.millis() / DAY_MS, event.outcome.name())).or_default() += 1;
        }
    }
    let row = |((day, outcome), count): ((u64, &str), u64)| {
        vec![Cell::Time(day * DAY_MS), Cell::Text(outcome.to_owned()), Cell::number(count)]
    };
    Ok((sums.into_iter().map(row).collect(), next))
}
