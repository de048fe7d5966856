//! The audit trail of the caller's tenant: search, proofs, export.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use ::audit::{
    bundle,
    export::{Format, Source, export as write_export},
    saved::Wanted,
    search::{Facet, Search, Sieve},
};
use access::Permit;
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Action, AuditEvent, ErrorKind, NounKind, Outcome, Permitted, SystemTask,
    permission::{AuditExport, AuditRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    ReadError, TenantStore,
    chain::{Checkpoint, Hash, ProveError, Signer, consistency_proof, inclusion_proof, origin, root_at},
};

use super::view::{moment, parse_any, parse_moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::InTenant,
    problem::{Code, Problem},
    reply::Json,
    services::Services,
};

/// The most bytes of an export or bundle that one answer holds.
const MAX_FILE: usize = 64 << 20;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<AuditRead>>("/v1/audit", "search_audit", "Rows of the audit log, newest first")
            .query::<SearchQuery>()
            .by(search),
        get::<InTenant<AuditRead>>("/v1/audit/checkpoint", "read_audit_checkpoint", "Size and root of the log, signed")
            .by(checkpoint),
        get::<InTenant<AuditRead>>(
            "/v1/audit/inclusion",
            "prove_audit_inclusion",
            "The proof that a row is in the log (RFC 6962)",
        )
        .query::<InclusionQuery>()
        .by(inclusion),
        get::<InTenant<AuditRead>>(
            "/v1/audit/consistency",
            "prove_audit_consistency",
            "The proof that the log has only grown between two sizes (RFC 6962)",
        )
        .query::<ConsistencyQuery>()
        .by(consistency),
        get::<InTenant<AuditExport>>(
            "/v1/audit/export",
            "export_audit",
            "Rows as JSON lines, CSV, OCSF, CEF or RFC 5424 messages; with a filter the file says so first, and proves nothing about \
             what is not in it",
        )
        .query::<ExportQuery>()
        .by(export),
        get::<InTenant<AuditExport>>(
            "/v1/audit/bundle",
            "bundle_audit",
            "The whole log in one file that `audiagram audit verify` checks without the appliance",
        )
        .by(bundle_all),
    ]
}

/// Which rows. All that is given must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct SearchQuery {
    /// Words and "phrases" that must occur; with `-` in front they must not.
    #[schemars(length(max = 1024))]
    text: String,
    /// What was done, like `project:read`.
    #[schemars(length(max = 64))]
    action: Option<String>,
    /// Who did it.
    #[schemars(length(max = 64))]
    actor: Option<String>,
    /// To what.
    #[schemars(length(max = 64))]
    subject: Option<String>,
    /// To which kind of thing, like `project`.
    #[schemars(length(max = 64))]
    kind: Option<String>,
    /// `done`, `denied` or `failed`.
    #[schemars(length(max = 16))]
    outcome: Option<String>,
    /// From which address.
    #[schemars(length(max = 64))]
    address: Option<String>,
    /// Not before this moment (RFC 3339).
    #[schemars(length(max = 64))]
    from: Option<String>,
    /// Before this moment (RFC 3339).
    #[schemars(length(max = 64))]
    to: Option<String>,
    /// Whether to count rows by action, actor, kind, outcome and address.
    facets: bool,
    /// The `next` of the page before.
    before: Option<u64>,
    /// How many rows, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
}

/// Rows that were found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditRows")]
struct FoundView {
    /// The rows, newest first.
    items: Vec<RowView>,
    /// Send it as `before` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
    /// How many rows match on all pages.
    total: u64,
    /// Whether all rows were searched; if not, ask again, or narrow the search.
    complete: bool,
    /// Counts by field, most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facets: Vec<FacetView>,
}

/// A row.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditRow")]
struct RowView {
    /// Its number in the log.
    row: u64,
    /// Its id.
    id: String,
    /// When (RFC 3339).
    at: String,
    /// What was done.
    action: &'static str,
    /// Who did it; absent for the appliance's own tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// The session or API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// To what.
    subject: String,
    /// How it ended.
    outcome: &'static str,
    /// Facts about it.
    detail: BTreeMap<String, String>,
}

impl RowView {
    fn of((row, event): (u64, AuditEvent)) -> Self {
        RowView {
            row,
            id: event.id.to_string(),
            at: moment(event.at),
            action: event.action.code(),
            actor: event.actor.map(|actor| actor.to_string()),
            credential: event.credential.map(|credential| credential.to_string()),
            address: event.address,
            request: event.request,
            subject: event.subject.to_string(),
            outcome: event.outcome.name(),
            detail: event.detail,
        }
    }
}

/// The counts of one field.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditFacet")]
struct FacetView {
    /// Which field.
    field: &'static str,
    /// Its values.
    values: Vec<CountView>,
}

/// How often a value occurs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditCount")]
struct CountView {
    /// The value.
    value: String,
    /// How many rows have it.
    count: u64,
}

/// The state of a log at a moment.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditCheckpoint")]
struct CheckpointView {
    /// How many rows.
    size: u64,
    /// The root over them, in base 64.
    root: String,
    /// The signed note (C2SP tlog-checkpoint).
    note: String,
    /// The key that signed it (C2SP signed-note vkey).
    key: String,
}

/// Which proof.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InclusionQuery {
    /// The row's number.
    row: u64,
    /// In the log of this size; in the present one when absent.
    #[serde(default)]
    size: Option<u64>,
}

/// Which proof.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ConsistencyQuery {
    /// The size before.
    from: u64,
    /// The size after; the present one when absent.
    #[serde(default)]
    to: Option<u64>,
}

/// A proof.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditProof")]
struct ProofView {
    /// The size of the log that it is about.
    size: u64,
    /// The root of the log at that size, in base 64.
    root: String,
    /// The leaf's hash, in base 64; for proofs of inclusion.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<String>,
    /// The hashes, in base 64.
    proof: Vec<String>,
}

/// What to export.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    /// `jsonl`, `csv`, `ocsf`, `cef` or `syslog`.
    #[schemars(length(max = 16))]
    format: String,
    /// Words and "phrases" that must occur; with `-` in front they must not.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    text: String,
    /// What was done, like `project:read`.
    #[serde(default)]
    #[schemars(length(max = 64))]
    action: Option<String>,
    /// Who did it.
    #[serde(default)]
    #[schemars(length(max = 64))]
    actor: Option<String>,
    /// To what.
    #[serde(default)]
    #[schemars(length(max = 64))]
    subject: Option<String>,
    /// To which kind of thing, like `project`.
    #[serde(default)]
    #[schemars(length(max = 64))]
    kind: Option<String>,
    /// `done`, `denied` or `failed`.
    #[serde(default)]
    #[schemars(length(max = 16))]
    outcome: Option<String>,
    /// From which address.
    #[serde(default)]
    #[schemars(length(max = 64))]
    address: Option<String>,
    /// Not before this moment (RFC 3339).
    #[serde(default)]
    #[schemars(length(max = 64))]
    from: Option<String>,
    /// Before this moment (RFC 3339).
    #[serde(default)]
    #[schemars(length(max = 64))]
    to: Option<String>,
}

impl ExportQuery {
    /// What is given of the filter, by name: the file says it.
    fn filter(&self) -> BTreeMap<&'static str, String> {
        let text = Some(self.text.clone()).filter(|text| !text.trim().is_empty());
        let all = [
            ("text", &text),
            ("action", &self.action),
            ("actor", &self.actor),
            ("subject", &self.subject),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("address", &self.address),
            ("from", &self.from),
            ("to", &self.to),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

/// The file whose trail it is, once its reading is recorded.
fn trail<P: Permitted>(permit: &Permit<P>) -> Result<Arc<TenantStore>, Problem> {
    permit.read()?;
    permit.files().cloned().ok_or_else(|| Problem::new(Code::NotFound, ""))
}

fn search(call: Call<'_, InTenant<AuditRead>, SearchQuery, Empty>) -> Result<Json<FoundView>, Problem> {
    let search = parse(call.query)?;
    let db = trail(&call.pass)?;
    let found = call.services.indexes.search(db.log(), &**db, &search)?;
    let count = |(value, count)| CountView { value, count };
    let facet = |(facet, values): (Facet, Vec<_>)| FacetView {
        field: match facet {
            Facet::Action => "action",
            Facet::Actor => "actor",
            Facet::Kind => "kind",
            Facet::Outcome => "outcome",
            Facet::Address => "address",
        },
        values: values.into_iter().map(count).collect(),
    };
    Ok(Json(FoundView {
        items: found.events.into_iter().map(RowView::of).collect(),
        next: found.next,
        total: found.total,
        complete: found.complete,
        facets: found.facets.into_iter().map(facet).collect(),
    }))
}

/// That something can be searched for, before it is kept.
pub(super) fn check(wanted: &Wanted) -> Result<(), Problem> {
    let Wanted { text, action, actor, subject, kind, outcome, address, from, to } = wanted.clone();
    let query =
        SearchQuery { text, action, actor, subject, kind, outcome, address, from, to, ..SearchQuery::default() };
    let in_body = |mut problem: Problem| {
        problem.errors.iter_mut().for_each(|fault| fault.at.insert_str(0, "/wanted/"));
        problem
    };
    parse(query).map(drop).map_err(in_body)
}

fn parse(query: SearchQuery) -> Result<Search, Problem> {
    let limit = match query.limit {
        None => 50,
        Some(limit @ 1..=200) => limit,
        Some(_) => return Err(Problem::at("limit", "must be 1 to 200")),
    };
    let all = [Facet::Action, Facet::Actor, Facet::Kind, Facet::Outcome, Facet::Address];
    let kind = |text: String| {
        let kind = NounKind::ALL.iter().find(|kind| kind.label() == text);
        kind.copied().ok_or_else(|| Problem::at("kind", "is no kind of thing, like `project`"))
    };
    let outcome = |text: String| {
        let outcome = [Outcome::Done, Outcome::Denied, Outcome::Failed].into_iter().find(|known| known.name() == text);
        outcome.ok_or_else(|| Problem::at("outcome", "is none of `done`, `denied` and `failed`"))
    };
    Ok(Search {
        text: query.text,
        actions: query.action.map(|action| parse_action(&action)).transpose()?.into_iter().collect(),
        actors: query.actor.map(|actor| parse_any("actor", &actor)).transpose()?.into_iter().collect(),
        subjects: query.subject.map(|subject| parse_any("subject", &subject)).transpose()?.into_iter().collect(),
        kinds: query.kind.map(kind).transpose()?.into_iter().collect(),
        outcomes: query.outcome.map(outcome).transpose()?.into_iter().collect(),
        addresses: query.address.into_iter().collect(),
        from: query.from.map(|from| parse_moment("from", &from)).transpose()?,
        to: query.to.map(|to| parse_moment("to", &to)).transpose()?,
        facets: if query.facets { all.to_vec() } else { Vec::new() },
        before: query.before,
        limit,
    })
}

fn parse_action(code: &str) -> Result<Action, Problem> {
    let task = || SystemTask::ALL.iter().find(|task| task.code() == code).map(|task| Action::System(*task));
    let action = code.parse().ok().map(Action::Permission).or_else(task);
    action.ok_or_else(|| Problem::at("action", "is neither a permission nor a task"))
}

/// The key of a log: made from the appliance's own, so that it outlives the renewal of data keys and of the root key.
fn signer(services: &Services, db: &TenantStore) -> Result<Signer, Problem> {
    let vault = services.store.vault();
    let appliance = model::AnyId::new(NounKind::Appliance, u128::from_be_bytes(vault.store()));
    let name = origin(appliance, db.log());
    let seed = vault.derive_seed(&format!("audit signing {name}"));
    Signer::new(&name, &seed).map_err(|error| Problem::of(error.kind(), &error))
}

fn checkpoint(call: Call<'_, InTenant<AuditRead>, Empty, Empty>) -> Result<Json<CheckpointView>, Problem> {
    let db = trail(&call.pass)?;
    let signer = signer(call.services, &db)?;
    let (size, root) = db.audit_head()?;
    let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root, extensions: Vec::new() };
    let note = checkpoint.sign(&signer).map_err(|error| Problem::of(error.kind(), &error))?;
    Ok(Json(CheckpointView { size, root: STANDARD.encode(root), note, key: signer.verifier().to_string() }))
}

fn inclusion(call: Call<'_, InTenant<AuditRead>, InclusionQuery, Empty>) -> Result<Json<ProofView>, Problem> {
    let db = trail(&call.pass)?;
    let view = db.read()?;
    let size = at_most(db.audit_head()?.0, call.query.size, "size")?;
    let proof = inclusion_proof(call.query.row, size, &view).map_err(unproven)?;
    let root = root_at(size, &view).map_err(unproven)?;
    let leaf = view.audit_leaves(call.query.row, 1)?.pop().map(|(_, leaf)| STANDARD.encode(leaf.hash()));
    Ok(Json(ProofView { size, root: STANDARD.encode(root), leaf, proof: encoded(&proof) }))
}

fn consistency(call: Call<'_, InTenant<AuditRead>, ConsistencyQuery, Empty>) -> Result<Json<ProofView>, Problem> {
    let db = trail(&call.pass)?;
    let view = db.read()?;
    let size = at_most(db.audit_head()?.0, call.query.to, "to")?;
    let proof = consistency_proof(call.query.from, size, &view).map_err(unproven)?;
    let root = root_at(size, &view).map_err(unproven)?;
    Ok(Json(ProofView { size, root: STANDARD.encode(root), leaf: None, proof: encoded(&proof) }))
}

fn at_most(size: u64, asked: Option<u64>, at: &str) -> Result<u64, Problem> {
    match asked {
        Some(asked) if asked > size => Err(Problem::at(at, format!("the log has {size} rows"))),
        asked => Ok(asked.unwrap_or(size)),
    }
}

fn unproven(error: ProveError<ReadError>) -> Problem {
    let kind = match &error {
        ProveError::Nodes(error) => error.kind(),
        _ => error.kind().unwrap_or(ErrorKind::Corrupt),
    };
    Problem::of(kind, &error)
}

fn encoded(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

fn export(call: Call<'_, InTenant<AuditExport>, ExportQuery, Empty>) -> Result<Response, Problem> {
    let filter = call.query.filter();
    let ExportQuery { format, text, action, actor, subject, kind, outcome, address, from, to } = call.query;
    let format = Format::ALL.iter().find(|known| known.name() == format).copied();
    let format =
        format.ok_or_else(|| Problem::at("format", "is none of `jsonl`, `csv`, `ocsf`, `cef` and `syslog`"))?;
    let query =
        SearchQuery { text, action, actor, subject, kind, outcome, address, from, to, ..SearchQuery::default() };
    let sieve = Sieve::new(parse(query)?)?;
    let name = if sieve.is_open() { "audit" } else { "audit-filtered" };
    let db = trail(&call.pass)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let source = Source { log: db.log(), host: call.services.region.code().to_owned(), version };
    let mut file = Bounded::default();
    match write_export(&**db, format, &source, (sieve, &filter), &mut file) {
        Err(_) if file.full => Err(too_long("narrow the filter, by a shorter period")),
        Err(error) => Err(Problem::of(error.kind(), &error)),
        Ok(_) => Ok(download(format.media_type(), &format!("{name}.{}", format.name()), file.bytes)),
    }
}

fn bundle_all(call: Call<'_, InTenant<AuditExport>, Empty, Empty>) -> Result<Response, Problem> {
    let db = trail(&call.pass)?;
    let signer = signer(call.services, &db)?;
    let mut file = Bounded::default();
    match bundle::write(&db, &signer, &mut file).map(drop) {
        Err(_) if file.full => Err(too_long("make the bundle on the appliance's console")),
        Err(error) => Err(Problem::of(error.kind(), &error)),
        Ok(()) => Ok(download("application/x-ndjson", "audit-bundle.jsonl", file.bytes)),
    }
}

fn too_long(remedy: &str) -> Problem {
    Problem::new(Code::QuotaExceeded, format!("the file would have more than {} MiB; {remedy}", MAX_FILE >> 20))
}

fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// A file in memory that may not grow without end.
#[derive(Debug, Default)]
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_FILE {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
