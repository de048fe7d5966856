//! What the caller was told.

use library::{LibraryError, notice::Notification};
use model::{Id, SystemTask, noun};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::{Page, Read, ReadError};

use super::{
    people::name,
    session::own_event,
    view::{PageQuery, PageView, moment, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::SignedIn,
    problem::Problem,
    reply::Json,
    request::Request,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/notifications", "list_notifications", "What you were told, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<SignedIn>("/v1/notifications/read", "read_notifications", "Mark all that you were told as read")
            .by(read_all),
        post::<SignedIn>(
            "/v1/notifications/{notification}/read",
            "read_notification",
            "Mark something that you were told as read",
        )
        .by(read_one),
    ]
}

/// Something that somebody was told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Notification")]
struct NotificationView {
    /// The id.
    id: String,
    /// What happened: `comment.mention`, `comment.reply`, `comment.made`, `video.made`, `video.failed`, `project.shared`, `report.made`,
    /// `alert.firing`, `alert.resolved`, `alert.trouble`, `key.expiring`.
    happening: String,
    /// To what: what a comment is about, a video, the job of one that failed, a project, an alert, a run of a report, an API key.
    about: String,
    /// What that was called.
    title: String,
    /// The facts.
    data: Value,
    /// Who did it, by the name they have now.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// When it was told (RFC 3339).
    at: String,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<String>,
}

impl NotificationView {
    fn of(told: Notification, read: &impl Read) -> Result<Self, ReadError> {
        let data: Value = serde_json::from_str(&told.data).unwrap_or_default();
        let by = data["by"].as_str().and_then(|id| id.parse().ok());
        Ok(NotificationView {
            id: told.header.id.to_string(),
            happening: told.happening,
            about: told.about.to_string(),
            title: told.title,
            by: by.map(|by| name(read, by)).transpose()?.filter(|name| !name.is_empty()),
            data,
            at: moment(told.header.created),
            read: told.read.map(moment),
        })
    }
}

/// What somebody was told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Notifications")]
struct NotificationsView {
    #[serde(flatten)]
    page: PageView<NotificationView>,
    /// How much of all of it they have not read.
    unread: usize,
}

/// What is left.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotificationsUnread")]
struct UnreadView {
    /// How much they have not read.
    unread: usize,
}

fn list(call: Call<'_, SignedIn, PageQuery, Empty>) -> Result<Json<NotificationsView>, Problem> {
    let view = call.services.file(&call.pass)?.read()?;
    let (after, limit) = (call.query.cursor()?, call.query.limit()?);
    let Page { items, next } = Notification::list(&view, call.pass.id, after.as_ref(), limit)?;
    let items = items.into_iter().map(|told| NotificationView::of(told, &view)).collect::<Result<_, _>>()?;
    let unread = Notification::unread(&view, call.pass.id)?.0;
    Ok(Json(NotificationsView { page: PageView::of(Page { items, next }, |shown| shown), unread }))
}

fn read_all(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<UnreadView>, Problem> {
    mark(call.services, call.request, None)
}

fn read_one(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<UnreadView>, Problem> {
    mark(call.services, call.request, Some(path_id(call.request)?))
}

fn mark(
    services: &Services,
    request: &Request,
    one: Option<Id<noun::Notification>>,
) -> Result<Json<UnreadView>, Problem> {
    let actor = request.actor()?;
    let file = services.file(actor)?;
    let subject = one.map_or(actor.id, Id::erase);
    let event = own_event(request, actor, SystemTask::NotificationRead, subject);
    file.write::<_, LibraryError>(event, |tx| Notification::mark(tx, actor.id, one).map(drop))?;
    Ok(Json(UnreadView { unread: Notification::unread(&file.read()?, actor.id)?.0 }))
}
