//! Who sends a request, and whoever ordered what is done in their absence.

use std::{borrow::Cow, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use identity::{
    Authenticated, Credential, MustChange, Realm, SessionToken,
    session::{self, COOKIE},
};
use jobs::Job;
use library::view_link::ViewLink;
use model::{Actor, AnyId, ErrorKind, Id, Origin, SystemTask, noun};
use tenancy::Tenant;

use super::{OPERATORS_PER_SECOND, Services};
use crate::{
    control,
    endpoints::own_event,
    grants::Grants,
    problem::{Code, Problem},
    request::Request,
    walls::{Known, Standings},
};

/// A caller who is known.
#[derive(Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// Whether a browser sent a cookie of its own accord, which another site's page may have made it do.
    pub by_cookie: bool,
    /// Why the caller must choose a new password before anything else.
    pub must_change_password: Option<MustChange>,
    /// The tenant asks for a second factor, which this session has not shown.
    pub must_show_second_factor: bool,
    /// The session's token, where it must be renewed with the answer since the user's rights changed.
    pub must_renew: Option<SessionToken>,
}

impl Services {
    /// Who sent a request, as far as rates are concerned.
    pub(crate) fn known(&self, actor: &Actor) -> Result<Known, Problem> {
        let per_second = if actor.tenant == Realm::SYSTEM {
            OPERATORS_PER_SECOND
        } else {
            self.register(actor.tenant)?.map_or(0, |tenant| tenant.limits().requests_per_second)
        };
        Ok(Known { tenant: actor.tenant, actor: actor.id, per_second })
    }

    /// Who sent a request, which came from the console or not. What a request shows goes before where it comes from.
    pub(crate) fn identify(&self, request: &Request, at_console: bool) -> Result<Caller, Problem> {
        let shows = request.header("authorization").is_some() || request.cookie(COOKIE).is_some();
        if at_console && !shows {
            return Ok(Caller {
                actor: control::caller(self, request)?,
                by_cookie: false,
                must_change_password: None,
                must_show_second_factor: false,
                must_renew: None,
            });
        }
        self.authenticate(request)
    }

    /// Who sent a request. A bearer key goes before a cookie.
    pub fn authenticate(&self, request: &Request) -> Result<Caller, Problem> {
        let (credential, by_cookie) = match Self::credential(request) {
            Some((key, false)) => (Credential::from_bearer(&key)?, false),
            Some((value, true)) => (Credential::from_cookie(&value)?, true),
            None => {
                return Err(Problem::new(Code::Unauthenticated, "sign in, or send an API key as bearer token"));
            }
        };
        let known = self.authenticated(&credential, request.address)?;
        let must_renew = match credential {
            Credential::Session(token) if known.must_rotate => Some(token),
            _ => None,
        };
        Ok(Caller {
            actor: known.actor,
            by_cookie,
            must_change_password: known.must_change_password,
            must_show_second_factor: known.must_show_second_factor,
            must_renew,
        })
    }

    /// Who shows a credential that leads to no session of a browser.
    pub(crate) fn known_by(&self, credential: &Credential, address: IpAddr) -> Result<Actor, Problem> {
        Ok(self.authenticated(credential, address)?.actor)
    }

    /// Whoever a schedule acts for, as they are now.
    pub(crate) fn of_schedule(
        &self,
        tenant: Id<noun::Tenant>,
        owner: AnyId,
        schedule: Id<noun::Schedule>,
    ) -> Result<Actor, Problem> {
        self.in_absence(tenant, owner, Origin::Schedule(schedule))
    }

    /// Whoever has ordered a job, as they are now; the console is who it always is.
    pub(crate) fn of_job(&self, tenant: Id<noun::Tenant>, job: &Job) -> Result<Actor, Problem> {
        if job.header.owner == control::own_id() {
            return Ok(control::in_tenant(self, tenant, job.header.home));
        }
        self.in_absence(tenant, job.header.owner, Origin::Job(job.header.id))
    }

    /// Whoever has made a link, as they are now; the console is who it always is.
    pub(crate) fn of_link(&self, tenant: &Tenant, link: &ViewLink) -> Result<Actor, Problem> {
        if link.header.owner == control::own_id() {
            return Ok(control::in_tenant(self, tenant.id, tenant.home));
        }
        self.in_absence(tenant.id, link.header.owner, Origin::Link(link.header.id))
    }

    fn in_absence(&self, tenant: Id<noun::Tenant>, owner: AnyId, origin: Origin) -> Result<Actor, Problem> {
        let realm = self.realm_of(tenant)?.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
        let db = self.gate.file(tenant)?;
        Ok(identity::in_absence(&db, &realm, owner, origin, &Grants)?)
    }

    /// Whose session it is and where; nothing of one that is not good. That somebody looks is no use of it.
    pub(crate) fn whose(&self, token: &SessionToken) -> Result<Option<(Realm, AnyId)>, Problem> {
        let Some(realm) = self.realm_of(token.tenant())? else { return Ok(None) };
        let db = self.gate.file(realm.tenant)?;
        match self.authenticator.whose(&Credential::Session(token.clone()), &db, &realm, &Grants) {
            Ok(id) => Ok(Some((realm, id))),
            Err(error) if error.kind() == ErrorKind::Unauthenticated => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts a credential that is no good against the address that it came from.
    pub(crate) fn count_bad(&self, address: IpAddr) {
        let _ = self.walls.count_stranger(address, self.micros(), &mut Standings::default());
    }

    fn authenticated(&self, credential: &Credential, address: IpAddr) -> Result<Authenticated, Problem> {
        let realm = self
            .realm_of(credential.tenant())?
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "the session or api key is not known; sign in again"))?;
        let db = self.gate.file(realm.tenant)?;
        let known = self.authenticator.authenticate(credential, &db, &realm, &Grants, Some(address))?;
        if known.must_store_uses {
            // A failure here loses when a key was last used, which is not worth failing the request for.
            let _ = self.authenticator.store_uses(&db, &realm);
        }
        Ok(known)
    }

    /// Gives the session of a request a new token and says the cookie for it; nothing where another request of the same page was
    /// quicker, or the session has ended meanwhile.
    pub(crate) fn renew(&self, request: &Request, token: &SessionToken) -> Result<Option<identity::Secret>, Problem> {
        let actor = request.actor()?;
        let rules = &self.identity.sessions;
        let event = own_event(request, actor, SystemTask::SessionLife, token.id().erase());
        let renewed = self
            .file(actor)?
            .write::<_, NotDue>(event, |tx| session::rotate_if_due(tx, token, rules)?.ok_or(NotDue::Done));
        match renewed {
            Ok(token) => Ok(Some(session::cookie(&token, rules))),
            Err(NotDue::Done) => Ok(None),
            Err(NotDue::Failed(error)) => Err(error.into()),
        }
    }

    /// What a request shows of its sender, and whether as a cookie. Tools that know names and passwords only send an API key as the
    /// password, with any name; what is no key (the password of a view link) says nothing of who sends it.
    pub(crate) fn credential(request: &Request) -> Option<(Cow<'_, str>, bool)> {
        let shown = request.header("authorization").unwrap_or_default();
        if let Some(key) = shown.strip_prefix("Bearer ") {
            return Some((key.trim().into(), false));
        }
        if let Some(key) = shown.strip_prefix("Basic ").and_then(key_of_basic) {
            return Some((key.into(), false));
        }
        request.cookie(COOKIE).map(|value| (value.into(), true))
    }
}

/// Why no token was renewed: a write that changes nothing must leave no row.
enum NotDue {
    /// Another request has done it.
    Done,
    /// It could not be done.
    Failed(identity::PeopleError),
}

impl From<identity::PeopleError> for NotDue {
    fn from(error: identity::PeopleError) -> Self {
        NotDue::Failed(error)
    }
}
impl From<store::WriteError> for NotDue {
    fn from(error: store::WriteError) -> Self {
        NotDue::Failed(error.into())
    }
}

/// The API key that stands as the password in what `Basic` has.
fn key_of_basic(pair: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    password.starts_with("agm_").then(|| password.to_owned())
}
