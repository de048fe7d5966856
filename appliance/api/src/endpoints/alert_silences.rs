//! Times at which nobody is told of an alert.

use library::alert::{self, Alert, NewSilence, Silence};
use model::permission::ReportSchedule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    alerts::{may_see, of},
    view::{moment, parse_moment},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, post},
    guard::On,
    problem::{Code, Problem},
    reply::{Json, Nothing},
};

type Changing = On<ReportSchedule, Alert>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<Changing>(
            "/v1/alerts/{alert}/silences",
            "silence_alert",
            "Have nobody told of an alert for a time; it is looked at all the same",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        delete::<Changing>(
            "/v1/alerts/{alert}/silences/{silence}",
            "end_alert_silence",
            "End a silence now; what fires still is told then",
        )
        .silently()
        .by(end),
    ]
}

/// A silence to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAlertSilence")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// From (RFC 3339); from now without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    from: Option<String>,
    /// To (RFC 3339).
    #[schemars(length(max = 64))]
    to: String,
    /// Why.
    #[schemars(length(min = 1, max = 300))]
    reason: String,
}

/// A time at which nobody is told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertSilence")]
pub(super) struct SilenceView {
    /// Counts from 1.
    number: u64,
    /// From (RFC 3339).
    from: String,
    /// To.
    to: String,
    /// Why.
    reason: String,
    /// Who wants it.
    by: String,
}

impl From<&Silence> for SilenceView {
    fn from(silence: &Silence) -> Self {
        SilenceView {
            number: silence.number,
            from: moment(silence.from),
            to: moment(silence.to),
            reason: silence.reason.clone(),
            by: silence.by.to_string(),
        }
    }
}

fn create(call: Call<'_, Changing, Empty, NewBody>) -> Result<Json<SilenceView>, Problem> {
    may_see(call.services, call.request, &of(&call.pass)?)?;
    let NewBody { from, to, reason } = call.body;
    let from = from.map(|from| parse_moment("/from", &from)).transpose()?;
    let new = NewSilence { from, to: parse_moment("/to", &to)?, reason };
    let alert = alert::silence(call.pass, new)?;
    let made = alert.silences.last().ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    Ok(Json(made.into()))
}

fn end(call: Call<'_, Changing, Empty, Empty>) -> Result<Nothing, Problem> {
    let number = call.request.path.get("silence").and_then(|text| text.parse().ok());
    let number = number.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    alert::end_silence(call.pass, number)?;
    Ok(Nothing)
}
