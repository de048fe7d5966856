//! Looking at alerts: their questions asked as their owners see the answers, at the moment at which they are asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use access::RequestContext;
use alerts::{Alert as Document, Question, Series, Window};
use jobs::{Failure, Publish, Work};
use library::{
    alert::{Alert, Seen, publish},
    notice::Audience,
};
use model::{Actor, Id, Permission, Subject, noun, permission::ReportRead};
use store::Read as _;

use crate::{
    convert::chart as fault,
    problem::{Code, Problem},
    query::{
        ask::{self, Asked},
        guarded,
    },
    reporting::{board, failure},
    services::Services,
};

/// What a look has found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The answers over the windows of the alert, in their order.
    pub(crate) answers: Vec<Series>,
    /// What one must hold to see them.
    pub(crate) needs: Vec<Permission>,
}

/// Asks what an alert asks at `now` (milliseconds since 1970), as `actor` sees the answers.
///
/// # Errors
/// When they may not ask it, or it has no answer.
pub(crate) fn find(
    services: &Services,
    actor: &Actor,
    context: &RequestContext,
    document: &Document,
    now: i64,
) -> Result<Found, Problem> {
    let mut found = Found { answers: Vec::new(), needs: Vec::new() };
    let mut needs = BTreeSet::new();
    let Asking { statement, value } = asking(services, actor, context, document)?;
    for window in document.windows(now) {
        let sql = statement(window)?;
        needs.extend(guarded(&sql).map(|(_, needs)| needs));
        let permit = services.gate.list::<ReportRead>(actor, context)?;
        let Asked { columns, rows } = ask::ask(services, actor, permit, sql)?;
        found.answers.push(alerts::read(&columns, &rows, value.as_deref()).map_err(|error| fault(&error))?);
    }
    found.needs = needs.into_iter().collect();
    Ok(found)
}

/// What one must hold to see what an alert asks as it is now.
///
/// # Errors
/// When `actor` may not ask it.
pub(crate) fn needs(
    services: &Services,
    actor: &Actor,
    context: &RequestContext,
    document: &Document,
) -> Result<Vec<Permission>, Problem> {
    let sql = (asking(services, actor, context, document)?.statement)(Window { from: 0, to: 0 })?;
    Ok(guarded(&sql).map(|(_, needs)| needs).collect::<BTreeSet<_>>().into_iter().collect())
}

/// How an alert is asked.
struct Asking<'a> {
    /// Its statement about a window.
    statement: Box<dyn Fn(Window) -> Result<String, Problem> + 'a>,
    /// The column of its value, where a chart names one.
    value: Option<String>,
}

/// How an alert is asked. SQL is asked by those who may ask in SQL, charts by those who may see dashboards.
fn asking<'a>(
    services: &Services,
    actor: &Actor,
    context: &RequestContext,
    document: &'a Document,
) -> Result<Asking<'a>, Problem> {
    let holds = |permission: Permission| {
        let realm = services.gate.realm(actor);
        if services.gate.decide(actor, permission, &realm, context)?.allowed {
            return Ok(());
        }
        Err(Problem::new(Code::Denied, format!("to ask what it asks you need the permission {permission}")))
    };
    match &document.question {
        Question::Sql(_) => {
            holds(Permission::QueryRun)?;
            let statement = |window| {
                let none = || Problem::new(Code::NotFound, "");
                document.question.statement(window).ok_or_else(none)?.map_err(|error| fault(&error))
            };
            Ok(Asking { statement: Box::new(statement), value: None })
        }
        Question::Tile { dashboard, tile } => {
            holds(Permission::DashboardRead)?;
            let board = board(services, actor, context, dashboard)?;
            let gone = || Problem::at("/question/tile/tile", "the dashboard has no such chart");
            let chart = board.tiles.iter().find(|own| own.id == *tile).ok_or_else(gone)?.chart.clone();
            let initial = board.variables.iter().map(|own| (own.name.clone(), own.initial.clone()));
            let variables: BTreeMap<String, Option<String>> = initial.collect();
            let value = chart.encoding.y.first().cloned();
            let statement = move |window: Window| {
                charts::bind(&chart, &window.bindings(variables.clone())).map_err(|error| fault(&error))
            };
            Ok(Asking { statement: Box::new(statement), value })
        }
    }
}

impl Services {
    /// Does the job of an alert's schedule: asks as its owner sees the answers now. What it gives stores where the alert stands then, and
    /// tells whom it concerns, in the commit that ends the job.
    ///
    /// # Errors
    /// When the alert is gone, or the appliance cannot ask now. That the question has no answer is something that the alert tells.
    pub fn alert_of(self: &Arc<Self>, work: &Work) -> Result<Publish, Failure> {
        self.looked_for(work).map_err(failure)
    }

    fn looked_for(self: &Arc<Self>, work: &Work) -> Result<Publish, Problem> {
        let gone = || Problem::new(Code::NotFound, "the alert is gone");
        let job = &work.job;
        let (id, schedule) = job.about.and_then(|about| about.typed()).zip(job.schedule).ok_or_else(gone)?;
        let alert = self.gate.file(work.tenant)?.read()?.get::<Alert>(&id)?.ok_or_else(gone)?;
        let document = alert.document()?;
        let context = RequestContext { id: job.header.id.to_string(), ..RequestContext::default() };
        let now = self.store.clock().now();
        let owner = self.of_schedule(work.tenant, alert.header.owner, schedule);
        let owner = owner.map_err(|problem| match problem.status {
            500.. => problem,
            _ => Problem::new(Code::Denied, "whoever wrote it last is gone or suspended; change it to take it over"),
        });
        let millis = i64::try_from(now.millis()).unwrap_or(i64::MAX);
        let looked = owner.and_then(|owner| {
            let permitted = self.gate.decide(&owner, Permission::ReportSchedule, &alert.header.subject(), &context)?;
            if !permitted.allowed {
                let detail = "whoever wrote it last may not schedule reports any more; change it to take it over";
                return Err(Problem::new(Code::Denied, detail));
            }
            let found = find(self, &owner, &context, &document, millis)?;
            Ok((found, owner.clearance))
        });
        let mut subject = alert.header.subject();
        let mut needs = alert.needs.clone();
        let seen = match looked {
            Ok((found, clearance)) => {
                subject.classification = clearance;
                needs.clone_from(&found.needs);
                Seen::Answers(found.answers, found.needs, clearance)
            }
            // What is wrong with the appliance is nothing about the question.
            Err(problem) if problem.may_pass() => return Err(problem),
            Err(problem) => {
                Seen::Unable(if problem.detail.is_empty() { problem.title.to_owned() } else { problem.detail })
            }
        };
        let audience = self.admitted(work.tenant, schedule, alert.audience, &subject, &needs)?;
        // Kept until the end of the job is stored, so that no crash leaves a message that nobody knows of.
        let posting = self.jobs.announce(work.tenant).map_err(library::LibraryError::from)?;
        Ok(Box::new(move |tx| {
            let _posting = posting;
            publish(tx, id, schedule, now, seen, &audience)
        }))
    }

    /// Those of an audience who may see what they would be told: people as they are now. Webhooks were set up by whoever may.
    pub(crate) fn admitted(
        &self,
        tenant: Id<noun::Tenant>,
        schedule: Id<noun::Schedule>,
        mut audience: Audience,
        subject: &Subject,
        needs: &[Permission],
    ) -> Result<Audience, Problem> {
        let mut users = Vec::new();
        for user in audience.users {
            let actor = match self.of_schedule(tenant, user.erase(), schedule) {
                Ok(actor) => actor,
                Err(problem) if problem.status >= 500 => return Err(problem),
                Err(_) => continue,
            };
            let (context, realm) = (RequestContext::default(), self.gate.realm(&actor));
            let mut sees = self.gate.decide(&actor, Permission::ReportRead, subject, &context)?.allowed;
            for need in needs {
                sees = sees && self.gate.decide(&actor, *need, &realm, &context)?.allowed;
            }
            if sees {
                users.push(user);
            }
        }
        audience.users = users;
        Ok(audience)
    }
}
