//! Tables written as Parquet files into places of the tenant's own.

use ::jobs::{Job, State};
use library::table_export::{self, TableExport};
use metering::extract::TABLES;
use model::permission::{DatasetExport, ReportRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Read as _, blob::BlobDigest};

use super::view::{PageQuery, PageView, moment, parse_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::{InTenant, Listing, On, Reading},
    problem::{Code, Problem},
    query::guarded,
    reply::Json,
};

type Seeing = Reading<ReportRead, TableExport>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ReportRead>>(
            "/v1/table-exports",
            "list_table_exports",
            "Tables that were written as files, newest first",
        )
        .query::<PageQuery>()
        .by(list),
        post::<InTenant<DatasetExport>>(
            "/v1/table-exports",
            "export_table",
            "Have a table written as Parquet files into a place of your own, by day or month",
        )
        .takes::<NewBody>()
        .accepted()
        .by(order),
        get::<Seeing>("/v1/table-exports/{table_export}", "read_table_export", "How far the files of a table are")
            .by(read),
        post::<On<DatasetExport, TableExport>>(
            "/v1/table-exports/{table_export}/cancel",
            "cancel_table_export",
            "Call off the writing of a table; what was put somewhere is taken away",
        )
        .by(cancel),
    ]
}

/// A table to be written.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewTableExport")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// The table: `usage`, `charges`, `cost_focus`, `cost_focus_1_2`, `prices`, `projects`, `recordings`, `videos`, `jobs`, `users` or `audit`.
    #[schemars(length(min = 1, max = 40))]
    table: String,
    /// The connector that says where.
    #[schemars(length(min = 1, max = 64))]
    connector: String,
    /// A folder a day or a month, in UTC, named as Hive does; without a word all in one.
    #[serde(default)]
    by: Option<SpanView>,
}

/// How long the time of a folder is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TableExportSpan")]
#[serde(rename_all = "lowercase")]
enum SpanView {
    /// `day=2026-11-21`.
    Day,
    /// `month=2026-11`.
    Month,
}

impl SpanView {
    const fn name(self) -> &'static str {
        match self {
            SpanView::Day => "day",
            SpanView::Month => "month",
        }
    }
}

/// A table as files.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TableExport")]
struct ExportView {
    /// The id.
    id: String,
    /// The table.
    table: String,
    /// `day` or `month`; absent where all lies in one folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// The connector that says where.
    connector: String,
    /// The folder of its files there. They are whole when `_manifest.json` lies in it.
    folder: String,
    /// The job that does it.
    job: String,
    /// `queued`, `running`, `done`, `failed` or `dead` (given up), `cancelled`; `over` where the job is not remembered any more.
    state: String,
    /// How much of it is done, 0 to 1.
    share: f64,
    /// Why it came to nothing, or has to be begun again.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<MadeView>,
    /// Who asked for it.
    owner: String,
    /// When.
    created: String,
}

/// What came of the export of a table.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TableExportMade")]
struct MadeView {
    /// When it was done (RFC 3339).
    at: String,
    /// How many files there are, the manifest not counted.
    files: u32,
    /// Their rows.
    rows: u64,
    /// Their bytes.
    bytes: u64,
    /// The SHA-256 of `_manifest.json`, in hexadecimal.
    manifest: String,
}

fn view((export, job): (TableExport, Option<Job>)) -> ExportView {
    let running = |job: &&Job| matches!(job.state, State::Leased { .. });
    let done = if export.made.is_some() { 1.0 } else { 0.0 };
    let share = job.as_ref().filter(running).map_or(done, |job| f64::from(job.progress.permille) / 1_000.0);
    let state = job.as_ref().map_or_else(|| "over".to_owned(), |job| job.state.kind().to_string());
    ExportView {
        id: export.header.id.to_string(),
        folder: export.folder(),
        table: export.table,
        by: export.by,
        connector: export.connector.to_string(),
        job: export.job.to_string(),
        state,
        share,
        why: job.and_then(|job| job.failure).map(|failure| failure.message),
        made: export.made.map(|made| MadeView {
            at: moment(made.at),
            files: made.files,
            rows: made.rows,
            bytes: made.bytes,
            manifest: BlobDigest(made.manifest).to_string(),
        }),
        owner: export.header.owner.to_string(),
        created: moment(export.header.created),
    }
}

fn list(call: Call<'_, Listing<ReportRead>, PageQuery, Empty>) -> Result<Json<PageView<ExportView>>, Problem> {
    let page = table_export::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, view)))
}

fn order(call: Call<'_, InTenant<DatasetExport>, Empty, NewBody>) -> Result<Json<ExportView>, Problem> {
    let NewBody { table, connector, by } = call.body;
    if !TABLES.iter().any(|(name, _)| *name == table) {
        return Err(Problem::at("/table", "is none that can be had as files"));
    }
    let connector = parse_id("/connector", &connector)?;
    let actor = call.request.actor()?;
    let realm = call.services.gate.realm(actor);
    for (_, needs) in guarded(&table) {
        if !call.services.gate.decide(actor, needs, &realm, &call.request.context())?.allowed {
            return Err(Problem::new(Code::Denied, format!("for the table `{table}` you need the permission {needs}")));
        }
    }
    let by = by.map(SpanView::name);
    let (export, job) = table_export::order(call.pass, &call.services.jobs, connector, &table, by)?;
    Ok(Json(view((export, Some(job)))))
}

fn read(call: Call<'_, Seeing, Empty, Empty>) -> Result<Json<ExportView>, Problem> {
    let job = call.services.file(call.request.actor()?)?.read()?.get::<Job>(&call.pass.job)?;
    Ok(Json(view((call.pass, job))))
}

fn cancel(call: Call<'_, On<DatasetExport, TableExport>, Empty, Empty>) -> Result<Json<ExportView>, Problem> {
    let (export, job) = table_export::cancel(call.pass, &call.services.jobs)?;
    Ok(Json(view((export, Some(job)))))
}
