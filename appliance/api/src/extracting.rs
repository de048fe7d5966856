//! Writing tables as files into places of tenants' own: the job of an export.

use std::{sync::Arc, time::Duration};

use access::{ListPermit, Refusal, RequestContext};
use jobs::{Attempt, Failure, Publish, Reason, Work};
use library::{
    connector::{self, Connector, Place},
    table_export::{self, Made, TableExport},
};
use metering::{
    Form, Question,
    extract::{Extract, Extracted, Part, Span, Split, TABLES},
};
use model::{Actor, Permission, permission::QueryRun};
use outbound::{Bucket, Depot, DepotError, HostKeyError, Login, SftpServer, Target};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{Read as _, blob::BlobDigest};

use crate::{
    endpoints::{moment, no_engine, question_problem},
    problem::{Code, Problem},
    query::{ask, equip},
    reporting::{failure, unreadable},
    services::Services,
};

/// How often it is looked whether the work is to stop.
const PATIENCE: Duration = Duration::from_millis(200);
/// The most files of an export.
const MAX_FILES: usize = 20_000;
/// The file that says what the others are. It is put there last.
const MANIFEST: &str = "_manifest.json";

/// What the files of an export are.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    schema: &'static str,
    export: String,
    tenant: String,
    table: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partitioned_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of_column: Option<&'a str>,
    made: String,
    rows: u64,
    bytes: u64,
    files: &'a [Listed],
}

/// A file in the manifest.
#[derive(Debug, Serialize)]
struct Listed {
    path: String,
    rows: u64,
    bytes: u64,
    sha256: String,
}

/// Why there are not all files.
enum End {
    /// It was asked to stop.
    Stopped,
    /// It failed.
    Failed(Failure),
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        End::Failed(failure(problem))
    }
}

impl From<DepotError> for End {
    fn from(error: DepotError) -> Self {
        End::Failed(not_put(&error))
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        End::Failed(failure)
    }
}

/// What it means for a job that a file cannot be put where it should be.
pub(crate) fn not_put(error: &DepotError) -> Failure {
    tracing::warn!(error = error as &dyn std::error::Error, "a file cannot be put where it should be");
    let reason = if error.may_pass() { Reason::Unavailable } else { Reason::NotAllowed };
    Failure::new(reason, error.to_string())
}

impl Services {
    /// Does the job of an export: puts the files of a table where its connector says, as whoever asked for it may see the table now. Nothing
    /// comes back where the job was asked to stop; what was put there is taken away then, and when the work fails.
    ///
    /// # Errors
    /// When the table cannot be read, or the files cannot be put there.
    pub fn extract_of(&self, work: &Work, attempt: &Attempt) -> Result<Option<Publish>, Failure> {
        let missing = |what: &str| Failure::new(Reason::Missing, format!("the {what} is gone"));
        let id = work.job.about.and_then(|about| about.typed()).ok_or_else(|| missing("export"))?;
        let view = self.gate.file(work.tenant).map_err(unreadable)?.read().map_err(unreadable)?;
        let export = view.get::<TableExport>(&id).map_err(unreadable)?.ok_or_else(|| missing("export"))?;
        let place = view.get::<Connector>(&export.connector).map_err(unreadable)?;
        let place = place.ok_or_else(|| missing("connector"))?.place;
        drop(view);
        match self.extracted(work, attempt, &export, place) {
            Ok(made) => Ok(Some(Box::new(move |tx| table_export::publish(tx, id, made)))),
            Err(End::Stopped) => Ok(None),
            Err(End::Failed(failure)) => Err(failure),
        }
    }

    fn extracted(&self, work: &Work, attempt: &Attempt, export: &TableExport, place: Place) -> Result<Made, End> {
        let actor = self.of_job(work.tenant, &work.job)?;
        let context = RequestContext { id: work.job.header.id.to_string(), ..RequestContext::default() };
        self.still_may(&actor, &context)?;
        let depot = self.depot(&work.tenant.to_string(), place)?;
        let permit = Arc::new(self.gate.list::<QueryRun>(&actor, &context).map_err(Problem::from)?);
        let count = format!("SELECT count(*) AS n FROM {}", export.table);
        let expected = ask::ask(self, &actor, permit.clone(), count)?;
        let expected = expected.rows.first().and_then(|row| row.first()).and_then(serde_json::Value::as_u64);
        let folder = export.folder();
        // What an attempt has left that a crash cut off.
        depot.remove(&folder, [], self.seconds())?;
        let mut files = Vec::new();
        let put = || {
            let extract = self.begin(&actor, permit, export)?;
            self.put_all(attempt, &depot, export, extract, expected.unwrap_or(0), &mut files)
        };
        put().inspect_err(|_| {
            let names = files.iter().map(|file: &Listed| format!("{folder}/{}", file.path)).collect::<Vec<_>>();
            let removed = depot.remove(&folder, names.iter().map(String::as_str), self.seconds());
            if let Err(error) = removed {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "files of an export that came to nothing are left"
                );
            }
        })
    }

    /// Whether the one who asked for it holds the permission still. The second factor was fresh when they asked.
    fn still_may(&self, actor: &Actor, context: &RequestContext) -> Result<(), Problem> {
        let permission = Permission::DatasetExport;
        let decision = self.gate.decide(actor, permission, &self.gate.realm(actor), context)?;
        let refusal = Refusal::Denied { permission, reason: decision.reason };
        if decision.allowed || refusal.needs_step_up() { Ok(()) } else { Err(refusal.into()) }
    }

    /// The place of a connector of `tenant`, if the operator allows it.
    pub(crate) fn depot(&self, tenant: &str, place: Place) -> Result<Depot<'_>, Failure> {
        match place {
            Place::Folder { path } => self.depots.folder(tenant, &path).map_err(|error| not_put(&error)),
            Place::S3(connector::Bucket { url, region, name, prefix, key_id, key }) => {
                let wrong = |error: outbound::TargetError| Failure::new(Reason::BadInput, error.to_string());
                let endpoint = url.parse().map_err(wrong)?;
                let secret = key.expose().to_owned();
                let bucket = Bucket { endpoint, region, name, prefix, key_id, secret };
                self.depots.bucket(bucket, self.outbound.as_ref()).map_err(|error| not_put(&error))
            }
            Place::Sftp(connector::SftpServer { host, port, user, login, host_key, folder }) => {
                let wrong = |error: &dyn std::error::Error| Failure::new(Reason::BadInput, error.to_string());
                let at = Target::server(&host, port).map_err(|error| wrong(&error))?;
                let login = match login {
                    connector::Login::Password(password) => Login::Password(password.expose().to_owned()),
                    connector::Login::Key(key) => Login::key(key.expose()).map_err(|error| wrong(&error))?,
                };
                let host_key = Some(host_key).filter(|text| !text.is_empty()).map(|text| text.parse()).transpose();
                let host_key = host_key.map_err(|error: HostKeyError| wrong(&error))?;
                let server = SftpServer { at, user, login, host_key, folder };
                self.depots.sftp(server, self.outbound.as_ref()).map_err(|error| not_put(&error))
            }
        }
    }

    fn begin(
        &self,
        actor: &Actor,
        permit: Arc<ListPermit<QueryRun>>,
        export: &TableExport,
    ) -> Result<Box<dyn Extract>, Problem> {
        let analyst = self.analyst().ok_or_else(no_engine)?;
        let known = TABLES.iter().find(|(name, _)| *name == export.table);
        let (table, column) = known.ok_or_else(|| Problem::new(Code::NotFound, "there is no such table any more"))?;
        let span = export.by.as_deref().and_then(Span::from_name);
        let split = span.map(|span| Split { column: (*column).to_owned(), span });
        let sql = format!("SELECT * FROM {table}");
        let (tenant, form) = (permit.tenant(), Form::Parquet);
        let question = Question { tenant, sql, form, timeout_s: None, usage: None, prices: None, tables: Vec::new() };
        let question = equip(self, permit, &self.gate.realm(actor), question)?;
        analyst.extract(question, split).map_err(|error| question_problem(&error))
    }

    /// Puts all files there, and says what they are at the end.
    fn put_all(
        &self,
        attempt: &Attempt,
        depot: &Depot<'_>,
        export: &TableExport,
        mut extract: Box<dyn Extract>,
        expected: u64,
        files: &mut Vec<Listed>,
    ) -> Result<Made, End> {
        let folder = export.folder();
        let (mut rows, mut bytes) = (0, 0);
        while let Some(told) = extract.next(PATIENCE) {
            if attempt.stop().is_some() {
                return Err(End::Stopped);
            }
            let done = match told.map_err(|error| question_problem(&error))? {
                Extracted::Rows(read) => read,
                Extracted::Part(Part { name, rows: count, bytes: file }) => {
                    if files.len() >= MAX_FILES {
                        let message = format!("it makes more than {MAX_FILES} files; have fewer folders");
                        return Err(End::Failed(Failure::new(Reason::NotAllowed, message)));
                    }
                    let (length, sha256) = (file.len() as u64, BlobDigest(Sha256::digest(&file).into()).to_string());
                    // Before it is put there: whatever is half there is taken away too.
                    files.push(Listed { path: name.clone(), rows: count, bytes: length, sha256 });
                    depot.put(&format!("{folder}/{name}"), &file, self.seconds())?;
                    (rows, bytes) = (rows + count, bytes + length);
                    rows
                }
            };
            attempt.progress("export", done as f64 / expected.max(done).max(1) as f64);
        }
        let now = self.store.clock().now();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let column = TABLES.iter().find(|(name, _)| *name == export.table).map(|(_, column)| *column);
        let manifest = Manifest {
            schema: "audiagram.table-export/1",
            export: export.header.id.to_string(),
            tenant: export.header.tenant.to_string(),
            table: &export.table,
            partitioned_by: export.by.as_deref(),
            of_column: column.filter(|_| export.by.is_some()),
            made: moment(now),
            rows,
            bytes,
            files,
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
        depot.put(&format!("{folder}/{MANIFEST}"), &text, self.seconds())?;
        let files = u32::try_from(files.len()).unwrap_or(u32::MAX);
        Ok(Made { at: now, files, rows, bytes, manifest: Sha256::digest(&text).into() })
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.store.clock().now().millis() / 1_000
    }
}
