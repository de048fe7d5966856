//! Tables written as files into places of a tenant's own: what was asked for, the job that does it, and what came of it.

use access::{ListPermit, Permit};
use jobs::{Desk, Job, JobKind, NewJob, PublishError};
use model::{
    AnyId, DataClass, Header, Id, Timestamp, noun,
    permission::{DatasetExport, ReportRead},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, MAX_PAGE, Page, Query, Read as _, Record, Tx};

use crate::{connector::Connector, error::LibraryError};

/// The most exports that are remembered after their end.
const MAX_KEPT: usize = 200;

/// A table as files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableExport {
    /// Its header.
    pub header: Header<noun::TableExport>,
    /// The table.
    pub table: String,
    /// How long the time of a folder is: `day` or `month`; nothing where all lies in one.
    pub by: Option<String>,
    /// Where the files are put.
    pub connector: Id<noun::Connector>,
    /// The job that does it.
    pub job: Id<noun::Job>,
    /// What came of it, once it is done.
    pub made: Option<Made>,
}

/// What came of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When it was done.
    pub at: Timestamp,
    /// How many files there are, the manifest not counted.
    pub files: u32,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The SHA-256 of the manifest.
    pub manifest: [u8; 32],
}

impl Record for TableExport {
    const NAME: &'static str = "table export";
    const NUMBER: u8 = model::NounKind::TableExport as u8;
    type Key = Id<noun::TableExport>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for TableExport {
    type Noun = noun::TableExport;
    fn header(&self) -> &Header<noun::TableExport> {
        &self.header
    }
}

impl TableExport {
    /// The folder of its files.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.table, self.header.id)
    }
}

/// Orders a table as files. Whether there is such a table, and the caller may see it, the caller of this has seen to.
///
/// # Errors
/// When there is no such connector, or the queue is full.
pub fn order(
    permit: Permit<DatasetExport>,
    desk: &Desk,
    connector: Id<noun::Connector>,
    table: &str,
    by: Option<&str>,
) -> Result<(TableExport, Job), LibraryError> {
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    // Kept until the write has returned, so that no crash leaves a job that nobody knows of.
    let _posting = desk.announce(tenant)?;
    permit.write(|tx| {
        if tx.get::<Connector>(&connector)?.is_none() {
            return Err(LibraryError::Field { field: "connector", fault: "there is no such connector".to_owned() });
        }
        forget(tx)?;
        let id: Id<noun::TableExport> = tx.new_id();
        let mut new = NewJob::new(JobKind::ExtractTable, tenant, home, owner);
        new.about = Some(id.erase());
        let job = jobs::submit(tx, new)?.job().clone();
        let header = Header::new(id, tenant, home, owner, DataClass::K6, tx.now());
        let (table, by, job_id) = (table.to_owned(), by.map(str::to_owned), job.header.id);
        let export = TableExport { header, table, by, connector, job: job_id, made: None };
        tx.about(id.erase());
        tx.note("table", export.table.clone());
        tx.note("connector", connector.to_string());
        tx.put(&export)?;
        Ok((export, job))
    })
}

/// Lets the oldest go that are over, where there are too many.
fn forget(tx: &mut Tx<'_>) -> Result<(), LibraryError> {
    let all = tx.list::<TableExport>(&Query::newest(MAX_PAGE), |_| true)?.items;
    for old in all.iter().skip(MAX_KEPT - 1) {
        let live = tx.get::<Job>(&old.job)?.is_some_and(|job| job.state.is_live());
        if !live {
            tx.delete::<TableExport>(&old.header.id)?;
        }
    }
    Ok(())
}

/// Exports that the caller may see with their jobs, newest first. A job that was over long ago is not there any more.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<ReportRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<(TableExport, Option<Job>)>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    let view = permit.read()?;
    let page = view.list::<TableExport>(&query, |export| permit.visible(&export.header.subject()))?;
    let with_job = |export: TableExport| {
        let job = view.get::<Job>(&export.job)?;
        Ok((export, job))
    };
    let items = page.items.into_iter().map(with_job).collect::<Result<_, LibraryError>>()?;
    Ok(Page { items, next: page.next })
}

/// Calls an export off; what it has put somewhere is taken away.
///
/// # Errors
/// When it is over.
pub fn cancel(permit: Permit<DatasetExport>, desk: &Desk) -> Result<(TableExport, Job), LibraryError> {
    let id: Id<noun::TableExport> = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        let export = tx.get::<TableExport>(&id)?.ok_or(LibraryError::NotFound)?;
        let job = jobs::cancel(tx, export.job)?;
        Ok((export, job))
    })
}

/// Keeps what came of an export, in the commit that ends its job.
///
/// # Errors
/// When it is gone.
pub fn publish(tx: &mut Tx<'_>, id: Id<noun::TableExport>, made: Made) -> Result<Option<AnyId>, PublishError> {
    let keep = |tx: &mut Tx<'_>| -> Result<Option<AnyId>, LibraryError> {
        let mut export = tx.get::<TableExport>(&id)?.ok_or(LibraryError::NotFound)?;
        tx.note("rows", made.rows.to_string());
        tx.note("files", made.files.to_string());
        export.made = Some(made);
        export.header.touch(tx.now());
        tx.put(&export)?;
        Ok(Some(id.erase()))
    };
    keep(tx).map_err(LibraryError::into_publish)
}
