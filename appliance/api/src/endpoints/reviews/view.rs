//! What is said of access reviews, and what is asked of them.

use access::{
    report::quoted,
    review::{Decided, Item, NewReview, Review, ReviewScope},
};
use identity::{group, user};
use model::{AnyId, NounKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Read;

use super::super::{
    assignments::parse_role,
    view::{moment, parse_id, parse_moment},
};
use crate::problem::Problem;

/// Which roles are reviewed: all, those in a project, or those that give one role.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewScope")]
#[serde(deny_unknown_fields, default)]
struct ScopeView {
    /// Those in this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// Those that give this role: a built-in one, like `editor`, or the id of one of the tenant's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    role: Option<String>,
}

/// What becomes of what nobody has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Undecided")]
#[serde(rename_all = "lowercase")]
enum UndecidedView {
    /// It is kept.
    Keep,
    /// It is taken back.
    Revoke,
}

/// A review to start.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAccessReview")]
#[serde(deny_unknown_fields)]
pub(super) struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Which roles are reviewed; all without a word.
    #[serde(default)]
    scope: ScopeView,
    /// Until when it should be decided (RFC 3339). It stays open until someone closes it.
    #[schemars(length(max = 64))]
    due: String,
    /// Who is asked: ids of users. To decide they need `member:remove` as well.
    #[schemars(length(min = 1, max = 50))]
    reviewers: Vec<String>,
    /// What becomes of undecided roles when it is closed.
    undecided: UndecidedView,
}

impl NewBody {
    pub(super) fn parsed(self) -> Result<NewReview, Problem> {
        let reviewers = self.reviewers.iter().map(|id| parse_id("/reviewers", id)).collect::<Result<_, _>>()?;
        let scope = match (self.scope.project, self.scope.role) {
            (None, None) => ReviewScope::Tenant,
            (Some(project), None) => ReviewScope::Project(parse_id("/scope/project", &project)?),
            (None, Some(role)) => ReviewScope::Role(parse_role("/scope/role", &role)?),
            (Some(_), Some(_)) => return Err(Problem::at("/scope", "is a project or a role, not both")),
        };
        let revokes_undecided = self.undecided == UndecidedView::Revoke;
        Ok(NewReview { name: self.name, scope, due: parse_moment("/due", &self.due)?, reviewers, revokes_undecided })
    }
}

/// An access review.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessReview")]
pub(super) struct ReviewView {
    /// The id.
    id: String,
    /// What it is called.
    name: String,
    /// Which roles are reviewed.
    scope: ScopeView,
    /// Until when it should be decided (RFC 3339).
    due: String,
    /// Who is asked.
    reviewers: Vec<String>,
    /// What becomes of undecided roles when it is closed.
    undecided: UndecidedView,
    /// How many roles it asks about.
    items: u32,
    /// How many of them are kept.
    kept: u32,
    /// How many were taken back.
    revoked: u32,
    /// How many were gone before anyone decided.
    gone: u32,
    /// Who started it.
    started_by: String,
    /// When (RFC 3339).
    created: String,
    /// When it was closed (RFC 3339); absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
}

impl From<&Review> for ReviewView {
    fn from(review: &Review) -> Self {
        let scope = match review.scope {
            ReviewScope::Tenant => ScopeView::default(),
            ReviewScope::Project(project) => ScopeView { project: Some(project.to_string()), role: None },
            ReviewScope::Role(role) => ScopeView { project: None, role: Some(role.to_string()) },
        };
        ReviewView {
            id: review.header.id.to_string(),
            name: review.name.clone(),
            scope,
            due: moment(review.due),
            reviewers: review.reviewers.iter().map(ToString::to_string).collect(),
            undecided: if review.revokes_undecided { UndecidedView::Revoke } else { UndecidedView::Keep },
            items: review.items,
            kept: review.kept,
            revoked: review.revoked,
            gone: review.gone,
            started_by: review.header.owner.to_string(),
            created: moment(review.header.created),
            closed: review.closed.map(moment),
        }
    }
}

/// What was decided.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReviewDecision")]
struct DecidedView {
    /// `keep`, `revoke`, or `gone` where the role had been taken back elsewhere.
    decision: &'static str,
    /// By whom; of what closing the review decided, by who closed it.
    by: String,
    /// When (RFC 3339).
    at: String,
    /// Why. Where closing the review would have taken a role back and may not: `last_owner`, or `beyond` the rights of who closed it.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    /// Whether nobody had decided, and closing the review did.
    by_closing: bool,
}

impl From<Decided> for DecidedView {
    fn from(Decided { decision, by, at, reason, by_closing }: Decided) -> Self {
        DecidedView { decision: decision.code(), by: by.to_string(), at: moment(at), reason, by_closing }
    }
}

/// A role that a review asks about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReviewedRole")]
pub(super) struct ItemView {
    /// The assignment.
    assignment: String,
    /// To whom it was given.
    principal: String,
    /// What they are called now; absent for who is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_name: Option<String>,
    /// What was given: a built-in role, or the id of one of the tenant's own.
    role: String,
    /// In which project; in the whole tenant when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Until when it holds (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// Who gave it.
    given_by: String,
    /// When (RFC 3339).
    given: String,
    /// When the user last signed in, or the service account's keys were last used, before the review (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    /// What was decided; absent where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<DecidedView>,
}

impl ItemView {
    pub(super) fn of(read: &impl Read, item: Item) -> Self {
        ItemView {
            assignment: item.assignment.to_string(),
            principal_name: called(read, item.principal),
            principal: item.principal.to_string(),
            role: item.role.to_string(),
            project: item.project.map(|project| project.to_string()),
            expires: item.expires.map(moment),
            given_by: item.given_by.to_string(),
            given: moment(item.given),
            last_seen: item.last_seen.map(moment),
            decided: item.decided.map(Into::into),
        }
    }
}

/// What a principal is called.
fn called(read: &impl Read, principal: AnyId) -> Option<String> {
    let name = match principal.kind {
        NounKind::User => user::get(read, principal.typed()?).ok()?.name,
        NounKind::Group => group::get(read, principal.typed()?).ok()?.name,
        _ => identity::service_account::get(read, principal.typed()?).ok()?.name,
    };
    Some(name).filter(|name| !name.is_empty())
}

/// What a reviewer says.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewChoice")]
#[serde(rename_all = "lowercase")]
pub(super) enum ChoiceView {
    /// Still needed.
    Keep,
    /// Taken back, at once.
    Revoke,
    /// Not decided after all; only of what was kept.
    Undecided,
}

/// A decision about roles.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "DecideAccess")]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    /// The assignments; one only to take it back.
    #[schemars(length(min = 1, max = 200))]
    pub(super) assignments: Vec<String>,
    /// What is decided.
    pub(super) decision: ChoiceView,
    /// Why.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub(super) reason: String,
}

/// In which form.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewFormat")]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// With the signed record.
    #[default]
    Json,
    /// A table (RFC 4180), for people.
    Csv,
}

/// In which form.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewExportQuery")]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExportQuery {
    /// `json` or `csv`.
    pub(super) format: Format,
}

/// The result of a review.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReviewResult")]
pub(super) struct ResultView {
    /// The review.
    pub(super) review: ReviewView,
    /// What it asked about.
    pub(super) items: Vec<ItemView>,
    /// What the appliance has signed when the review was closed: ids, no names. Absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) record: Option<String>,
    /// Its Ed25519 signature of the record's bytes, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<String>,
}

/// A line a role.
pub(super) fn table_of(items: &[ItemView]) -> String {
    let mut text = String::from(
        "name,principal,role,project,given,expires,last_seen,decision,decided_by,decided,reason,assignment\r\n",
    );
    for item in items {
        let decided = item.decided.as_ref();
        let free = |text: Option<&str>| text.map(quoted);
        let plain = |text: Option<&str>| text.map(str::to_owned);
        let cells = [
            free(item.principal_name.as_deref()),
            plain(Some(&item.principal)),
            plain(Some(&item.role)),
            plain(item.project.as_deref()),
            plain(Some(&item.given)),
            plain(item.expires.as_deref()),
            plain(item.last_seen.as_deref()),
            plain(decided.map(|decided| decided.decision)),
            plain(decided.map(|decided| &*decided.by)),
            plain(decided.map(|decided| &*decided.at)),
            free(decided.map(|decided| &*decided.reason)),
            plain(Some(&item.assignment)),
        ];
        text += &cells.map(Option::unwrap_or_default).join(",");
        text += "\r\n";
    }
    text
}
