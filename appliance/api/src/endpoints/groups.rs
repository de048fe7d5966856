//! Groups: sets of users that roles can be given to.

use access::assignment::take_all;
use identity::{Group, group};
use model::{
    noun,
    permission::{GroupManage, GroupRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Headed as _;

use super::{
    members::MemberView,
    people::{must_be_at, must_outrank, rights_change},
    view::{PageQuery, PageView, moment, parse_id, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<GroupRead>>("/v1/groups", "list_groups", "Groups, newest first").query::<PageQuery>().by(list),
        post::<InTenant<GroupManage>>("/v1/groups", "create_group", "Make a group")
            .takes::<GroupBody>()
            .creates()
            .by(create),
        get::<On<GroupRead, Group>>("/v1/groups/{group}", "read_group", "A group").briskly().by(read),
        patch::<On<GroupManage, Group>>("/v1/groups/{group}", "update_group", "Rename a group")
            .takes::<GroupBody>()
            .versioned()
            .by(update),
        delete::<On<GroupManage, Group>>("/v1/groups/{group}", "delete_group", "Remove a group with its roles")
            .versioned()
            .silently()
            .by(remove),
        get::<On<GroupRead, Group>>("/v1/groups/{group}/members", "list_group_members", "The users in a group")
            .query::<PageQuery>()
            .by(members),
        post::<On<GroupManage, Group>>("/v1/groups/{group}/members", "add_group_member", "Put a user into a group")
            .takes::<MemberBody>()
            .silently()
            .by(add),
        delete::<On<GroupManage, Group>>(
            "/v1/groups/{group}/members/{user}",
            "remove_group_member",
            "Take a user out of a group",
        )
        .silently()
        .by(take_out),
    ]
}

/// A set of users.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
struct GroupView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<Group> for GroupView {
    fn from(group: Group) -> Self {
        GroupView {
            id: group.header.id.to_string(),
            name: group.name,
            version: group.header.version,
            created: moment(group.header.created),
        }
    }
}

/// What a group says of itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewGroup")]
#[serde(deny_unknown_fields)]
struct GroupBody {
    /// The name; no two groups have the same.
    #[schemars(length(min = 1, max = 100))]
    name: String,
}

/// Who comes into a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewGroupMember")]
#[serde(deny_unknown_fields)]
struct MemberBody {
    /// The user.
    #[schemars(length(max = 64))]
    user: String,
}

type Done = Result<Versioned<GroupView>, Problem>;

fn versioned(group: Group) -> Versioned<GroupView> {
    Versioned(group.header.version, group.into())
}

fn list(call: Call<'_, Listing<GroupRead>, PageQuery, Empty>) -> Result<Json<PageView<GroupView>>, Problem> {
    let permit = call.pass;
    let keep = |group: &Group| permit.visible(&group.header().subject());
    let page = group::list(&permit.read()?, call.query.cursor()?.as_ref(), call.query.limit()?, keep)?;
    Ok(Json(PageView::of(page, GroupView::from)))
}

fn create(call: Call<'_, InTenant<GroupManage>, Empty, GroupBody>) -> Done {
    let actor = call.request.actor()?;
    let realm = call.services.realm(actor)?;
    Ok(versioned(call.pass.write(|tx| group::create(tx, &realm, actor.id, &call.body.name))?))
}

fn read(call: Call<'_, On<GroupRead, Group>, Empty, Empty>) -> Done {
    Ok(versioned(group::get(&call.pass.read()?, path_id(call.request)?)?))
}

fn update(call: Call<'_, On<GroupManage, Group>, Empty, GroupBody>) -> Done {
    let (base, id) = (call.request.base_version()?, path_id(call.request)?);
    let group = call.pass.write::<_, Problem>(|tx| {
        must_be_at(base, group::get(tx, id)?.header.version)?;
        Ok(group::rename(tx, id, &call.body.name)?)
    })?;
    Ok(versioned(group))
}

fn remove(call: Call<'_, On<GroupManage, Group>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (base, id) = (call.request.base_version()?, path_id::<noun::Group>(call.request)?);
    let actor = call.request.actor()?;
    call.pass.write::<_, Problem>(|tx| {
        must_be_at(base, group::get(tx, id)?.header.version)?;
        must_outrank(tx, actor, id.erase())?;
        let roles = take_all(tx, id.erase())?;
        tx.note("roles_taken", roles.to_string());
        group::remove(tx, id)?;
        Ok(())
    })?;
    Ok(Nothing)
}

fn members(call: Call<'_, On<GroupRead, Group>, PageQuery, Empty>) -> Result<Json<PageView<MemberView>>, Problem> {
    let id = path_id(call.request)?;
    let page = group::members(&call.pass.read()?, id, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, MemberView::from)))
}

fn add(call: Call<'_, On<GroupManage, Group>, Empty, MemberBody>) -> Result<Nothing, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::Group>(call.request)?);
    let user = parse_id::<noun::User>("/user", &call.body.user)?;
    call.pass.write::<_, Problem>(|tx| {
        // Who comes into a group gets all its rights.
        must_outrank(tx, actor, id.erase())?;
        group::add(tx, id, user)?;
        Ok(rights_change(tx, user.erase())?)
    })?;
    Ok(Nothing)
}

fn take_out(call: Call<'_, On<GroupManage, Group>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::Group>(call.request)?);
    let user = path_id::<noun::User>(call.request)?;
    call.pass.write::<_, Problem>(|tx| {
        must_outrank(tx, actor, id.erase())?;
        if !group::take_out(tx, id, user)? {
            return Err(identity::PeopleError::NotFound("membership").into());
        }
        Ok(rights_change(tx, user.erase())?)
    })?;
    Ok(Nothing)
}
