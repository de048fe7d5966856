//! Sessions: signed-in browsers.

use std::time::Duration;

use model::{AnyId, Assurance, DataClass, Header, Id, Noun, NounKind, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Cursor, IndexEntries, KeyBytes, MAX_PAGE, Page, Query, Read, ReadError, Record, Tx};

mod policy;

pub use policy::{SessionBounds, SessionPolicy, in_force, policy, set_policy};

use crate::{
    group::{self, Group},
    last_use::LastUse,
    people::PeopleError,
    realm::Realm,
    secret::{Digest, Secret},
    token::Token,
    user,
};

/// The secret of a session.
pub type SessionToken = Token<noun::Session>;

/// The name of the cookie that holds it. The prefix makes browsers keep it to this host, to HTTPS and to the path `/`.
pub const COOKIE: &str = "__Host-audiagram";
/// The most characters kept of what a browser says of itself.
const MAX_DEVICE: usize = 120;
/// More sessions than this no user has, whatever the rules say.
const MAX_PER_USER: usize = 500;
const BY_USER: u8 = 1;
const BY_END: u8 = 2;

/// How long sessions last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// A session unused for so long is over, in seconds.
    pub idle_s: u64,
    /// A session is over so long after its sign-in however much it is used, in seconds.
    pub absolute_s: u64,
    /// How long a token that was renewed in passing still counts, in seconds: other requests of the page are under way with it.
    pub rotation_grace_s: u64,
    /// How many sessions a user may have; the oldest makes room.
    pub per_user: usize,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { idle_s: 30 * 60, absolute_s: 12 * 3600, rotation_grace_s: 20, per_user: 50 }
    }
}

impl SessionRules {
    /// How many sessions a user may have, whatever was configured.
    pub(crate) fn share(&self) -> usize {
        self.per_user.clamp(1, MAX_PER_USER)
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// Its head; the owner is the user.
    pub header: Header<noun::Session>,
    pub(crate) digest: Digest,
    /// The token before the last renewal, and until when it counts.
    pub(crate) retired: Option<(Digest, Timestamp)>,
    /// What the user showed, and when.
    pub factors: Vec<(Factor, Timestamp)>,
    /// When it is over at the latest.
    pub expires: Timestamp,
    /// What the browser says of itself, shortened.
    pub device: String,
    /// The address of the sign-in.
    pub address: Option<String>,
    /// Whether the user's rights changed, so that the token must be renewed with the next answer.
    pub must_rotate: bool,
}

/// A way to prove who one is. Passwords and one-time codes are checked by this crate; what checks another adds it to the session
/// by [`step_up`]. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Factor {
    /// Something one knows.
    Password,
    /// A code from an app, like TOTP: something one has.
    OneTimeCode,
    /// A passkey that asked for the user's PIN or finger: both at once.
    Passkey,
    /// A passkey that cannot leave its hardware.
    HardwareKey,
    /// Another party vouches, with two factors if it says so.
    Federated {
        /// Whether it asked for two.
        two: bool,
    },
}

impl Factor {
    /// The level that it proves alone.
    fn level(self) -> u8 {
        match self {
            Factor::Password | Factor::OneTimeCode | Factor::Federated { two: false } => 1,
            Factor::Passkey | Factor::Federated { two: true } => 2,
            Factor::HardwareKey => 3,
        }
    }

    /// Whether it is a second factor beside a password.
    fn is_second(self) -> bool {
        matches!(self, Factor::OneTimeCode) || self.level() > 1
    }
}

impl Record for Session {
    const NAME: &'static str = noun::Session::KIND.label();
    const NUMBER: u8 = NounKind::Session as u8;
    type Key = Id<noun::Session>;
    fn key(&self) -> Self::Key {
        self.header.id
    }
    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_USER, &KeyBytes::new().with(&self.header.owner));
        entries.add(BY_END, &KeyBytes::new().with(&self.expires));
    }
}

impl Session {
    /// The id.
    pub fn id(&self) -> Id<noun::Session> {
        self.header.id
    }

    /// Whose it is.
    pub fn user(&self) -> Option<Id<noun::User>> {
        self.header.owner.typed()
    }

    /// When it is over at the latest by the rules that hold now, which may have become stricter since it was begun.
    pub fn end(&self, rules: &SessionRules) -> Timestamp {
        self.expires.min(self.header.created.after(Duration::from_secs(rules.absolute_s)))
    }

    /// What was shown, as the gate judges it.
    pub fn assurance(&self) -> Assurance {
        let alone = self.factors.iter().map(|(factor, _)| factor.level()).max().unwrap_or(1);
        let both = self.factors.iter().any(|(factor, _)| *factor == Factor::Password)
            && self.factors.iter().any(|(factor, _)| *factor == Factor::OneTimeCode);
        let second = self.factors.iter().filter(|(factor, _)| factor.is_second()).map(|(_, at)| *at).max();
        Assurance { level: if both { alone.max(2) } else { alone }, second_factor: second }
    }
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// What the browser says of itself.
    pub agent: String,
    /// Its address.
    pub address: Option<std::net::IpAddr>,
}

impl Device {
    fn label(&self) -> String {
        self.agent.chars().filter(|letter| !letter.is_control()).take(MAX_DEVICE).collect()
    }
}

/// Begins a session of an active user, who has shown `factor`, by the appliance's `rules` or the tenant's stricter ones.
pub fn begin(
    tx: &mut Tx<'_>,
    realm: &Realm,
    user: Id<noun::User>,
    factor: Factor,
    device: &Device,
    rules: &SessionRules,
) -> Result<(SessionToken, Session), PeopleError> {
    user::get(tx, user)?.require_active()?;
    let (now, rules) = (tx.now(), in_force(tx, rules)?);
    make_room(tx, user, now, &rules)?;
    let id = tx.new_id();
    let token = SessionToken::fresh(realm.tenant, id);
    let session = Session {
        header: Header::new(id, realm.tenant, realm.home, user.erase(), DataClass::K7, now),
        digest: token.digest(),
        retired: None,
        factors: vec![(factor, now)],
        expires: now.after(Duration::from_secs(rules.absolute_s)),
        device: device.label(),
        address: device.address.map(|address| address.to_string()),
        must_rotate: false,
    };
    tx.put(&session)?;
    tx.put(&LastUse::new(id.erase(), now, device.address))?;
    tx.note("session", id.to_string());
    Ok((token, session))
}

/// Removes sessions that are over, and the oldest beyond the user's share.
fn make_room(tx: &mut Tx<'_>, user: Id<noun::User>, now: Timestamp, rules: &SessionRules) -> Result<(), PeopleError> {
    let mut sessions = stored(tx, user)?;
    let over: Vec<_> = sessions.extract_if(.., |session| session.end(rules) <= now).collect();
    let beyond = (sessions.len() + 1).saturating_sub(rules.share());
    for session in over.iter().chain(sessions.iter().take(beyond)) {
        forget(tx, session.id())?;
    }
    Ok(())
}

/// Gives a session a new token. The one before counts for `grace` more: none for a change of rights by the user's own doing.
pub fn rotate(tx: &mut Tx<'_>, id: Id<noun::Session>, grace: Duration) -> Result<SessionToken, PeopleError> {
    let session = get(tx, id)?;
    renew(tx, session, grace)
}

/// Gives a session a new token if the user's rights have changed since it got the one it shows, and nobody was quicker: of
/// several requests that were under way with the old token, one renews it.
pub fn rotate_if_due(
    tx: &mut Tx<'_>,
    token: &SessionToken,
    rules: &SessionRules,
) -> Result<Option<SessionToken>, PeopleError> {
    let Some(session) = tx.get::<Session>(&token.id())? else { return Ok(None) };
    if session.digest != token.digest() || !is_due(tx, &session)? {
        return Ok(None);
    }
    renew(tx, session, Duration::from_secs(rules.rotation_grace_s)).map(Some)
}

/// Whether a session must get a new token: the rights of its user or of one of the user's groups changed since it got the last.
pub(crate) fn is_due(read: &impl Read, session: &Session) -> Result<bool, ReadError> {
    if session.must_rotate {
        return Ok(true);
    }
    let Some(user) = session.user() else { return Ok(false) };
    for id in group::of_user(read, user)? {
        let changed = read.get::<Group>(&id)?.and_then(|group| group.rights_changed);
        // A session is touched when it gets a token and at no other time.
        if changed.is_some_and(|changed| session.header.updated <= changed) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds a factor that the user has just shown, and gives the session a new token.
pub fn step_up(tx: &mut Tx<'_>, id: Id<noun::Session>, factor: Factor) -> Result<SessionToken, PeopleError> {
    let mut session = get(tx, id)?;
    session.factors.retain(|(shown, _)| *shown != factor);
    session.factors.push((factor, tx.now()));
    tx.note("factor", format!("{factor:?}"));
    renew(tx, session, Duration::ZERO)
}

fn renew(tx: &mut Tx<'_>, mut session: Session, grace: Duration) -> Result<SessionToken, PeopleError> {
    let now = tx.now();
    let token = SessionToken::fresh(session.header.tenant, session.id());
    session.retired = (!grace.is_zero()).then(|| (session.digest, now.after(grace)));
    session.digest = token.digest();
    session.must_rotate = false;
    session.header.touch(now);
    tx.about(session.id().erase());
    tx.put(&session)?;
    Ok(token)
}

/// Takes a factor from all sessions of a user, who has it no more, and asks for new tokens for them.
pub(crate) fn forget_factor(tx: &mut Tx<'_>, user: Id<noun::User>, factor: Factor) -> Result<(), PeopleError> {
    for mut session in stored(tx, user)? {
        session.factors.retain(|(shown, _)| *shown != factor);
        session.must_rotate = true;
        tx.put(&session)?;
    }
    Ok(())
}

/// Asks for new tokens for all sessions of a user whose rights changed: to be called with a change of roles.
pub fn demand_rotation(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<(), PeopleError> {
    for mut session in stored(tx, user)? {
        session.must_rotate = true;
        tx.put(&session)?;
    }
    Ok(())
}

/// The session with this id.
pub fn get(read: &impl Read, id: Id<noun::Session>) -> Result<Session, PeopleError> {
    read.get::<Session>(&id)?.ok_or(PeopleError::NotFound(Session::NAME))
}

/// Ends a session. Its token is refused from the next request on.
pub fn revoke(tx: &mut Tx<'_>, id: Id<noun::Session>) -> Result<(), PeopleError> {
    let session = get(tx, id)?;
    tx.about(id.erase());
    tx.note("user", session.header.owner.to_string());
    forget(tx, id)
}

/// Ends the session that a browser had before a new sign-in, if it is still there.
pub(crate) fn end_by_token(tx: &mut Tx<'_>, realm: &Realm, token: &SessionToken) -> Result<(), PeopleError> {
    let Some(session) = tx.get::<Session>(&token.id())? else { return Ok(()) };
    if token.tenant() == realm.tenant && session.digest == token.digest() {
        tx.note("replaces", session.id().to_string());
        forget(tx, session.id())?;
    }
    Ok(())
}

/// Ends all sessions of a user, except `keep`; says how many.
pub fn revoke_all(
    tx: &mut Tx<'_>,
    user: Id<noun::User>,
    keep: Option<Id<noun::Session>>,
) -> Result<usize, PeopleError> {
    let mut ended = 0;
    for session in stored(tx, user)? {
        if Some(session.id()) != keep {
            forget(tx, session.id())?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// A session as its user or an administrator sees it.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// When it was last used, to within a few minutes.
    pub last_used: Timestamp,
}

/// The sessions of a user that are not over by the rules that hold in the tenant, oldest first.
pub fn of_user(
    read: &impl Read,
    user: Id<noun::User>,
    now: Timestamp,
    rules: &SessionRules,
) -> Result<Vec<LiveSession>, ReadError> {
    let (mut live, rules) = (Vec::new(), in_force(read, rules)?);
    let mut sessions = stored(read, user)?;
    sessions.drain(..sessions.len().saturating_sub(rules.share()));
    for session in sessions {
        let last_used = LastUse::of(read, session.id().erase(), session.header.created)?;
        let expires = session.end(&rules);
        if is_live(now, expires, last_used, Duration::from_secs(rules.idle_s)) {
            live.push(LiveSession { session: Session { expires, ..session }, last_used });
        }
    }
    Ok(live)
}

/// The sessions of a tenant, newest first, a page at a time, as far as `keep` holds. Those that are over are among them until tidied
/// away.
pub fn list(
    read: &impl Read,
    after: Option<&Cursor>,
    limit: usize,
    keep: impl FnMut(&Session) -> bool,
) -> Result<Page<Session>, ReadError> {
    read.list(&Query { after, ..Query::newest(limit) }, keep)
}

/// Removes up to `limit` sessions that are past their end; says how many there were. For the task that tidies.
pub fn purge(tx: &mut Tx<'_>, limit: usize) -> Result<usize, PeopleError> {
    let now = tx.now();
    let query = Query::by(BY_END, KeyBytes::new(), limit);
    let over = tx.list::<Session>(&query, |session| session.expires <= now)?.items;
    for session in &over {
        forget(tx, session.id())?;
    }
    Ok(over.len())
}

/// Whether a session lives: neither limit is reached.
pub(crate) fn is_live(now: Timestamp, expires: Timestamp, last_used: Timestamp, idle: Duration) -> bool {
    now < expires && now.since(last_used) < idle
}

/// The header that puts a token into the browser's cookie.
pub fn cookie(token: &SessionToken, rules: &SessionRules) -> Secret {
    let text = token.reveal();
    Secret::from(format!(
        "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
        text.expose(),
        rules.absolute_s
    ))
}

/// The name of the cookie that keeps the session of a workspace while the browser works in another.
fn aside(tenant: Id<noun::Tenant>) -> String {
    format!("{COOKIE}-{tenant}")
}

/// The workspace whose session a cookie of this name keeps.
pub fn set_aside(name: &str) -> Option<Id<noun::Tenant>> {
    name.strip_prefix(COOKIE)?.strip_prefix('-')?.parse().ok()
}

/// The header that has a browser keep a session while it works in another workspace.
pub fn cookie_aside(token: &SessionToken, rules: &SessionRules) -> Secret {
    let (name, text) = (aside(token.tenant()), token.reveal());
    Secret::from(format!(
        "{name}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
        text.expose(),
        rules.absolute_s
    ))
}

/// The header that removes it.
pub fn no_cookie_aside(tenant: Id<noun::Tenant>) -> String {
    format!("{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", aside(tenant))
}

/// The header that empties the browser's cookie.
pub fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn stored(read: &impl Read, user: Id<noun::User>) -> Result<Vec<Session>, ReadError> {
    let owner: AnyId = user.erase();
    let query = Query::by(BY_USER, KeyBytes::new().with(&owner), MAX_PAGE);
    Ok(read.list::<Session>(&query, |_| true)?.items)
}

fn forget(tx: &mut Tx<'_>, id: Id<noun::Session>) -> Result<(), PeopleError> {
    tx.delete::<Session>(&id)?;
    tx.delete::<LastUse>(&id.erase())?;
    Ok(())
}
