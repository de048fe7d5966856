//! The trash: what lies in it, and the sweep that erases what has lain there long enough.

use std::time::Duration;

use access::{ListPermit, SystemPermit};
use model::{Permission, Timestamp, permission::ProjectRead};
use store::{Cursor, Page, Read as _, StoreError, Tx, View};

use crate::{
    erase,
    error::LibraryError,
    project::{self, Project},
    recording::{self, Recording, blobs},
    report, stored,
    upload::{self, Upload},
};

/// Something in the trash by itself.
#[derive(Debug, Clone)]
pub enum Trashed {
    /// A project, and with it all that lies in it.
    Project(Project),
    /// A recording of a project that is at work.
    Recording(Recording),
}

/// What lies in the trash and the caller may see: projects, then recordings, each newest first.
pub fn list(
    permit: &ListPermit<ProjectRead>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Trashed>, LibraryError> {
    const PROJECTS: u8 = 0;
    const RECORDINGS: u8 = 1;
    let view = permit.read()?;
    let (kind, rest) = match after {
        None => (PROJECTS, None),
        Some(Cursor(bytes)) => match bytes.split_first() {
            Some((kind @ (&PROJECTS | &RECORDINGS), rest)) => {
                (*kind, Some(Cursor(rest.to_vec())).filter(|_| !rest.is_empty()))
            }
            _ => return Err(LibraryError::Field { field: "after", fault: "is not the `next` of a page".into() }),
        },
    };
    let marked = |kind, cursor: Option<Cursor>| {
        let rest = cursor.map(|Cursor(rest)| rest).unwrap_or_default();
        Some(Cursor([vec![kind], rest].concat()))
    };
    let mut page = Page { items: Vec::new(), next: None };
    if kind == PROJECTS {
        let visible = |project: &Project| permit.visible(&project.header.subject());
        let found = project::in_trash(&view, rest.as_ref(), limit, visible)?;
        page.items.extend(found.items.into_iter().map(Trashed::Project));
        if found.next.is_some() || page.items.len() >= limit {
            page.next = if found.next.is_some() { marked(PROJECTS, found.next) } else { marked(RECORDINGS, None) };
            return Ok(page);
        }
    }
    let rest = rest.filter(|_| kind == RECORDINGS);
    let visible = |recording: &Recording| permit.allows(Permission::AssetRead, &recording.header.subject());
    let found = recording::in_trash(&view, rest.as_ref(), limit - page.items.len(), visible)?;
    page.items.extend(found.items.into_iter().map(Trashed::Recording));
    page.next = found.next.and_then(|next| marked(RECORDINGS, Some(next)));
    Ok(page)
}

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long the trash is kept.
    pub trash_days: u32,
    /// How long recordings are kept, wherever they lie; for ever without a number.
    pub recording_days: Option<u32>,
    /// How long what reports found is kept.
    pub report_days: u32,
}

/// What a sweep has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Recordings.
    pub recordings: u64,
    /// Projects.
    pub projects: u64,
    /// Runs of reports.
    pub report_runs: u64,
    /// Uploads that were given up, and the memory of those that have ended.
    pub uploads: u64,
    /// Files that nobody refers to.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether there is more to do: sweep again soon.
    pub more: bool,
}

/// How many things one commit removes.
const STEP: usize = 100;
/// How many files one commit removes: other writers wait for the disk meanwhile.
const FILE_STEP: usize = 16;
/// How many commits one sweep makes.
const COMMITS: usize = 100;
/// A file of which no record tells is left alone for so long: its upload may be about to make one.
const ORPHAN: Duration = Duration::from_hours(48);

/// Erases what is past its time: from the trash what has lain there for the tenant's days, recordings that are too old, uploads
/// that were given up, and files that no record refers to. What a legal hold keeps stays.
///
/// Each commit needs a permit of its own (`SystemTask::Retention`) and leaves its row; `permit` makes them. A sweep that is cut off goes on
/// with the next one.
pub fn sweep(
    permit: &mut dyn FnMut() -> Result<SystemPermit, StoreError>,
    now: Timestamp,
    retention: &Retention,
) -> Result<Swept, LibraryError> {
    let mut sweep = Sweep { permit, now, commits: 0, swept: Swept::default() };
    sweep.uploads()?;
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    let trash = days(retention.trash_days);
    sweep.recordings(recording::by_trashed, |it| it.trashed.is_some_and(|since| now.since(since) >= trash))?;
    if let Some(kept) = retention.recording_days.map(days) {
        sweep.recordings(recording::by_age, |it| now.since(it.header.created) >= kept)?;
    }
    sweep.projects(trash)?;
    sweep.report_runs(days(retention.report_days))?;
    sweep.free_files()?;
    sweep.orphans()?;
    Ok(sweep.swept)
}

struct Sweep<'a> {
    permit: &'a mut dyn FnMut() -> Result<SystemPermit, StoreError>,
    now: Timestamp,
    commits: usize,
    swept: Swept,
}

type Pages<R> = fn(&View, Option<&Cursor>, usize) -> Result<Page<R>, LibraryError>;

impl Sweep<'_> {
    fn view(&mut self) -> Result<View, LibraryError> {
        Ok((self.permit)()?.read()?)
    }

    /// Whether another commit may be made.
    fn may_go_on(&mut self) -> bool {
        self.swept.more |= self.commits >= COMMITS;
        !self.swept.more
    }

    /// Removes `items` in one commit; `remove` says of each whether it did.
    fn remove<R>(
        &mut self,
        what: &'static str,
        items: &[R],
        mut remove: impl FnMut(&mut Tx<'_>, &R) -> Result<bool, LibraryError>,
    ) -> Result<u64, LibraryError> {
        if items.is_empty() || !self.may_go_on() {
            return Ok(0);
        }
        self.commits += 1;
        (self.permit)()?.write(|tx| {
            let mut count = 0;
            for item in items {
                count += u64::from(remove(tx, item)?);
            }
            tx.note("removed", what);
            tx.note("count", count.to_string());
            Ok(count)
        })
    }

    fn uploads(&mut self) -> Result<(), LibraryError> {
        let now = self.now;
        while self.may_go_on() {
            let due: Vec<Upload> = upload::by_expiry(&self.view()?, None, STEP)?.items;
            let due: Vec<Upload> = due.into_iter().filter(|upload| upload.expires <= now).collect();
            if due.is_empty() {
                break;
            }
            self.swept.uploads += self.remove("uploads", &due, |tx, upload| {
                let now_is = tx.get::<Upload>(&upload.header.id)?;
                if now_is.is_none_or(|upload| upload.expires > now) {
                    return Ok(false);
                }
                upload::forget(tx, upload.header.id).map(|()| true)
            })?;
            let blobs = blobs((self.permit)()?.files())?;
            for upload in &due {
                if self.view()?.get::<Upload>(&upload.header.id)?.is_none() {
                    blobs.delete_part(upload.header.id)?;
                }
            }
        }
        Ok(())
    }

    /// Erases recordings as long as they are ripe, in an order in which the ripe ones come first.
    fn recordings(&mut self, pages: Pages<Recording>, ripe: impl Fn(&Recording) -> bool) -> Result<(), LibraryError> {
        let mut after = None;
        while self.may_go_on() {
            let page = pages(&self.view()?, after.as_ref(), STEP)?;
            let all = page.items.iter().all(&ripe);
            let due: Vec<Recording> =
                page.items.into_iter().filter(|recording| ripe(recording) && !recording.header.legal_hold).collect();
            self.swept.recordings += self.remove("recordings", &due, |tx, due| erased(tx, due, &ripe))?;
            match page.next {
                Some(next) if all => after = Some(next),
                _ => break,
            }
        }
        Ok(())
    }

    fn projects(&mut self, kept: Duration) -> Result<(), LibraryError> {
        let now = self.now;
        let ripe = |project: &Project| {
            project.trashed.is_some_and(|since| now.since(since) >= kept) && !project.header.legal_hold
        };
        let mut after = None;
        while self.may_go_on() {
            let page = project::in_trash(&self.view()?, after.as_ref(), STEP, ripe)?;
            for project in &page.items {
                let id = project.header.id;
                let (mut last, mut held) = (None, false);
                while self.may_go_on() {
                    let mut inside = recording::of_project(&self.view()?, id, last.as_ref(), STEP)?;
                    let before = inside.items.len();
                    inside.items.retain(|recording| !recording.header.legal_hold);
                    held |= inside.items.len() < before;
                    self.swept.recordings += self.remove("recordings", &inside.items, |tx, recording| {
                        let still = tx.get::<Project>(&id)?.is_none_or(|project| ripe(&project));
                        if still { erased(tx, recording, &|_| true) } else { Ok(false) }
                    })?;
                    match inside.next {
                        Some(next) => last = Some(next),
                        None => break,
                    }
                }
                // A project stays as long as something in it is held.
                if held {
                    continue;
                }
                self.swept.projects += self.remove("projects", &[id], |tx, id| {
                    let ripe = tx.get::<Project>(id)?.is_some_and(|project| ripe(&project));
                    let empty = recording::of_project(tx, *id, None, 1)?.items.is_empty();
                    if ripe && empty { erase::project(tx, *id).map(|_| true) } else { Ok(false) }
                })?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(())
    }

    /// Removes files that no record refers to. The file goes inside of the write, and only where this write sees what is already
    /// durable: no commit that fails can bring back a reference to a file that is gone.
    fn report_runs(&mut self, kept: Duration) -> Result<(), LibraryError> {
        let now = self.now;
        while self.may_go_on() {
            let old = report::past(&self.view()?, STEP, |run| now.since(run.header.created) >= kept)?;
            if old.is_empty() {
                return Ok(());
            }
            self.swept.report_runs += self.remove("report runs", &old, report::let_go)?;
        }
        Ok(())
    }

    fn free_files(&mut self) -> Result<(), LibraryError> {
        let blobs = blobs((self.permit)()?.files())?;
        while self.may_go_on() {
            let free = stored::free(&self.view()?, FILE_STEP)?;
            if free.is_empty() {
                break;
            }
            let mut bytes = 0;
            let removed = self.remove("files", &free, |tx, held| {
                if tx.get::<stored::Held>(&held.digest.0)?.as_ref() != Some(held) {
                    return Ok(false);
                }
                blobs.delete(&held.digest)?;
                tx.delete::<stored::Held>(&held.digest.0)?;
                bytes += held.bytes;
                Ok(true)
            })?;
            self.swept.files += removed;
            self.swept.bytes += bytes;
            if removed == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Removes files of which no record tells: their upload ended between the file and the record.
    fn orphans(&mut self) -> Result<(), LibraryError> {
        let before = Timestamp::from_millis(self.now.millis().saturating_sub(ORPHAN.as_millis() as u64));
        let blobs = blobs((self.permit)()?.files())?;
        // A tenant without files has no folders for them, and gets none by being looked at.
        if (self.permit)()?.files().is_none_or(|files| !files.folder.join("incoming").is_dir()) {
            return Ok(());
        }
        blobs.sweep(before)?;
        let mut orphans = Vec::new();
        for stored in blobs.list() {
            let stored = stored?;
            if stored.written < before {
                orphans.push(stored);
            }
        }
        orphans.sort_unstable_by_key(|stored| stored.name);
        let view = self.view()?;
        let mut after = None;
        while !orphans.is_empty() {
            let page = stored::all(&view, after.as_ref(), store::MAX_PAGE)?;
            for held in &page.items {
                for name in blobs.names(&held.digest) {
                    if let Ok(at) = orphans.binary_search_by_key(&name, |stored| stored.name) {
                        orphans.remove(at);
                    }
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        for orphans in orphans.chunks(FILE_STEP) {
            let removed = self.remove("files", orphans, |_, orphan| {
                // Who has written the same content meanwhile has given it a new date.
                let old = blobs.written(&orphan.name)?.is_some_and(|written| written < before);
                Ok(old && blobs.remove(&orphan.name)?)
            })?;
            self.swept.files += removed;
        }
        Ok(())
    }
}

/// Erases a recording that is still there, still ripe and not held.
fn erased(tx: &mut Tx<'_>, was: &Recording, ripe: &impl Fn(&Recording) -> bool) -> Result<bool, LibraryError> {
    let Some(recording) = tx.get::<Recording>(&was.header.id)? else { return Ok(false) };
    if recording.header.legal_hold || !ripe(&recording) {
        return Ok(false);
    }
    erase::recording(tx, &recording).map(|()| true)
}
