//! Lists in the order of what records say instead of that of their keys.
//!
//! No index stands behind it: each page looks through all that the query finds, and keeps no more than itself in memory. So any
//! field can be sorted by, also in files that were written before, at the price of a look at each record. A page goes on
//! behind what the page before ended with, not at a number, so that what comes and goes meanwhile neither repeats a record nor
//! skips one.

use std::{cmp::Ordering, collections::BinaryHeap, fmt};

use model::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    key::KeyBytes,
    read::{Cursor, MAX_PAGE, Page, Query, Read, ReadError, each},
    record::Record,
};

/// The most bytes by which texts are told apart; what begins alike for longer stands in the order of its keys.
const MAX_RANK: usize = 180;

/// A field by which records can be listed.
pub trait Column: Copy + fmt::Debug + 'static {
    /// The records.
    type Of: Record;
    /// All of them, by their names outside.
    const ALL: &'static [(&'static str, Self)];
    /// What a record says there.
    fn rank(self, record: &Self::Of) -> Rank;
}

/// In what order a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// By this.
    pub by: C,
    /// From the greatest to the least.
    pub down: bool,
}

/// What stands in a field, as bytes that keep its order. What says nothing comes last, whichever way a list goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank(Option<Vec<u8>>);

impl Rank {
    /// Nothing.
    pub const NONE: Rank = Rank(None);

    /// A number.
    pub fn number(value: impl Into<u64>) -> Self {
        Rank(Some(value.into().to_be_bytes().to_vec()))
    }

    /// A moment.
    pub fn moment(at: Timestamp) -> Self {
        Self::number(at.millis())
    }

    /// A text as people sort: without regard to capitals and accents, numbers in it by their value. Scripts stand in the order of
    /// Unicode, since what order a reader expects is a matter of their language. An empty text says nothing.
    pub fn text(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len().min(MAX_RANK));
        // Accents of Latin, Greek and Cyrillic, and vowel points of Arabic; the signs of other scripts are letters of theirs.
        let silent = |letter: &char| matches!(u32::from(*letter), 0x0300..=0x036F | 0x064B..=0x065F | 0x0670);
        let mut letters = text.nfkd().filter(|letter| !silent(letter)).flat_map(char::to_lowercase).peekable();
        while bytes.len() < MAX_RANK
            && let Some(letter) = letters.next()
        {
            if !letter.is_ascii_digit() {
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            // A number is longer than another or differs from it at a digit.
            let mut digits: Vec<u8> = Vec::new();
            let mut next = Some(letter);
            while let Some(digit) = next {
                if digit != '0' || !digits.is_empty() {
                    digits.push(digit as u8);
                }
                next = if digits.len() < MAX_RANK { letters.next_if(char::is_ascii_digit) } else { None };
            }
            bytes.push(b'0');
            bytes.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
            bytes.extend(digits);
        }
        bytes.truncate(MAX_RANK);
        if bytes.is_empty() { Self::NONE } else { Rank(Some(bytes)) }
    }
}

/// Which way a list goes.
#[derive(Debug, Clone, Copy)]
struct Way {
    down: bool,
    newest_first: bool,
}

/// Where a record stands: what it says, and the rest of its row where that is the same.
type Place = (Rank, Vec<u8>);

impl Way {
    fn compare(self, (a, at_a): &Place, (b, at_b): &Place) -> Ordering {
        let turned = |order: Ordering, turn: bool| if turn { order.reverse() } else { order };
        let ranks = match (&a.0, &b.0) {
            (Some(a), Some(b)) => turned(a.cmp(b), self.down),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        ranks.then_with(|| turned(at_a.cmp(at_b), self.newest_first))
    }
}

/// A record of the page, as long as no better one is found.
struct Entry<R> {
    way: Way,
    place: Place,
    record: R,
}

impl<R> Ord for Entry<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.way.compare(&self.place, &other.place)
    }
}
impl<R> PartialOrd for Entry<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<R> PartialEq for Entry<R> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl<R> Eq for Entry<R> {}

/// A page in that order, put together of one file or of several: rows of records of one kind are told apart by the ids in them, which are
/// of one appliance.
pub struct Gather<C: Column> {
    by: C,
    way: Way,
    after: Option<Place>,
    /// Whether the page is empty whatever there is: its cursor was made up.
    lost: bool,
    limit: usize,
    /// The greatest of the page on top, so that it goes when a lesser one is found; one more than the page tells that there is more.
    best: BinaryHeap<Entry<C::Of>>,
}

impl<C: Column> fmt::Debug for Gather<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").field("by", &self.by).field("found", &self.best.len()).finish_non_exhaustive()
    }
}

impl<C: Column> Gather<C> {
    /// An empty page behind `after`. A cursor that was made up leads to an empty one or to somewhere in the list.
    pub fn new(Sort { by, down }: Sort<C>, newest_first: bool, after: Option<&Cursor>, limit: usize) -> Self {
        let place = after.and_then(read_place);
        let lost = after.is_some() && place.is_none();
        let way = Way { down, newest_first };
        Gather { by, way, after: place, lost, limit: limit.clamp(1, MAX_PAGE), best: BinaryHeap::new() }
    }

    /// Adds what a file has, through an index where one is named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn add(
        &mut self,
        read: &impl Read,
        index: Option<(u8, KeyBytes)>,
        mut keep: impl FnMut(&C::Of) -> bool,
    ) -> Result<(), ReadError> {
        if self.lost {
            return Ok(());
        }
        let query = Query { index, after: None, limit: self.limit, newest_first: self.way.newest_first };
        let (by, way, limit, after) = (self.by, self.way, self.limit, &self.after);
        let best = &mut self.best;
        each::<C::Of>(read, &query, None, |rest, record| {
            let place = (by.rank(&record), rest.to_vec());
            let behind = after.as_ref().is_none_or(|after| way.compare(&place, after).is_gt());
            let better =
                best.len() <= limit || best.peek().is_some_and(|last| way.compare(&place, &last.place).is_lt());
            if behind && better && keep(&record) {
                best.push(Entry { way, place, record });
                if best.len() > limit + 1 {
                    best.pop();
                }
            }
            true
        })
    }

    /// What was found.
    pub fn page(self) -> Page<C::Of> {
        let mut found = self.best.into_sorted_vec();
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let next = found.last().filter(|_| more).map(|last| write_place(&last.place));
        Page { items: found.into_iter().map(|entry| entry.record).collect(), next }
    }
}

/// A page of one file in that order.
pub(crate) fn page<C: Column>(
    read: &impl Read,
    query: &Query<'_>,
    sort: Sort<C>,
    keep: impl FnMut(&C::Of) -> bool,
) -> Result<Page<C::Of>, ReadError> {
    let mut gather = Gather::new(sort, query.newest_first, query.after, query.limit);
    gather.add(read, query.index.clone(), keep)?;
    Ok(gather.page())
}

fn write_place((Rank(rank), rest): &Place) -> Cursor {
    let mut bytes = vec![u8::from(rank.is_none())];
    let rank = rank.as_deref().unwrap_or_default();
    bytes.push(u8::try_from(rank.len()).expect("a rank has at most MAX_RANK bytes"));
    bytes.extend_from_slice(rank);
    bytes.extend_from_slice(rest);
    Cursor(bytes)
}

fn read_place(Cursor(bytes): &Cursor) -> Option<Place> {
    let (&[none, length], rest) = bytes.split_first_chunk()?;
    let (rank, rest) = rest.split_at_checked(usize::from(length))?;
    Some((Rank((none == 0).then(|| rank.to_vec())), rest.to_vec()))
}

#[cfg(test)]
mod tests;
