//! The index of one tenant.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Instant,
};

use model::{AnyId, ErrorKind};
use store::{TenantStore, View};
use tantivy::{
    DocSet as _, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TERMINATED, TantivyDocument, Term,
    directory::RamDirectory,
    indexer::IndexWriterOptions,
    query::EnableScoring,
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{PreTokenizedString, Token},
};

use super::{
    SearchError,
    query::{Piece, build},
    source::{Head, Source, Text, heads},
    words::words,
};

/// No more of a record's text is searched, in bytes.
const MAX_TEXT: usize = 2 << 20;
/// Positions between two pieces of a text, so that no phrase crosses them.
const BREAK: usize = 100;
/// Estimated bytes for what is known of a record besides its text.
const HEAD: usize = 600;

/// The index of one tenant, in memory.
pub(super) struct LibraryIndex {
    memory: RamDirectory,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    state: RwLock<State>,
}

/// What is in the index. A document there has a number of its own, which is never used again: what is not in `heads` was
/// replaced or removed, whatever the index still holds of it.
#[derive(Default)]
struct State {
    /// The counts of changes when the records were read last and all of them were taken in.
    generations: Option<Vec<u64>>,
    heads: BTreeMap<u64, Head>,
    numbers: BTreeMap<AnyId, u64>,
    next: u64,
    complete: bool,
}

struct Fields {
    number: Field,
    title: Field,
    tags: Field,
    body: Field,
}

/// What matches.
#[derive(Debug)]
pub(super) struct Matches {
    /// The best, in order.
    pub(super) heads: Vec<Head>,
    /// How many there are in all.
    pub(super) total: u64,
    /// Whether all records were searched.
    pub(super) complete: bool,
}

impl fmt::Debug for LibraryIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LibraryIndex({} records)", self.read().heads.len())
    }
}

impl LibraryIndex {
    pub(super) fn new() -> Result<Self, SearchError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let number = schema.add_u64_field("number", FAST | INDEXED);
        let [title, tags, body] = ["title", "tags", "body"].map(|name| schema.add_text_field(name, text.clone()));
        let memory = RamDirectory::create();
        let index = Index::create(memory.clone(), schema.build(), IndexSettings::default())?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { memory, index, reader, fields: Fields { number, title, tags, body }, state: RwLock::default() })
    }

    /// What it takes.
    pub(super) fn bytes(&self) -> usize {
        self.memory.total_mem_usage() + self.read().heads.len() * HEAD
    }

    // What is known of records changes after a commit only, so a panic in between leaves it right.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what has changed since the last time, the newest records first, as far as there is time; what was removed is gone
    /// whatever the time. One `writer` at a time is at work over all tenants: each takes 15 MB and a thread.
    pub(super) fn refresh(
        &self,
        files: &TenantStore,
        writer: &Mutex<()>,
        deadline: Instant,
    ) -> Result<(), SearchError> {
        let now = || Source::ALL.iter().map(|source| files.generation(source.number())).collect::<Vec<_>>();
        if self.read().generations.as_ref() == Some(&now()) {
            return Ok(());
        }
        let mut state = self.write();
        // Before the records are read: what changes after that is seen the next time.
        let generations = now();
        if state.generations.as_ref() == Some(&generations) {
            return Ok(());
        }
        let view = files.read()?;
        let mut found = heads(&view)?;
        let gone: Vec<(AnyId, u64)> =
            state.numbers.iter().filter(|(id, _)| !found.contains_key(id)).map(|(id, number)| (*id, *number)).collect();
        let mut old: Vec<u64> = gone.iter().map(|(_, number)| *number).collect();
        for (id, number) in gone {
            state.numbers.remove(&id);
            state.heads.remove(&number);
        }
        // Rights follow the record at once, text when there is time.
        for (id, number) in &state.numbers.clone() {
            let Some(head) = found.get(id) else { continue };
            let same = state.heads.get(number).is_some_and(|known| known.version == head.version);
            state.heads.insert(*number, Head { version: if same { head.version } else { 0 }, ..head.clone() });
        }
        found.retain(|id, head| {
            let known = state.numbers.get(id).and_then(|number| state.heads.get(number));
            known.is_none_or(|known| known.version != head.version)
        });
        state.complete = found.is_empty();
        if !found.is_empty() || !old.is_empty() {
            let _one = writer.lock().unwrap_or_else(PoisonError::into_inner);
            self.take(&mut state, &view, files, found, &mut old, deadline)?;
        }
        state.generations = state.complete.then_some(generations);
        Ok(())
    }

    fn take(
        &self,
        state: &mut State,
        view: &View,
        files: &TenantStore,
        found: BTreeMap<AnyId, Head>,
        old: &mut Vec<u64>,
        deadline: Instant,
    ) -> Result<(), SearchError> {
        let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1).build();
        let mut writer: IndexWriter<TantivyDocument> = self.index.writer_with_options(options)?;
        let mut taken = Vec::new();
        let mut pending: Vec<_> = found.into_iter().collect();
        pending.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(id.bits()));
        state.complete = true;
        for (id, head) in pending {
            if !taken.is_empty() && Instant::now() >= deadline {
                state.complete = false;
                break;
            }
            let text = match head.source.text(view, files, id) {
                Ok(Some(text)) => text,
                // Gone since the records were listed: the next search sees that too.
                Ok(None) => continue,
                // One damaged text does not keep the others from being found; who reads it is told.
                Err(error) if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::NotFound) => Text::default(),
                Err(error) => return Err(error.into()),
            };
            let number = state.next;
            state.next += 1;
            let mut document = TantivyDocument::new();
            document.add_u64(self.fields.number, number);
            document.add_pre_tokenized_text(self.fields.title, tokens([text.title.as_str()]));
            document.add_pre_tokenized_text(self.fields.tags, tokens(text.tags.iter().map(String::as_str)));
            document.add_pre_tokenized_text(self.fields.body, tokens(text.body.iter().map(String::as_str)));
            writer.add_document(document)?;
            old.extend(state.numbers.get(&id));
            taken.push((id, number, head));
        }
        for number in &*old {
            writer.delete_term(Term::from_field_u64(self.fields.number, *number));
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        self.reader.reload()?;
        for (id, number, head) in taken {
            if let Some(before) = state.numbers.insert(id, number) {
                state.heads.remove(&before);
            }
            state.heads.insert(number, head);
        }
        Ok(())
    }

    /// The best `wanted` of those that match and that `keep` keeps, and how many those are.
    pub(super) fn search(
        &self,
        pieces: &[Piece],
        wanted: usize,
        deadline: Instant,
        mut keep: impl FnMut(&Head) -> bool,
    ) -> Result<Matches, SearchError> {
        let state = self.read();
        let searcher = self.reader.searcher();
        let Fields { title, tags, body, .. } = self.fields;
        let query = build(pieces, &[(title, 4.0), (tags, 3.0), (body, 1.0)]);
        let weight = query.weight(EnableScoring::enabled_from_searcher(&searcher))?;
        let (mut best, mut seen, mut complete) = (Vec::new(), 0u32, state.complete);
        'segments: for segment in searcher.segment_readers() {
            let mut scorer = weight.scorer(segment, 1.0)?;
            let numbers = segment.fast_fields().u64("number")?.first_or_default_col(u64::MAX);
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                seen += 1;
                if seen.is_multiple_of(1_024) && Instant::now() >= deadline {
                    complete = false;
                    break 'segments;
                }
                let number = numbers.get_val(doc);
                if state.heads.get(&number).is_some_and(&mut keep) {
                    best.push((scorer.score(), number));
                }
                doc = scorer.advance();
            }
        }
        let total = best.len() as u64;
        best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        best.truncate(wanted);
        let heads = best.iter().filter_map(|(_, number)| state.heads.get(number).cloned()).collect();
        Ok(Matches { heads, total, complete })
    }
}

/// Pieces of a text as the index takes them.
fn tokens<'a>(parts: impl IntoIterator<Item = &'a str>) -> PreTokenizedString {
    let (mut tokens, mut position, mut left) = (Vec::new(), 0, MAX_TEXT);
    for part in parts {
        let part = &part[..part.floor_char_boundary(left)];
        left -= part.len();
        let mut last = 0;
        for word in words(part) {
            last = word.position;
            tokens.push(Token {
                offset_from: word.from,
                offset_to: word.to,
                position: position + word.position,
                text: word.text,
                position_length: 1,
            });
        }
        position += last + BREAK;
    }
    PreTokenizedString { text: String::new(), tokens }
}
