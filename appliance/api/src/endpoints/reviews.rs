//! Access reviews: which roles are still needed, and what came of asking.

use access::{
    RightsError,
    review::{self, Choice, Decided, Item, MAX_DECISIONS, NewReview, People, Review, ReviewScope},
};
use identity::{UserState, api_key, group, user};
use model::{
    AnyId, Id, NounKind, Timestamp, noun,
    permission::{MemberRemove, RoleManage, RoleRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Tx};

use super::{
    assignments::parse_role,
    people::rights_change,
    view::{PageQuery, PageView, moment, parse_id, parse_moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Form, Json, Nothing},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<RoleRead>>("/v1/access-reviews", "list_access_reviews", "Access reviews, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<RoleManage>>(
            "/v1/access-reviews",
            "start_access_review",
            "Ask reviewers which of the roles that are given now are still needed",
        )
        .takes::<NewBody>()
        .creates()
        .by(start),
        get::<On<RoleRead, Review>>("/v1/access-reviews/{access_review}", "read_access_review", "An access review")
            .by(read),
        get::<On<RoleRead, Review>>(
            "/v1/access-reviews/{access_review}/items",
            "list_reviewed_roles",
            "The roles that a review asks about, as they were given when it started",
        )
        .query::<PageQuery>()
        .by(items),
        post::<On<MemberRemove, Review>>(
            "/v1/access-reviews/{access_review}/decisions",
            "decide_access",
            "Keep roles, take one back at once, or leave kept ones undecided again; for the review's reviewers",
        )
        .takes::<DecisionBody>()
        .by(decide),
        post::<On<RoleManage, Review>>(
            "/v1/access-reviews/{access_review}/close",
            "close_access_review",
            "End a review: undecided roles are kept or taken back as it says, and the appliance signs the result",
        )
        .by(close),
        get::<On<RoleRead, Review>>(
            "/v1/access-reviews/{access_review}/export",
            "export_access_review",
            "The result: a table for people, or JSON with the signed record",
        )
        .query::<ExportQuery>()
        .by(export),
        delete::<On<RoleManage, Review>>(
            "/v1/access-reviews/{access_review}",
            "delete_access_review",
            "Remove a review; what was decided stays as it is",
        )
        .silently()
        .by(remove),
    ]
}

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
struct NewBody {
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
    fn parsed(self) -> Result<NewReview, Problem> {
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
struct ReviewView {
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
struct ItemView {
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
    fn of(read: &impl Read, item: Item) -> Self {
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
enum ChoiceView {
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
struct DecisionBody {
    /// The assignments; one only to take it back.
    #[schemars(length(min = 1, max = 200))]
    assignments: Vec<String>,
    /// What is decided.
    decision: ChoiceView,
    /// Why.
    #[serde(default)]
    #[schemars(length(max = 500))]
    reason: String,
}

/// In which form.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "ReviewFormat")]
#[serde(rename_all = "lowercase")]
enum Format {
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
struct ExportQuery {
    /// `json` or `csv`.
    format: Format,
}

/// The result of a review.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReviewResult")]
struct ResultView {
    /// The review.
    review: ReviewView,
    /// What it asked about.
    items: Vec<ItemView>,
    /// What the appliance has signed when the review was closed: ids, no names. Absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    /// Its Ed25519 signature of the record's bytes, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// The people of the tenant, as the identity crate keeps them.
struct OfTenant;

impl People for OfTenant {
    fn is_active(&self, tx: &Tx<'_>, user: Id<noun::User>) -> Result<bool, ReadError> {
        // Who cannot be read any more cannot sign in either.
        Ok(user::get(tx, user).is_ok_and(|user| user.state == UserState::Active))
    }
    fn last_seen(&self, tx: &Tx<'_>, principal: AnyId) -> Result<Option<Timestamp>, ReadError> {
        if let Some(id) = principal.typed() {
            return Ok(user::get(tx, id).ok().and_then(|user| user.last_sign_in));
        }
        let mut last = None;
        if principal.kind == NounKind::ServiceAccount {
            for key in api_key::of_owner(tx, principal)? {
                last = last.max(key.last_used(tx)?);
            }
        }
        Ok(last)
    }
    fn reaches(&self, tx: &Tx<'_>, principal: AnyId, actor: AnyId) -> Result<bool, ReadError> {
        let (Some(group), Some(user)) = (principal.typed::<noun::Group>(), actor.typed::<noun::User>()) else {
            return Ok(principal == actor);
        };
        Ok(group::of_user(tx, user)?.contains(&group))
    }
    fn rights_change(&self, tx: &mut Tx<'_>, principal: AnyId) -> Result<(), RightsError> {
        rights_change(tx, principal)
    }
}

type Done = Result<Json<ReviewView>, Problem>;

fn list(call: Call<'_, Listing<RoleRead>, PageQuery, Empty>) -> Result<Json<PageView<ReviewView>>, Problem> {
    let page = review::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |review| ReviewView::from(&review))))
}

fn start(call: Call<'_, InTenant<RoleManage>, Empty, NewBody>) -> Done {
    Ok(Json((&review::start(call.pass, &call.body.parsed()?, &OfTenant)?).into()))
}

fn read(call: Call<'_, On<RoleRead, Review>, Empty, Empty>) -> Done {
    Ok(Json((&review::get(&call.pass.read()?, path_id(call.request)?)?).into()))
}

fn items(call: Call<'_, On<RoleRead, Review>, PageQuery, Empty>) -> Result<Json<PageView<ItemView>>, Problem> {
    let view = call.pass.read()?;
    let id = path_id(call.request)?;
    let page = review::items(&view, id, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |item| ItemView::of(&view, item))))
}

fn decide(call: Call<'_, On<MemberRemove, Review>, Empty, DecisionBody>) -> Done {
    let DecisionBody { assignments, decision, reason } = call.body;
    if assignments.len() > MAX_DECISIONS {
        return Err(Problem::at("/assignments", format!("are more than {MAX_DECISIONS}")));
    }
    let assignments: Vec<_> = assignments.iter().map(|id| parse_id("/assignments", id)).collect::<Result<_, _>>()?;
    let choice = match decision {
        ChoiceView::Keep => Choice::Keep,
        ChoiceView::Revoke => Choice::Revoke,
        ChoiceView::Undecided => Choice::Undecided,
    };
    Ok(Json((&review::decide(call.pass, &assignments, choice, &reason, &OfTenant)?).into()))
}

fn close(call: Call<'_, On<RoleManage, Review>, Empty, Empty>) -> Done {
    let services = call.services;
    let sign = |text: &[u8]| services.store.vault().sign(text);
    Ok(Json((&review::close(call.pass, &OfTenant, &sign)?).into()))
}

fn export(call: Call<'_, On<RoleRead, Review>, ExportQuery, Empty>) -> Result<Form<ResultView>, Problem> {
    let view = call.pass.read()?;
    let review = review::get(&view, path_id(call.request)?)?;
    let items = review::all_items(&view, review.header.id)?;
    let closed = review.closed.is_some();
    let record = closed.then(|| review::record(&review, &items));
    let signature = closed.then(|| review.signature.iter().map(|byte| format!("{byte:02x}")).collect());
    let items: Vec<_> = items.into_iter().map(|item| ItemView::of(&view, item)).collect();
    Ok(match call.query.format {
        Format::Json => Form::Json(ResultView { review: (&review).into(), items, record, signature }),
        Format::Csv => Form::Text { kind: "text/csv; charset=utf-8", text: table_of(&items) },
    })
}

fn remove(call: Call<'_, On<RoleManage, Review>, Empty, Empty>) -> Result<Nothing, Problem> {
    review::remove(call.pass)?;
    Ok(Nothing)
}

/// A line a role. What a spreadsheet would take for a formula has an apostrophe before it.
fn table_of(items: &[ItemView]) -> String {
    let mut text = String::from(
        "name,principal,role,project,given,expires,last_seen,decision,decided_by,decided,reason,assignment\r\n",
    );
    for item in items {
        let decided = item.decided.as_ref();
        let cells = [
            item.principal_name.as_deref(),
            Some(&*item.principal),
            Some(&*item.role),
            item.project.as_deref(),
            Some(&*item.given),
            item.expires.as_deref(),
            item.last_seen.as_deref(),
            decided.map(|decided| decided.decision),
            decided.map(|decided| &*decided.by),
            decided.map(|decided| &*decided.at),
            decided.map(|decided| &*decided.reason),
            Some(&*item.assignment),
        ];
        text += &cells.map(|cell| field(cell.unwrap_or_default())).join(",");
        text += "\r\n";
    }
    text
}

fn field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}
