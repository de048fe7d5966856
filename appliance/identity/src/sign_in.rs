//! Sign-in with a password, before anyone is known: throttled, the same for names that exist and names that do not.

use std::net::IpAddr;

use model::{AnyId, ErrorKind, Id, Outcome, SystemTask, Timestamp, noun};
use store::{Database, EventDraft, ReadError, Tx, WriteError};

mod proof;

pub use proof::Proof;

use crate::{
    Config,
    password::{self, Busy, PasswordError, PasswordHash, Passwords},
    people::PeopleError,
    realm::Realm,
    second_factor::{self, SecondFactorError, Shown},
    secret::Secret,
    session::{self, Device, Factor, Session, SessionRules, SessionToken},
    text::Email,
    throttle::{Knock, Throttle, Throttled},
    user::{self, MAX_FAILURES, MustChange, User, UserState},
};

const HOUR_MS: u64 = 3_600_000;

/// Lets people in; one for the appliance.
#[derive(Debug)]
pub struct SignIn {
    passwords: Passwords,
    throttle: Throttle,
    sessions: SessionRules,
}

/// Someone at the door.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The address as it was typed.
    pub email: String,
    /// The password as it was typed.
    pub password: Secret,
    /// The code of a second factor, or one on paper; needed of who has one.
    pub code: Option<Secret>,
    /// Where it comes from.
    pub device: Device,
    /// The session that the browser had before, which ends with a good sign-in.
    pub replaces: Option<SessionToken>,
}

/// Someone who was let in.
#[derive(Debug)]
pub struct SignedIn {
    /// The new session's secret, for the cookie.
    pub token: SessionToken,
    /// The new session.
    pub session: Session,
    /// Who it is.
    pub user: User,
    /// Why the user must choose a new password before anything else.
    pub must_change: Option<MustChange>,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address, the password, or whatever else is not right: which, is not said. The audit log knows.
    #[error("the e-mail address or the password is wrong")]
    Refused,
    /// The password is right, and a code of the second factor is needed too.
    #[error("enter the code of your second factor")]
    CodeNeeded,
    /// The password is right, the code is not.
    #[error("the code is wrong or was used already; wait for the next one")]
    Code,
    /// Too many tries.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The second factor.
    #[error(transparent)]
    SecondFactor(SecondFactorError),
    /// The new password is not good enough.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The user, the session or the store.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl SignInError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SignInError::Refused | SignInError::CodeNeeded | SignInError::Code => ErrorKind::Unauthenticated,
            SignInError::SecondFactor(error) => error.kind(),
            SignInError::Throttled(_) => ErrorKind::Exhausted,
            SignInError::Password(error) => error.kind(),
            SignInError::People(error) => error.kind(),
        }
    }
}

impl From<SecondFactorError> for SignInError {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::Code => SignInError::Code,
            SecondFactorError::People(error) => SignInError::People(error),
            other => SignInError::SecondFactor(other),
        }
    }
}

impl From<WriteError> for SignInError {
    fn from(error: WriteError) -> Self {
        SignInError::People(error.into())
    }
}
impl From<ReadError> for SignInError {
    fn from(error: ReadError) -> Self {
        SignInError::People(error.into())
    }
}
impl From<Busy> for SignInError {
    fn from(error: Busy) -> Self {
        SignInError::Password(error.into())
    }
}

/// Why a try was refused, for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Unknown,
    NoPassword,
    Inactive,
    Locked,
    Wrong,
    Changed,
    CodeNeeded,
    WrongCode,
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Reason::Unknown => "unknown_name",
            Reason::NoPassword => "no_password",
            Reason::Inactive => "not_active",
            Reason::Locked => "locked",
            Reason::Wrong => "wrong_password",
            Reason::Changed => "changed_meanwhile",
            Reason::CodeNeeded => "code_needed",
            Reason::WrongCode => "wrong_code",
        }
    }
}

impl SignIn {
    /// Sign-in by this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            passwords: Passwords::new(config.passwords.clone()),
            throttle: Throttle::new(&config.throttle),
            sessions: config.sessions.clone(),
        }
    }

    /// Judges new passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Counts tries; for codes and links too, by a name of the caller's choice.
    pub fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Signs a user of `realm`, whose file is `db`, in with a password. Good or bad, one audit row tells of it; only what the throttle
    /// refuses leaves none. An operator's sign-in raises an alarm.
    pub fn with_password(&self, db: &Database, realm: &Realm, attempt: &Attempt) -> Result<SignedIn, SignInError> {
        if !realm.owns(db) {
            return Err(SignInError::Refused);
        }
        let now = db.clock().now();
        let from = Knock { address: attempt.device.address, tenant: realm.tenant, name: &attempt.email };
        self.throttle.admit(from, now)?;

        let user = match Email::parse(&attempt.email) {
            Ok(email) => user::by_email(&db.read()?, &email)?,
            Err(_) => None,
        };
        let stored = user.as_ref().filter(|user| may_try(user).is_none()).and_then(|user| user.password.as_ref());
        let is_right = self.passwords.hasher().verify(&attempt.password, stored)?;
        let renewed = match stored {
            Some(stored) if is_right && self.passwords.hasher().is_outdated(stored) => {
                Some(self.passwords.hasher().hash(&attempt.password)?)
            }
            _ => None,
        };

        let mut event = event(SystemTask::SignIn, db.log(), attempt.device.address);
        if realm.is_system() {
            event.detail.push(("break_glass", "true".to_owned()));
            event.detail.push(("alarm", "operator_sign_in".to_owned()));
        }
        event.actor = user.as_ref().filter(|_| is_right).map(|user| user.id().erase());
        let verified = Verified { user: user.as_ref(), is_right, renewed, code: attempt.code.as_ref() };
        let signed_in = db.write(event, |tx| -> Result<_, SignInError> {
            let reason = match settle(tx, verified)? {
                Ok((user, factor)) => return self.let_in(tx, realm, user, factor, attempt).map(Ok),
                Err(reason) => reason,
            };
            tx.outcome(Outcome::Denied);
            tx.note("reason", reason.code());
            if reason == Reason::Unknown && self.throttle.unknown_name(from, now) && !realm.is_system() {
                tx.note("alarm", "many_unknown_names");
            }
            Ok(Err(reason))
        })?;
        let signed_in = match signed_in {
            Err(Reason::WrongCode) => return Err(SignInError::Code),
            Err(Reason::CodeNeeded) => Err(SignInError::CodeNeeded),
            Err(_) => return Err(SignInError::Refused),
            Ok(signed_in) => Ok(signed_in),
        };
        self.throttle.forgive(from);
        signed_in
    }

    fn let_in(
        &self,
        tx: &mut Tx<'_>,
        realm: &Realm,
        user: User,
        second: Option<Shown>,
        attempt: &Attempt,
    ) -> Result<SignedIn, SignInError> {
        if let Some(token) = &attempt.replaces {
            session::end_by_token(tx, realm, token)?;
        }
        let (mut token, mut session) =
            session::begin(tx, realm, user.id(), Factor::Password, &attempt.device, &self.sessions)?;
        tx.note("factor", "password");
        if let Some(shown) = second {
            token = session::step_up(tx, session.id(), Factor::OneTimeCode)?;
            session = session::get(tx, session.id())?;
            tx.note("factor", if shown == Shown::App { "password, code" } else { "password, recovery code" });
            tx.about(user.id().erase());
        }
        let must_change = MustChange::of(user.must_change, password::over(tx, &user)?, tx.now());
        Ok(SignedIn { token, session, user, must_change })
    }

    /// Changes the password of a user who is signed in by `session` and shows the old one; ends the user's other sessions and renews
    /// this one.
    pub fn change_password(
        &self,
        db: &Database,
        realm: &Realm,
        session: Id<noun::Session>,
        change: &PasswordChange,
    ) -> Result<SessionToken, SignInError> {
        if !realm.owns(db) {
            return Err(SignInError::Refused);
        }
        let view = db.read()?;
        let id = session::get(&view, session)?.user().ok_or(SignInError::Refused)?;
        let user = user::get(&view, id)?;
        let (policy, former) = (password::policy(&view)?, password::former(&view, &user)?);
        drop(view);
        let email = user.email.as_ref().map_or("", Email::as_str);
        let from = Knock { address: change.address, tenant: realm.tenant, name: email };
        self.throttle.admit(from, db.clock().now())?;
        let event = || EventDraft {
            actor: Some(id.erase()),
            credential: Some(session.erase()),
            ..event(SystemTask::SessionLife, id.erase(), change.address)
        };
        let stored = user.password.as_ref().filter(|_| may_try(&user).is_none());
        let is_right = self.passwords.hasher().verify(&change.old, stored)?;
        if !is_right {
            let verified = Verified { user: Some(&user), is_right, renewed: None, code: None };
            db.write(event(), |tx| -> Result<_, SignInError> {
                let reason = settle(tx, verified)?.err().unwrap_or(Reason::Changed);
                tx.outcome(Outcome::Denied);
                tx.note("reason", reason.code());
                Ok(())
            })?;
            return Err(SignInError::Refused);
        }
        let context = [user.name.as_str(), email, &realm.name, change.old.expose()];
        let hash = self.passwords.accept_by(&policy, &change.new, &context, &former)?;
        let token = db.write(event(), |tx| -> Result<_, SignInError> {
            if user::get(tx, id)?.password != user.password {
                return Err(SignInError::Refused);
            }
            user::set_password(tx, id, hash, false, Some(session))?;
            Ok(session::rotate(tx, session, std::time::Duration::ZERO)?)
        })?;
        self.throttle.forgive(from);
        Ok(token)
    }

    /// Ends a session by its own user.
    pub fn out(&self, db: &Database, session: Id<noun::Session>, address: Option<IpAddr>) -> Result<(), PeopleError> {
        let user = session::get(&db.read()?, session)?.header.owner;
        let event = event(SystemTask::SignOut, session.erase(), address);
        let event = EventDraft { actor: Some(user), credential: Some(session.erase()), ..event };
        db.write(event, |tx| session::revoke(tx, session))
    }
}

/// A change of one's own password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The password until now.
    pub old: Secret,
    /// The password from now on.
    pub new: Secret,
    /// Where the change comes from.
    pub address: Option<IpAddr>,
}

fn event(task: SystemTask, subject: AnyId, address: Option<IpAddr>) -> EventDraft {
    EventDraft { address: address.map(|address| address.to_string()), ..EventDraft::system(task, subject) }
}

/// Why no password can be right for this user.
fn may_try(user: &User) -> Option<Reason> {
    if user.state != UserState::Active {
        Some(Reason::Inactive)
    } else if user.is_locked() {
        Some(Reason::Locked)
    } else if !user.has_password() {
        Some(Reason::NoPassword)
    } else {
        None
    }
}

/// What was found out outside the write, since it takes long.
struct Verified<'a> {
    user: Option<&'a User>,
    is_right: bool,
    renewed: Option<PasswordHash>,
    code: Option<&'a Secret>,
}

/// Counts a try in the user's record, and says who may come in or why nobody.
///
/// The record's version stays: who signs in does not change what an administrator is editing.
fn settle(tx: &mut Tx<'_>, verified: Verified<'_>) -> Result<Result<(User, Option<Shown>), Reason>, PeopleError> {
    let Some(before) = verified.user else { return Ok(Err(Reason::Unknown)) };
    let mut user = user::get(tx, before.id())?;
    tx.about(user.id().erase());
    if let Some(reason) = may_try(&user) {
        return Ok(Err(reason));
    }
    if user.password != before.password {
        return Ok(Err(Reason::Changed));
    }
    if !verified.is_right {
        failed(tx, user)?;
        return Ok(Err(Reason::Wrong));
    }
    let second = match (second_factor::of_user(tx, user.id())?, verified.code) {
        (None, _) => None,
        // Failures stay counted until both are right.
        (Some(_), None) => return Ok(Err(Reason::CodeNeeded)),
        (Some(_), Some(code)) => match second_factor::show(tx, user.id(), code) {
            Ok(shown) => Some(shown),
            Err(SecondFactorError::People(error)) => return Err(error),
            Err(_) => {
                failed(tx, user)?;
                return Ok(Err(Reason::WrongCode));
            }
        },
    };
    user.failures = 0;
    user.last_sign_in = Some(Timestamp::from_millis(tx.now().millis() / HOUR_MS * HOUR_MS));
    if let Some(renewed) = verified.renewed {
        user.password = Some(renewed);
    }
    tx.put(&user)?;
    Ok(Ok((user, second)))
}

/// Counts a failure.
fn failed(tx: &mut Tx<'_>, mut user: User) -> Result<(), PeopleError> {
    user.failures += 1;
    if user.failures == MAX_FAILURES {
        tx.note("alarm", "user_locked");
    }
    tx.note("failures", user.failures.to_string());
    Ok(tx.put(&user)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        HashCost, Hasher,
        tests::{World, new_user},
    };

    #[test]
    fn what_changes_while_the_hash_is_made_counts() {
        let world = World::new();
        let hasher = Hasher::new(HashCost { memory_kib: 8, passes: 1 }, 1, 0);
        let hash = || Some(hasher.hash(&"voltmeter sieve glacier".into()).unwrap());
        let before = world.write(|tx| user::create(tx, &world.realm, new_user("ann", hash()))).unwrap();
        let settled = || {
            let verified = Verified { user: Some(&before), is_right: true, renewed: None, code: None };
            world.write(|tx| settle(tx, verified)).unwrap().map(|(user, _)| user.id())
        };
        assert_eq!(settled(), Ok(before.id()));
        world.write(|tx| user::suspend(tx, before.id())).unwrap();
        assert_eq!(settled(), Err(Reason::Inactive));
        world.write(|tx| user::resume(tx, before.id())).unwrap();
        assert_eq!(settled(), Ok(before.id()));
        world.write(|tx| user::set_password(tx, before.id(), hash().unwrap(), false, None)).unwrap();
        assert_eq!(settled(), Err(Reason::Changed));
    }
}
