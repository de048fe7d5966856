//! How rights changed: what each look found that the look before had not, so that two dates can be compared.
//!
//! Rights change in many ways: a role given or taken, a group joined, a role redefined, a day that passes. A look from time to time
//! sees them all, and no change has to say what it does to whom; what came and went between two looks is in the audit trail alone.

use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Cursor, MAX_PAGE, Query, Read, ReadError, Record, Tx, WriteError};

use crate::{
    permit::SystemPermit,
    report::{Change, Held, Snapshot, difference},
};

/// How long it is kept.
const KEPT: Duration = Duration::from_secs(1_100 * 86_400);
/// The most turns that one look lets go of.
const MOST: usize = 100;

/// What the last look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// When the first look was.
    pub(crate) since: Timestamp,
    /// When the last look that found a change was.
    pub(crate) at: Timestamp,
    /// What each might then.
    pub(crate) held: Held,
}

impl Record for Seen {
    const NAME: &'static str = "rights as last seen";
    const NUMBER: u8 = 170;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// What a look found changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) changes: Vec<Change>,
}

impl Record for Turn {
    const NAME: &'static str = "change of rights";
    const NUMBER: u8 = 171;
    type Key = u64;
    fn key(&self) -> u64 {
        self.at.millis()
    }
}

/// Looks at what the rights of a tenant are and writes down what has changed; where nothing has, nothing is written.
///
/// # Errors
/// Those of the store.
pub fn look(permit: SystemPermit, present: &Snapshot) -> Result<bool, WriteError> {
    let held = present.held();
    let seen = permit.read()?.get::<Seen>(&0)?;
    if seen.as_ref().is_some_and(|seen| seen.held == held) {
        return Ok(false);
    }
    permit.write(|tx| {
        let since = seen.as_ref().map_or(present.at, |seen| seen.since);
        if let Some(before) = &seen {
            let changes = difference(&before.held, &held);
            tx.note("changes", changes.len().to_string());
            tx.put(&Turn { at: present.at, changes })?;
        }
        let since = let_go(tx, present.at)?.map_or(since, |gone| gone.max(since));
        tx.put(&Seen { since, at: present.at, held })?;
        Ok(true)
    })
}

/// Lets go of some of what is too old; since when the others are, when any went.
fn let_go(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Timestamp>, WriteError> {
    let oldest = Query { index: None, after: None, limit: MOST, newest_first: false };
    let old = tx.list::<Turn>(&oldest, |turn| now.since(turn.at) > KEPT)?.items;
    for turn in &old {
        tx.delete::<Turn>(&turn.key())?;
    }
    Ok(old.last().map(|turn| turn.at))
}

/// What changed between two moments, as far as looks saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Since when it is known; nothing before the first look.
    pub since: Option<Timestamp>,
    /// What each gained and lost in the end: what came and went again is left out.
    pub changes: Vec<Change>,
}

/// What changed from one moment to another. What has changed since the last look counts as changed now.
///
/// # Errors
/// When it cannot be read.
pub fn between(read: &impl Read, present: &Snapshot, from: Timestamp, to: Timestamp) -> Result<History, ReadError> {
    let Some(seen) = read.get::<Seen>(&0)? else { return Ok(History { since: None, changes: Vec::new() }) };
    let mut net = Net::default();
    let mut after: Option<Cursor> = None;
    loop {
        let query = Query { index: None, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let page = read.list::<Turn>(&query, |turn| from < turn.at && turn.at <= to)?;
        page.items.into_iter().for_each(|turn| net.follow(turn.changes));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if from < present.at && present.at <= to {
        net.follow(difference(&seen.held, &present.held()));
    }
    Ok(History { since: Some(seen.since), changes: net.changes() })
}

/// Changes that follow each other, as one.
#[derive(Default)]
struct Net(Held, Held);

impl Net {
    fn follow(&mut self, changes: Vec<Change>) {
        let Net(gained, lost) = self;
        for Change { principal, project, gained: more, lost: less } in changes {
            let gained = gained.entry((principal, project)).or_default();
            let lost = lost.entry((principal, project)).or_default();
            // What comes back was lost only for a while, and the other way round.
            let (back, gone) = (more.intersection(*lost), less.intersection(*gained));
            *gained = gained.without(gone).union(more.without(back));
            *lost = lost.without(back).union(less.without(gone));
        }
    }

    fn changes(self) -> Vec<Change> {
        // Going from what was lost to what was gained is what changed.
        difference(&self.1, &self.0)
    }
}

#[cfg(test)]
mod tests;
