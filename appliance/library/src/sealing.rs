//! Rows of usage on their way into files: sealed, merged, kept for their time, and read again.
//!
//! The files lie among the tenant's blobs, enciphered with its keys, so backups, moves and new keys take them along, and erasing the
//! tenant makes them unreadable. They count as stored bytes.

use std::{
    io::{self, Read as _},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use access::{SystemPermit, usage};
use metering::{Analyst, BlobDigest, Head, Meter, Row, Segment, Shelf, TableError, UsageSnapshot, Waiting};
use model::Timestamp;
use store::{StoreError, View, blob::BlobStore};

use crate::{error::LibraryError, recording::blobs, settings, stored};

/// The largest file of rows, in bytes.
const MAX_FILE: u64 = 8 << 30;
/// How many commits one round makes.
const COMMITS: usize = 100;
/// Rows that wait to be sealed and are read together, unless they came together.
const PAGE: usize = 4_096;
/// A file is written anew when rows in it are past their time for so long: once a day, and no more often.
const STALE: Duration = Duration::from_hours(24);

/// When rows are sealed and merged, and how long they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// So many rows are sealed together, and at once.
    pub rows: u64,
    /// Fewer rows are sealed when the oldest has waited so long.
    pub age: Duration,
    /// So many files of one size are merged.
    pub merge: usize,
    /// No file gets more rows by merging.
    pub merged_rows: u64,
    /// How long after their use rows are kept.
    pub kept: Duration,
    /// How long a file that does not count any more stays, for those who have begun to read it.
    pub grace: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            rows: 65_536,
            age: Duration::from_hours(1),
            merge: 8,
            merged_rows: 8 << 20,
            kept: Duration::from_hours(24 * 800),
            grace: Duration::from_mins(15),
        }
    }
}

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Rows that were sealed.
    pub sealed_rows: u64,
    /// Files that were merged into others.
    pub merged_files: u64,
    /// Files that are past their time.
    pub expired_files: u64,
    /// Files that were written anew without the rows that are past their time.
    pub thinned_files: u64,
    /// Files that were let go of.
    pub removed_files: u64,
    /// Whether there is more to do.
    pub more: bool,
}

/// The files of a tenant, as the engine reads them.
#[derive(Debug)]
struct Files(BlobStore);

impl Shelf for Files {
    fn read(&self, file: &BlobDigest, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut reader = self.0.reader(file)?;
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut bytes = Vec::with_capacity(length);
        reader.range(range).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }
}

/// The shelf of a tenant's files.
pub fn shelf(blobs: BlobStore) -> Arc<dyn Shelf> {
    Arc::new(Files(blobs))
}

/// Rows of one moment that lie in no file.
struct Unsealed {
    view: Arc<View>,
    head: Head,
}

impl std::fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unsealed").field("head", &self.head).finish_non_exhaustive()
    }
}

impl Waiting for Unsealed {
    fn count(&self) -> u64 {
        self.head.waiting()
    }

    fn rows(&self, from: Option<u64>) -> Result<(Vec<Row>, Option<u64>), TableError> {
        let Unsealed { view, head } = self;
        let from = from.unwrap_or(head.unsealed_batch);
        let read = metering::unsealed_from(&**view, head, from, PAGE);
        let (rows, next) = read.map_err(|error| TableError(error.to_string()))?;
        // A batch that is not there ends what can be read.
        Ok((rows, Some(next).filter(|next| *next < head.batches && *next > from)))
    }
}

/// All that was used, as it stands in `view`: each row once, in a file or not, but for what is past its time at `now`. The appliance
/// keeps rows for `kept`.
///
/// # Errors
/// When it cannot be read.
pub fn snapshot(
    view: &Arc<View>,
    blobs: BlobStore,
    kept: Duration,
    now: Timestamp,
) -> Result<UsageSnapshot, LibraryError> {
    let segments = metering::segments(&**view)?;
    let waiting = Arc::new(Unsealed { view: view.clone(), head: metering::head(&**view)? });
    let since = before(now, kept_for(view, kept)?);
    Ok(UsageSnapshot { segments, waiting, shelf: shelf(blobs), projects: None, since })
}

/// How long a tenant's rows are kept: as it says, and never for longer than the appliance does.
fn kept_for(view: &View, kept: Duration) -> Result<Duration, LibraryError> {
    let own = settings::of(view)?.usage_days.map(|days| Duration::from_hours(24 * u64::from(days)));
    Ok(own.map_or(kept, |own| own.min(kept)))
}

fn before(now: Timestamp, time: Duration) -> Timestamp {
    let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(now.millis().saturating_sub(time))
}

/// Whether rows are due to be sealed.
pub fn is_due(head: &Head, now: Timestamp, rules: &Rules) -> bool {
    head.waiting() >= rules.rows || (head.waiting() > 0 && now.since(head.unsealed_since) >= rules.age)
}

/// Counts what there is, seals what is due, merges what is small, and lets go of what is past its time.
///
/// Each commit needs a permit of its own (`SystemTask::Metering`) and leaves its row; `permit` makes them. A round that is cut off leaves
/// nothing but a file that nobody refers to, and the next one makes the same file again.
///
/// # Errors
/// When the ledger, the files or the engine fail.
pub fn round(
    permit: &mut dyn FnMut() -> Result<SystemPermit, StoreError>,
    analyst: &dyn Analyst,
    rules: &Rules,
    now: Timestamp,
) -> Result<Round, LibraryError> {
    let mut work = Work { permit, analyst, rules, now, commits: 0, round: Round::default() };
    work.count_stock()?;
    work.seal()?;
    work.merge()?;
    work.expire()?;
    work.remove()?;
    work.forget()?;
    Ok(work.round)
}

struct Work<'a> {
    permit: &'a mut dyn FnMut() -> Result<SystemPermit, StoreError>,
    analyst: &'a dyn Analyst,
    rules: &'a Rules,
    now: Timestamp,
    commits: usize,
    round: Round,
}

impl Work<'_> {
    /// Whether another commit may be made.
    fn may_go_on(&mut self) -> bool {
        self.round.more |= self.commits >= COMMITS;
        self.commits += 1;
        !self.round.more
    }

    fn view(&mut self) -> Result<View, LibraryError> {
        Ok((self.permit)()?.read()?)
    }

    /// Counts, once a day, what is stored and who is there.
    fn count_stock(&mut self) -> Result<(), LibraryError> {
        let head = metering::head(&self.view()?)?;
        if !metering::should_count_stock(&head, self.now) || !self.may_go_on() {
            return Ok(());
        }
        (self.permit)()?.write::<_, LibraryError>(|tx| {
            let byte_hours = usage::take_byte_hours(tx)?;
            let seats = usage::current(tx)?.seats;
            tx.note("step", "counted what there is");
            Ok(metering::record_stock(tx, &[(Meter::Storage, byte_hours), (Meter::Seats, seats)])?)
        })
    }

    fn seal(&mut self) -> Result<(), LibraryError> {
        loop {
            let view = self.view()?;
            let head = metering::head(&view)?;
            if !is_due(&head, self.now, self.rules) || !self.may_go_on() {
                return Ok(());
            }
            let most = usize::try_from(self.rules.rows).unwrap_or(usize::MAX);
            let (rows, next) = metering::unsealed(&view, most)?;
            drop(view);
            let permit = (self.permit)()?;
            let blobs = blobs(permit.files())?;
            let mut file = blobs.writer(MAX_FILE)?;
            let sealed = self.analyst.seal(&rows, &mut file)?;
            let file = file.finish()?;
            let done = permit.write::<_, LibraryError>(|tx| {
                // Nobody else seals; if someone has, these rows lie in a file already.
                if metering::head(tx)?.unsealed_batch != head.unsealed_batch {
                    return Ok(false);
                }
                stored::hold(tx, &blobs, file)?;
                metering::add_segment(tx, file, &sealed, next)?;
                tx.note("step", "sealed");
                tx.note("rows", sealed.rows.to_string());
                Ok(true)
            })?;
            if !done {
                return Ok(());
            }
            self.round.sealed_rows += sealed.rows;
        }
    }

    /// Merges files of one level, the oldest first, as long as there are enough of them.
    fn merge(&mut self) -> Result<(), LibraryError> {
        for level in 0..u8::MAX {
            let segments = metering::of_level(&self.view()?, level)?;
            if segments.is_empty() {
                return Ok(());
            }
            self.merge_some(&segments)?;
        }
        Ok(())
    }

    fn merge_some(&mut self, segments: &[Segment]) -> Result<(), LibraryError> {
        for segments in segments.chunks_exact(self.rules.merge) {
            let rows = segments.iter().fold(0u64, |rows, segment| rows.saturating_add(segment.rows));
            if rows > self.rules.merged_rows || !self.may_go_on() {
                return Ok(());
            }
            let permit = (self.permit)()?;
            let blobs = blobs(permit.files())?;
            let mut file = blobs.writer(MAX_FILE)?;
            let merged = self.analyst.merge(&shelf(blobs.clone()), segments, Timestamp::default(), &mut file)?;
            let file = file.finish()?;
            if merged.rows != rows {
                return Err(LibraryError::Stored(format!("{rows} rows of usage became {} by merging", merged.rows)));
            }
            permit.write::<_, LibraryError>(|tx| {
                if metering::replace_segments(tx, segments, file, &merged)?.is_some() {
                    stored::hold(tx, &blobs, file)?;
                }
                tx.note("step", "merged");
                tx.note("files", segments.len().to_string());
                Ok(())
            })?;
            self.round.merged_files += segments.len() as u64;
        }
        Ok(())
    }

    /// Takes files out of what counts of which every row is past its time, and the rows that are out of others.
    fn expire(&mut self) -> Result<(), LibraryError> {
        let view = self.view()?;
        let since = before(self.now, kept_for(&view, self.rules.kept)?);
        let (old, mixed): (Vec<_>, Vec<_>) = metering::segments(&view)?
            .into_iter()
            .filter(|segment| segment.from < since)
            .partition(|segment| segment.to < since);
        drop(view);
        self.retire(&old)?;
        let stale = before(since, STALE);
        mixed.iter().filter(|segment| segment.from < stale).try_for_each(|segment| self.thin(segment, since))
    }

    /// Writes a file anew without the rows of use before `since`.
    fn thin(&mut self, segment: &Segment, since: Timestamp) -> Result<(), LibraryError> {
        if !self.may_go_on() {
            return Ok(());
        }
        let permit = (self.permit)()?;
        let blobs = blobs(permit.files())?;
        let mut file = blobs.writer(MAX_FILE)?;
        let only = std::slice::from_ref(segment);
        let left = self.analyst.merge(&shelf(blobs.clone()), only, since, &mut file)?;
        let file = file.finish()?;
        permit.write::<_, LibraryError>(|tx| {
            if metering::replace_segments(tx, only, file, &left)?.is_some() {
                stored::hold(tx, &blobs, file)?;
            }
            tx.note("step", "let go of rows past their time");
            tx.note("rows", segment.rows.saturating_sub(left.rows).to_string());
            Ok(())
        })?;
        self.round.thinned_files += 1;
        Ok(())
    }

    fn retire(&mut self, old: &[Segment]) -> Result<(), LibraryError> {
        if old.is_empty() || !self.may_go_on() {
            return Ok(());
        }
        self.round.expired_files += old.len() as u64;
        (self.permit)()?.write::<_, LibraryError>(|tx| {
            tx.note("step", "expired");
            tx.note("files", old.len().to_string());
            Ok(old.iter().try_for_each(|segment| metering::retire(tx, segment))?)
        })
    }

    /// Lets go of the files that have not counted for long enough.
    fn remove(&mut self) -> Result<(), LibraryError> {
        let mut gone = metering::retired(&self.view()?)?;
        gone.retain(|segment| segment.retired.is_some_and(|since| self.now.since(since) >= self.rules.grace));
        if gone.is_empty() || !self.may_go_on() {
            return Ok(());
        }
        self.round.removed_files += gone.len() as u64;
        (self.permit)()?.write::<_, LibraryError>(|tx| {
            for segment in &gone {
                metering::remove_segment(tx, segment.number)?;
                stored::release(tx, &segment.digest)?;
            }
            tx.note("step", "removed");
            tx.note("files", gone.len().to_string());
            Ok(())
        })
    }

    /// Forgets, once a day, which events were counted so long ago that they would be refused now.
    fn forget(&mut self) -> Result<(), LibraryError> {
        let view = self.view()?;
        if !metering::should_forget(&metering::head(&view)?, self.now) {
            return Ok(());
        }
        while metering::has_past(&self.view()?, self.now)? {
            if !self.may_go_on() {
                return Ok(());
            }
            (self.permit)()?.write::<_, LibraryError>(|tx| {
                let events = metering::forget(tx)?;
                tx.note("step", "forgotten");
                tx.note("events", events.to_string());
                Ok(())
            })?;
        }
        (self.permit)()?.write::<_, LibraryError>(|tx| {
            tx.note("step", "looked for events past the window");
            Ok(metering::note_forgotten(tx)?)
        })
    }
}
