//! View links: they show one video or one dashboard to whoever has the link, without an account, until they end.
//!
//! Opening the page of a link counts as a view and gives out a pass, with which its files or charts are loaded for some hours. So a
//! player may ask for as many ranges as it likes, and neither counts nor shows the password again.

mod showing;

use std::time::Duration;

use access::{ListPermit, Permit};
use identity::{PasswordHash, Token, TokenDigest};
use model::{AnyId, Classification, DataClass, Header, Id, NounKind, Timestamp, noun, permission::ProjectShare};
use serde::{Deserialize, Serialize};
use store::{
    Cursor, DecodeError, Headed, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, TenantStore,
    Tx, WriteError, blob::BlobReader, decode_body,
};

pub use showing::{MAX_ORIGINS, MAX_PROJECTS, NewShowing, Showing, board, board_by_pass, framers};

use crate::{
    anchor::{self, Hanging},
    error::LibraryError,
    moving::Destination,
    recording,
    text::line,
    video::{File, Role, Video},
};

/// The secret in a link.
pub type ViewToken = Token<noun::ViewLink>;

/// How long a link lives without a word.
pub const DEFAULT_LIFE: Duration = Duration::from_secs(7 * DAY_S);
/// The longest life of a link, in days.
pub const MAX_DAYS: u64 = 365;
/// The most live links to one thing.
pub const MAX_LINKS: usize = 200;
/// The longest note, in characters.
pub const MAX_NOTE: usize = 200;
/// After so many wrong passwords in a row a link is dead, as a user's sign-in is.
const MAX_FAILURES: u32 = 100;
/// What is more secret than this is shown to no one without an account: who has none has no clearance.
pub const HIGHEST: Classification = Classification::Confidential;
/// How long a pass is good.
const PASS_LIFE: Duration = Duration::from_secs(6 * 3_600);
/// The most passes of a link that are good at once; the oldest makes room.
const MAX_PASSES: usize = 64;
const DAY_S: u64 = 24 * 3_600;

const BY_SUBJECT: u8 = 1;
const BY_END: u8 = 2;

/// A link that shows one thing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ViewLink {
    /// Its header; the owner made it.
    pub header: Header<noun::ViewLink>,
    /// What it shows.
    pub subject: AnyId,
    /// For whom or what it is.
    pub note: String,
    digest: TokenDigest,
    password: Option<PasswordHash>,
    /// When it ends.
    pub expires: Timestamp,
    /// How often it may be used.
    pub max_views: Option<u32>,
    /// How often it was used.
    pub views: u32,
    /// Wrong passwords in a row.
    failures: u32,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// Passes that were given out, and until when they are good.
    passes: Vec<(TokenDigest, Timestamp)>,
    /// How it shows its dashboard; nothing for a video.
    pub showing: Option<Showing>,
    /// The origins whose pages may hold its video in a frame; those of a dashboard stand in its showing.
    pub origins: Vec<String>,
}

impl Record for ViewLink {
    const NAME: &'static str = "view link";
    const NUMBER: u8 = NounKind::ViewLink as u8;
    const VERSION: u8 = 3;
    type Key = Id<noun::ViewLink>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn decode(version: u8, body: &[u8]) -> Result<Self, DecodeError> {
        match version {
            Self::VERSION => decode_body(body),
            // It ended where the origins of a video are now: none is one byte.
            2 => decode_body(&[body, &[0]].concat()),
            // And before that where the showing of a dashboard is: nothing is one byte too.
            1 => decode_body(&[body, &[0, 0]].concat()),
            _ => Err(DecodeError::Version(version)),
        }
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_SUBJECT, &KeyBytes::new().with(&self.subject));
        entries.add(BY_END, &KeyBytes::new().with(&self.expires));
    }
}

impl Headed for ViewLink {
    type Noun = noun::ViewLink;
    fn header(&self) -> &Header<noun::ViewLink> {
        &self.header
    }
}

impl Hanging for ViewLink {
    fn hangs_on(&self) -> AnyId {
        self.subject
    }
}

impl ViewLink {
    /// The origins whose pages may hold what it shows in a frame.
    pub fn framers(&self) -> &[String] {
        self.showing.as_ref().map_or(&self.origins, |showing| &showing.origins)
    }

    /// Its password, if it asks for one.
    pub fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }

    /// Whether it shows anything at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.opens(now) && self.max_views.is_none_or(|most| self.views < most)
    }

    /// Whether it neither ended nor was revoked, however often it was used.
    fn opens(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires && self.failures < MAX_FAILURES
    }

    /// Whether this is a pass that is still good.
    fn admits(&self, pass: &ViewToken, now: Timestamp) -> bool {
        let digest = pass.digest();
        // Each is compared in constant time, and all of them.
        let known = self.passes.iter().fold(false, |known, (other, end)| known | (*other == digest && now < *end));
        known && self.opens(now)
    }

    /// Counts a view and gives out a pass.
    fn look(&mut self, token: &ViewToken, now: Timestamp) -> ViewToken {
        let pass = ViewToken::fresh(token.tenant(), token.id());
        self.views = self.views.saturating_add(1);
        self.failures = 0;
        self.last_used = Some(now);
        self.passes.retain(|(_, end)| now < *end);
        let beyond = (self.passes.len() + 1).saturating_sub(MAX_PASSES);
        self.passes.drain(..beyond);
        self.passes.push((pass.digest(), now.after(PASS_LIFE)));
        pass
    }
}

/// A link to be made.
#[derive(Debug, Clone, Default)]
pub struct NewLink {
    /// For whom or what it is.
    pub note: String,
    /// What it asks for.
    pub password: Option<PasswordHash>,
    /// When it ends; without a word after [`DEFAULT_LIFE`], and for a dashboard there must be one.
    pub expires: Option<Timestamp>,
    /// How often it may be used; as often as one likes without a number.
    pub max_views: Option<u32>,
    /// How it shows a dashboard; nothing for a video.
    pub showing: Option<NewShowing>,
    /// The origins whose pages may hold a video in a frame.
    pub origins: Vec<String>,
}

/// Makes a link to the thing of the permit. The token is shown this once.
pub fn create(permit: Permit<ProjectShare>, new: NewLink) -> Result<(ViewToken, ViewLink), LibraryError> {
    let note = line("note", &new.note, MAX_NOTE, true)?;
    let subject = permit.subject().clone();
    let is_board = match subject.id.kind {
        NounKind::Video if new.showing.is_some() => {
            let fault = "is for links to dashboards, and this is a video".into();
            return Err(LibraryError::Field { field: "dashboard", fault });
        }
        NounKind::Video => false,
        NounKind::Dashboard if new.expires.is_none() => {
            let fault = "must be said for a link to a dashboard".into();
            return Err(LibraryError::Field { field: "expires", fault });
        }
        NounKind::Dashboard if !new.origins.is_empty() => {
            let fault = "are those of a video; a dashboard has its own in `dashboard/origins`".into();
            return Err(LibraryError::Field { field: "origins", fault });
        }
        NounKind::Dashboard => true,
        _ => {
            let fault = "links show videos and dashboards, and nothing else".into();
            return Err(LibraryError::Field { field: "subject", fault });
        }
    };
    if subject.classification > HIGHEST {
        let fault = "what is secret or restricted is not shown to those without an account".into();
        return Err(LibraryError::Field { field: "subject", fault });
    }
    if new.max_views == Some(0) {
        return Err(LibraryError::Field { field: "max_views", fault: "must be 1 or more".into() });
    }
    showing::check_origins("origins", &new.origins)?;
    let now = permit.now();
    let expires = new.expires.unwrap_or_else(|| now.after(DEFAULT_LIFE));
    if expires <= now || expires > now.after(Duration::from_secs(MAX_DAYS * DAY_S)) {
        let fault = format!("must lie ahead, at most {MAX_DAYS} days");
        return Err(LibraryError::Field { field: "expires", fault });
    }
    let (tenant, home, owner) = (permit.tenant(), permit.home(), permit.actor());
    permit.write(|tx| {
        let query = Query::by(BY_SUBJECT, KeyBytes::new().with(&subject.id), MAX_LINKS);
        let now = tx.now();
        if tx.list::<ViewLink>(&query, |link| link.is_live(now))?.items.len() >= MAX_LINKS {
            return Err(LibraryError::Limit { what: "live links to one thing", allowed: MAX_LINKS as u64 });
        }
        let mut header = Header::new(tx.new_id(), tenant, home, owner, DataClass::K7, now);
        header.project = subject.project;
        header.classification = subject.classification;
        let token = ViewToken::fresh(tenant, header.id);
        let showing = if is_board { Some(new.showing.unwrap_or_default().of(tx, subject.id)?) } else { None };
        let link = ViewLink {
            header,
            subject: subject.id,
            note,
            digest: token.digest(),
            password: new.password,
            expires,
            max_views: new.max_views,
            views: 0,
            failures: 0,
            last_used: None,
            revoked: None,
            passes: Vec::new(),
            showing,
            origins: new.origins,
        };
        tx.about(link.header.id.erase());
        tx.note("to", link.subject.to_string());
        tx.note("expires", link.expires.millis().to_string());
        tx.note("password", link.password.is_some().to_string());
        if link.showing.is_some() || !link.origins.is_empty() {
            tx.note("frames", link.framers().join(" "));
        }
        tx.put(&link)?;
        let video = subject.id.typed().map(|id| tx.get::<Video>(&id)).transpose()?.flatten();
        if let Some(mut video) = video.filter(|video| video.shared.is_none()) {
            // No change of the video, which nobody edits: that it was shared outlasts its links.
            video.shared = Some(now);
            tx.put(&video)?;
        }
        Ok((token, link))
    })
}

/// Links to the thing of the permit, newest first, with those that have ended.
pub fn list(
    permit: &Permit<ProjectShare>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ViewLink>, LibraryError> {
    let index = Some((BY_SUBJECT, KeyBytes::new().with(&permit.subject().id)));
    let query = Query { index, after, limit, newest_first: true };
    Ok(permit.read()?.list::<ViewLink>(&query, |_| true)?)
}

/// All links to things that the caller may share, newest first.
pub fn list_all(
    permit: &ListPermit<ProjectShare>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ViewLink>, LibraryError> {
    let view = permit.read()?;
    let mut failed: Option<ReadError> = None;
    let query = Query { after, ..Query::newest(limit) };
    let page = view.list::<ViewLink>(&query, |link| match anchor::find(&view, link.subject) {
        Ok(anchor) => anchor.is_some_and(|anchor| permit.visible(&anchor.subject)),
        Err(error) => {
            failed = Some(error);
            false
        }
    })?;
    failed.map_or(Ok(page), |error| Err(error.into()))
}

/// Revokes a link to the thing of the permit: it shows nothing from the next request on.
pub fn revoke(permit: Permit<ProjectShare>, id: Id<noun::ViewLink>) -> Result<ViewLink, LibraryError> {
    let subject = permit.subject().id;
    permit.write(|tx| {
        let mut link = tx.get::<ViewLink>(&id)?.filter(|link| link.subject == subject).ok_or(LibraryError::NotFound)?;
        let now = tx.now();
        tx.about(id.erase());
        tx.note("to", subject.to_string());
        link.revoked.get_or_insert(now);
        link.header.touch(now);
        tx.put(&link)?;
        Ok(link)
    })
}

/// The live link of a token with the video it shows. Nothing for tokens that are wrong and for links that show nothing any more:
/// which it is, is not said.
///
/// # Errors
/// When they cannot be read.
pub fn find(read: &impl Read, token: &ViewToken, now: Timestamp) -> Result<Option<(ViewLink, Video)>, ReadError> {
    shown(read, token, |link| link.digest == token.digest() && link.is_live(now))
}

/// A file of the video for which a pass was given out.
///
/// # Errors
/// [`LibraryError::NotFound`] for passes that are wrong or not good any more.
pub fn file(tenant: &TenantStore, pass: &ViewToken, role: Role) -> Result<(Video, File, BlobReader), LibraryError> {
    let now = tenant.clock().now();
    let (_, video) = shown(&tenant.read()?, pass, |link| link.admits(pass, now))?.ok_or(LibraryError::NotFound)?;
    let file = *video.files.iter().find(|file| file.role == role).ok_or(LibraryError::NotFound)?;
    let reader = tenant.blobs().reader(&file.digest)?;
    Ok((video, file, reader))
}

fn shown(
    read: &impl Read,
    token: &ViewToken,
    opens: impl FnOnce(&ViewLink) -> bool,
) -> Result<Option<(ViewLink, Video)>, ReadError> {
    let Some(link) = read.get::<ViewLink>(&token.id())?.filter(opens) else { return Ok(None) };
    let Some(id) = link.subject.typed() else { return Ok(None) };
    let Some(video) = read.get::<Video>(&id)?.filter(|video| video.header.classification <= HIGHEST) else {
        return Ok(None);
    };
    // What lies in the trash is shown to nobody.
    match recording::at_work(read, video.recording) {
        Ok(_) => Ok(Some((link, video))),
        Err(LibraryError::Read(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Counts a view in the write that tells of it, and gives out a pass for the files or charts. Nothing when the link has ended since
/// it was looked up.
///
/// # Errors
/// Those of the store.
pub fn count(tx: &mut Tx<'_>, token: &ViewToken) -> Result<Option<(ViewLink, ViewToken)>, WriteError> {
    let now = tx.now();
    let found = tx.get::<ViewLink>(&token.id())?;
    let Some(mut link) = found.filter(|link| link.digest == token.digest() && link.is_live(now)) else {
        return Ok(None);
    };
    let pass = link.look(token, now);
    tx.note("shows", link.subject.to_string());
    tx.note("views", link.views.to_string());
    tx.put(&link)?;
    Ok(Some((link, pass)))
}

/// Counts a wrong password; the link dies of too many.
///
/// # Errors
/// Those of the store.
pub fn count_failure(tx: &mut Tx<'_>, id: Id<noun::ViewLink>) -> Result<(), WriteError> {
    let Some(mut link) = tx.get::<ViewLink>(&id)? else { return Ok(()) };
    link.failures = link.failures.saturating_add(1);
    tx.note("failures", link.failures.to_string());
    if link.failures == MAX_FAILURES {
        tx.note("alarm", "link_locked");
    }
    tx.put(&link)
}

/// Removes up to `limit` links that ended more than `after` ago; says how many. For the task that tidies.
///
/// # Errors
/// Those of the store.
pub fn purge(tx: &mut Tx<'_>, after: Duration, limit: usize) -> Result<usize, WriteError> {
    let now = tx.now();
    let query = Query::by(BY_END, KeyBytes::new(), limit.min(MAX_PAGE));
    let over = tx.list::<ViewLink>(&query, |link| now.since(link.expires) > after)?.items;
    for link in &over {
        tx.delete::<ViewLink>(&link.header.id)?;
    }
    Ok(over.len())
}

/// Has the links that `maker` has made to a dashboard show its newest version, which is `maker`'s too. Those of others stay at what their
/// makers have shared: what somebody else writes is not asked with their rights.
pub(crate) fn follow(tx: &mut Tx<'_>, subject: AnyId, maker: AnyId, version: u64) -> Result<(), LibraryError> {
    let now = tx.now();
    let mut after = None;
    loop {
        let index = Some((BY_SUBJECT, KeyBytes::new().with(&subject)));
        let query = Query { index, after: after.as_ref(), limit: MAX_PAGE, newest_first: false };
        let page = tx.list::<ViewLink>(&query, |link| link.header.owner == maker && link.is_live(now))?;
        for mut link in page.items {
            if let Some(showing) = &mut link.showing {
                showing.version = version;
                tx.put(&link)?;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Removes all links to a thing that is removed for good.
pub(crate) fn remove_of(tx: &mut Tx<'_>, subject: AnyId) -> Result<(), LibraryError> {
    loop {
        let query = Query::by(BY_SUBJECT, KeyBytes::new().with(&subject), MAX_PAGE);
        let links = tx.list::<ViewLink>(&query, |_| true)?.items;
        if links.is_empty() {
            return Ok(());
        }
        links.iter().try_for_each(|link| tx.delete::<ViewLink>(&link.header.id).map(drop))?;
    }
}

/// Has all links to a thing lie where the thing comes to lie; they go on showing it.
pub(crate) fn move_of(tx: &mut Tx<'_>, subject: AnyId, to: &Destination) -> Result<(), LibraryError> {
    let mut after = None;
    loop {
        let parts = KeyBytes::new().with(&subject);
        let query = Query { after: after.as_ref(), ..Query::by(BY_SUBJECT, parts, MAX_PAGE) };
        let page = tx.list::<ViewLink>(&query, |_| true)?;
        for mut link in page.items {
            to.write(&mut link.header);
            tx.put(&link)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
