//! Reports: documents, and the templates that one begins from.

use library::report::{self, Report};
use model::{
    Permission,
    permission::{ReportCreate, ReportRead},
};
use reports::{Report as Document, TEMPLATES};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, Guard, delete, get, patch, post},
    guard::{InTenant, Listing, On, Reading},
    problem::{Code, Problem},
    reply::{Json, Nothing, Versioned},
    reporting::asks_own,
};

type Seeing = Listing<ReportRead>;
type Changing = On<ReportCreate, Report>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Seeing>("/v1/reports", "list_reports", "Reports of the tenant, newest first")
            .query::<PageQuery>()
            .by(list),
        get::<Seeing>("/v1/reports/templates", "list_report_templates", "Reports to begin one's own from")
            .query::<LanguageQuery>()
            .by(templates),
        post::<InTenant<ReportCreate>>("/v1/reports", "create_report", "Make a report of a document")
            .takes::<Document>()
            .creates()
            .by(create),
        get::<Reading<ReportRead, Report>>("/v1/reports/{report}", "read_report", "A report").by(read),
        patch::<Changing>("/v1/reports/{report}", "update_report", "Put another document in its place")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<Changing>("/v1/reports/{report}", "delete_report", "Remove a report with its runs and schedules")
            .versioned()
            .silently()
            .by(remove),
    ]
}

/// In which language.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "TemplateQuery")]
#[serde(deny_unknown_fields, default)]
struct LanguageQuery {
    /// The language of the templates (BCP 47); English without a word.
    #[schemars(length(max = 35))]
    language: Option<String>,
}

/// A report in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportSummary")]
struct SummaryView {
    /// The id.
    id: String,
    /// What it is called.
    title: String,
    /// What it is about.
    description: String,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl SummaryView {
    fn of(report: &Report) -> Self {
        SummaryView {
            id: report.header.id.to_string(),
            title: report.title.clone(),
            description: report.description.clone(),
            owner: report.header.owner.to_string(),
            version: report.header.version,
            updated: moment(report.header.updated),
        }
    }
}

/// A report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportDetail")]
struct ReportView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Its document: what `create_report` takes, here or in another appliance.
    report: Document,
}

impl ReportView {
    fn of(report: &Report) -> Result<Versioned<Self>, Problem> {
        let summary = SummaryView::of(report);
        Ok(Versioned(summary.version, ReportView { summary, report: report.document()? }))
    }
}

/// Reports that come with the appliance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportTemplates")]
struct TemplatesView {
    /// All of them.
    items: Vec<TemplateView>,
}

/// A report that comes with the appliance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportTemplate")]
struct TemplateView {
    /// Its name.
    name: &'static str,
    /// Its document: what `create_report` takes, as it is or changed.
    report: Document,
}

/// A change of a report.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ReportChange")]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// Its new document.
    report: Document,
}

fn list(call: Call<'_, Seeing, PageQuery, Empty>) -> Result<Json<PageView<SummaryView>>, Problem> {
    let page = report::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |report| SummaryView::of(&report))))
}

fn templates(call: Call<'_, Seeing, LanguageQuery, Empty>) -> Result<Json<TemplatesView>, Problem> {
    let language = call.query.language.as_deref().unwrap_or("en");
    // Whoever may see reports nowhere gets none.
    let seen = TEMPLATES.iter().filter(|_| call.pass.is_whole());
    let items = seen.map(|own| TemplateView { name: own.name, report: own.report_in(language) }).collect();
    Ok(Json(TemplatesView { items }))
}

fn create(call: Call<'_, InTenant<ReportCreate>, Empty, Document>) -> Result<Versioned<ReportView>, Problem> {
    may_ask(&call, &call.body)?;
    ReportView::of(&report::create(call.pass, &call.body)?)
}

fn read(call: Call<'_, Reading<ReportRead, Report>, Empty, Empty>) -> Result<Versioned<ReportView>, Problem> {
    ReportView::of(&call.pass)
}

fn update(call: Call<'_, Changing, Empty, ChangeBody>) -> Result<Versioned<ReportView>, Problem> {
    may_ask(&call, &call.body.report)?;
    ReportView::of(&report::replace(call.pass, call.request.base_version()?, &call.body.report)?)
}

fn remove(call: Call<'_, Changing, Empty, Empty>) -> Result<Nothing, Problem> {
    report::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

/// Questions in SQL are written by those who may ask in SQL.
fn may_ask<G: Guard, Q, B>(call: &Call<'_, G, Q, B>, document: &Document) -> Result<(), Problem> {
    if !asks_own(document) {
        return Ok(());
    }
    let actor = call.request.actor()?;
    let (gate, context) = (&call.services.gate, call.request.context());
    if gate.decide(actor, Permission::QueryRun, &gate.realm(actor), &context)?.allowed {
        return Ok(());
    }
    let detail =
        "its sections ask in SQL, for which you need the permission query:run; choose a dashboard in their place";
    Err(Problem::new(Code::Denied, detail))
}
