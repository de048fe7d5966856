//! Those who come by a link, without an account: which tenant's, how often, with which password.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use identity::{Knock, PasswordHash, Secret, Throttle};
use library::view_link::{self, ViewLink, ViewToken};
use model::{Id, Outcome, SystemTask, noun};
use store::{EventDraft, WriteError};
use tenancy::Tenant;

use crate::{
    problem::{Code, Problem},
    request::Request,
    services::Services,
};

/// Someone with a token, or with a pass that a look has given out.
pub(super) struct Visit {
    pub(super) token: ViewToken,
    pub(super) tenant: Tenant,
}

impl Visit {
    /// The tenant of the token in the path. All that is wrong with a token looks the same.
    pub(super) fn of(services: &Services, request: &Request, throttle: &Throttle) -> Result<Visit, Problem> {
        let text = request.path.get("token").map(String::as_str).unwrap_or_default();
        let token = text.parse::<ViewToken>();
        let name = token.as_ref().map(|token| token.id().to_string()).unwrap_or_default();
        let known = token.as_ref().map_or(identity::Realm::SYSTEM, ViewToken::tenant);
        let knock = Knock { address: Some(request.address), tenant: known, name: &name };
        throttle.admit(knock, services.store.clock().now()).map_err(throttled)?;
        let token = token.map_err(|_| nothing())?;
        let tenant = tenancy::find(&services.store.system().read()?, token.tenant())?;
        let tenant = tenant.filter(Tenant::is_active).ok_or_else(nothing)?;
        Ok(Visit { token, tenant })
    }

    /// Opens a link that was found live: asks for its password where it has one, counts a view with its row, and gives out a pass.
    pub(super) fn look(
        &self,
        services: &Services,
        request: &Request,
        link: &ViewLink,
    ) -> Result<(ViewLink, ViewToken), Problem> {
        if let Some(password) = link.password() {
            self.check(services, request, link.header.id, password)?;
        }
        let event = event(request, link.header.id);
        let db = services.store.tenant(self.tenant.id)?;
        Ok(db.write::<_, Ended>(event, |tx| view_link::count(tx, &self.token)?.ok_or(Ended::Meanwhile))?)
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
pub(super) fn nothing() -> Problem {
    Problem::new(Code::NotFound, "")
}

fn throttled(throttled: identity::Throttled) -> Problem {
    let mut problem = Problem::new(Code::RateLimited, throttled.to_string());
    problem.retry_after_s = Some(throttled.seconds());
    problem
}
