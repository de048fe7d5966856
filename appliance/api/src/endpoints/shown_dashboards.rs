//! Dashboards that links show to those without an account: their charts alone, asked with the rights that the link's maker has then.

use access::ListPermit;
use charts::{Board, Query};
use library::{
    anchor,
    view_link::{self, HIGHEST, Showing, ViewLink},
};
use model::{Actor, Permission, permission::DashboardRead};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    dashboards::{ChartView, ChoicesView, Look, TileQuery, range},
    view::moment,
    visit::{Visit, nothing},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::Public,
    problem::Problem,
    reply::Json,
    request::Request,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Public>(
            "/v1/view/{token}/dashboard",
            "view_dashboard",
            "The dashboard that a link shows, without its queries; counts as a view",
        )
        .by(look),
        get::<Public>(
            "/v1/view/{token}/tiles/{tile}",
            "view_tile",
            "What a chart of the dashboard shows now, with the pass of a view in place of the token",
        )
        .query::<TileQuery>()
        .by(tile),
        get::<Public>(
            "/v1/view/{token}/variables/{variable}",
            "view_variable",
            "What can be chosen for a variable that the link leaves free, with the pass of a view in place of the token",
        )
        .query::<TileQuery>()
        .by(variable),
    ]
}

/// The dashboard that a link shows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShownDashboard")]
struct ShownView {
    /// Its document as it is shown: without queries and links to others, and with only those variables that can be chosen.
    board: Board,
    /// Whether another time range can be chosen.
    free_range: bool,
    /// Takes the place of the token in the paths of charts, for six hours and not beyond the end of the link.
    pass: String,
    /// When the link ends (RFC 3339).
    expires: String,
    /// How many views are left after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    views_left: Option<u32>,
}

fn look(call: Call<'_, Public, Empty, Empty>) -> Result<Json<ShownView>, Problem> {
    let (services, request) = (call.services, call.request);
    let visit = Visit::of(services, request, &services.views)?;
    let db = services.store.tenant(visit.tenant.id)?;
    let found = view_link::board(&db.read()?, &visit.token, db.clock().now())?;
    let (link, showing, board) = found.ok_or_else(nothing)?;
    // Before the password is asked for: a link whose maker lost the right is none.
    maker(services, &visit, &link, request)?;
    let (link, pass) = visit.look(services, request, &link)?;
    Ok(Json(ShownView {
        board: bare(board, &showing),
        free_range: showing.free_range,
        pass: pass.reveal().expose().to_owned(),
        expires: moment(link.expires),
        views_left: link.max_views.map(|most| most.saturating_sub(link.views)),
    }))
}

/// A document as those see it who may not know what it asks.
fn bare(mut board: Board, showing: &Showing) -> Board {
    board.range = showing.range(&board, None).to_owned();
    board.variables.retain(|variable| showing.free.contains(&variable.name));
    for variable in &mut board.variables {
        variable.query = None;
        if let Some(chosen) = showing.chosen.get(&variable.name) {
            variable.initial = Some(chosen.clone()).filter(|chosen| !chosen.is_empty());
        }
    }
    keep_inside(&mut board, showing);
    for tile in &mut board.tiles {
        tile.chart.query = Query::Sql(String::new());
    }
    board
}

/// Takes away what leads to others, and what sets variables that are not left free.
fn keep_inside(board: &mut Board, showing: &Showing) {
    for tile in &mut board.tiles {
        tile.link = None;
        tile.select.take_if(|select| !showing.free.contains(&select.variable));
    }
}

fn tile(call: Call<'_, Public, TileQuery, Empty>) -> Result<Json<ChartView>, Problem> {
    let Opened { actor, permit, showing, mut board } = open(call.services, call.request)?;
    keep_inside(&mut board, &showing);
    let range = range(call.services, showing.range(&board, call.query.range.as_deref()))?;
    let chosen = showing.chosen(call.query.chosen()?);
    let look = Look { services: call.services, actor: &actor, permit, range };
    look.tile(&board, call.request, &chosen, call.query.language()).map_err(quiet)
}

fn variable(call: Call<'_, Public, TileQuery, Empty>) -> Result<Json<ChoicesView>, Problem> {
    let Opened { actor, permit, showing, mut board } = open(call.services, call.request)?;
    board.variables.retain(|variable| showing.free.contains(&variable.name));
    let range = range(call.services, showing.range(&board, call.query.range.as_deref()))?;
    let look = Look { services: call.services, actor: &actor, permit, range };
    look.choices(&board, call.request, call.query.language()).map_err(quiet)
}

/// A link that was opened with a pass.
struct Opened {
    actor: Actor,
    permit: ListPermit<DashboardRead>,
    showing: Showing,
    board: Board,
}

fn open(services: &Services, request: &Request) -> Result<Opened, Problem> {
    let visit = Visit::of(services, request, &services.looks)?;
    let db = services.store.tenant(visit.tenant.id)?;
    let found = view_link::board_by_pass(&db.read()?, &visit.token, db.clock().now())?;
    let (link, showing, board) = found.ok_or_else(nothing)?;
    let actor = maker(services, &visit, &link, request)?;
    let mut permit = services.gate.list::<DashboardRead>(&actor, &request.context())?;
    if !showing.projects.is_empty() {
        permit = permit.within(showing.projects.clone());
    }
    Ok(Opened { actor, permit, showing, board })
}

/// Who made a link, as they are now, looking from where the visitor is. Nobody where they may not share the dashboard any more, or
/// not see it themselves: so the link ends with the right to it. Nothing is refused to them here, so no row says so.
fn maker(services: &Services, visit: &Visit, link: &ViewLink, request: &Request) -> Result<Actor, Problem> {
    let mut actor = match services.of_link(&visit.tenant, link) {
        Ok(actor) => actor,
        Err(problem) if problem.status >= 500 => return Err(problem),
        Err(_) => return Err(nothing()),
    };
    actor.address = Some(request.address);
    actor.clearance = actor.clearance.min(HIGHEST);
    let found = anchor::find(&services.gate.file(visit.tenant.id)?.read()?, link.subject)?;
    let subject = found.ok_or_else(nothing)?.subject;
    let realm = services.gate.realm(&actor);
    // The last is what lists ask: where it is not held no refusal is written down.
    let asked = [
        (Permission::ProjectShare, &subject),
        (Permission::DashboardRead, &subject),
        (Permission::DashboardRead, &realm),
    ];
    for (needs, subject) in asked {
        if !services.gate.decide(&actor, needs, subject, &request.context())?.allowed {
            return Err(nothing());
        }
    }
    Ok(actor)
}

/// What a visitor hears of a chart that cannot be shown: that it cannot. Why would say what it asks. That it could be later is said.
fn quiet(problem: Problem) -> Problem {
    if problem.may_pass() { problem } else { nothing() }
}
