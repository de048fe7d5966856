//! Dashboards: documents with charts, and what their charts show.

use std::collections::BTreeMap;

use access::ListPermit;
use charts::{Board, ChartSpec, Drawing, Leads, Range, Words};
use library::dashboard::{self, BUILT_IN, BuiltIn, Dashboard, DashboardVersion};
use model::{
    Actor, Permitted,
    permission::{DashboardManage, DashboardRead, QueryRun},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, moment, parse_id};
use crate::{
    convert::chart as fault,
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::{Code, Problem},
    query::ask::{self, Asked},
    reply::{Json, Nothing, Versioned},
    request::Request,
    services::Services,
};

type Seeing = Listing<DashboardRead>;
type Changing = On<DashboardManage, Dashboard>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Seeing>("/v1/dashboards", "list_dashboards", "Dashboards of the tenant, newest first")
            .query::<PageQuery>()
            .by(list),
        get::<Seeing>(
            "/v1/dashboards/built-in",
            "list_built_in_dashboards",
            "Dashboards that come with the appliance; they are read by their names and changed by nobody",
        )
        .query::<LanguageQuery>()
        .by(built_in),
        post::<InTenant<DashboardManage>>("/v1/dashboards", "create_dashboard", "Make a dashboard of a document")
            .takes::<Board>()
            .creates()
            .by(create),
        get::<Seeing>(
            "/v1/dashboards/{dashboard}",
            "read_dashboard",
            "A dashboard, by its id or the name of a built-in one",
        )
        .query::<VersionQuery>()
        .by(read),
        patch::<Changing>("/v1/dashboards/{dashboard}", "update_dashboard", "Put another document in its place")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<Changing>("/v1/dashboards/{dashboard}", "delete_dashboard", "Remove a dashboard with its versions")
            .versioned()
            .silently()
            .by(remove),
        get::<Seeing>("/v1/dashboards/{dashboard}/versions", "list_dashboard_versions", "Its versions, newest first")
            .query::<PageQuery>()
            .by(versions),
        post::<Changing>(
            "/v1/dashboards/{dashboard}/restore",
            "restore_dashboard",
            "Make an earlier version the newest",
        )
        .takes::<RestoreBody>()
        .versioned()
        .by(restore),
        get::<Seeing>("/v1/dashboards/{dashboard}/tiles/{tile}", "read_tile", "What a chart of a dashboard shows now")
            .query::<TileQuery>()
            .by(tile),
        get::<Seeing>(
            "/v1/dashboards/{dashboard}/variables/{variable}",
            "read_variable",
            "What can be chosen for a variable",
        )
        .query::<TileQuery>()
        .by(variable),
        post::<Listing<QueryRun>>("/v1/charts", "draw_chart", "Draw a chart that is in no dashboard yet")
            .takes::<DrawBody>()
            .by(draw),
    ]
}

/// In which language.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct LanguageQuery {
    /// The language of titles (BCP 47); English without a word.
    #[schemars(length(max = 35))]
    language: Option<String>,
}

/// Which version.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardVersionQuery")]
#[serde(deny_unknown_fields, default)]
struct VersionQuery {
    /// An earlier version.
    version: Option<u64>,
}

/// What is looked at.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TileQuery {
    /// The time range; that of the dashboard without a word.
    #[schemars(length(max = 40))]
    pub(super) range: Option<String>,
    /// What is chosen, as a JSON object of texts by the names of variables.
    #[schemars(length(max = 1024))]
    variables: Option<String>,
    /// The language of labels (BCP 47).
    #[schemars(length(max = 35))]
    language: Option<String>,
}

impl TileQuery {
    pub(super) fn chosen(&self) -> Result<BTreeMap<String, String>, Problem> {
        let Some(text) = &self.variables else { return Ok(BTreeMap::new()) };
        // Characters of up to four bytes.
        let chosen = Some(text).filter(|text| text.len() <= 4_096).and_then(|text| serde_json::from_str(text).ok());
        chosen.ok_or_else(|| Problem::at("variables", "is no JSON object of texts"))
    }

    pub(super) fn language(&self) -> &str {
        self.language.as_deref().filter(|language| language.len() <= 35).unwrap_or("en")
    }
}

/// A dashboard in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DashboardSummary")]
struct SummaryView {
    /// The id, or the name of a built-in one.
    id: String,
    /// What it is called.
    title: String,
    /// What it is about.
    description: String,
    /// How many charts it has.
    tiles: u32,
    /// Whether it comes with the appliance.
    built_in: bool,
    /// Who made it; nothing for a built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Counts changes from 1; the entity tag. 0 for a built-in one.
    version: u64,
    /// When it was last changed (RFC 3339); nothing for a built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
}

impl SummaryView {
    fn of(dashboard: &Dashboard) -> Self {
        SummaryView {
            id: dashboard.header.id.to_string(),
            title: dashboard.title.clone(),
            description: dashboard.description.clone(),
            tiles: dashboard.tiles,
            built_in: false,
            owner: Some(dashboard.header.owner.to_string()),
            version: dashboard.header.version,
            updated: Some(moment(dashboard.header.updated)),
        }
    }

    fn of_built_in(built_in: BuiltIn, board: &Board, language: &str) -> Self {
        let words = board.words(language);
        SummaryView {
            id: built_in.name.to_owned(),
            title: words.say(&board.title).to_owned(),
            description: words.say(&board.description).to_owned(),
            tiles: u32::try_from(board.tiles.len()).unwrap_or(u32::MAX),
            built_in: true,
            owner: None,
            version: 0,
            updated: None,
        }
    }
}

/// Dashboards that come with the appliance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BuiltInDashboards")]
struct BuiltInView {
    /// All of them.
    items: Vec<SummaryView>,
}

/// A dashboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Dashboard")]
struct DashboardView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Its document: what `create_dashboard` takes, here or in another appliance.
    board: Board,
}

impl DashboardView {
    fn of(dashboard: &Dashboard) -> Result<Versioned<Self>, Problem> {
        let summary = SummaryView::of(dashboard);
        Ok(Versioned(summary.version, DashboardView { summary, board: dashboard.board()? }))
    }
}

/// A change of a dashboard.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardChange")]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// Its new document.
    board: Board,
}

/// Which version is to be the newest.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardRestore")]
#[serde(deny_unknown_fields)]
struct RestoreBody {
    /// The number of the version.
    version: u64,
}

/// A version of a dashboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DashboardVersion")]
struct VersionView {
    /// Counts from 1.
    number: u64,
    /// What the dashboard was called.
    title: String,
    /// When it was made (RFC 3339).
    made: String,
    /// Who made it.
    by: String,
    /// The version that it is again.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<u64>,
}

impl From<DashboardVersion> for VersionView {
    fn from(version: DashboardVersion) -> Self {
        let DashboardVersion { number, title, made, by, restored, .. } = version;
        VersionView { number, title, made: moment(made), by: by.to_string(), restored }
    }
}

/// What a chart shows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Chart")]
pub(super) struct ChartView {
    /// The first moment of the time range (RFC 3339).
    from: String,
    /// The moment behind its last.
    to: String,
    /// The step of its time axis.
    bucket: String,
    #[serde(flatten)]
    drawing: Drawing,
    /// What choosing rows and parts of it means, where the tile says that it means something.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads: Option<Leads>,
}

/// What can be chosen.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VariableChoices")]
pub(super) struct ChoicesView {
    /// In the order in which they are offered.
    choices: Vec<ChoiceView>,
}

/// Something that can be chosen.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VariableChoice")]
struct ChoiceView {
    /// What is sent.
    value: String,
    /// What it is called.
    title: String,
}

/// A chart to be drawn.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ChartDraft")]
#[serde(deny_unknown_fields)]
struct DrawBody {
    /// The chart.
    chart: ChartSpec,
    /// The time range, like `30d`.
    #[schemars(length(max = 40))]
    range: String,
    /// What is chosen for the variables that it names.
    #[serde(default)]
    variables: BTreeMap<String, Option<String>>,
    /// The language of labels (BCP 47).
    #[serde(default)]
    #[schemars(length(max = 35))]
    language: Option<String>,
}

/// A dashboard as the path names it: of the tenant, or built in.
enum Named {
    Own(Box<Dashboard>),
    BuiltIn(BuiltIn),
}

impl Named {
    fn of(request: &Request, permit: &ListPermit<DashboardRead>) -> Result<Self, Problem> {
        let name = request.path.get("dashboard").map_or("", |name| name);
        if let Some(built_in) = BuiltIn::find(name) {
            return Ok(Named::BuiltIn(built_in));
        }
        let id = parse_id("dashboard", name).map_err(|_| Problem::new(Code::NotFound, ""))?;
        Ok(Named::Own(Box::new(dashboard::read(permit, id)?)))
    }

    fn board(&self) -> Result<Board, Problem> {
        match self {
            Named::Own(dashboard) => Ok(dashboard.board()?),
            Named::BuiltIn(built_in) => Ok(built_in.board()),
        }
    }
}

fn list(call: Call<'_, Seeing, PageQuery, Empty>) -> Result<Json<PageView<SummaryView>>, Problem> {
    let page = dashboard::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |dashboard| SummaryView::of(&dashboard))))
}

fn built_in(call: Call<'_, Seeing, LanguageQuery, Empty>) -> Result<Json<BuiltInView>, Problem> {
    let language = call.query.language.as_deref().unwrap_or("en");
    // Whoever may see dashboards nowhere gets none.
    let seen = BUILT_IN.iter().filter(|_| call.pass.is_whole());
    let items = seen.map(|own| SummaryView::of_built_in(*own, &own.board(), language)).collect();
    Ok(Json(BuiltInView { items }))
}

fn create(call: Call<'_, InTenant<DashboardManage>, Empty, Board>) -> Result<Versioned<DashboardView>, Problem> {
    DashboardView::of(&dashboard::create(call.pass, &call.body)?)
}

fn read(call: Call<'_, Seeing, VersionQuery, Empty>) -> Result<Versioned<DashboardView>, Problem> {
    match (Named::of(call.request, &call.pass)?, call.query.version) {
        (Named::Own(dashboard), Some(number)) => {
            let version = DashboardVersion::read(&call.pass, &dashboard, number)?;
            let summary = SummaryView::of(&dashboard);
            Ok(Versioned(summary.version, DashboardView { summary, board: version.board()? }))
        }
        (Named::Own(dashboard), None) => DashboardView::of(&dashboard),
        (Named::BuiltIn(_), Some(_)) => Err(Problem::new(Code::NotFound, "")),
        (Named::BuiltIn(built_in), None) => {
            let board = built_in.board();
            let summary = SummaryView::of_built_in(built_in, &board, "en");
            Ok(Versioned(0, DashboardView { summary, board }))
        }
    }
}

fn update(call: Call<'_, Changing, Empty, ChangeBody>) -> Result<Versioned<DashboardView>, Problem> {
    DashboardView::of(&dashboard::replace(call.pass, call.request.base_version()?, &call.body.board)?)
}

fn remove(call: Call<'_, Changing, Empty, Empty>) -> Result<Nothing, Problem> {
    dashboard::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn versions(call: Call<'_, Seeing, PageQuery, Empty>) -> Result<Json<PageView<VersionView>>, Problem> {
    let Named::Own(dashboard) = Named::of(call.request, &call.pass)? else {
        return Ok(Json(PageView { items: Vec::new(), next: None }));
    };
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = DashboardVersion::list(&call.pass, &dashboard, after.as_ref(), limit)?;
    Ok(Json(PageView::of(page, VersionView::from)))
}

fn restore(call: Call<'_, Changing, Empty, RestoreBody>) -> Result<Versioned<DashboardView>, Problem> {
    DashboardView::of(&dashboard::restore(call.pass, call.request.base_version()?, call.body.version)?)
}

fn tile(call: Call<'_, Seeing, TileQuery, Empty>) -> Result<Json<ChartView>, Problem> {
    let board = Named::of(call.request, &call.pass)?.board()?;
    let range = range(call.services, call.query.range.as_deref().unwrap_or(&board.range))?;
    let look = Look { services: call.services, actor: call.request.actor()?, permit: call.pass, range };
    look.tile(&board, call.request, &call.query.chosen()?, call.query.language())
}

fn variable(call: Call<'_, Seeing, TileQuery, Empty>) -> Result<Json<ChoicesView>, Problem> {
    let board = Named::of(call.request, &call.pass)?.board()?;
    let range = range(call.services, call.query.range.as_deref().unwrap_or(&board.range))?;
    let look = Look { services: call.services, actor: call.request.actor()?, permit: call.pass, range };
    look.choices(&board, call.request, call.query.language())
}

fn draw(call: Call<'_, Listing<QueryRun>, Empty, DrawBody>) -> Result<Json<ChartView>, Problem> {
    let range = range(call.services, &call.body.range)?;
    call.body.chart.check().map_err(|error| fault(&error.inside("/chart")))?;
    let DrawBody { chart, variables, language, .. } = call.body;
    let bindings = charts::Bindings { from: range.from, to: range.to, bucket: range.bucket, variables };
    let sql = charts::bind(&chart, &bindings).map_err(|error| fault(&error.inside("/chart")))?;
    let (language, none) = (language.unwrap_or_default(), BTreeMap::new());
    let look = Look { services: call.services, actor: call.request.actor()?, permit: call.pass, range };
    look.draw(&chart, None, sql, &Words::of(&language, &none))
}

/// What a time range means now.
pub(super) fn range(services: &Services, text: &str) -> Result<Range, Problem> {
    let now = i64::try_from(services.store.clock().now().millis()).unwrap_or(i64::MAX);
    Range::of(text, now).map_err(|error| fault(&error))
}

/// Somebody who looks at charts: with which rights, over which time.
pub(super) struct Look<'a, P> {
    pub(super) services: &'a Services,
    pub(super) actor: &'a Actor,
    pub(super) permit: ListPermit<P>,
    pub(super) range: Range,
}

impl<P: Permitted> Look<'_, P> {
    /// What the chart of a dashboard that the path names shows.
    pub(super) fn tile(
        self,
        board: &Board,
        request: &Request,
        chosen: &BTreeMap<String, String>,
        language: &str,
    ) -> Result<Json<ChartView>, Problem> {
        let name = request.path.get("tile").map_or("", |name| name);
        let tile = board.tiles.iter().find(|tile| tile.id == name).ok_or_else(|| Problem::new(Code::NotFound, ""))?;
        let bindings = board.bindings(self.range, chosen);
        let sql = charts::bind(&tile.chart, &bindings).map_err(|error| fault(&error))?;
        self.draw(&tile.chart, tile.chosen_by(), sql, &board.words(language))
    }

    /// What can be chosen for the variable of a dashboard that the path names.
    pub(super) fn choices(
        self,
        board: &Board,
        request: &Request,
        language: &str,
    ) -> Result<Json<ChoicesView>, Problem> {
        let name = request.path.get("variable").map_or("", |name| name);
        let found = board.variables.iter().find(|variable| variable.name == name);
        let variable = found.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
        let words = board.words(language);
        let choice = |value: String, title: &str| ChoiceView { title: words.say(title).to_owned(), value };
        let mut choices: Vec<ChoiceView> = variable.choices.iter().map(|value| choice(value.clone(), value)).collect();
        if let Some(sql) = variable.sql(self.range).map_err(|error| fault(&error))? {
            let Asked { columns, rows } = ask::ask(self.services, self.actor, self.permit, sql)?;
            let text = |row: &[serde_json::Value], at: usize| match row.get(at) {
                Some(serde_json::Value::String(text)) => Some(text.clone()),
                Some(serde_json::Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            let own = |row: &Vec<serde_json::Value>| {
                let value = text(row, 0)?;
                let title = if columns.len() > 1 { text(row, 1) } else { None };
                Some(choice(value.clone(), &title.unwrap_or(value)))
            };
            choices.extend(rows.iter().filter_map(own).take(MAX_CHOICES));
        }
        Ok(Json(ChoicesView { choices }))
    }

    /// Asks and draws; `chosen_by` is the column whose values choosing a part is about.
    fn draw(
        self,
        chart: &ChartSpec,
        chosen_by: Option<&str>,
        sql: String,
        words: &Words<'_>,
    ) -> Result<Json<ChartView>, Problem> {
        let Range { from, to, bucket } = self.range;
        let Asked { columns, rows } = ask::ask(self.services, self.actor, self.permit, sql)?;
        let columns: Vec<(&str, &str)> = columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
        let frame = charts::Frame::new(&columns, rows);
        let drawing = charts::draw(chart, &frame, words).map_err(|error| fault(&error))?;
        let leads = chosen_by.map(|column| Leads::of(chart, &frame, words, column)).transpose();
        let leads = leads.map_err(|error| fault(&error))?.flatten();
        let at = |millis: i64| moment(model::Timestamp::from_millis(u64::try_from(millis).unwrap_or(0)));
        Ok(Json(ChartView { from: at(from), to: at(to), bucket: bucket.to_owned(), drawing, leads }))
    }
}

/// The most choices that a query brings.
const MAX_CHOICES: usize = 500;
