//! Comments, answers to them, and who is named in them.

use access::Permit;
use jobs::Posting;
use library::{
    LibraryError,
    comment::{self, Comment, CommentChange, Concerned, NewComment, Place, Which},
};
use model::{
    Id, Permission, Subject, noun,
    permission::{CommentCreate, CommentModerate, ProjectRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, moment, path_id};
use crate::{
    endpoint::{Call, Door, Empty, Endpoint, Guard, delete, get, patch, post},
    guard::{Listing, OnAny, Through, named, on_anchor},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
    request::Request,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<OnAny<ProjectRead>>("/v1/subjects/{subject}/comments", "list_comments", "Comments on a thing")
            .query::<ListQuery>()
            .by(list),
        post::<OnAny<CommentCreate>>("/v1/subjects/{subject}/comments", "create_comment", "Comment on a thing")
            .takes::<NewBody>()
            .creates()
            .by(create),
        get::<Through<ProjectRead, Comment>>("/v1/comments/{comment}", "read_comment", "A comment").by(read),
        patch::<Through<CommentCreate, Comment>>(
            "/v1/comments/{comment}",
            "update_comment",
            "Change the words of your comment, or resolve or reopen anyone's",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<Moderating>(
            "/v1/comments/{comment}",
            "delete_comment",
            "Remove your comment, or as a moderator anyone's",
        )
        .silently()
        .by(remove),
        get::<Through<ProjectRead, Comment>>(
            "/v1/comments/{comment}/replies",
            "list_replies",
            "Answers to a comment, oldest first",
        )
        .query::<PageQuery>()
        .by(replies),
        post::<Through<CommentCreate, Comment>>("/v1/comments/{comment}/replies", "reply", "Answer a comment")
            .takes::<ReplyBody>()
            .creates()
            .by(reply),
        get::<Listing<ProjectRead>>("/v1/mentions", "list_mentions", "Comments that name you, newest first")
            .query::<PageQuery>()
            .by(mentions),
    ]
}

/// Who may moderate the comment that the path names, or else has written it and may still comment there.
#[derive(Debug)]
enum Moderating {}

/// How someone may remove a comment.
#[derive(Debug)]
enum Removal {
    Moderator(Permit<CommentModerate>),
    Author(Permit<CommentCreate>),
}

impl Guard for Moderating {
    type Pass = Removal;
    const DOOR: Door = Door::Permit(Permission::CommentModerate);
    fn open(services: &Services, request: &Request) -> Result<Removal, Problem> {
        let comment = named::<Comment>(services, request)?;
        let actor = request.actor()?;
        if comment.header.owner == actor.id {
            let anchor = library::anchor::find(&services.file(actor)?.read()?, comment.subject)?;
            let moderates = match anchor {
                Some(anchor) => {
                    let context = request.context();
                    services.gate.decide(actor, Permission::CommentModerate, &anchor.subject, &context)?.allowed
                }
                None => false,
            };
            if !moderates {
                return Ok(Removal::Author(on_anchor(services, request, comment.subject)?));
            }
        }
        Ok(Removal::Moderator(on_anchor(services, request, comment.subject)?))
    }
}

/// Where in a thing.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Place")]
#[serde(deny_unknown_fields, default)]
struct PlaceView {
    /// A scene of a storyboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    scene: Option<String>,
    /// A node or an edge of that scene.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    node: Option<String>,
    /// A moment of a recording or a video, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 86_400_000))]
    time_ms: Option<u64>,
}

/// A comment.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Comment")]
struct CommentView {
    /// The id.
    id: String,
    /// What it is about.
    subject: String,
    /// Where in it.
    place: PlaceView,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Who wrote it.
    author: String,
    /// What it says; empty once removed.
    text: String,
    /// The users who are named in it and may see what it is about.
    mentions: Vec<String>,
    /// How many answers it has.
    replies: u32,
    /// Who resolved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<String>,
    /// When it was resolved (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<String>,
    /// When its words were last changed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<String>,
    /// When it was removed, where it stays for its answers' sake (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<String>,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was written (RFC 3339).
    created: String,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        let Place { scene, node, time_ms } = comment.place;
        CommentView {
            id: comment.header.id.to_string(),
            subject: comment.subject.to_string(),
            place: PlaceView { scene, node, time_ms },
            parent: comment.parent.map(|id| id.to_string()),
            author: comment.header.owner.to_string(),
            text: comment.text,
            mentions: comment.mentions.iter().map(Id::to_string).collect(),
            replies: comment.replies,
            resolved_by: comment.resolved.map(|(by, _)| by.to_string()),
            resolved: comment.resolved.map(|(_, at)| moment(at)),
            edited: comment.edited.map(moment),
            removed: comment.removed.map(moment),
            version: comment.header.version,
            created: moment(comment.header.created),
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

/// Which comments.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "CommentQuery")]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Those resolved, or those not.
    resolved: Option<bool>,
    /// The newest or the oldest first.
    order: Order,
}

/// A new comment.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewComment")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it says. `@Ada Lovelace` or `@usr_…` names a user, who finds it among their mentions.
    #[schemars(length(min = 1, max = 4000))]
    text: String,
    /// Where in the thing.
    #[serde(default)]
    place: PlaceView,
}

/// An answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewReply")]
#[serde(deny_unknown_fields)]
struct ReplyBody {
    /// What it says.
    #[schemars(length(min = 1, max = 4000))]
    text: String,
}

/// A change of a comment: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "CommentChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// New words, by the author only.
    #[schemars(length(min = 1, max = 4000))]
    text: Option<String>,
    /// Dealt with, or open again.
    resolved: Option<bool>,
}

type Done = Result<Versioned<CommentView>, Problem>;

fn versioned(comment: Comment) -> Versioned<CommentView> {
    Versioned(comment.header.version, comment.into())
}

/// Whom a text names of those who may see `subject`.
fn mentioned(
    services: &Services,
    request: &Request,
    subject: &Subject,
    text: &str,
) -> Result<Vec<Id<noun::User>>, Problem> {
    let actor = request.actor()?;
    let (view, realm) = (services.file(actor)?.read()?, services.realm(actor)?);
    comment::mentioned(&view, text, |user| services.sees(&view, &realm, user, subject))
}

/// Who is told of a comment by the caller about `subject`, and what makes their mails known to the queue.
fn concerned(
    services: &Services,
    request: &Request,
    subject: &Subject,
    parent: Option<Id<noun::Comment>>,
    mentions: &[Id<noun::User>],
) -> Result<(Concerned, Option<Posting>), Problem> {
    let actor = request.actor()?;
    let (view, realm) = (services.file(actor)?.read()?, services.realm(actor)?);
    let sees = |user: &identity::User| services.sees(&view, &realm, user, subject);
    let people = comment::concerned(&view, (actor.id, subject.owner), parent, mentions, sees)?;
    let mails = services.sends_mail();
    let posts = mails && !people.is_empty();
    let posting = posts.then(|| services.jobs.announce(actor.tenant)).transpose().map_err(LibraryError::from)?;
    Ok((Concerned { people, mails }, posting))
}

fn list(call: Call<'_, OnAny<ProjectRead>, ListQuery, Empty>) -> Result<Json<PageView<CommentView>>, Problem> {
    let ListQuery { after, limit, resolved, order } = call.query;
    let query = PageQuery { after, limit };
    let which = Which { resolved, oldest_first: order == Order::Oldest };
    let page = comment::list(&call.pass, which, query.cursor()?.as_ref(), query.limit()?)?;
    Ok(Json(PageView::of(page, CommentView::from)))
}

fn create(call: Call<'_, OnAny<CommentCreate>, Empty, NewBody>) -> Done {
    let NewBody { text, place: PlaceView { scene, node, time_ms } } = call.body;
    let mentions = mentioned(call.services, call.request, call.pass.subject(), &text)?;
    let (concerned, _posting) = concerned(call.services, call.request, call.pass.subject(), None, &mentions)?;
    let new = NewComment { text, place: Place { scene, node, time_ms }, mentions, concerned };
    Ok(versioned(comment::create(call.pass, new)?))
}

fn read(call: Call<'_, Through<ProjectRead, Comment>, Empty, Empty>) -> Done {
    Ok(versioned(comment::read(&call.pass, path_id(call.request)?)?))
}

fn update(call: Call<'_, Through<CommentCreate, Comment>, Empty, ChangeBody>) -> Done {
    let (base, id) = (call.request.base_version()?, path_id(call.request)?);
    let ChangeBody { text, resolved } = call.body;
    let subject = call.pass.subject();
    let (words, (concerned, _posting)) = match text {
        Some(text) => {
            let mentions = mentioned(call.services, call.request, subject, &text)?;
            let concerned = concerned(call.services, call.request, subject, None, &mentions)?;
            (Some((text, mentions)), concerned)
        }
        None => (None, (Concerned::default(), None)),
    };
    Ok(versioned(comment::change(call.pass, id, base, CommentChange { words, resolved, concerned })?))
}

fn remove(call: Call<'_, Moderating, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = path_id(call.request)?;
    match call.pass {
        Removal::Moderator(permit) => comment::moderate(permit, id)?,
        Removal::Author(permit) => comment::delete(permit, id)?,
    }
    Ok(Nothing)
}

fn replies(
    call: Call<'_, Through<ProjectRead, Comment>, PageQuery, Empty>,
) -> Result<Json<PageView<CommentView>>, Problem> {
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let page = comment::replies(&call.pass, path_id(call.request)?, after.as_ref(), limit)?;
    Ok(Json(PageView::of(page, CommentView::from)))
}

fn reply(call: Call<'_, Through<CommentCreate, Comment>, Empty, ReplyBody>) -> Done {
    let parent = path_id(call.request)?;
    let mentions = mentioned(call.services, call.request, call.pass.subject(), &call.body.text)?;
    let subject = call.pass.subject();
    let (concerned, _posting) = concerned(call.services, call.request, subject, Some(parent), &mentions)?;
    let new = NewComment { text: call.body.text, place: Place::default(), mentions, concerned };
    Ok(versioned(comment::reply(call.pass, parent, new)?))
}

fn mentions(call: Call<'_, Listing<ProjectRead>, PageQuery, Empty>) -> Result<Json<PageView<CommentView>>, Problem> {
    let page = comment::mentions(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, CommentView::from)))
}
