//! Finds out who is calling: users, groups, service accounts, invitations, passwords, sessions, API keys.
//!
//! What changes is a function of a `Tx`, what looks is a function of anything that reads; whether the caller may is for the access
//! crate. Only sign-in, which happens before anyone is known, makes its own writes. Synchronous; knows no network.
//!
//! Never here: a secret in a log, a debug output, an audit row or a readable format.

pub mod api_key;
mod authenticate;
mod cache;
mod config;
pub mod group;
mod headed;
pub mod invitation;
mod key_text;
mod last_use;
pub mod password;
mod people;
mod policy;
mod realm;
pub mod scram;
pub mod second_factor;
mod secret;
pub mod service_account;
pub mod session;
pub mod setup;
mod sign_in;
#[cfg(test)]
mod tests;
mod text;
mod throttle;
mod token;
pub mod user;

pub use api_key::{ApiKey, KeyRules, NewKey};
pub use authenticate::{AuthError, Authenticated, Authenticator, Credential, GrantSource, in_absence};
pub use config::Config;
pub use group::Group;
pub use invitation::{Invitation, InvitationToken, NewInvitation};
pub use key_text::{KeyText, PREFIX as KEY_PREFIX, ParseKeyError};
pub use password::{
    Busy, HashCost, Hasher, PasswordBounds, PasswordError, PasswordHash, PasswordPolicy, PasswordRules, Passwords,
    block_list,
};
pub use people::PeopleError;
pub use policy::{Bounds, PolicyError};
pub use realm::Realm;
pub use scram::{Exchange, ProvenKey, ScramError};
pub use second_factor::{SecondFactor, SecondFactorError, SignInRules};
pub use secret::{Digest as TokenDigest, Secret};
pub use service_account::{ServiceAccount, ServiceAccountChange};
pub use session::{Device, Factor, LiveSession, Session, SessionBounds, SessionPolicy, SessionRules, SessionToken};
pub use sign_in::{Attempt, PasswordChange, Proof, SignIn, SignInError, SignedIn};
pub use text::{Email, MAX_NAME, TextError};
pub use throttle::{Knock, Throttle, ThrottleRules, Throttled};
pub use token::{ParseTokenError, Token};
pub use user::{MAX_FAILURES, MustChange, NewUser, User, UserChange, UserState};
