//! Alerts: questions that are asked again and again, where they stand, and how they came to that.

mod view;

use ::alerts::Alert as Document;
use access::ListPermit;
use library::alert::{self, Alert, AlertChange, Change, Watch, Written};
use model::{
    Id, Permission, Permitted, noun,
    permission::{ReportRead, ReportSchedule},
};
use store::{Read as _, View};
use tokio::runtime::Handle;

use self::view::{AlertView, ChangeBody, ChangeView, NewBody, SummaryView, TestView};
use super::{
    audience::AudienceView,
    view::{PageQuery, PageView},
};
use crate::{
    alerting::{self, Found},
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On, Reading},
    problem::{Code, Problem},
    reply::{Json, Nothing, Versioned},
    request::Request,
    services::Services,
};

type Seeing = Reading<ReportRead, Alert>;
type Changing = On<ReportSchedule, Alert>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ReportRead>>("/v1/alerts", "list_alerts", "Alerts of the tenant, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<ReportSchedule>>(
            "/v1/alerts",
            "create_alert",
            "Have a question asked again and again, as you may see the answer then, and people told when it concerns them",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<Seeing>("/v1/alerts/{alert}", "read_alert", "An alert, and where each of its series stands").by(read),
        patch::<Changing>(
            "/v1/alerts/{alert}",
            "update_alert",
            "Change an alert. Whoever changes what it asks or whom it tells takes it over, and it begins anew",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<Changing>("/v1/alerts/{alert}", "delete_alert", "Remove an alert with its history")
            .versioned()
            .silently()
            .by(remove),
        get::<Seeing>("/v1/alerts/{alert}/history", "list_alert_history", "What changed of an alert, newest first")
            .query::<PageQuery>()
            .by(history),
        post::<Changing>(
            "/v1/alerts/{alert}/test",
            "test_alert",
            "Ask an alert's question now, as you may see the answer, and say what its rule makes of it; nobody is told",
        )
        .by(test),
    ]
}

fn list(call: Call<'_, Listing<ReportRead>, PageQuery, Empty>) -> Result<Json<PageView<SummaryView>>, Problem> {
    let realm = call.services.gate.realm(call.request.actor()?);
    let holds =
        |permit: &ListPermit<ReportRead>, needs: &[Permission]| needs.iter().all(|need| permit.allows(*need, &realm));
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = alert::list(&call.pass, after.as_ref(), limit, |alert| holds(&call.pass, &alert.needs))?;
    let (view, now) = (call.pass.read()?, call.services.store.clock().now());
    let mut watches = Vec::with_capacity(page.items.len());
    for alert in &page.items {
        watches.push(Watch::of(&view, alert.header.id)?);
    }
    let mut watches = watches.into_iter();
    Ok(Json(PageView::of(page, |alert| {
        let watch = watches.next().expect("there are as many as alerts");
        SummaryView::of(&alert, &watch, now)
    })))
}

fn create(call: Call<'_, InTenant<ReportSchedule>, Empty, NewBody>) -> Result<Versioned<AlertView>, Problem> {
    let NewBody { alert, deliver } = call.body;
    let written = written(call.services, call.request, alert, &deliver)?;
    let alert = alert::create(call.pass, &call.services.jobs, written)?;
    shown(call.services, call.request, &alert)
}

fn read(call: Call<'_, Seeing, Empty, Empty>) -> Result<Versioned<AlertView>, Problem> {
    may_see(call.services, call.request, &call.pass)?;
    shown(call.services, call.request, &call.pass)
}

fn update(call: Call<'_, Changing, Empty, ChangeBody>) -> Result<Versioned<AlertView>, Problem> {
    let ChangeBody { alert, deliver, enabled } = call.body;
    let stored = of(&call.pass)?;
    may_see(call.services, call.request, &stored)?;
    let written = match (alert, deliver) {
        (None, None) => None,
        (alert, deliver) => {
            let document = alert.map_or_else(|| stored.document(), Ok)?;
            let deliver = deliver.unwrap_or_else(|| (&stored.audience).into());
            Some(written(call.services, call.request, document, &deliver)?)
        }
    };
    let base = call.request.base_version()?;
    let alert = alert::update(call.pass, &call.services.jobs, base, Change { written, enabled })?;
    shown(call.services, call.request, &alert)
}

fn remove(call: Call<'_, Changing, Empty, Empty>) -> Result<Nothing, Problem> {
    alert::delete(call.pass, &call.services.jobs, call.request.base_version()?)?;
    Ok(Nothing)
}

fn history(call: Call<'_, Seeing, PageQuery, Empty>) -> Result<Json<PageView<ChangeView>>, Problem> {
    may_see(call.services, call.request, &call.pass)?;
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = AlertChange::list(&view(call.services, call.request)?, call.pass.header.id, after.as_ref(), limit)?;
    Ok(Json(PageView::of(page, ChangeView::from)))
}

fn test(call: Call<'_, Changing, Empty, Empty>) -> Result<Json<TestView>, Problem> {
    let (services, actor) = (call.services, call.request.actor()?);
    // Asking takes a processor for a while, so only some do it at once, and no tenant all of them.
    let _turn = Handle::current().block_on(services.walls.export(call.pass.tenant()))?;
    let alert = of(&call.pass)?;
    may_see(services, call.request, &alert)?;
    let document = alert.document()?;
    let now = i64::try_from(services.store.clock().now().millis()).unwrap_or(i64::MAX);
    let Found { answers, .. } = alerting::find(services, actor, &call.request.context(), &document, now)?;
    let known = Watch::of(&view(services, call.request)?, alert.header.id)?.standings;
    let series: Vec<_> = document.judge(&known, &answers).into_iter().map(Into::into).collect();
    // Writes the row of who asked.
    call.pass.write::<_, library::LibraryError>(|tx| {
        tx.note("series", series.len().to_string());
        Ok(())
    })?;
    Ok(Json(TestView { series }))
}

/// What somebody writes, who must be able to ask it.
fn written(
    services: &Services,
    request: &Request,
    document: Document,
    deliver: &AudienceView,
) -> Result<Written, Problem> {
    let actor = request.actor()?;
    document.check().map_err(|error| crate::convert::chart(&error.inside("/alert")))?;
    let needs = alerting::needs(services, actor, &request.context(), &document)?;
    let audience = deliver.audience(services, request)?;
    Ok(Written { document, audience, needs, clearance: actor.clearance })
}

fn shown(services: &Services, request: &Request, alert: &Alert) -> Result<Versioned<AlertView>, Problem> {
    let watch = Watch::of(&view(services, request)?, alert.header.id)?;
    AlertView::of(alert, &watch, services.store.clock().now())
}

fn view(services: &Services, request: &Request) -> Result<View, Problem> {
    Ok(services.file(request.actor()?)?.read()?)
}

/// The alert that a permit is about.
pub(super) fn of<P: Permitted>(permit: &access::Permit<P>) -> Result<Alert, Problem> {
    let gone = || Problem::new(Code::NotFound, "");
    let id: Id<noun::Alert> = permit.subject().id.typed().ok_or_else(gone)?;
    permit.read()?.get::<Alert>(&id)?.ok_or_else(gone)
}

/// Whether the caller holds all that the alert's numbers are made with.
pub(super) fn may_see(services: &Services, request: &Request, alert: &Alert) -> Result<(), Problem> {
    let (actor, context) = (request.actor()?, request.context());
    let realm = services.gate.realm(actor);
    for need in &alert.needs {
        if !services.gate.decide(actor, *need, &realm, &context)?.allowed {
            let detail = format!("it watches numbers for which you need the permission {need}");
            return Err(Problem::new(Code::Denied, detail));
        }
    }
    Ok(())
}
