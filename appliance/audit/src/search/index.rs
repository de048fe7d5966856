//! The index of one tenant.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    fmt,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tantivy::{
    DocSet, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, SegmentReader, TERMINATED, TantivyDocument,
    columnar::StrColumn, directory::RamDirectory, indexer::IndexWriterOptions, query::EnableScoring,
};

use super::{
    Facet, Search, SearchError,
    pool::Slots,
    query,
    schema::{Fields, analyzers, column},
};
use crate::Trail;

/// Rows read from the log at once, and between two looks at the time.
const BATCH: u64 = 1_000;

/// Values returned for a facet.
const TOP: usize = 50;

/// The index of one tenant, in memory.
pub(super) struct TrailIndex {
    memory: RamDirectory,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    /// The rows in the index, without gaps. Locked while it is written.
    rows: Mutex<Range<u64>>,
}

impl fmt::Debug for TrailIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrailIndex({:?})", self.rows())
    }
}

/// Numbers of the rows that match, and counts.
pub(super) struct Matches {
    /// Newest first, one more than asked for if there are more.
    pub(super) rows: Vec<u64>,
    pub(super) total: u64,
    pub(super) facets: BTreeMap<Facet, Vec<(String, u64)>>,
    /// Whether there was time to look at all.
    pub(super) complete: bool,
}

impl TrailIndex {
    /// An index without rows that will begin with the newest of a log of `len` rows.
    pub(super) fn new(len: u64) -> Result<Self, SearchError> {
        let (memory, fields) = (RamDirectory::create(), Fields::new());
        let mut index = Index::create(memory.clone(), fields.schema.clone(), IndexSettings::default())?;
        index.set_tokenizers(analyzers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { memory, index, reader, fields, rows: Mutex::new(len..len) })
    }

    /// The rows in the index.
    pub(super) fn rows(&self) -> Range<u64> {
        self.lock().clone()
    }

    /// What it takes.
    pub(super) fn bytes(&self) -> usize {
        self.memory.total_mem_usage()
    }

    fn lock(&self) -> MutexGuard<'_, Range<u64>> {
        // The range changes after a commit only, so a panic in between leaves it right.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in new rows, then older ones down to the newest `window`, as far as there is time. New rows are taken in whatever
    /// the time, one batch at least, so that each search gets further.
    pub(super) fn refresh(
        &self,
        trail: &impl Trail,
        window: u64,
        slots: &Slots,
        deadline: Instant,
    ) -> Result<(), SearchError> {
        let mut rows = self.lock();
        let len = trail.size().map_err(SearchError::Trail)?;
        let floor = len.saturating_sub(window);
        if rows.end >= len && rows.start <= floor {
            return Ok(());
        }
        let Some(_slot) = slots.take(deadline) else {
            // What is there can be searched; it is no answer when there is nothing yet.
            return if rows.is_empty() { Err(SearchError::Busy) } else { Ok(()) };
        };
        let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1).build();
        let mut writer: IndexWriter<TantivyDocument> = self.index.writer_with_options(options)?;
        let mut taken = rows.clone();
        loop {
            if taken.end < len {
                let end = len.min(taken.end + BATCH);
                self.add(trail, &writer, taken.end..end)?;
                taken.end = end;
            } else if taken.start > floor {
                let start = taken.start.saturating_sub(BATCH).max(floor);
                self.add(trail, &writer, start..taken.start)?;
                taken.start = start;
            } else {
                break;
            }
            if Instant::now() >= deadline {
                break;
            }
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        self.reader.reload()?;
        *rows = taken;
        Ok(())
    }

    fn add(
        &self,
        trail: &impl Trail,
        writer: &IndexWriter<TantivyDocument>,
        wanted: Range<u64>,
    ) -> Result<(), SearchError> {
        let mut next = wanted.start;
        while next < wanted.end {
            let limit = (wanted.end - next) as usize;
            let rows = trail.rows(next, limit).map_err(SearchError::Trail)?;
            let Some((last, _)) = rows.last() else {
                return Err(SearchError::Trail(format!("row {next} is missing").into()));
            };
            next = next.max(last + 1);
            for (number, event) in rows.iter().take(limit) {
                if let Some(event) = event {
                    writer.add_document(self.fields.document(*number, event))?;
                }
            }
        }
        Ok(())
    }

    /// The newest rows that match, as many as asked for and one more, and counts over all that match.
    pub(super) fn search(&self, search: &Search, limit: usize, deadline: Instant) -> Result<Matches, SearchError> {
        let searcher = self.reader.searcher();
        let query = query::build(search, &self.fields)?;
        let weight = query.weight(EnableScoring::disabled_from_searcher(&searcher))?;
        let mut tally =
            Tally { search, wanted: limit + 1, newest: BinaryHeap::new(), total: 0, facets: BTreeMap::new() };
        let mut complete = true;
        for segment in searcher.segment_readers() {
            let mut scorer = weight.scorer(segment, 1.0)?;
            let (mut counts, mut seen) = (Counts::new(segment, &search.facets)?, 0u32);
            let row = segment.fast_fields().u64("row")?.first_or_default_col(0);
            let at = segment.fast_fields().u64("at")?.first_or_default_col(0);
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                seen += 1;
                if seen.is_multiple_of(4_096) && Instant::now() >= deadline {
                    complete = false;
                    break;
                }
                if tally.take(row.get_val(doc), at.get_val(doc)) {
                    counts.take(doc);
                }
                doc = scorer.advance();
            }
            counts.add_to(&mut tally.facets)?;
        }
        let rows = tally.newest.into_sorted_vec().into_iter().map(|Reverse(row)| row).collect();
        let facets = search.facets.iter().map(|facet| (*facet, tally.facets.remove(facet).unwrap_or_default()));
        let facets = facets.map(|(facet, counts)| (facet, top(counts))).collect();
        Ok(Matches { rows, total: tally.total, facets, complete })
    }
}

/// What is known of the matches so far.
struct Tally<'a> {
    search: &'a Search,
    wanted: usize,
    /// The newest, the oldest of them on top.
    newest: BinaryHeap<Reverse<u64>>,
    total: u64,
    facets: BTreeMap<Facet, BTreeMap<String, u64>>,
}

impl Tally<'_> {
    /// Whether a row that matches all else lies in the time that is searched; if so, it is taken in.
    fn take(&mut self, row: u64, at: u64) -> bool {
        let late = self.search.to.is_some_and(|to| at >= to.millis());
        if late || self.search.from.is_some_and(|from| at < from.millis()) {
            return false;
        }
        self.total += 1;
        if self.search.before.is_none_or(|before| row < before) {
            self.newest.push(Reverse(row));
            if self.newest.len() > self.wanted {
                self.newest.pop();
            }
        }
        true
    }
}

/// Counts of values in one segment, by their number there.
struct Counts(Vec<(Facet, StrColumn, Vec<u64>)>);

impl Counts {
    fn new(segment: &SegmentReader, facets: &[Facet]) -> Result<Self, SearchError> {
        let mut columns = Vec::new();
        for facet in facets {
            // No column: no row of the segment has a value.
            if let Some(values) = segment.fast_fields().str(column(*facet))? {
                let counts = vec![0; values.num_terms()];
                columns.push((*facet, values, counts));
            }
        }
        Ok(Self(columns))
    }

    fn take(&mut self, doc: u32) {
        for (_, values, counts) in &mut self.0 {
            if let Some(value) = values.ords().first(doc) {
                counts[value as usize] += 1;
            }
        }
    }

    fn add_to(self, facets: &mut BTreeMap<Facet, BTreeMap<String, u64>>) -> Result<(), SearchError> {
        let mut name = String::new();
        for (facet, values, counts) in self.0 {
            let sums = facets.entry(facet).or_default();
            for (value, count) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
                values.ord_to_str(value, &mut name).map_err(tantivy::TantivyError::from)?;
                *sums.entry(name.clone()).or_default() += count;
            }
        }
        Ok(())
    }
}

/// The most frequent values; those with the same count by name.
fn top(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.truncate(TOP);
    counts
}
