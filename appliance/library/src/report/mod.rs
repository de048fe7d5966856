//! Reports of a tenant: documents of the crate `reports`, and the archive of what their runs found.

mod delivery;
mod run;
pub mod schedule;

use access::{ListPermit, Permit};
use model::{
    DataClass, Header, Id, noun,
    permission::{ReportCreate, ReportRead},
};
use reports::Report as Document;
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, Page, Query, Read, Record};

pub use delivery::{Delivery, Deposit};
pub use run::{Drawn, NewRun, PassedOver, ReportRun, Sign, keep, publish, written};
pub(crate) use run::{let_go, past};

use crate::{base::current, error::LibraryError};

/// The most reports of one tenant.
pub const MAX_REPORTS: usize = 500;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its header; its version counts changes of its document.
    pub header: Header<noun::Report>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// The document: JSON of [`reports::Report`], so that documents may grow without a new form of records.
    pub text: String,
}

impl Record for Report {
    const NAME: &'static str = "report";
    const NUMBER: u8 = model::NounKind::Report as u8;
    type Key = Id<noun::Report>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Report {
    type Noun = noun::Report;
    fn header(&self) -> &Header<noun::Report> {
        &self.header
    }
}

impl Report {
    /// Its document.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn document(&self) -> Result<Document, LibraryError> {
        Document::read(&self.text).map_err(|fault| LibraryError::Stored(fault.to_string()))
    }

    fn hold(&mut self, document: &Document) {
        self.title.clone_from(&document.title);
        self.description.clone_from(&document.description);
        self.text = document.text();
    }
}

/// Makes a report of a document.
pub fn create(permit: Permit<ReportCreate>, document: &Document) -> Result<Report, LibraryError> {
    document.check()?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        if tx.list::<Report>(&Query::newest(MAX_REPORTS), |_| true)?.items.len() >= MAX_REPORTS {
            return Err(LibraryError::Limit { what: "reports", allowed: MAX_REPORTS as u64 });
        }
        let header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now());
        let mut report = Report { header, title: String::new(), description: String::new(), text: String::new() };
        report.hold(document);
        tx.about(report.header.id.erase());
        tx.put(&report)?;
        Ok(report)
    })
}

/// Reports that the caller may see, newest first.
pub fn list(
    permit: &ListPermit<ReportRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Report>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Report>(&query, |report| permit.visible(&report.header.subject()))?)
}

/// Puts another document in the place of that of version `base`, or of whichever there is without one.
pub fn replace(permit: Permit<ReportCreate>, base: Option<u64>, document: &Document) -> Result<Report, LibraryError> {
    document.check()?;
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        let mut report = current::<Report>(tx, id, base)?;
        report.hold(document);
        report.header.touch(tx.now());
        tx.put(&report)?;
        Ok(report)
    })
}

/// Removes a report with its runs and schedules.
pub fn delete(permit: Permit<ReportCreate>, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    permit.write(|tx| {
        current::<Report>(tx, id, base)?;
        run::remove_all(tx, id)?;
        let schedules = jobs::schedule::list(tx, None, store::MAX_PAGE, |own| own.about == Some(id.erase()))?;
        for schedule in &schedules.items {
            jobs::schedule::delete(tx, schedule.header.id)?;
        }
        tx.delete::<Report>(&id)?;
        Ok(())
    })
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Report>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
