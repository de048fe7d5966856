//! Runs of reports: made, listed, and taken as files.

use access::{ListPermit, Permit};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use library::report::{Delivery, NewRun, PassedOver, Report, ReportRun, keep};
use model::{
    Id, Permission, Permitted, noun,
    permission::{ReportCreate, ReportExport, ReportRead},
};
use reports::{Form, Signed};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use store::Read as _;
use tokio::runtime::Handle;

use super::view::{PageQuery, PageView, moment, parse_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Listing, On, Reading},
    media::Media,
    problem::{Code, Problem},
    reply::{Json, Nothing},
    reporting::{self, DrawnUp},
    request::Request,
    services::Services,
};

type Making = On<ReportCreate, Report>;
type Seeing = Reading<ReportRead, ReportRun>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<Making>(
            "/v1/reports/{report}/runs",
            "run_report",
            "Draw a report up now: each of its questions is asked once, as you may see the answer",
        )
        .creates()
        .by(run),
        get::<Listing<ReportRead>>("/v1/reports/{report}/runs", "list_report_runs", "Runs of a report, newest first")
            .query::<PageQuery>()
            .by(list),
        get::<Seeing>("/v1/report-runs/{report_run}", "read_report_run", "A run of a report").by(read),
        get::<On<ReportExport, ReportRun>>(
            "/v1/report-runs/{report_run}/file",
            "export_report_run",
            "What a run found, as a file; all forms say the same numbers, and ranges can be asked for",
        )
        .query::<FileQuery>()
        .by(file),
        get::<On<ReportExport, ReportRun>>(
            "/v1/report-runs/{report_run}/archive",
            "export_report_archive",
            "What a run found as it is kept, with the appliance's signature, its key, and how to verify it without the appliance",
        )
        .by(archive),
        delete::<On<ReportCreate, ReportRun>>("/v1/report-runs/{report_run}", "delete_report_run", "Remove a run")
            .silently()
            .by(remove),
    ]
}

/// Which file is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ReportFileQuery")]
#[serde(deny_unknown_fields)]
struct FileQuery {
    /// The form.
    #[schemars(schema_with = "forms")]
    form: String,
    /// Of the form `csv`, the only section that is wanted; an archive of all without one.
    #[serde(default)]
    #[schemars(length(min = 1, max = 40))]
    section: Option<String>,
}

fn forms(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<_> = Form::ALL.iter().map(|form| form.code()).collect();
    json_schema!({ "type": "string", "enum": words })
}

/// A run of a report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportRun")]
pub(super) struct RunView {
    /// The id.
    id: String,
    /// The report.
    report: String,
    /// The schedule that asked for it; nothing where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    /// What the report was called.
    title: String,
    /// The language it is written in.
    language: String,
    /// The first moment of its period (RFC 3339).
    from: String,
    /// The moment behind its last.
    to: String,
    /// Who asked for it.
    owner: String,
    /// When it was made (RFC 3339).
    made: String,
    /// How many sections it has.
    sections: u32,
    /// How many of them have no answer, since its owner may not see what they ask for or it could not be answered.
    unanswered: u32,
    /// The SHA-256 of what it found.
    digest: String,
    /// What the appliance has signed: which run it is, and of what.
    statement: String,
    /// Its Ed25519 signature of the statement, as hexadecimal digits.
    signature: String,
    /// The run of the schedule with which it was drawn up for its owner, who alone sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<String>,
    /// Who was to have a run of their own with it and has none.
    passed_over: Vec<PassedOverView>,
}

/// Somebody for whom no run was drawn up.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportPassedOver")]
struct PassedOverView {
    /// Who.
    user: String,
    /// Why.
    why: String,
}

impl From<PassedOver> for PassedOverView {
    fn from(PassedOver { user, why }: PassedOver) -> Self {
        PassedOverView { user: user.to_string(), why }
    }
}

impl From<ReportRun> for RunView {
    fn from(run: ReportRun) -> Self {
        RunView {
            id: run.header.id.to_string(),
            report: run.report.to_string(),
            schedule: run.schedule.map(|id| id.to_string()),
            statement: run.statement(),
            title: run.title,
            language: run.language,
            from: moment(run.from),
            to: moment(run.to),
            owner: run.header.owner.to_string(),
            made: moment(run.header.created),
            sections: run.sections,
            unanswered: run.unanswered,
            digest: run.digest.to_string(),
            signature: run.signature.iter().map(|byte| format!("{byte:02x}")).collect(),
            with: run.with.map(|id| id.to_string()),
            passed_over: run.passed_over.into_iter().map(PassedOverView::from).collect(),
        }
    }
}

fn run(call: Call<'_, Making, Empty, Empty>) -> Result<Json<RunView>, Problem> {
    let (services, actor) = (call.services, call.request.actor()?);
    // Asking and drawing take a processor for a while, so only some do it at once, and no tenant all of them.
    let _turn = Handle::current().block_on(services.walls.export(call.pass.tenant()))?;
    let id: Id<noun::Report> = call.pass.subject().id.typed().ok_or_else(gone)?;
    let report = call.pass.read()?.get::<Report>(&id)?.ok_or_else(gone)?;
    let DrawnUp { findings, needs } =
        reporting::draw_up(services, actor, &call.request.context(), &report.document()?)?;
    // Who asks for it by hand has it.
    let new = NewRun::of(actor, needs, services.limits(actor.tenant)?, Delivery::default());
    Ok(Json(keep(call.pass, findings, new, &|text| services.store.vault().sign(text))?.into()))
}

fn list(call: Call<'_, Listing<ReportRead>, PageQuery, Empty>) -> Result<Json<PageView<RunView>>, Problem> {
    let id = parse_id("report", call.request.path.get("report").map_or("", |id| id)).map_err(|_| gone())?;
    let report: Option<Report> = call.pass.read()?.get(&id)?;
    report.filter(|report| call.pass.visible(&report.header.subject())).ok_or_else(gone)?;
    let realm = call.services.gate.realm(call.request.actor()?);
    let holds =
        |permit: &ListPermit<ReportRead>, needs: &[Permission]| needs.iter().all(|need| permit.allows(*need, &realm));
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let reader = call.pass.actor();
    let page = ReportRun::list(&call.pass, id, after.as_ref(), limit, |run| {
        run.is_for(reader) && holds(&call.pass, &run.needs)
    })?;
    Ok(Json(PageView::of(page, RunView::from)))
}

fn read(call: Call<'_, Seeing, Empty, Empty>) -> Result<Json<RunView>, Problem> {
    may_see(call.services, call.request, &call.pass)?;
    Ok(Json(call.pass.into()))
}

fn file(call: Call<'_, On<ReportExport, ReportRun>, FileQuery, Empty>) -> Result<Media, Problem> {
    let FileQuery { form, section } = call.query;
    let form = Form::find(&form).ok_or_else(|| Problem::at("form", "must be pdf, xlsx, html, json, csv or parquet"))?;
    if section.is_some() && form != Form::Csv {
        return Err(Problem::at("section", "is for the form csv"));
    }
    let run = of(&call.pass)?;
    may_see(call.services, call.request, &run)?;
    let _turn = Handle::current().block_on(call.services.walls.export(call.pass.tenant()))?;
    let findings = run.findings(call.pass.files().ok_or_else(gone)?)?;
    // Writes the row of who took it.
    call.pass.write::<_, library::LibraryError>(|tx| {
        tx.note("form", form.code());
        Ok(())
    })?;
    let failed = |error: reports::WriteError| match error {
        reports::WriteError::NoSection => Problem::at("section", error.to_string()),
        _ => Problem::of(model::ErrorKind::Bug, &error),
    };
    if let Some(section) = section {
        let text = findings.csv_of(&section).map_err(failed)?;
        let name = format!("{} {section}.csv", run.title);
        return Ok(Media::made(call.request, text.into_bytes(), "text/csv; charset=utf-8", &name));
    }
    let fonts = call.services.fonts_for(&findings.spoken(), &findings.language);
    let bytes = form.write(&findings, &fonts).map_err(failed)?;
    Ok(Media::made(call.request, bytes, form.media_type(), &format!("{}{}", run.title, form.suffix())))
}

fn archive(call: Call<'_, On<ReportExport, ReportRun>, Empty, Empty>) -> Result<Media, Problem> {
    let run = of(&call.pass)?;
    may_see(call.services, call.request, &run)?;
    let findings = run.kept(call.pass.files().ok_or_else(gone)?)?;
    // Writes the row of who took it.
    call.pass.write::<_, library::LibraryError>(|tx| {
        tx.note("form", "archive");
        Ok(())
    })?;
    let key = pem(call.services.store.vault().public_key().0);
    let statement = run.statement();
    let signed = Signed { findings: &findings, statement: &statement, signature: &run.signature, key: &key };
    let bytes = signed.archive().map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    Ok(Media::made(call.request, bytes, "application/zip", &format!("{} signed.zip", run.title)))
}

/// A public key of Ed25519 as other programs read it (RFC 8410).
fn pem(key: [u8; 32]) -> String {
    const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let text = STANDARD.encode([&HEAD[..], &key[..]].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

fn remove(call: Call<'_, On<ReportCreate, ReportRun>, Empty, Empty>) -> Result<Nothing, Problem> {
    may_see(call.services, call.request, &of(&call.pass)?)?;
    ReportRun::delete(call.pass)?;
    Ok(Nothing)
}

/// The run that a permit is about.
fn of<P: Permitted>(permit: &Permit<P>) -> Result<ReportRun, Problem> {
    let id: Id<noun::ReportRun> = permit.subject().id.typed().ok_or_else(gone)?;
    let view = permit.files().ok_or_else(gone)?.read()?;
    view.get::<ReportRun>(&id)?.ok_or_else(gone)
}

/// Whether the caller holds all that a run was made with.
fn may_see(services: &Services, request: &Request, run: &ReportRun) -> Result<(), Problem> {
    let (actor, context) = (request.actor()?, request.context());
    if !run.is_for(actor.id) {
        return Err(gone());
    }
    let realm = services.gate.realm(actor);
    for need in &run.needs {
        if !services.gate.decide(actor, *need, &realm, &context)?.allowed {
            let detail = format!("it holds numbers for which you need the permission {need}; run the report yourself");
            return Err(Problem::new(Code::Denied, detail));
        }
    }
    Ok(())
}

fn gone() -> Problem {
    Problem::new(Code::NotFound, "")
}
