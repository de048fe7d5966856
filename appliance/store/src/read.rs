//! Reading: a snapshot of a file, with what is not yet committed laid over it inside a write.

use std::{collections::BTreeMap, iter::Peekable, ops::Bound, sync::Arc};

use model::ErrorKind;

use crate::{
    key::{self, Area, KeyBytes},
    record::{self, DecodeError, Record},
    sorted::{self, Column, Sort},
};

pub(crate) const TABLE: redb::TableDefinition<'static, &[u8], &[u8]> = redb::TableDefinition::new("kv");
/// The most records one page may hold.
pub const MAX_PAGE: usize = 1_000;

/// Rows to be written or, where there is no value, removed.
pub(crate) type Layer = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
pub(crate) type Table = redb::ReadOnlyTable<&'static [u8], &'static [u8]>;

/// Why reading failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The disk or the file's structure.
    #[error("the tenant's file cannot be read")]
    Storage(#[source] redb::Error),
    /// A row that is not what it must be.
    #[error("a stored {record} cannot be read")]
    Record {
        /// The record's name.
        record: &'static str,
        /// What is wrong.
        #[source]
        source: DecodeError,
    },
    /// An index row leads to nothing.
    #[error("an index of {0} does not fit its records")]
    Index(&'static str),
}

impl ReadError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ReadError::Storage(redb::Error::Io(_)) => ErrorKind::Unavailable,
            _ => ErrorKind::Corrupt,
        }
    }
}

pub(crate) fn storage(error: impl Into<redb::Error>) -> ReadError {
    ReadError::Storage(error.into())
}

/// Which records to list, and in what order.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// An index and the parts its rows begin with; all records in the order of their keys without one.
    pub index: Option<(u8, KeyBytes)>,
    /// Where the page before ended.
    pub after: Option<&'a Cursor>,
    /// How many to give, at most [`MAX_PAGE`].
    pub limit: usize,
    /// From the greatest key to the least: newest first, since ids begin with the time.
    pub newest_first: bool,
}

impl Query<'_> {
    /// All records, newest first.
    pub fn newest(limit: usize) -> Self {
        Self { index: None, after: None, limit, newest_first: true }
    }

    /// Records under these parts of an index, in its order.
    pub fn by(index: u8, parts: KeyBytes, limit: usize) -> Self {
        Self { index: Some((index, parts)), after: None, limit, newest_first: false }
    }
}

/// A place in a list. Opaque; survives changes of the list around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// A page of a list.
#[derive(Debug)]
pub struct Page<R> {
    /// The records.
    pub items: Vec<R>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// What can be read of a file. Implemented by [`View`] and by the transaction of a write.
pub trait Read {
    #[doc(hidden)]
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError>;
    #[doc(hidden)]
    fn walk(&self, span: Span, visit: &mut Visit<'_>) -> Result<(), ReadError>;

    /// The record with this key.
    fn get<R: Record>(&self, key: &R::Key) -> Result<Option<R>, ReadError>
    where
        Self: Sized,
    {
        self.value(&key::record(R::NUMBER, key))?.map(|bytes| decode::<R>(&bytes)).transpose()
    }

    /// The record with these parts in unique index `index`.
    fn find<R: Record>(&self, index: u8, parts: &KeyBytes) -> Result<Option<R>, ReadError>
    where
        Self: Sized,
    {
        let Some(found) = self.value(&record::prefix(Area::Unique, R::NUMBER, index, parts))? else { return Ok(None) };
        fetch::<R>(self, &found).map(Some)
    }

    /// Records for which `keep` holds, a page at a time.
    fn list<R: Record>(&self, query: &Query<'_>, mut keep: impl FnMut(&R) -> bool) -> Result<Page<R>, ReadError>
    where
        Self: Sized,
    {
        let limit = query.limit.clamp(1, MAX_PAGE);
        let mut page = Page { items: Vec::new(), next: None };
        let mut last = Vec::new();
        each::<R>(self, query, query.after, |rest, record| {
            if !keep(&record) {
                return true;
            }
            if page.items.len() == limit {
                page.next = Some(Cursor(std::mem::take(&mut last)));
                return false;
            }
            page.items.push(record);
            last = rest.to_vec();
            true
        })?;
        Ok(page)
    }

    /// The same in the order of what the records say, or in that of the query without one.
    fn listed<C: Column>(
        &self,
        query: &Query<'_>,
        order: Option<Sort<C>>,
        keep: impl FnMut(&C::Of) -> bool,
    ) -> Result<Page<C::Of>, ReadError>
    where
        Self: Sized,
    {
        match order {
            Some(order) => sorted::page(self, query, order, keep),
            None => self.list(query, keep),
        }
    }
}

/// Goes through the records of a query from a place on, each with what its row has beyond the query's parts.
pub(crate) fn each<R: Record>(
    read: &impl Read,
    query: &Query<'_>,
    after: Option<&Cursor>,
    mut visit: impl FnMut(&[u8], R) -> bool,
) -> Result<(), ReadError> {
    let prefix = match &query.index {
        Some((index, parts)) => record::prefix(Area::Index, R::NUMBER, *index, parts),
        None => vec![Area::Record as u8, R::NUMBER],
    };
    let mut outcome = Ok(());
    read.walk(Span::of(&prefix, after, query.newest_first), &mut |row, value| {
        let record = match &query.index {
            None => decode::<R>(value),
            Some(_) => fetch::<R>(read, value),
        };
        match record {
            Err(error) => {
                outcome = Err(error);
                false
            }
            Ok(record) => visit(&row[prefix.len()..], record),
        }
    })?;
    outcome
}

pub(crate) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> bool + 'a;

/// A stretch of keys and the direction in which to walk it.
#[derive(Debug)]
pub struct Span {
    from: Bound<Vec<u8>>,
    to: Bound<Vec<u8>>,
    reverse: bool,
}

impl Span {
    pub(crate) fn of(prefix: &[u8], after: Option<&Cursor>, reverse: bool) -> Self {
        let mut from = Bound::Included(prefix.to_vec());
        let mut to = key::end_of(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        if let Some(Cursor(rest)) = after {
            let at = Bound::Excluded([prefix, rest].concat());
            if reverse { to = at } else { from = at }
        }
        Self { from, to, reverse }
    }

    /// From `start` on, as far as keys begin with `prefix`.
    pub(crate) fn from_key(prefix: &[u8], start: Vec<u8>) -> Self {
        Self { from: Bound::Included(start), ..Self::of(prefix, None, false) }
    }

    fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.from.as_ref().map(Vec::as_slice), self.to.as_ref().map(Vec::as_slice))
    }
}

fn decode<R: Record>(bytes: &[u8]) -> Result<R, ReadError> {
    record::decode(bytes).map_err(|source| ReadError::Record { record: R::NAME, source })
}

fn fetch<R: Record>(read: &(impl Read + ?Sized), key: &[u8]) -> Result<R, ReadError> {
    let mut row = vec![Area::Record as u8, R::NUMBER];
    row.extend_from_slice(key);
    decode(&read.value(&row)?.ok_or(ReadError::Index(R::NAME))?)
}

/// A snapshot of a file: later writes do not show. Readers between two commits share one.
pub struct View {
    pub(crate) table: Arc<Table>,
}

impl Read for View {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        layered_value(&self.table, &[], key)
    }
    fn walk(&self, span: Span, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        layered_walk(&self.table, &[], &span, visit)
    }
}

/// The value under `key` in the first of `layers` that knows it, or in `table`.
pub(crate) fn layered_value(table: &Table, layers: &[&Layer], key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
    for layer in layers {
        if let Some(value) = layer.get(key) {
            return Ok(value.clone());
        }
    }
    Ok(table.get(key).map_err(storage)?.map(|guard| guard.value().to_vec()))
}

type Rows<'a> = Peekable<Box<dyn Iterator<Item = Result<(Vec<u8>, Option<Vec<u8>>), ReadError>> + 'a>>;

/// Walks the rows of `span` in order, each key once, as the first source that knows it has it.
pub(crate) fn layered_walk(
    table: &Table,
    layers: &[&Layer],
    span: &Span,
    visit: &mut Visit<'_>,
) -> Result<(), ReadError> {
    if is_empty(span) {
        return Ok(());
    }
    let mut sources: Vec<Rows<'_>> = Vec::with_capacity(layers.len() + 1);
    for layer in layers {
        let rows = layer.range::<[u8], _>(span.bounds()).map(|(key, value)| Ok((key.clone(), value.clone())));
        sources.push(directed(rows, span.reverse));
    }
    let rows = table.range::<&[u8]>(span.bounds()).map_err(storage)?.map(|row| {
        let (key, value) = row.map_err(storage)?;
        Ok((key.value().to_vec(), Some(value.value().to_vec())))
    });
    sources.push(directed(rows, span.reverse));

    loop {
        let mut next: Option<Vec<u8>> = None;
        for source in &mut sources {
            match source.peek() {
                None => {}
                Some(Err(_)) => return Err(source.next().expect("just seen").expect_err("just seen to be an error")),
                Some(Ok((key, _))) => {
                    let first = next.as_ref().is_none_or(|best| if span.reverse { key > best } else { key < best });
                    if first {
                        next = Some(key.clone());
                    }
                }
            }
        }
        let Some(key) = next else { return Ok(()) };
        let mut value = None;
        for source in &mut sources {
            if let Some(Ok((_, found))) = source.next_if(|row| row.as_ref().is_ok_and(|(other, _)| *other == key)) {
                value = value.or(Some(found));
            }
        }
        if let Some(Some(value)) = value
            && !visit(&key, &value)
        {
            return Ok(());
        }
    }
}

// `BTreeMap::range` panics where the start lies behind the end, which a cursor from outside can cause.
fn is_empty(span: &Span) -> bool {
    match (&span.from, &span.to) {
        (Bound::Included(from), Bound::Excluded(to)) => from >= to,
        (Bound::Excluded(from), Bound::Excluded(to)) => from >= to,
        _ => false,
    }
}

fn directed<'a, I>(rows: I, reverse: bool) -> Rows<'a>
where
    I: DoubleEndedIterator<Item = Result<(Vec<u8>, Option<Vec<u8>>), ReadError>> + 'a,
{
    let boxed: Box<dyn Iterator<Item = _> + 'a> = if reverse { Box::new(rows.rev()) } else { Box::new(rows) };
    boxed.peekable()
}
