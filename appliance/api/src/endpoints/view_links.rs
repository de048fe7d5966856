//! View links: they show one thing without an account.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use identity::{Knock, PasswordHash, Secret};
use library::{
    video::{File, Role},
    view_link::{self, NewLink, ViewLink, ViewToken},
};
use model::{Id, Outcome, SystemTask, noun, permission::ProjectShare};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{EventDraft, WriteError};
use tenancy::Tenant;

use super::view::{PageQuery, PageView, moment, parse_moment, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Listing, OnAny, Public, Through},
    media::Media,
    problem::{Code, Problem},
    reply::{Json, Nothing},
    request::Request,
    services::Services,
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
            "Make a link that shows a thing without an account; shows its token once",
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
        }
    }
}

/// A link with its token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ViewLinkToken")]
struct TokenView {
    #[serde(flatten)]
    link: LinkView,
    /// The token: `GET /v1/view/{token}` shows the thing. It is shown this once.
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
    /// When it ends (RFC 3339), within a year; in 7 days without a word.
    #[schemars(length(max = 64))]
    expires: Option<String>,
    /// How often it may be used.
    #[schemars(range(min = 1))]
    max_views: Option<u32>,
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
    let NewBody { note, password, expires, max_views } = call.body;
    // The token is the first factor, so that a password beside it may be as short as one beside a second.
    let passwords = call.services.sign_in.passwords();
    let password = password.map(|password| passwords.accept(&password, &[], true)).transpose()?;
    let expires = expires.map(|expires| parse_moment("/expires", &expires)).transpose()?;
    let (token, link) = view_link::create(call.pass, NewLink { note, password, expires, max_views })?;
    Ok(Json(TokenView { link: link.into(), token: token.reveal().expose().to_owned() }))
}

fn revoke(call: Call<'_, Through<ProjectShare, ViewLink>, Empty, Empty>) -> Result<Nothing, Problem> {
    view_link::revoke(call.pass, path_id(call.request)?)?;
    Ok(Nothing)
}

fn view(call: Call<'_, Public, Empty, Empty>) -> Result<Json<ShownView>, Problem> {
    let (services, request) = (call.services, call.request);
    let visit = Visit::of(services, request)?;
    let db = services.store.tenant(visit.tenant.id)?;
    let (link, _) = view_link::find(&db.read()?, &visit.token, db.clock().now())?.ok_or_else(nothing)?;
    if let Some(password) = link.password() {
        visit.check(services, request, link.header.id, password)?;
    }
    let event = event(request, link.header.id);
    let counted = db.write::<_, Ended>(event, |tx| view_link::count(tx, &visit.token)?.ok_or(Ended::Meanwhile))?;
    let (link, video, pass) = counted;
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
    let visit = Visit::of(services, request)?;
    let db = services.store.tenant(visit.tenant.id)?;
    let (video, file, reader) = view_link::file(&db, &visit.token, role).map_err(|error| match error {
        library::LibraryError::NotFound => nothing(),
        other => other.into(),
    })?;
    let name = format!("{}.{}", video.title, role.ending());
    Ok(Media::new(request, reader, &file.digest, role.media_type(), &name))
}

/// Someone with a token.
struct Visit {
    token: ViewToken,
    tenant: Tenant,
}

impl Visit {
    /// The tenant of the token in the path. All that is wrong with a token looks the same.
    fn of(services: &Services, request: &Request) -> Result<Visit, Problem> {
        let text = request.path.get("token").map(String::as_str).unwrap_or_default();
        let token = text.parse::<ViewToken>();
        let name = token.as_ref().map(|token| token.id().to_string()).unwrap_or_default();
        let known = token.as_ref().map_or(identity::Realm::SYSTEM, ViewToken::tenant);
        let knock = Knock { address: Some(request.address), tenant: known, name: &name };
        services.views.admit(knock, services.store.clock().now()).map_err(throttled)?;
        let token = token.map_err(|_| nothing())?;
        let tenant = tenancy::find(&services.store.system().read()?, token.tenant())?;
        let tenant = tenant.filter(Tenant::is_active).ok_or_else(nothing)?;
        Ok(Visit { token, tenant })
    }

    /// Checks the password that came as `Authorization: Basic` with any name. Each try is throttled as a sign-in is, and a wrong one
    /// leaves a row.
    fn check(
        &self,
        services: &Services,
        request: &Request,
        link: Id<noun::ViewLink>,
        stored: &PasswordHash,
    ) -> Result<(), Problem> {
        let Some(password) = password(request) else {
            return Err(Problem::new(
                Code::LinkPassword,
                "send the password by HTTP Basic authentication, with any name",
            ));
        };
        let (throttle, name) = (services.sign_in.throttle(), link.to_string());
        let knock = Knock { address: Some(request.address), tenant: self.tenant.id, name: &name };
        throttle.admit(knock, services.store.clock().now()).map_err(throttled)?;
        let hasher = services.sign_in.passwords().hasher();
        if hasher.verify(&password, Some(stored)).map_err(identity::PasswordError::from)? {
            throttle.forgive(knock);
            return Ok(());
        }
        let mut event = event(request, link);
        event.outcome = Outcome::Denied;
        event.detail.push(("reason", "wrong_password".to_owned()));
        services
            .store
            .tenant(self.tenant.id)?
            .write::<_, WriteError>(event, |tx| view_link::count_failure(tx, link))?;
        Err(Problem::new(Code::LinkPassword, "the password is wrong"))
    }
}

/// Why a view was not counted.
enum Ended {
    /// The link has ended since it was looked up.
    Meanwhile,
    /// The store.
    Failed(WriteError),
}

impl From<WriteError> for Ended {
    fn from(error: WriteError) -> Self {
        Ended::Failed(error)
    }
}

impl From<Ended> for Problem {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Meanwhile => nothing(),
            Ended::Failed(error) => error.into(),
        }
    }
}

fn event(request: &Request, link: Id<noun::ViewLink>) -> EventDraft {
    let mut event = EventDraft::system(SystemTask::LinkView, link.erase());
    event.address = Some(request.address.to_string());
    event.request = Some(request.id.clone());
    event
}

fn password(request: &Request) -> Option<Secret> {
    let pair = STANDARD.decode(request.header("authorization")?.strip_prefix("Basic ")?.trim()).ok()?;
    let pair = Secret::from(String::from_utf8(pair).ok()?);
    pair.expose().split_once(':').map(|(_, password)| Secret::from(password))
}

/// The one answer to whatever is wrong with a link.
fn nothing() -> Problem {
    Problem::new(Code::NotFound, "")
}

fn throttled(throttled: identity::Throttled) -> Problem {
    let mut problem = Problem::new(Code::RateLimited, throttled.to_string());
    problem.retry_after_s = Some(throttled.seconds());
    problem
}
