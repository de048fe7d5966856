//! Access reviews: which roles are still needed, and what came of asking.

mod view;

use access::{
    RightsError,
    review::{self, Choice, MAX_DECISIONS, People, Review},
};
use identity::{UserState, api_key, group, user};
use model::{
    AnyId, Id, NounKind, Timestamp, noun,
    permission::{MemberRemove, RoleManage, RoleRead},
};
use store::{ReadError, Tx};

use self::view::{ChoiceView, DecisionBody, ExportQuery, Format, ItemView, NewBody, ResultView, ReviewView, table_of};
use super::{
    people::rights_change,
    view::{PageQuery, PageView, parse_id, path_id},
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
