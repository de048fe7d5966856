//! View links: they show one thing without an account.

use std::collections::{BTreeMap, BTreeSet};

use identity::Secret;
use library::{
    video::{File, Role},
    view_link::{self, NewLink, NewShowing, Showing, ViewLink},
};
use model::{NounKind, Permission, permission::ProjectShare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    view::{PageQuery, PageView, moment, parse_id, parse_moment, path_id},
    visit::{Visit, nothing},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Listing, OnAny, Public, Through},
    media::Media,
    problem::{Code, Problem},
    reply::{Json, Nothing},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ProjectShare>>("/v1/view-links", "list_view_links", "Links to what you may share, newest first")
            .query::<PageQuery>()
            .by(list_all),
        get::<OnAny<ProjectShare>>(
            "/v1/subjects/{subject}/view-links",
            "list_view_links_of",
            "Links that show a thing, newest first",
        )
        .query::<PageQuery>()
        .by(list),
        post::<OnAny<ProjectShare>>(
            "/v1/subjects/{subject}/view-links",
            "create_view_link",
            "Make a link that shows a video or a dashboard without an account; shows its token once",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        delete::<Through<ProjectShare, ViewLink>>("/v1/view-links/{view_link}", "revoke_view_link", "Revoke a link")
            .silently()
            .by(revoke),
        get::<Public>("/v1/view/{token}", "view", "The video that a link shows; counts as a view").by(view),
        get::<Public>(
            "/v1/view/{token}/files/{file}",
            "view_file",
            "A file of the video, with the pass of a view in place of the token; ranges can be asked for",
        )
        .by(file),
    ]
}

/// A link without its token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ViewLink")]
struct LinkView {
    /// The id.
    id: String,
    /// What it shows.
    subject: String,
    /// For whom or what it is.
    note: String,
    /// Whether it asks for a password.
    has_password: bool,
    /// When it ends (RFC 3339).
    expires: String,
    /// How often it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_views: Option<u32>,
    /// How often it was used.
    views: u32,
    /// When it was last used (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    /// When it was revoked (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    /// Who made it.
    owner: String,
    /// When it was made (RFC 3339).
    created: String,
    /// The origins whose pages may hold its video in a frame; those of a dashboard stand in `dashboard`.
    origins: Vec<String>,
    /// How it shows its dashboard; nothing for a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard: Option<ShowingView>,
}

/// How a link shows a dashboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DashboardShowing")]
struct ShowingView {
    /// The version that it shows: what its maker has shared, or changed since.
    version: u64,
    /// The time range; that of the dashboard without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    /// Whether who looks may choose another time range.
    free_range: bool,
    /// What is chosen for variables.
    variables: BTreeMap<String, String>,
    /// The variables that who looks may choose.
    free: BTreeSet<String>,
    /// The projects whose rows are shown; all without one.
    projects: BTreeSet<String>,
    /// The origins whose pages may hold the dashboard in a frame.
    origins: Vec<String>,
}

/// How a link is to show a dashboard.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewDashboardShowing")]
#[serde(deny_unknown_fields, default)]
struct ShowingBody {
    /// The time range, like `30d`; that of the dashboard without a word.
    #[schemars(length(max = 40))]
    range: Option<String>,
    /// Whether who looks may choose another time range.
    free_range: bool,
    /// What is chosen for variables, by their names; what is not named stays as the dashboard begins.
    variables: BTreeMap<String, String>,
    /// The names of variables that who looks may choose.
    #[schemars(length(max = 10))]
    free: BTreeSet<String>,
    /// Projects, by their ids: only their rows are shown then, and of what lies in no project nothing.
    #[schemars(length(max = 50))]
    projects: BTreeSet<String>,
    /// Origins like `https://wiki.example.com`, whose pages may hold the dashboard in a frame.
    #[schemars(length(max = 10))]
    origins: Vec<String>,
}

impl From<Showing> for ShowingView {
    fn from(showing: Showing) -> Self {
        let Showing { version, range, free_range, chosen, free, projects, origins } = showing;
        let projects = projects.iter().map(ToString::to_string).collect();
        ShowingView { version, range, free_range, variables: chosen, free, projects, origins }
    }
}

impl ShowingBody {
    fn showing(self) -> Result<NewShowing, Problem> {
        let ShowingBody { range, free_range, variables, free, projects, origins } = self;
        let projects = projects.iter().map(|id| parse_id("/dashboard/projects", id)).collect::<Result<_, _>>()?;
        Ok(NewShowing { range, free_range, chosen: variables, free, projects, origins })
    }
}

impl From<ViewLink> for LinkView {
    fn from(link: ViewLink) -> Self {
        LinkView {
            id: link.header.id.to_string(),
            subject: link.subject.to_string(),
            has_password: link.password().is_some(),
            note: link.note,
            expires: moment(link.expires),
            max_views: link.max_views,
            views: link.views,
            last_used: link.last_used.map(moment),
            revoked: link.revoked.map(moment),
            owner: link.header.owner.to_string(),
            created: moment(link.header.created),
            origins: link.origins,
            dashboard: link.showing.map(ShowingView::from),
        }
    }
}

/// A link with its token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ViewLinkToken")]
struct TokenView {
    #[serde(flatten)]
    link: LinkView,
    /// The token: `GET /v1/view/{token}` shows the video, `GET /v1/view/{token}/dashboard` the dashboard; for people the pages
    /// `/watch/{token}` and `/shown/{token}`. It is shown this once.
    token: String,
}

/// A new link.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewViewLink")]
#[serde(deny_unknown_fields, default)]
struct NewBody {
    /// For whom or what it is.
    #[schemars(length(max = 200))]
    note: String,
    /// A password that it asks for, of 8 characters or more.
    #[schemars(with = "Option<String>", length(min = 8, max = 256))]
    password: Option<Secret>,
    /// When it ends (RFC 3339), within a year; in 7 days without a word. A link to a dashboard must say it.
    #[schemars(length(max = 64))]
    expires: Option<String>,
    /// How often it may be used.
    #[schemars(range(min = 1))]
    max_views: Option<u32>,
    /// Origins like `https://wiki.example.com`, whose pages may hold the page of a video, `/watch/{token}`, in a frame. A dashboard has
    /// its own in `dashboard`.
    #[schemars(length(max = 10))]
    origins: Vec<String>,
    /// How it shows a dashboard; without a word as it begins, with nothing to choose, in no frame.
    dashboard: Option<ShowingBody>,
}

/// The video that a link shows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Shown")]
struct ShownView {
    /// What it is called.
    title: String,
    /// Its length in milliseconds.
    duration_ms: u64,
    /// Width in pixels.
    width: u32,
    /// Height in pixels.
    height: u32,
    /// Its files: `GET /v1/view/{pass}/files/{file}`.
    files: Vec<ShownFileView>,
    /// Takes the place of the token in the paths of the files, for six hours and not beyond the end of the link.
    pass: String,
    /// When the link ends (RFC 3339).
    expires: String,
    /// How many views are left after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    views_left: Option<u32>,
}

/// A file of a video.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShownFile")]
struct ShownFileView {
    /// What it is: `mp4` or `webm`, `srt`, `vtt`, `poster`, `chapters`, `descriptions`, `page`.
    file: &'static str,
    /// Its media type.
    media_type: &'static str,
    /// Its bytes.
    bytes: u64,
}

fn list_all(call: Call<'_, Listing<ProjectShare>, PageQuery, Empty>) -> Result<Json<PageView<LinkView>>, Problem> {
    let page = view_link::list_all(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, LinkView::from)))
}

fn list(call: Call<'_, OnAny<ProjectShare>, PageQuery, Empty>) -> Result<Json<PageView<LinkView>>, Problem> {
    let page = view_link::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, LinkView::from)))
}

fn create(call: Call<'_, OnAny<ProjectShare>, Empty, NewBody>) -> Result<Json<TokenView>, Problem> {
    let NewBody { note, password, expires, max_views, origins, dashboard } = call.body;
    // Charts are asked with the rights of who shares them; who sees none has none to show.
    if call.pass.subject().id.kind == NounKind::Dashboard {
        let (actor, context) = (call.request.actor()?, call.request.context());
        let needs = Permission::DashboardRead;
        if !call.services.gate.decide(actor, needs, call.pass.subject(), &context)?.allowed {
            return Err(Problem::new(Code::Denied, format!("to share a dashboard you need the permission {needs}")));
        }
    }
    let showing = dashboard.map(ShowingBody::showing).transpose()?;
    // The token is the first factor, so that a password beside it may be as short as one beside a second.
    let passwords = call.services.sign_in.passwords();
    let password = password.map(|password| passwords.accept(&password, &[], true)).transpose()?;
    let expires = expires.map(|expires| parse_moment("/expires", &expires)).transpose()?;
    let new = NewLink { note, password, expires, max_views, showing, origins };
    let (token, link) = view_link::create(call.pass, new)?;
    Ok(Json(TokenView { link: link.into(), token: token.reveal().expose().to_owned() }))
}

fn revoke(call: Call<'_, Through<ProjectShare, ViewLink>, Empty, Empty>) -> Result<Nothing, Problem> {
    view_link::revoke(call.pass, path_id(call.request)?)?;
    Ok(Nothing)
}

fn view(call: Call<'_, Public, Empty, Empty>) -> Result<Json<ShownView>, Problem> {
    let visit = Visit::of(call.services, call.request, &call.services.views)?;
    let db = call.services.store.tenant(visit.tenant.id)?;
    let (link, video) = view_link::find(&db.read()?, &visit.token, db.clock().now())?.ok_or_else(nothing)?;
    let (link, pass) = visit.look(call.services, call.request, &link)?;
    let file = |file: &File| {
        let (name, media_type) = (file.role.name(), file.role.media_type());
        ShownFileView { file: name, media_type, bytes: file.bytes }
    };
    Ok(Json(ShownView {
        title: video.title,
        duration_ms: video.duration_ms,
        width: video.canvas.0,
        height: video.canvas.1,
        files: video.files.iter().map(file).collect(),
        pass: pass.reveal().expose().to_owned(),
        expires: moment(link.expires),
        views_left: link.max_views.map(|most| most.saturating_sub(link.views)),
    }))
}

fn file(call: Call<'_, Public, Empty, Empty>) -> Result<Media, Problem> {
    let (services, request) = (call.services, call.request);
    let name = request.path.get("file").map(String::as_str).unwrap_or_default();
    let role = Role::ALL.into_iter().find(|role| role.name() == name).ok_or_else(nothing)?;
    let visit = Visit::of(services, request, &services.views)?;
    let db = services.store.tenant(visit.tenant.id)?;
    let (video, file, reader) = view_link::file(&db, &visit.token, role).map_err(|error| match error {
        library::LibraryError::NotFound => nothing(),
        other => other.into(),
    })?;
    let name = format!("{}.{}", video.title, role.ending());
    Ok(Media::new(request, reader, &file.digest, role.media_type(), &name))
}
