//! Drawing up a report: each of its questions asked once, as its caller may see the answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ::jobs::{Failure, Publish, Reason, Work};
use access::RequestContext;
use charts::Board;
use library::{
    dashboard::{self, BuiltIn},
    notice::Audience,
    project::Project,
    report::{Delivery, Drawn, NewRun, PassedOver},
};
use model::{
    Actor, Id, Permission, noun,
    permission::{DashboardRead, ReportRead, ReportSchedule},
};
use reports::{Findings, Found, Part, Report, TEMPLATES};
use store::Read as _;

use crate::{
    convert::chart as fault,
    problem::{Code, Problem},
    query::{
        ask::{self, Asked},
        guarded,
    },
    services::Services,
};

/// What a report found, and what one must hold to see it.
#[derive(Debug)]
pub(crate) struct DrawnUp {
    pub(crate) findings: Findings,
    pub(crate) needs: Vec<Permission>,
}

/// Asks every question of a report as `actor` sees the answers. A question that they may not ask, or that cannot be answered, has
/// the reason in place of its answer.
///
/// # Errors
/// When its dashboard is gone or nothing can be asked now.
pub(crate) fn draw_up(
    services: &Services,
    actor: &Actor,
    context: &RequestContext,
    report: &Report,
) -> Result<DrawnUp, Problem> {
    let board = report.dashboard.as_deref().map(|name| board(services, actor, context, name)).transpose()?;
    let now = i64::try_from(services.store.clock().now().millis()).unwrap_or(i64::MAX);
    let range = report.range(now).map_err(|error| fault(&error))?;
    let mut findings = Findings::of(report, range, now);
    if let Some(board) = &board {
        findings.words = merged(board.words.clone(), &report.words);
    }
    let mut needs = BTreeSet::new();
    for (section, sql) in report.questions(board.as_ref(), range).map_err(|error| fault(&error))? {
        let asks: Vec<_> = guarded(&sql).map(|(_, needs)| needs).collect();
        let permit = services.gate.list::<ReportRead>(actor, context)?;
        let found = match ask::ask(services, actor, permit, sql) {
            Ok(Asked { columns, rows }) => {
                needs.extend(asks);
                Found::Rows { columns, rows }
            }
            // What is wrong with the appliance is no finding.
            Err(problem) if problem.may_pass() => return Err(problem),
            Err(problem) => Found::Nothing(problem.detail),
        };
        findings.parts.push(Part { id: section.id, chart: section.chart, found });
    }
    Ok(DrawnUp { findings, needs: needs.into_iter().collect() })
}

/// A dashboard as its viewer sees it: the tenant's, or built in.
pub(crate) fn board(
    services: &Services,
    actor: &Actor,
    context: &RequestContext,
    name: &str,
) -> Result<Board, Problem> {
    if let Some(built_in) = BuiltIn::find(name) {
        return Ok(built_in.board());
    }
    let gone = || Problem::new(Code::NotFound, "the dashboard of the report is gone, or you may not see it");
    let id = name.parse().map_err(|_| gone())?;
    let permit = services.gate.list::<DashboardRead>(actor, context)?;
    Ok(dashboard::read(&permit, id).map_err(|_| gone())?.board()?)
}

/// A dashboard's words, with those of the report in their place.
fn merged(
    mut words: BTreeMap<String, BTreeMap<String, String>>,
    own: &BTreeMap<String, BTreeMap<String, String>>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    for (language, own) in own {
        words.entry(language.clone()).or_default().extend(own.clone());
    }
    words
}

/// Whether a report asks in SQL of its maker's own: what is asked by a template is asked by everybody.
pub(crate) fn asks_own(report: &Report) -> bool {
    let known: Vec<Report> = TEMPLATES.iter().map(|template| template.report()).collect();
    let known = || known.iter().flat_map(|own| &own.sections);
    report.sections.iter().any(|section| !known().any(|own| own.chart.query == section.chart.query))
}

/// What it means for a job that its tenant's file cannot be read: another attempt may.
pub(crate) fn unreadable<E>(_: E) -> Failure {
    Failure::new(Reason::Unavailable, "the tenant's file cannot be read now")
}

/// What a problem means for a job.
pub(crate) fn failure(problem: Problem) -> Failure {
    let reason = match problem.status {
        404 => Reason::Missing,
        401 | 403 => Reason::NotAllowed,
        429 => Reason::Unavailable,
        400..500 => Reason::BadInput,
        _ => Reason::Unavailable,
    };
    Failure::new(reason, problem.detail)
}

impl Services {
    /// Does the job of a report's schedule: draws the report up as the owner of the schedule sees it now. What it gives stores the
    /// run in the commit that ends the job.
    ///
    /// # Errors
    /// When the report or its owner is gone, or they may not have it drawn up any more.
    pub fn report_of(self: &Arc<Self>, work: &Work) -> Result<Publish, Failure> {
        self.drawn_for(work).map_err(failure)
    }

    fn drawn_for(self: &Arc<Self>, work: &Work) -> Result<Publish, Problem> {
        let gone = || Problem::new(Code::NotFound, "the report is gone");
        let job = &work.job;
        let (id, schedule) = job.about.and_then(|about| about.typed()).zip(job.schedule).ok_or_else(gone)?;
        let actor = self.of_schedule(work.tenant, job.header.owner, schedule)?;
        let context = RequestContext { id: job.header.id.to_string(), ..RequestContext::default() };
        let report = self.gate.file(work.tenant)?.read()?.get::<library::report::Report>(&id)?.ok_or_else(gone)?;
        // Whoever lost the right since loses the runs; that is written down.
        let permit = self.gate.permit::<ReportSchedule>(&actor, &report.header.subject(), &context)?;
        let document = report.document()?;
        let DrawnUp { findings, needs } = draw_up(self, &actor, &context, &document)?;
        let blobs = permit.files().ok_or_else(gone)?.blobs();
        let file = library::report::written(&blobs, &findings)?;
        let mut subject = report.header.subject();
        subject.classification = actor.clearance;
        let mut delivery = Delivery::read(&job.payload.0)?;
        let (mut own, mut passed_over) = (Vec::new(), Vec::new());
        if delivery.each {
            for user in std::mem::take(&mut delivery.audience.users) {
                match self.drawn_for_one(work, schedule, user, &document, &delivery)? {
                    Ok(drawn) => own.push(drawn),
                    Err(why) => passed_over.push(PassedOver { user, why }),
                }
            }
        }
        delivery.audience = self.admitted(work.tenant, schedule, delivery.audience, &subject, &needs)?;
        let new = NewRun {
            schedule: Some(schedule),
            passed_over,
            ..NewRun::of(&actor, needs, self.limits(work.tenant)?, delivery)
        };
        let drawn = Drawn { findings, file, new };
        let store = Arc::clone(&self.store);
        let sign = move |text: &[u8]| store.vault().sign(text);
        // Kept until the end of the job is stored, so that no crash leaves a message that nobody knows of.
        let posting = self.jobs.announce(work.tenant).map_err(library::LibraryError::from)?;
        Ok(Box::new(move |tx| {
            let _posting = posting;
            library::report::publish(tx, &blobs, id, drawn, own, &sign)
        }))
    }

    /// The report as one of its audience sees it now; why there is none where they may not have it.
    fn drawn_for_one(
        &self,
        work: &Work,
        schedule: Id<noun::Schedule>,
        user: Id<noun::User>,
        document: &Report,
        delivery: &Delivery,
    ) -> Result<Result<Drawn, String>, Problem> {
        let actor = match self.of_schedule(work.tenant, user.erase(), schedule) {
            Ok(actor) => actor,
            Err(problem) if problem.may_pass() => return Err(problem),
            Err(_) => return Ok(Err("is suspended or gone".to_owned())),
        };
        let context = RequestContext { id: work.job.header.id.to_string(), ..RequestContext::default() };
        // Nothing is refused to who has no right to any report, so no row says that they were.
        if !actor.grants.iter().any(|grant| grant.permissions.contains(Permission::ReportRead)) {
            return Ok(Err(format!("lacks the permission {}", Permission::ReportRead)));
        }
        let project = match self.reads_in(&actor, &context) {
            Ok(project) => project,
            Err(problem) if problem.may_pass() => return Err(problem),
            Err(_) => return Ok(Err(format!("lacks the permission {}", Permission::ReportRead))),
        };
        let DrawnUp { findings, needs } = match draw_up(self, &actor, &context, document) {
            Ok(drawn) => drawn,
            Err(problem) if problem.may_pass() => return Err(problem),
            Err(problem) => return Ok(Err(problem.detail)),
        };
        let files = self.gate.file(work.tenant)?;
        let access::File::Tenant(files) = files else { return Err(Problem::new(Code::NotFound, "")) };
        let file = library::report::written(&files.blobs(), &findings)?;
        let audience = Audience { users: vec![user], webhooks: Vec::new(), mail: delivery.audience.mail.clone() };
        let delivery = Delivery { audience, forms: delivery.forms.clone(), ..Delivery::default() };
        let new = NewRun {
            schedule: Some(schedule),
            project,
            ..NewRun::of(&actor, needs, self.limits(work.tenant)?, delivery)
        };
        Ok(Ok(Drawn { findings, file, new }))
    }

    /// The project in which somebody reads reports; nothing where they do in the whole tenant.
    fn reads_in(&self, actor: &Actor, context: &RequestContext) -> Result<Option<Id<noun::Project>>, Problem> {
        let permit = self.gate.list::<ReportRead>(actor, context)?;
        if permit.is_whole() {
            return Ok(None);
        }
        let view = permit.read()?;
        for id in permit.projects() {
            let project = view.get::<Project>(&id)?.filter(|project| permit.visible(&project.header.subject()));
            if project.is_some() {
                return Ok(Some(id));
            }
        }
        Err(Problem::new(Code::Denied, ""))
    }
}
