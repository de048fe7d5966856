//! What is said of alerts, and what is asked of them.

use ::alerts::{Alert as Document, Phase};
use library::alert::{Alert, AlertChange, Trouble, Watch, What};
use model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{alert_silences::SilenceView, audience::AudienceView, view::moment};
use crate::{problem::Problem, reply::Versioned};

/// An alert to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAlert")]
#[serde(deny_unknown_fields)]
pub(super) struct NewBody {
    /// What is asked, and when the answer concerns somebody.
    pub(super) alert: Document,
    /// Who is told.
    #[serde(default)]
    pub(super) deliver: AudienceView,
}

/// A change of an alert.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AlertUpdate")]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    /// What is asked from now on.
    #[serde(default)]
    pub(super) alert: Option<Document>,
    /// Who is told from now on.
    #[serde(default)]
    pub(super) deliver: Option<AudienceView>,
    /// Whether it is looked at.
    #[serde(default)]
    pub(super) enabled: Option<bool>,
}

/// An alert in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertSummary")]
pub(super) struct SummaryView {
    /// The id.
    id: String,
    /// What it is called.
    title: String,
    /// Where its series stand, taken together: as the one that concerns people most.
    phase: Phase,
    /// How many series fire.
    firing: usize,
    /// Whether it is looked at.
    enabled: bool,
    /// Whether nobody is told now.
    silent: bool,
    /// When it was last looked at (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    looked: Option<String>,
    /// Why its question has no answer now.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<TroubleView>,
    /// Who wrote it last: its question is asked as they may see the answer.
    owner: String,
    /// Counts changes of it from 1; the entity tag.
    version: u64,
    /// When it was last changed (RFC 3339).
    updated: String,
}

/// Why a question has no answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertTrouble")]
struct TroubleView {
    /// Since when (RFC 3339).
    since: String,
    /// Why.
    why: String,
}

/// An alert.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertDetail")]
pub(super) struct AlertView {
    #[serde(flatten)]
    summary: SummaryView,
    /// What is asked, and when the answer concerns somebody.
    alert: Document,
    /// Who is told.
    deliver: AudienceView,
    /// Where its series stand, those that concern people most first.
    series: Vec<SeriesView>,
    /// When nobody is told, the oldest first.
    silences: Vec<SilenceView>,
}

/// A series.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertSeries")]
struct SeriesView {
    /// What its row says beside the number; empty where the answer is one number.
    series: String,
    /// Where it stands.
    phase: Phase,
    /// Since when (RFC 3339).
    since: String,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

/// Something that changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertHistoryEntry")]
pub(super) struct ChangeView {
    /// Counts from 1.
    number: u64,
    /// When (RFC 3339).
    at: String,
    /// Whether nobody was told since the alert was silenced.
    silent: bool,
    #[serde(flatten)]
    what: WhatView,
}

/// What changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertHistoryChange")]
#[serde(tag = "what", rename_all = "snake_case")]
enum WhatView {
    /// A series went from one phase into another.
    Series {
        /// Which.
        series: String,
        /// From.
        from: Phase,
        /// To.
        to: Phase,
        /// Its number.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
        /// The median of the weeks before, of an anomaly.
        #[serde(skip_serializing_if = "Option::is_none")]
        median: Option<f64>,
    },
    /// The question cannot be asked any more.
    Trouble {
        /// Why.
        why: String,
    },
    /// It can be asked again.
    Well,
}

/// What the rule makes of the answers now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertTest")]
pub(super) struct TestView {
    /// Series by name.
    pub(super) series: Vec<JudgedView>,
}

/// A series as the rule sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertVerdict")]
pub(super) struct JudgedView {
    /// Which.
    series: String,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// Whether the rule holds.
    met: bool,
    /// The median of the weeks before, of an anomaly with enough past.
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    /// How far numbers usually are from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<f64>,
}

fn time(millis: i64) -> String {
    moment(Timestamp::from_millis(u64::try_from(millis).unwrap_or(0)))
}

impl SummaryView {
    pub(super) fn of(alert: &Alert, watch: &Watch, now: Timestamp) -> Self {
        let view = |Trouble { since, why }: &Trouble| TroubleView { since: moment(*since), why: why.clone() };
        SummaryView {
            id: alert.header.id.to_string(),
            title: alert.title.clone(),
            phase: watch.phase(),
            firing: watch.standings.values().filter(|standing| standing.phase == Phase::Firing).count(),
            enabled: alert.enabled,
            silent: alert.is_silent(now),
            looked: watch.looked.map(moment),
            trouble: watch.trouble.as_ref().map(view),
            owner: alert.header.owner.to_string(),
            version: alert.header.version,
            updated: moment(alert.header.updated),
        }
    }
}

impl AlertView {
    pub(super) fn of(alert: &Alert, watch: &Watch, now: Timestamp) -> Result<Versioned<Self>, Problem> {
        let summary = SummaryView::of(alert, watch, now);
        let mut standings: Vec<_> = watch.standings.iter().collect();
        standings.sort_by_key(|(name, standing)| (std::cmp::Reverse(standing.phase), *name));
        let view = |(name, standing): (&String, &::alerts::Standing)| SeriesView {
            series: name.clone(),
            phase: standing.phase,
            since: time(standing.since),
            value: standing.value,
        };
        let view = AlertView {
            alert: alert.document()?,
            deliver: (&alert.audience).into(),
            series: standings.into_iter().map(view).collect(),
            silences: alert.silences.iter().map(SilenceView::from).collect(),
            summary,
        };
        Ok(Versioned(view.summary.version, view))
    }
}

impl From<AlertChange> for ChangeView {
    fn from(change: AlertChange) -> Self {
        let what = match change.what {
            What::Series { series, from, to, value, normal } => {
                WhatView::Series { series, from, to, value, median: normal.map(|(median, _)| median) }
            }
            What::Trouble(why) => WhatView::Trouble { why },
            What::Well => WhatView::Well,
        };
        ChangeView { number: change.number, at: moment(change.at), silent: change.silent, what }
    }
}

impl From<::alerts::Judged<'_>> for JudgedView {
    fn from(judged: ::alerts::Judged<'_>) -> Self {
        JudgedView {
            series: judged.series.to_owned(),
            value: judged.value,
            met: judged.verdict.met,
            median: judged.verdict.normal.map(|normal| normal.median),
            spread: judged.verdict.normal.map(|normal| normal.spread),
        }
    }
}
