//! Where an alert stands, how it came to that, and what a look at it changes.

use alerts::{Phase, Series, Standings, Tell, Told};
use jobs::PublishError;
use model::{AnyId, Classification, Id, Permission, Timestamp, noun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Cursor, IndexEntries, KeyBytes, Page, Query, Read, ReadError, Record, Tx};

use super::Alert;
use crate::{
    error::LibraryError,
    notice::{Audience, Happening, Notice},
};

/// The most changes of an alert that are kept; the oldest goes first.
pub const MAX_CHANGES: u64 = 500;
/// How many jobs of looks that are over are kept; the rest is in the history.
const KEPT_LOOKS: usize = 5;
/// The most series that one message names.
const MAX_NAMED: usize = 20;

/// Where an alert stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Which.
    pub alert: Id<noun::Alert>,
    /// Its series.
    pub standings: Standings,
    /// When it was last looked at.
    pub looked: Option<Timestamp>,
    /// Why its question has no answer.
    pub trouble: Option<Trouble>,
    /// How many changes there were ever.
    pub changes: u64,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// Why, as the owner was told.
    pub why: String,
}

impl Record for Watch {
    const NAME: &'static str = "watch of an alert";
    const NUMBER: u8 = 205;
    type Key = Id<noun::Alert>;
    fn key(&self) -> Self::Key {
        self.alert
    }
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertChange {
    /// Of which alert.
    pub alert: Id<noun::Alert>,
    /// Counts from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// Whether nobody was told since it was silenced.
    pub silent: bool,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A series went from one phase into another.
    Series {
        /// Which.
        series: String,
        /// From.
        from: Phase,
        /// To.
        to: Phase,
        /// Its number.
        value: Option<f64>,
        /// The median and the spread of the past, of an anomaly.
        normal: Option<(f64, f64)>,
    },
    /// The question cannot be asked any more, and why.
    Trouble(String),
    /// It can be asked again.
    Well,
}

const BY_ALERT: u8 = 1;

impl Record for AlertChange {
    const NAME: &'static str = "change of an alert";
    const NUMBER: u8 = 206;
    type Key = (AnyId, u64);
    fn key(&self) -> (AnyId, u64) {
        (self.alert.erase(), self.number)
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_ALERT, &KeyBytes::new().with(&self.alert.erase()).with(&self.number));
    }
}

impl AlertChange {
    /// The changes of an alert, newest first. Whoever calls this has seen that the caller may read it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(
        read: &impl Read,
        alert: Id<noun::Alert>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<AlertChange>, ReadError> {
        let index = Some((BY_ALERT, KeyBytes::new().with(&alert.erase())));
        read.list::<AlertChange>(&Query { index, after, limit, newest_first: true }, |_| true)
    }
}

impl Watch {
    /// Where an alert stands now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(read: &impl Read, alert: Id<noun::Alert>) -> Result<Watch, ReadError> {
        let fresh = || Watch { alert, standings: Standings::new(), looked: None, trouble: None, changes: 0 };
        Ok(read.get::<Watch>(&alert)?.unwrap_or_else(fresh))
    }

    /// Where its series stand, taken together: as the one that concerns people most.
    pub fn phase(&self) -> Phase {
        self.standings.values().map(|standing| standing.phase).max().unwrap_or_default()
    }

    /// Forgets where the series stood; the history stays.
    pub(super) fn begin_anew(tx: &mut Tx<'_>, alert: Id<noun::Alert>) -> Result<(), LibraryError> {
        let changes = Watch::of(tx, alert)?.changes;
        tx.put(&Watch { alert, standings: Standings::new(), looked: None, trouble: None, changes })?;
        Ok(())
    }

    pub(super) fn remove(tx: &mut Tx<'_>, alert: Id<noun::Alert>) -> Result<(), LibraryError> {
        let changes = Watch::of(tx, alert)?.changes;
        for number in changes.saturating_sub(MAX_CHANGES) + 1..=changes {
            tx.delete::<AlertChange>(&(alert.erase(), number))?;
        }
        tx.delete::<Watch>(&alert)?;
        Ok(())
    }

    fn note(&mut self, tx: &mut Tx<'_>, at: Timestamp, silent: bool, what: What) -> Result<(), LibraryError> {
        self.changes += 1;
        if let Some(oldest) = self.changes.checked_sub(MAX_CHANGES).filter(|oldest| *oldest > 0) {
            tx.delete::<AlertChange>(&(self.alert.erase(), oldest))?;
        }
        tx.put(&AlertChange { alert: self.alert, number: self.changes, at, what, silent })?;
        Ok(())
    }
}

/// What a look has seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// The answers over [`alerts::Alert::windows`], in their order; what one must hold to see them, and how secret they can be. A chart of a
    /// dashboard can ask for other things than it did when the alert was written.
    Answers(Vec<Series>, Vec<Permission>, Classification),
    /// Why there is no answer.
    Unable(String),
}

/// Stores a look at an alert in the commit that ends its job: where it stands, what changed, and what is told to whom of `audience`.
/// An alert that was changed or removed since `schedule` asked for the look is left as it is.
///
/// # Errors
/// Those of the store, and a full queue.
pub fn publish(
    tx: &mut Tx<'_>,
    id: Id<noun::Alert>,
    schedule: Id<noun::Schedule>,
    at: Timestamp,
    seen: Seen,
    audience: &Audience,
) -> Result<Option<AnyId>, PublishError> {
    look(tx, id, schedule, at, seen, audience).map_err(LibraryError::into_publish)?;
    Ok(None)
}

fn look(
    tx: &mut Tx<'_>,
    id: Id<noun::Alert>,
    schedule: Id<noun::Schedule>,
    at: Timestamp,
    seen: Seen,
    audience: &Audience,
) -> Result<(), LibraryError> {
    let Some(mut alert) = tx.get::<Alert>(&id)?.filter(|alert| alert.schedule == schedule && alert.enabled) else {
        return Ok(());
    };
    let document = alert.document()?;
    let silent = alert.is_silent(at);
    let mut watch = Watch::of(tx, id)?;
    watch.looked = Some(at);
    let mut notices = Vec::new();
    match seen {
        Seen::Unable(why) => {
            if watch.trouble.is_none() {
                watch.note(tx, at, silent, What::Trouble(why.clone()))?;
                if !silent {
                    notices.push((Happening::AlertTrouble, json!({ "why": why })));
                }
            }
            let since = watch.trouble.as_ref().map_or(at, |trouble| trouble.since);
            watch.trouble = Some(Trouble { since, why });
        }
        Seen::Answers(answers, needs, clearance) => {
            if (&needs, clearance) != (&alert.needs, alert.header.classification) {
                (alert.needs, alert.header.classification) = (needs, clearance);
                tx.put(&alert)?;
            }
            if watch.trouble.take().is_some() {
                watch.note(tx, at, silent, What::Well)?;
            }
            let now = i64::try_from(at.millis()).unwrap_or(i64::MAX);
            let look = document.look(&watch.standings, &answers, now, silent);
            watch.standings = look.standings;
            for change in look.changes {
                let normal = change.normal.map(|normal| (normal.median, normal.spread));
                let alerts::Change { series, from, to, value, .. } = change;
                watch.note(tx, at, silent, What::Series { series, from, to, value, normal })?;
            }
            let (over, fires): (Vec<Told>, Vec<Told>) =
                look.told.into_iter().partition(|told| told.tell == Tell::Resolved);
            for (happening, told) in [(Happening::AlertFiring, fires), (Happening::AlertResolved, over)] {
                if !told.is_empty() {
                    notices.push((happening, said(&told, &document.rule)));
                }
            }
        }
    }
    jobs::queue::forget(tx, id.erase(), jobs::JobKind::Alert, KEPT_LOOKS)?;
    tx.note("alert", id.to_string());
    tx.note("phase", watch.phase().code());
    tx.put(&watch)?;
    for (happening, data) in notices {
        let notice = Notice::new(happening, id.erase(), alert.title.clone(), data);
        audience.tell(tx, (alert.header.tenant, alert.header.home), alert.header.owner, &notice)?;
    }
    Ok(())
}

/// The facts about series, as people and programs are told.
fn said(told: &[Told], rule: &alerts::Rule) -> Value {
    let one = |told: &Told| {
        let mut one = json!({ "series": told.series, "value": told.value, "still": told.tell == Tell::Still });
        if let Some(normal) = told.normal {
            one["median"] = normal.median.into();
            one["spread"] = normal.spread.into();
        }
        one
    };
    let series: Vec<Value> = told.iter().take(MAX_NAMED).map(one).collect();
    json!({ "rule": rule, "series": series, "more": told.len().saturating_sub(MAX_NAMED) })
}
