//! One look at an alert: its answers judged, series by series, and where each stands then.

use std::collections::BTreeMap;

use crate::{
    document::{Alert, Rule},
    judge::{Normal, Verdict},
    series::{MAX_SERIES, Series},
    standing::{Phase, Standing, Tell, Timing},
};

/// The most series that are remembered.
const MAX_KNOWN: usize = 2 * MAX_SERIES;
/// How long a series that was there once is missed, in milliseconds.
const MISSED: i64 = 30 * 24 * 3_600_000;

/// Where the series of an alert stand, by their names.
pub type Standings = BTreeMap<String, Standing>;

/// A series that has gone from one phase into another.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub series: String,
    /// From.
    pub from: Phase,
    /// To.
    pub to: Phase,
    /// Its number then.
    pub value: Option<f64>,
    /// What was usual then, of an anomaly.
    pub normal: Option<Normal>,
}

/// A series of which somebody is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Which.
    pub series: String,
    /// What.
    pub tell: Tell,
    /// Its number.
    pub value: Option<f64>,
    /// What is usual, of an anomaly.
    pub normal: Option<Normal>,
}

/// What came of a look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Where the series stand now.
    pub standings: Standings,
    /// What has changed.
    pub changes: Vec<Change>,
    /// What somebody is told.
    pub told: Vec<Told>,
}

/// A series as the rule sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged<'a> {
    /// Which.
    pub series: &'a str,
    /// Its number.
    pub value: Option<f64>,
    /// What the rule says.
    pub verdict: Verdict,
}

impl Alert {
    /// Judges the series of `answers` (those of [`Alert::windows`], in their order) and those that are known from before, by name.
    pub fn judge<'a>(&self, known: &'a Standings, answers: &'a [Series]) -> Vec<Judged<'a>> {
        let present = answers.first();
        let mut names: Vec<&str> =
            present.into_iter().flat_map(Series::keys).chain(known.keys()).map(String::as_str).collect();
        if names.is_empty() && self.rule == (Rule::Absence {}) {
            names.push("");
        }
        names.sort_unstable();
        names.dedup();
        let value = |week: &Series, name: &str| week.get(name).copied().flatten();
        let judged = |series| {
            let now = present.and_then(|present| value(present, series));
            let past: Vec<f64> = answers.iter().skip(1).filter_map(|week| value(week, series)).collect();
            let mut verdict = self.rule.judge(now, &past);
            if series.is_empty() && present.is_some_and(|present| !present.contains_key("")) {
                // Stands for rows of any series while none is known.
                verdict.met &= present.is_some_and(Series::is_empty);
            }
            Judged { series, value: now, verdict }
        };
        names.into_iter().map(judged).collect()
    }

    /// Moves on what is known by the answers of a look at `now` (milliseconds since 1970): `answers` are those of
    /// [`Alert::windows`], in their order.
    pub fn look(&self, known: &Standings, answers: &[Series], now: i64, silenced: bool) -> Look {
        let timing = self.timing();
        let mut look = Look::default();
        for Judged { series: name, value, verdict: Verdict { met, normal } } in self.judge(known, answers) {
            let old = known.get(name).copied().unwrap_or_default();
            let (standing, tell) = old.step(met, value, now, &timing, silenced);
            if standing.phase != old.phase {
                let (from, to) = (old.phase, standing.phase);
                look.changes.push(Change { series: name.to_owned(), from, to, value, normal });
            }
            if let Some(tell) = tell {
                look.told.push(Told { series: name.to_owned(), tell, value, normal });
            }
            if answers.first().is_some_and(|present| present.contains_key(name)) || !self.forgets(&standing, now) {
                look.standings.insert(name.to_owned(), standing);
            }
        }
        shorten(&mut look.standings, now, &timing);
        look
    }

    /// Its times.
    pub fn timing(&self) -> Timing {
        let millis = |minutes: u32| i64::from(minutes) * 60_000;
        Timing { holds: millis(self.for_minutes), quiet: millis(self.quiet_minutes), repeats: self.repeats }
    }

    /// Whether a series that is not there any more need not be remembered.
    fn forgets(&self, standing: &Standing, now: i64) -> bool {
        match self.rule {
            Rule::Absence {} if standing.seen > 0 => now - standing.seen > MISSED,
            _ => standing.is_idle(now, &self.timing()),
        }
    }
}

/// Lets those go that are too many: of whom nobody waits for news first, then those not seen for longest.
fn shorten(standings: &mut Standings, now: i64, timing: &Timing) {
    let Some(many) = standings.len().checked_sub(MAX_KNOWN).filter(|many| *many > 0) else { return };
    let rank = |standing: &Standing| (!standing.is_idle(now, timing), standing.seen);
    let mut names: Vec<(bool, i64, String)> = standings
        .iter()
        .map(|(name, standing)| {
            let (busy, seen) = rank(standing);
            (busy, seen, name.clone())
        })
        .collect();
    names.sort_unstable();
    for (_, _, name) in names.into_iter().take(many) {
        standings.remove(&name);
    }
}
