//! The archive of runs: what each found, kept as a blob of the tenant under a signature of the appliance.

use access::{ListPermit, Permit, usage::Limits};
use jobs::PublishError;
use model::{
    Actor, AnyId, Classification, DataClass, Header, Id, Permission, Region, Timestamp, noun,
    permission::{ReportCreate, ReportRead},
};
use reports::{Findings, MAX_FINDINGS};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Cursor, DecodeError, Headed, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, Record, TenantStore, Tx,
    blob::{BlobDigest, BlobStore, Finished},
    decode_body,
};

use super::{Delivery, Report};
use crate::{
    content,
    error::LibraryError,
    notice::{Happening, Notice},
    stored,
};

/// Signs with the appliance's Ed25519 key.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> [u8; 64];

/// A run of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRun {
    /// Its header. It is as secret as what its owner might see, for that is in it.
    pub header: Header<noun::ReportRun>,
    /// The report.
    pub report: Id<noun::Report>,
    /// The schedule that asked for it.
    pub schedule: Option<Id<noun::Schedule>>,
    /// What the report was called.
    pub title: String,
    /// The language it is written in.
    pub language: String,
    /// The first moment of its period.
    pub from: Timestamp,
    /// The moment behind its last.
    pub to: Timestamp,
    /// How many sections it has.
    pub sections: u32,
    /// How many of them have no answer.
    pub unanswered: u32,
    /// What one must hold in the tenant to read it: its numbers are made of what only they may see.
    pub needs: Vec<Permission>,
    /// The SHA-256 of its findings.
    pub digest: BlobDigest,
    /// How long they are.
    pub bytes: u64,
    /// Ed25519, by the appliance, over [`ReportRun::statement`].
    pub signature: Vec<u8>,
    /// The run of the schedule with which this one was drawn up for its owner alone.
    pub with: Option<Id<noun::ReportRun>>,
    /// Who was to have a run of their own with it and has none.
    pub passed_over: Vec<PassedOver>,
}

/// Somebody for whom no run was drawn up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Who.
    pub user: Id<noun::User>,
    /// Why.
    pub why: String,
}

const BY_REPORT: u8 = 1;

impl Record for ReportRun {
    const NAME: &'static str = "run of a report";
    const NUMBER: u8 = model::NounKind::ReportRun as u8;
    const VERSION: u8 = 2;
    type Key = Id<noun::ReportRun>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended with the signature: no other run and nobody passed over are a byte each.
            1 => decode_body(&[body, &[0, 0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_REPORT, &KeyBytes::new().with(&self.report.erase()));
    }
}

impl Headed for ReportRun {
    type Noun = noun::ReportRun;
    fn header(&self) -> &Header<noun::ReportRun> {
        &self.header
    }
}

/// What a run begins with.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Who asked; the run is theirs.
    pub owner: AnyId,
    /// How secret what they see can be.
    pub clearance: Classification,
    /// The tenant and its home.
    pub tenant: (Id<noun::Tenant>, Region),
    /// The schedule that asked for it.
    pub schedule: Option<Id<noun::Schedule>>,
    /// What one must hold to read it.
    pub needs: Vec<Permission>,
    /// What the plan allows.
    pub limits: Limits,
    /// Who is told that it is there, and what becomes of its files.
    pub delivery: Delivery,
    /// The project in which its owner may read it; nothing where they may in the whole tenant.
    pub project: Option<Id<noun::Project>>,
    /// Who was to have a run of their own with it and has none.
    pub passed_over: Vec<PassedOver>,
}

impl NewRun {
    /// What `actor` asks for by hand, to read it in the whole tenant.
    pub fn of(actor: &Actor, needs: Vec<Permission>, limits: Limits, delivery: Delivery) -> Self {
        NewRun {
            owner: actor.id,
            clearance: actor.clearance,
            tenant: (actor.tenant, actor.home),
            schedule: None,
            needs,
            limits,
            delivery,
            project: None,
            passed_over: Vec::new(),
        }
    }
}

/// A run that is to be kept.
#[derive(Debug)]
pub struct Drawn {
    /// What it found.
    pub findings: Findings,
    /// The same, as [`written`].
    pub file: Finished,
    /// What it begins with.
    pub new: NewRun,
}

impl ReportRun {
    /// Whether its numbers are for `reader` at all: one that was drawn up for a person is theirs alone, since they may see what nobody
    /// else may who reads reports.
    pub fn is_for(&self, reader: AnyId) -> bool {
        self.with.is_none() || self.header.owner == reader
    }

    /// What is signed: which run it is, and of what.
    pub fn statement(&self) -> String {
        format!("audiagram report run/1\n{}\n{}\n{}\n", self.header.id, self.report, self.digest)
    }

    /// What it found. Whoever calls this has seen that the caller may read it.
    ///
    /// # Errors
    /// When it is not there, or is not what it was.
    pub fn findings(&self, files: &TenantStore) -> Result<Findings, LibraryError> {
        Findings::read(&self.kept(files)?).map_err(|fault| LibraryError::Stored(fault.to_string()))
    }

    /// The same as it is kept: the bytes of its digest. Whoever calls this has seen that the caller may read it.
    ///
    /// # Errors
    /// When they are not there, or are not what they were.
    pub fn kept(&self, files: &TenantStore) -> Result<Vec<u8>, LibraryError> {
        content::load(&files.blobs(), &self.digest, MAX_FINDINGS)
    }

    /// Runs of a report that the caller may see, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(
        permit: &ListPermit<ReportRead>,
        report: Id<noun::Report>,
        after: Option<&Cursor>,
        limit: usize,
        visible: impl Fn(&ReportRun) -> bool,
    ) -> Result<Page<ReportRun>, LibraryError> {
        let index = Some((BY_REPORT, KeyBytes::new().with(&report.erase())));
        let query = Query { index, after, limit, newest_first: true };
        Ok(permit.read()?.list::<ReportRun>(&query, |run| permit.visible(&run.header.subject()) && visible(run))?)
    }

    /// Keeps what a run of a report found, with a signature, for the days of the tenant's settings.
    ///
    /// # Errors
    /// When the report is gone, or the plan has no room.
    pub fn store(
        tx: &mut Tx<'_>,
        blobs: &BlobStore,
        report: Id<noun::Report>,
        drawn: Drawn,
        with: Option<Id<noun::ReportRun>>,
        sign: Sign<'_>,
    ) -> Result<ReportRun, LibraryError> {
        let Drawn { findings, file, new } = drawn;
        tx.get::<Report>(&report)?.ok_or(LibraryError::NotFound)?;
        // Room is looked for as for an upload.
        stored::announce(tx, file.length, &new.limits)?;
        stored::withdraw(tx, file.length)?;
        stored::hold(tx, blobs, file)?;
        let moment = |millis: i64| Timestamp::from_millis(u64::try_from(millis).unwrap_or(0));
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut header = Header::new(tx.new_id(), new.tenant.0, new.tenant.1, new.owner, DataClass::K6, tx.now());
        header.classification = new.clearance;
        header.project = new.project;
        let mut run = ReportRun {
            header,
            report,
            schedule: new.schedule,
            title: findings.title.clone(),
            language: findings.language.clone(),
            from: moment(findings.from),
            to: moment(findings.to),
            sections: count(findings.parts.len()),
            unanswered: count(
                findings.parts.iter().filter(|part| matches!(part.found, reports::Found::Nothing(_))).count(),
            ),
            needs: new.needs,
            digest: file.digest,
            bytes: file.length,
            signature: Vec::new(),
            with,
            passed_over: new.passed_over,
        };
        run.signature = sign(run.statement().as_bytes()).to_vec();
        // Of those for single people the row of the job says how many there are.
        if with.is_none() {
            tx.note("run", run.header.id.to_string());
            tx.note("digest", run.digest.to_string());
        }
        tx.put(&run)?;
        Ok(run)
    }

    /// Removes a run.
    ///
    /// # Errors
    /// When it is gone.
    pub fn delete(permit: Permit<ReportCreate>) -> Result<(), LibraryError> {
        let id: Id<noun::ReportRun> = permit.subject().id.typed().ok_or(LibraryError::NotFound)?;
        permit.write(|tx| {
            let run = tx.get::<ReportRun>(&id)?.ok_or(LibraryError::NotFound)?;
            for other in of(tx, run.report)?.iter().filter(|other| other.with == Some(id)) {
                remove(tx, other)?;
            }
            remove(tx, &run)
        })
    }
}

/// Keeps what a run of the report that `permit` is about found.
///
/// # Errors
/// When it is too large, the report is gone, or the plan has no room.
pub fn keep(
    permit: Permit<ReportCreate>,
    findings: Findings,
    new: NewRun,
    sign: Sign<'_>,
) -> Result<ReportRun, LibraryError> {
    let report = super::subject(permit.subject())?;
    let blobs = permit.files().map(|files| files.blobs()).ok_or(LibraryError::NotFound)?;
    let file = written(&blobs, &findings)?;
    permit.write(|tx| ReportRun::store(tx, &blobs, report, Drawn { findings, file, new }, None, sign))
}

/// Writes findings into the tenant's blobs, to be held by a run.
///
/// # Errors
/// When they are too large, or cannot be written.
pub fn written(blobs: &BlobStore, findings: &Findings) -> Result<Finished, LibraryError> {
    let text = findings.text();
    if text.len() > MAX_FINDINGS {
        return Err(LibraryError::Limit { what: "bytes of a report's findings", allowed: MAX_FINDINGS as u64 });
    }
    content::keep(blobs, text.as_bytes())
}

/// Keeps what a scheduled run found, with what it found for single people, in the commit that ends its job, and tells its audience that
/// it is there. What it found, the message does not say.
///
/// # Errors
/// When the report is gone, or the plan has no room: then the job fails.
pub fn publish(
    tx: &mut Tx<'_>,
    blobs: &BlobStore,
    report: Id<noun::Report>,
    drawn: Drawn,
    own: Vec<Drawn>,
    sign: Sign<'_>,
) -> Result<Option<AnyId>, PublishError> {
    let mut keep = |drawn: Drawn, with| {
        let delivery = drawn.new.delivery.clone();
        let run = ReportRun::store(tx, blobs, report, drawn, with, sign)?;
        let data =
            json!({ "report": report.to_string(), "digest": run.digest.to_string(), "unanswered": run.unanswered });
        let about = run.header.id.erase();
        delivery.deposit(tx, &run)?;
        let attached = delivery.forms;
        let notice = Notice { attached, ..Notice::new(Happening::ReportMade, about, run.title, data) };
        delivery.audience.tell(tx, (run.header.tenant, run.header.home), run.header.owner, &notice)?;
        Ok::<_, LibraryError>(run.header.id)
    };
    let (single, passed_over) = (own.len(), drawn.new.passed_over.len());
    let kept = keep(drawn, None).and_then(|id| {
        own.into_iter().try_for_each(|own| keep(own, Some(id)).map(drop))?;
        Ok(Some(id.erase()))
    });
    if single + passed_over > 0 {
        tx.note("own_runs", single.to_string());
        tx.note("passed_over", passed_over.to_string());
    }
    kept.map_err(LibraryError::into_publish)
}

/// The runs of a report, oldest first.
fn of(read: &impl Read, report: Id<noun::Report>) -> Result<Vec<ReportRun>, LibraryError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let index = Some((BY_REPORT, KeyBytes::new().with(&report.erase())));
        let query = Query { index, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let page = read.list::<ReportRun>(&query, |_| true)?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Some runs that are as old as this, and no more than `limit`.
pub(crate) fn past(
    read: &impl Read,
    limit: usize,
    is_old: impl Fn(&ReportRun) -> bool,
) -> Result<Vec<ReportRun>, LibraryError> {
    let query = Query { index: None, after: None, limit, newest_first: false };
    Ok(read.list::<ReportRun>(&query, is_old)?.items)
}

/// Removes a run that is past its time; whether it was still there.
pub(crate) fn let_go(tx: &mut Tx<'_>, run: &ReportRun) -> Result<bool, LibraryError> {
    let is_there = tx.get::<ReportRun>(&run.header.id)?.is_some();
    if is_there {
        remove(tx, run)?;
    }
    Ok(is_there)
}

fn remove(tx: &mut Tx<'_>, run: &ReportRun) -> Result<(), LibraryError> {
    stored::release(tx, &run.digest)?;
    tx.delete::<ReportRun>(&run.header.id)?;
    Ok(())
}

pub(super) fn remove_all(tx: &mut Tx<'_>, report: Id<noun::Report>) -> Result<(), LibraryError> {
    for run in of(tx, report)? {
        remove(tx, &run)?;
    }
    Ok(())
}
