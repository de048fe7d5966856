//! When a report is drawn up by itself: a schedule of the job runner, whose jobs are its owner's.

use access::{ListPermit, Permit};
use jobs::{Cadence, Desk, JobKind, NewSchedule, Schedule, ScheduleChange, schedule};
use model::{
    Classification, Id, noun,
    permission::{ReportRead, ReportSchedule},
};
use store::{MAX_PAGE, Read as _};

use super::{Delivery, Report};
use crate::error::LibraryError;

/// Adds a schedule to the report that `permit` is about. Its runs are made as its owner may see the answers then, and `delivery` says what becomes of them.
///
/// # Errors
/// When the cadence, the zone or the audience is none, or there are too many.
pub fn create(
    permit: Permit<ReportSchedule>,
    desk: &Desk,
    cadence: Cadence,
    zone: String,
    mut delivery: Delivery,
) -> Result<Schedule, LibraryError> {
    let report = super::subject(permit.subject())?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    // Kept until the write has returned, so that no crash leaves a schedule that nobody knows of.
    let _posting = desk.announce(tenant)?;
    permit.write(|tx| {
        let title = tx.get::<Report>(&report)?.ok_or(LibraryError::NotFound)?.title;
        delivery.check(tx)?;
        let new = NewSchedule {
            tenant,
            home,
            owner,
            project: None,
            classification: Classification::default(),
            title,
            kind: JobKind::Report,
            payload: delivery.payload(),
            about: Some(report.erase()),
            priority: None,
            cadence,
            zone,
            start: None,
        };
        Ok(schedule::create(tx, new)?)
    })
}

/// The schedules of a report that the caller may see.
///
/// # Errors
/// When they cannot be read.
pub fn list(permit: &ListPermit<ReportRead>, report: Id<noun::Report>) -> Result<Vec<Schedule>, LibraryError> {
    Ok(schedule::list(&permit.read()?, None, MAX_PAGE, |own| own.about == Some(report.erase()))?.items)
}

/// Puts a schedule of the report on or off, or has others told. What was missed while it was off is not made up for.
///
/// # Errors
/// When the report has no such schedule, or one who is to be told is nobody, or files are to be put nowhere.
pub fn switch(
    permit: Permit<ReportSchedule>,
    desk: &Desk,
    id: Id<noun::Schedule>,
    enabled: Option<bool>,
    delivery: Option<Delivery>,
) -> Result<Schedule, LibraryError> {
    let report = super::subject(permit.subject())?;
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        of_report(tx, report, id)?;
        let mut change = ScheduleChange { enabled, ..ScheduleChange::default() };
        if let Some(mut delivery) = delivery {
            delivery.check(tx)?;
            change.payload = Some(delivery.payload());
        }
        Ok(schedule::change(tx, id, change)?)
    })
}

/// Removes a schedule of the report; what it has made stays.
///
/// # Errors
/// When the report has no such schedule.
pub fn delete(permit: Permit<ReportSchedule>, desk: &Desk, id: Id<noun::Schedule>) -> Result<(), LibraryError> {
    let report = super::subject(permit.subject())?;
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        of_report(tx, report, id)?;
        Ok(schedule::delete(tx, id)?)
    })
}

fn of_report(tx: &store::Tx<'_>, report: Id<noun::Report>, id: Id<noun::Schedule>) -> Result<(), LibraryError> {
    let found = tx.get::<Schedule>(&id)?.filter(|own| own.about == Some(report.erase()));
    found.map(drop).ok_or(LibraryError::NotFound)
}
