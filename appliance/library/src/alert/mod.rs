//! Alerts of a tenant: documents of the crate `alerts`, looked at by a schedule of their own as whoever wrote them last.

mod silence;
mod watch;

use access::{ListPermit, Permit};
use alerts::Alert as Document;
use jobs::{Cadence, Desk, JobKind, NewSchedule, Schedule, ScheduleChange, schedule};
use model::{
    Classification, DataClass, Header, Id, Permission, noun,
    permission::{ReportRead, ReportSchedule},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Headed, Page, Query, Read, Record, Tx};

pub use silence::{MAX_SILENCES, NewSilence, Silence, end_silence, silence};
pub use watch::{AlertChange, MAX_CHANGES, Seen, Trouble, Watch, What, publish};

use crate::{base::current, error::LibraryError, notice::Audience};

/// The most alerts of one tenant.
pub const MAX_ALERTS: usize = 100;

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its header. Whoever wrote it last owns it: its question is asked as they may see the answer. It is as secret as what they might see.
    pub header: Header<noun::Alert>,
    /// What it is called.
    pub title: String,
    /// The document: JSON of [`alerts::Alert`], so that documents may grow without a new form of records.
    pub text: String,
    /// What one must hold in the tenant to see it: its numbers are made of what only they may see.
    pub needs: Vec<Permission>,
    /// Who is told.
    pub audience: Audience,
    /// Whether it is looked at.
    pub enabled: bool,
    /// The schedule of its looks.
    pub schedule: Id<noun::Schedule>,
    /// When nobody is told, the oldest first.
    pub silences: Vec<Silence>,
    /// How many silences it has ever had.
    pub silenced: u64,
}

impl Record for Alert {
    const NAME: &'static str = "alert";
    const NUMBER: u8 = model::NounKind::Alert as u8;
    type Key = Id<noun::Alert>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
}

impl Headed for Alert {
    type Noun = noun::Alert;
    fn header(&self) -> &Header<noun::Alert> {
        &self.header
    }
}

/// What somebody writes: the document, and what follows from it and from them.
#[derive(Debug, Clone)]
pub struct Written {
    /// The document.
    pub document: Document,
    /// Who is told.
    pub audience: Audience,
    /// What one must hold to see its numbers.
    pub needs: Vec<Permission>,
    /// How secret what the writer sees can be.
    pub clearance: Classification,
}

impl Alert {
    /// Its document.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn document(&self) -> Result<Document, LibraryError> {
        Document::read(&self.text).map_err(|fault| LibraryError::Stored(fault.to_string()))
    }

    /// Takes over what somebody wrote; its question is asked as them from now on, by a schedule of their own.
    fn hold(&mut self, tx: &mut Tx<'_>, written: Written) -> Result<(), LibraryError> {
        let Written { document, mut audience, needs, clearance } = written;
        audience.check(tx)?;
        self.title.clone_from(&document.title);
        self.text = document.text();
        self.header.classification = clearance;
        (self.audience, self.needs) = (audience, needs);
        let new = NewSchedule {
            tenant: self.header.tenant,
            home: self.header.home,
            owner: self.header.owner,
            project: None,
            classification: Classification::default(),
            title: self.title.clone(),
            kind: JobKind::Alert,
            payload: Vec::new(),
            about: Some(self.header.id.erase()),
            priority: None,
            cadence: Cadence::Minutes(document.every_minutes),
            zone: "UTC".to_owned(),
            start: None,
        };
        self.schedule = schedule::create(tx, new)?.header.id;
        self.switch(tx)
    }

    /// Has the schedule be on or off as the alert is.
    fn switch(&self, tx: &mut Tx<'_>) -> Result<(), LibraryError> {
        if tx.get::<Schedule>(&self.schedule)?.is_some_and(|own| own.enabled != self.enabled) {
            let change = ScheduleChange { enabled: Some(self.enabled), ..ScheduleChange::default() };
            schedule::change(tx, self.schedule, change)?;
        }
        Ok(())
    }

    fn unschedule(&self, tx: &mut Tx<'_>) -> Result<(), LibraryError> {
        tx.delete::<Schedule>(&self.schedule)?;
        Ok(())
    }
}

/// Makes an alert. It is looked at first when its interval has passed.
///
/// # Errors
/// When the document or who is told makes no sense, or there are too many.
pub fn create(permit: Permit<ReportSchedule>, desk: &Desk, written: Written) -> Result<Alert, LibraryError> {
    written.document.check()?;
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    // Kept until the write has returned, so that no crash leaves a schedule that nobody knows of.
    let _posting = desk.announce(tenant)?;
    permit.write(|tx| {
        if tx.list::<Alert>(&Query::newest(MAX_ALERTS), |_| true)?.items.len() >= MAX_ALERTS {
            return Err(LibraryError::Limit { what: "alerts", allowed: MAX_ALERTS as u64 });
        }
        let mut alert = Alert {
            header: Header::new(tx.new_id(), tenant, home, owner, DataClass::K6, tx.now()),
            title: String::new(),
            text: String::new(),
            needs: Vec::new(),
            audience: Audience::default(),
            enabled: true,
            schedule: Id::from_bits(0),
            silences: Vec::new(),
            silenced: 0,
        };
        tx.about(alert.header.id.erase());
        alert.hold(tx, written)?;
        tx.put(&alert)?;
        Ok(alert)
    })
}

/// Alerts that the caller may see, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn list(
    permit: &ListPermit<ReportRead>,
    after: Option<&Cursor>,
    limit: usize,
    visible: impl Fn(&Alert) -> bool,
) -> Result<Page<Alert>, LibraryError> {
    let query = Query { after, ..Query::newest(limit) };
    Ok(permit.read()?.list::<Alert>(&query, |alert| permit.visible(&alert.header.subject()) && visible(alert))?)
}

/// A change: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Another document or other people to tell. Whoever writes takes the alert over, and it begins anew.
    pub written: Option<Written>,
    /// On or off.
    pub enabled: Option<bool>,
}

/// Changes an alert of version `base`, or of whichever there is without one.
///
/// # Errors
/// When it has another version, or the change makes no sense.
pub fn update(
    permit: Permit<ReportSchedule>,
    desk: &Desk,
    base: Option<u64>,
    change: Change,
) -> Result<Alert, LibraryError> {
    if let Some(written) = &change.written {
        written.document.check()?;
    }
    let (id, by) = (subject(permit.subject())?, permit.actor());
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        let mut alert = current::<Alert>(tx, id, base)?;
        let enabled = change.enabled.unwrap_or(alert.enabled);
        // What stood when it was put off says nothing when it is on again.
        if change.written.is_some() || enabled && !alert.enabled {
            Watch::begin_anew(tx, id)?;
        }
        alert.enabled = enabled;
        match change.written {
            Some(written) => {
                alert.unschedule(tx)?;
                alert.header.owner = by;
                alert.hold(tx, written)?;
            }
            None => alert.switch(tx)?,
        }
        tx.note("enabled", alert.enabled.to_string());
        keep(tx, alert)
    })
}

/// Removes an alert with its history.
///
/// # Errors
/// When it has another version.
pub fn delete(permit: Permit<ReportSchedule>, desk: &Desk, base: Option<u64>) -> Result<(), LibraryError> {
    let id = subject(permit.subject())?;
    let _posting = desk.announce(permit.tenant())?;
    permit.write(|tx| {
        let alert = current::<Alert>(tx, id, base)?;
        alert.unschedule(tx)?;
        Watch::remove(tx, id)?;
        tx.delete::<Alert>(&id)?;
        Ok(())
    })
}

fn keep(tx: &mut Tx<'_>, mut alert: Alert) -> Result<Alert, LibraryError> {
    alert.header.touch(tx.now());
    tx.put(&alert)?;
    Ok(alert)
}

fn subject(subject: &model::Subject) -> Result<Id<noun::Alert>, LibraryError> {
    subject.id.typed().ok_or(LibraryError::NotFound)
}
