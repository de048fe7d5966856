//! What is done by who is signed in and proves it once more.

use std::net::IpAddr;

use model::{Id, Outcome, SystemTask, noun};
use store::{Database, EventDraft, Tx};

use super::{Reason, SignIn, SignInError, event, failed, may_try};
use crate::{
    realm::Realm,
    second_factor::{self, Offer, SecondFactorError},
    secret::Secret,
    session::{self, Factor, SessionToken},
    text::Email,
    throttle::Knock,
    user::{self, User},
};

/// What somebody who is signed in shows once more: the password, or a code.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The session in which it is shown.
    pub session: Id<noun::Session>,
    /// The password or the code as it was typed.
    pub secret: Secret,
    /// Where it comes from.
    pub address: Option<IpAddr>,
}

impl SignIn {
    /// Begins to set up a second factor, for the password: else whoever finds an open browser would lock its owner out.
    pub fn begin_second_factor(&self, db: &Database, realm: &Realm, proof: &Proof) -> Result<Offer, SignInError> {
        let looks = |user: &User| Ok(self.passwords.hasher().verify(&proof.secret, user.password.as_ref())?);
        self.prove(db, realm, proof, looks, |tx, user, is_right| {
            if !is_right {
                return Ok(Err(Reason::Wrong));
            }
            Ok(Ok(second_factor::begin(tx, user)?))
        })
    }

    /// Has the factor that was begun count, for a code of it: the codes on paper, and the session's new token.
    pub fn confirm_second_factor(
        &self,
        db: &Database,
        realm: &Realm,
        proof: &Proof,
    ) -> Result<(Vec<Secret>, SessionToken), SignInError> {
        self.show_code(db, realm, proof, second_factor::confirm)
    }

    /// Shows the second factor in a session, which gets a new token.
    pub fn show_second_factor(&self, db: &Database, realm: &Realm, proof: &Proof) -> Result<SessionToken, SignInError> {
        Ok(self.show_code(db, realm, proof, second_factor::show)?.1)
    }

    /// Takes a code by `check`, and steps the session up.
    fn show_code<T>(
        &self,
        db: &Database,
        realm: &Realm,
        proof: &Proof,
        check: impl FnOnce(&mut Tx<'_>, Id<noun::User>, &Secret) -> Result<T, SecondFactorError>,
    ) -> Result<(T, SessionToken), SignInError> {
        self.prove(
            db,
            realm,
            proof,
            |_| Ok(()),
            |tx, user, ()| {
                let shown = match check(tx, user, &proof.secret) {
                    Err(SecondFactorError::Code) => return Ok(Err(Reason::WrongCode)),
                    other => other?,
                };
                Ok(Ok((shown, session::step_up(tx, proof.session, Factor::OneTimeCode)?)))
            },
        )
    }

    /// One throttled try by the user of a session. `look` finds out what takes long, before the write; what `then` says is wrong is counted
    /// as a failure, with one audit row that tells of it.
    fn prove<L, T>(
        &self,
        db: &Database,
        realm: &Realm,
        proof: &Proof,
        look: impl FnOnce(&User) -> Result<L, SignInError>,
        then: impl FnOnce(&mut Tx<'_>, Id<noun::User>, L) -> Result<Result<T, Reason>, SignInError>,
    ) -> Result<T, SignInError> {
        if !realm.owns(db) {
            return Err(SignInError::Refused);
        }
        let view = db.read()?;
        let id = session::get(&view, proof.session)?.user().ok_or(SignInError::Refused)?;
        let user = user::get(&view, id)?;
        drop(view);
        let email = user.email.as_ref().map_or("", Email::as_str);
        let from = Knock { address: proof.address, tenant: realm.tenant, name: email };
        self.throttle.admit(from, db.clock().now())?;
        let looked = look(&user)?;
        let event = EventDraft {
            actor: Some(id.erase()),
            credential: Some(proof.session.erase()),
            ..event(SystemTask::SessionLife, id.erase(), proof.address)
        };
        let proven = db.write(event, |tx| -> Result<_, SignInError> {
            let user = user::get(tx, id)?;
            tx.about(id.erase());
            let refused = match may_try(&user) {
                Some(reason) => reason,
                None => match then(tx, id, looked)? {
                    Ok(done) => return Ok(Ok(done)),
                    Err(reason) => {
                        failed(tx, user)?;
                        reason
                    }
                },
            };
            tx.outcome(Outcome::Denied);
            tx.note("reason", refused.code());
            Ok(Err(refused))
        })?;
        match proven {
            Ok(done) => {
                self.throttle.forgive(from);
                Ok(done)
            }
            Err(Reason::WrongCode) => Err(SignInError::Code),
            Err(_) => Err(SignInError::Refused),
        }
    }
}
