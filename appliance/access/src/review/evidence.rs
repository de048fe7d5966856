//! What came of a review, as a text that the appliance signs.

use std::fmt::Write as _;

use model::Timestamp;

use super::{Decided, Decision, Item, Review, ReviewScope};

/// The record of a review: a line that says what it is, lines about the review, an empty line, and a table (RFC 4180) with a line a
/// role. Times are milliseconds since 1970. The same stored review gives the same text for good.
pub fn record(review: &Review, items: &[Item]) -> String {
    let mut text = String::from("audiagram access review/1\n");
    let scope = match review.scope {
        ReviewScope::Tenant => "tenant".to_owned(),
        ReviewScope::Project(project) => format!("project {project}"),
        ReviewScope::Role(role) => format!("role {role}"),
    };
    let reviewers = review.reviewers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    for (name, value) in [
        ("review", review.header.id.to_string()),
        ("tenant", review.header.tenant.to_string()),
        ("scope", scope),
        ("started", time(Some(review.header.created))),
        ("closed", time(review.closed)),
        ("reviewers", reviewers),
    ] {
        // A text takes all that is written.
        let _ = writeln!(text, "{name}: {value}");
    }
    text += "\nassignment,principal,role,project,given_by,given,expires,last_seen,decision,by_closing,decided_by,decided,reason\r\n";
    for item in items {
        let decided = item.decided.as_ref();
        let row = [
            item.assignment.to_string(),
            item.principal.to_string(),
            item.role.to_string(),
            item.project.map(|project| project.to_string()).unwrap_or_default(),
            item.given_by.to_string(),
            time(Some(item.given)),
            time(item.expires),
            time(item.last_seen),
            decided.map(|decided| decided.decision.code()).unwrap_or_default().to_owned(),
            decided.map(|decided| decided.by_closing.to_string()).unwrap_or_default(),
            decided.map(|decided| decided.by.to_string()).unwrap_or_default(),
            time(decided.map(|decided| decided.at)),
            decided.map(|Decided { reason, .. }| quoted(reason)).unwrap_or_default(),
        ];
        text += &row.join(",");
        text += "\r\n";
    }
    text
}

impl Decision {
    /// How it is called in records and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Decision::Keep => "keep",
            Decision::Revoke => "revoke",
            Decision::Gone => "gone",
        }
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.millis().to_string()).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
