//! From a credential to an actor.

use std::{net::IpAddr, sync::Arc, time::Duration};

use model::{
    Actor, ActorKind, AnyId, Assurance, Classification, ErrorKind, Grant, Id, Origin, PermissionSet, Scope, Timestamp,
    noun,
};
use store::{Database, Read, ReadError, Record, View, WriteError};

use crate::{
    api_key::ApiKey,
    cache::Cache,
    group::{self, Group, Membership},
    key_text::{KeyText, ParseKeyError},
    last_use::{LastUse, Uses, Waiting},
    password::{self, PasswordPolicy},
    realm::Realm,
    scram::ProvenKey,
    second_factor::{self, SignInRules},
    secret::Digest,
    service_account::ServiceAccount,
    session::{self, Session, SessionPolicy, SessionRules, SessionToken, is_due, is_live},
    token::ParseTokenError,
    user::{MustChange, User, UserState},
};

/// How many actors are kept in memory; one takes less than a kibibyte.
const CACHED: usize = 32_768;

/// What a caller shows.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A session's cookie.
    Session(SessionToken),
    /// An API key.
    Key(KeyText),
    /// An API key that was proven to be known.
    Proven(ProvenKey),
}

impl Credential {
    /// Reads the value of the cookie [`crate::session::COOKIE`].
    pub fn from_cookie(value: &str) -> Result<Self, AuthError> {
        Ok(Credential::Session(value.parse()?))
    }

    /// Reads what stands after `Bearer ` in an `Authorization` header.
    pub fn from_bearer(value: &str) -> Result<Self, AuthError> {
        Ok(Credential::Key(value.parse()?))
    }

    /// The tenant in whose file it is to be looked for; [`Realm::SYSTEM`] for an operator's session.
    pub fn tenant(&self) -> Id<noun::Tenant> {
        match self {
            Credential::Session(token) => token.tenant(),
            Credential::Key(key) => key.tenant(),
            Credential::Proven(key) => key.tenant,
        }
    }

    fn digest(&self) -> Digest {
        match self {
            Credential::Session(token) => token.digest(),
            Credential::Key(key) => key.digest(),
            Credential::Proven(key) => key.digest,
        }
    }
}

/// Where an actor's rights come from: the access crate, in the appliance.
pub trait GrantSource {
    /// The numbers of the records from which the rights follow: when one changes, they are asked for anew.
    fn records(&self) -> &[u8];

    /// What the user or service account `principal`, who is in `groups`, may and where.
    fn grants(&self, view: &View, principal: AnyId, groups: &[Id<noun::Group>]) -> Result<Vec<Grant>, ReadError>;
}

/// Why nobody knows who is calling.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The cookie is no token.
    #[error(transparent)]
    Token(#[from] ParseTokenError),
    /// The bearer text is no API key.
    #[error(transparent)]
    Key(#[from] ParseKeyError),
    /// Nothing has this secret, or not any more.
    #[error("the session or api key is not known, or was revoked; sign in again")]
    Unknown,
    /// It is past its time.
    #[error("the session or api key is past its time; sign in again")]
    Expired,
    /// Whose it is may not act.
    #[error("the account is not active; ask an administrator")]
    Inactive,
    /// The store.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl AuthError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            AuthError::Read(error) => error.kind(),
            _ => ErrorKind::Unauthenticated,
        }
    }
}

/// A caller whose identity is proven.
#[derive(Debug)]
pub struct Authenticated {
    /// Who it is.
    pub actor: Actor,
    /// Why the user must choose a new password before anything else.
    pub must_change_password: Option<MustChange>,
    /// The user's tenant asks for a second factor, and the session was begun without: to be shown or set up before anything else.
    pub must_show_second_factor: bool,
    /// The user's rights changed: give the session a new token ([`crate::session::rotate_if_due`]) with the answer.
    pub must_rotate: bool,
    /// It is time to call [`Authenticator::store_uses`] for this tenant, not in the way of the request.
    pub must_store_uses: bool,
}

/// Finds out who is calling, and remembers it while nothing that it follows from has changed.
#[derive(Debug)]
pub struct Authenticator {
    cache: Cache<Entry>,
    waiting: Waiting,
    rules: SessionRules,
}

#[derive(Debug)]
struct Entry {
    actor: Actor,
    generation: u64,
    expires: Timestamp,
    idle: Option<Duration>,
    policy: SessionPolicy,
    uses: Arc<Uses>,
    password_given: bool,
    /// When the password has been in use for too long: to sign in with, not for programs.
    password_over: Option<Timestamp>,
    must_show_second_factor: bool,
    must_rotate: bool,
}

impl Entry {
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires && self.idle.is_none_or(|idle| is_live(now, self.expires, self.uses.seen(), idle))
    }

    fn must_change(&self, now: Timestamp) -> Option<MustChange> {
        MustChange::of(self.password_given, self.password_over, now)
    }
}

impl Authenticator {
    /// One for all tenants.
    pub fn new(rules: &SessionRules) -> Self {
        Self { cache: Cache::new(CACHED), waiting: Waiting::default(), rules: rules.clone() }
    }

    /// Who shows `credential`. `db` must be the file of `realm`, which must be the credential's tenant's: anything else is refused.
    ///
    /// Reads little, from memory if it can, and never writes.
    pub fn authenticate(
        &self,
        credential: &Credential,
        db: &Database,
        realm: &Realm,
        grants: &(impl GrantSource + ?Sized),
        address: Option<IpAddr>,
    ) -> Result<Authenticated, AuthError> {
        let now = db.clock().now();
        let entry = self.live(credential, db, realm, grants)?;
        let must_store_uses = self.waiting.note(realm.tenant, &entry.uses, now);
        let mut actor = entry.actor.clone();
        actor.home = realm.home;
        actor.suspended |= realm.suspended;
        actor.address = address;
        actor.assurance = entry.policy.counts(actor.assurance, now);
        Ok(Authenticated {
            actor,
            must_change_password: entry.must_change(now),
            must_show_second_factor: entry.must_show_second_factor,
            must_rotate: entry.must_rotate,
            must_store_uses,
        })
    }

    /// Whose credential it is, without it counting as a use: who only looks which sessions there are keeps none of them from ending.
    pub fn whose(
        &self,
        credential: &Credential,
        db: &Database,
        realm: &Realm,
        grants: &(impl GrantSource + ?Sized),
    ) -> Result<AnyId, AuthError> {
        Ok(self.live(credential, db, realm, grants)?.actor.id)
    }

    /// What is remembered of a credential that is good.
    fn live(
        &self,
        credential: &Credential,
        db: &Database,
        realm: &Realm,
        grants: &(impl GrantSource + ?Sized),
    ) -> Result<Arc<Entry>, AuthError> {
        if credential.tenant() != realm.tenant || !realm.owns(db) {
            return Err(AuthError::Unknown);
        }
        let now = db.clock().now();
        let digest = credential.digest();
        // Counted before anything is read: what changes meanwhile makes the entry stale at once, not wrong.
        let generation = generation(db, grants.records());
        let entry = match self.cache.get(&digest) {
            Some(entry) if entry.generation == generation => entry,
            _ => match self.derive(credential, digest, db, realm, grants, generation) {
                Ok(entry) => {
                    let entry = Arc::new(entry);
                    self.cache.put(digest, entry.clone());
                    entry
                }
                Err(error) => {
                    self.cache.remove(&digest);
                    return Err(error);
                }
            },
        };
        if entry.is_live(now) { Ok(entry) } else { Err(AuthError::Expired) }
    }

    /// Stores when the sessions and keys of a tenant were last used; says of how many. To be called when an answer asks for it
    /// and before the tenant's file is closed.
    pub fn store_uses(&self, db: &Database, realm: &Realm) -> Result<usize, WriteError> {
        if realm.owns(db) { self.waiting.store(realm.tenant, db) } else { Ok(0) }
    }

    /// The tenants of which uses wait to be stored.
    pub fn waiting(&self) -> Vec<Id<noun::Tenant>> {
        self.waiting.tenants()
    }

    /// How many actors are remembered.
    pub fn remembered(&self) -> usize {
        self.cache.len()
    }

    fn derive(
        &self,
        credential: &Credential,
        digest: Digest,
        db: &Database,
        realm: &Realm,
        grants: &(impl GrantSource + ?Sized),
        generation: u64,
    ) -> Result<Entry, AuthError> {
        let view = db.read()?;
        let policy = session::policy(&view)?;
        let found = match credential {
            Credential::Session(token) => session(&view, token, digest, &policy, &self.rules)?,
            Credential::Key(key) => api_key(&view, key.id(), digest)?,
            Credential::Proven(key) => api_key(&view, key.id, digest)?,
        };
        let account = account(&view, found.owner)?;
        let grants = if realm.is_system() {
            vec![Grant { scope: Scope::Tenant, permissions: PermissionSet::APPLIANCE, expires: None }]
        } else {
            of_tenant(&view, found.owner, &account, grants)?
        };
        let must_show_second_factor = matches!(found.origin, Origin::Session(_))
            && found.assurance.level < 2
            && second_factor::rules(&view)?.second_factor_required;
        let id = match found.origin {
            Origin::Session(id) => id.erase(),
            Origin::Key(id) => id.erase(),
            Origin::Console | Origin::Schedule(_) | Origin::Job(_) | Origin::Link(_) => return Err(AuthError::Unknown),
        };
        Ok(Entry {
            actor: Actor {
                tenant: realm.tenant,
                home: realm.home,
                kind: if realm.is_system() { ActorKind::Operator } else { account.kind },
                id: found.owner,
                origin: found.origin,
                grants,
                ceiling: found.ceiling,
                clearance: account.clearance,
                assurance: found.assurance,
                suspended: false,
                address: None,
            },
            generation,
            expires: found.expires,
            idle: found.idle,
            policy,
            uses: self.waiting.uses(realm.tenant, id, found.last_use),
            password_given: account.must_change,
            password_over: account.password_over.filter(|_| matches!(found.origin, Origin::Session(_))),
            must_show_second_factor,
            must_rotate: found.must_rotate,
        })
    }
}

/// What someone of a tenant was given. Whatever is stored, no tenant's actor holds a permission of the appliance.
fn of_tenant(
    view: &View,
    owner: AnyId,
    account: &Account,
    grants: &(impl GrantSource + ?Sized),
) -> Result<Vec<Grant>, ReadError> {
    let of_tenant =
        |grant: Grant| Grant { permissions: grant.permissions.intersection(PermissionSet::TENANT), ..grant };
    Ok(grants.grants(view, owner, &account.groups)?.into_iter().map(of_tenant).collect())
}

/// The owner of a schedule, job or link of a tenant, as they are now: what is done for them without them may what they may, with one factor.
///
/// # Errors
/// When they are gone or suspended, or the tenant is.
pub fn in_absence(
    db: &Database,
    realm: &Realm,
    owner: AnyId,
    origin: Origin,
    grants: &(impl GrantSource + ?Sized),
) -> Result<Actor, AuthError> {
    if realm.is_system() || !realm.owns(db) {
        return Err(AuthError::Unknown);
    }
    let view = db.read()?;
    let account = account(&view, owner)?;
    Ok(Actor {
        tenant: realm.tenant,
        home: realm.home,
        kind: account.kind,
        id: owner,
        origin,
        grants: of_tenant(&view, owner, &account, grants)?,
        ceiling: PermissionSet::TENANT,
        clearance: account.clearance,
        assurance: Assurance { level: 1, second_factor: None },
        suspended: realm.suspended,
        address: None,
    })
}

/// What a session or key says.
struct Found {
    owner: AnyId,
    origin: Origin,
    ceiling: PermissionSet,
    assurance: Assurance,
    expires: Timestamp,
    idle: Option<Duration>,
    last_use: Timestamp,
    must_rotate: bool,
}

fn session(
    view: &View,
    token: &SessionToken,
    digest: Digest,
    policy: &SessionPolicy,
    rules: &SessionRules,
) -> Result<Found, AuthError> {
    let session = view.get::<Session>(&token.id())?.ok_or(AuthError::Unknown)?;
    let rules = policy.within(rules);
    let mut expires = session.end(&rules);
    let mut must_rotate = is_due(view, &session)?;
    if session.digest != digest {
        match session.retired {
            // Past its grace it is past its time, like the session past its end.
            Some((retired, until)) if retired == digest => {
                expires = expires.min(until);
                must_rotate = false;
            }
            _ => return Err(AuthError::Unknown),
        }
    }
    if !policy.allows(view, &session)? {
        return Err(AuthError::Expired);
    }
    Ok(Found {
        owner: session.header.owner,
        origin: Origin::Session(session.id()),
        ceiling: PermissionSet::TENANT.union(PermissionSet::APPLIANCE),
        assurance: session.assurance(),
        expires,
        idle: Some(Duration::from_secs(rules.idle_s)),
        last_use: LastUse::of(view, session.id().erase(), session.header.created)?,
        must_rotate,
    })
}

fn api_key(view: &View, id: Id<noun::ApiKey>, digest: Digest) -> Result<Found, AuthError> {
    let key = view.get::<ApiKey>(&id)?.ok_or(AuthError::Unknown)?;
    if key.digest != digest || key.revoked.is_some() {
        return Err(AuthError::Unknown);
    }
    Ok(Found {
        owner: key.header.owner,
        origin: Origin::Key(key.id()),
        ceiling: key.scopes,
        assurance: Assurance { level: 1, second_factor: None },
        expires: key.expires,
        idle: None,
        last_use: LastUse::of(view, key.id().erase(), key.header.created)?,
        must_rotate: false,
    })
}

/// What a user or service account says.
struct Account {
    kind: ActorKind,
    clearance: Classification,
    groups: Vec<Id<noun::Group>>,
    must_change: bool,
    password_over: Option<Timestamp>,
}

fn account(view: &View, owner: AnyId) -> Result<Account, AuthError> {
    if let Some(id) = owner.typed() {
        let user = view.get::<User>(&id)?.ok_or(AuthError::Unknown)?;
        require_active(user.state)?;
        return Ok(Account {
            kind: ActorKind::User,
            clearance: user.clearance,
            groups: group::of_user(view, id)?,
            must_change: user.must_change,
            password_over: password::over(view, &user)?,
        });
    }
    let id = owner.typed().ok_or(AuthError::Unknown)?;
    let account = view.get::<ServiceAccount>(&id)?.ok_or(AuthError::Unknown)?;
    require_active(account.state)?;
    Ok(Account {
        kind: ActorKind::ServiceAccount,
        clearance: account.clearance,
        groups: Vec::new(),
        must_change: false,
        password_over: None,
    })
}

fn require_active(state: UserState) -> Result<(), AuthError> {
    if state == UserState::Active { Ok(()) } else { Err(AuthError::Inactive) }
}

/// Each of the numbers only grows, so their sum is another whenever one of them is.
fn generation(db: &Database, more: &[u8]) -> u64 {
    const OWN: [u8; 9] = [
        User::NUMBER,
        ServiceAccount::NUMBER,
        Group::NUMBER,
        Membership::NUMBER,
        Session::NUMBER,
        ApiKey::NUMBER,
        SignInRules::NUMBER,
        SessionPolicy::NUMBER,
        PasswordPolicy::NUMBER,
    ];
    OWN.iter().chain(more).fold(0, |sum, number| sum.wrapping_add(db.generation(*number)))
}
