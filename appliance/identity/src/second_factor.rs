//! Second factors: codes of an app on a telephone (TOTP, RFC 6238), and codes on paper for the day the telephone is gone.

use model::{ErrorKind, Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};
use totp_rs::{Algorithm, Builder, Totp, TotpError};

use crate::{
    people::{PeopleError, number},
    secret::{Digest, Secret, random, stored_only},
    session::{self, Factor},
    setup,
    user::{self, User},
};

/// How many codes on paper there are.
pub const RECOVERY_CODES: usize = 8;
/// What RFC 6238 recommends and every app knows: other steps, lengths and hashes are ignored by some of them.
const STEP_S: u64 = 30;
const DIGITS: u8 = 6;
/// Codes of the step before and after count too, for clocks that are off.
const SKEW: u16 = 1;
/// What apps show above the code.
const ISSUER: &str = "Audiagram";

/// The second factor of a user.
#[derive(Debug, Serialize, Deserialize)]
pub struct SecondFactor {
    pub(crate) user: Id<noun::User>,
    pub(crate) key: Key,
    /// Since when it counts; nothing while it is being set up.
    pub(crate) since: Option<Timestamp>,
    /// The last step whose code was taken: each is good once.
    pub(crate) used: u64,
    /// Codes on paper that are left.
    pub(crate) recovery: Vec<Digest>,
}

/// What codes follow from. It cannot be a digest: codes are computed from it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(#[serde(serialize_with = "stored_only")] pub(crate) [u8; 20]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Record for SecondFactor {
    const NAME: &'static str = "second factor";
    const NUMBER: u8 = number::SECOND_FACTOR;
    type Key = Id<noun::User>;
    fn key(&self) -> Self::Key {
        self.user
    }
}

impl SecondFactor {
    /// Since when it counts.
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// How many codes on paper are left.
    pub fn recovery_left(&self) -> usize {
        self.recovery.len()
    }
}

/// Whether users must have a second factor. One record a tenant; not without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignInRules {
    /// Whether who signs in with a password alone can do nothing but set one up.
    pub second_factor_required: bool,
}

impl Record for SignInRules {
    const NAME: &'static str = "sign-in rules";
    const NUMBER: u8 = number::SIGN_IN_RULES;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Why a second factor is not set up, shown or removed.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// There is one already.
    #[error("there is a second factor already; remove it first")]
    Exists,
    /// There is none, or it is not confirmed yet.
    #[error("there is no second factor; set one up first")]
    Missing,
    /// The code is wrong, or was used before.
    #[error("the code is wrong or was used already; wait for the next one")]
    Code,
    /// The name cannot stand in the address that apps read.
    #[error("the app's address cannot be made")]
    Address(#[from] TotpError),
    /// The user or the store.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl SecondFactorError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SecondFactorError::Exists => ErrorKind::Conflict,
            SecondFactorError::Missing => ErrorKind::NotFound,
            SecondFactorError::Code => ErrorKind::Invalid,
            SecondFactorError::Address(_) => ErrorKind::Bug,
            SecondFactorError::People(error) => error.kind(),
        }
    }
}

impl From<WriteError> for SecondFactorError {
    fn from(error: WriteError) -> Self {
        SecondFactorError::People(error.into())
    }
}
impl From<ReadError> for SecondFactorError {
    fn from(error: ReadError) -> Self {
        SecondFactorError::People(error.into())
    }
}

/// What a user's app is told.
#[derive(Debug)]
pub struct Offer {
    /// The key in base 32, to be typed.
    pub key: Secret,
    /// The same as `otpauth://` address, to be scanned.
    pub address: Secret,
}

/// What a code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// One of the app.
    App,
    /// One on paper, which is gone now; so many are left.
    Paper(usize),
}

/// The second factor of a user, if it counts.
pub fn of_user(read: &impl Read, user: Id<noun::User>) -> Result<Option<SecondFactor>, ReadError> {
    Ok(read.get::<SecondFactor>(&user)?.filter(|factor| factor.since.is_some()))
}

/// The rules of a tenant.
pub fn rules(read: &impl Read) -> Result<SignInRules, ReadError> {
    Ok(read.get::<SignInRules>(&0)?.unwrap_or_default())
}

/// Sets the rules of a tenant.
pub fn set_rules(tx: &mut Tx<'_>, rules: SignInRules) -> Result<(), WriteError> {
    tx.note("second_factor", if rules.second_factor_required { "required" } else { "optional" });
    tx.put(&rules)
}

/// Begins to set one up: a key that counts once a code of it was shown. One that was begun before is void.
pub fn begin(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<Offer, SecondFactorError> {
    let person = user::get(tx, user)?;
    person.require_active()?;
    if of_user(tx, user)?.is_some() {
        return Err(SecondFactorError::Exists);
    }
    let factor = SecondFactor { user, key: Key(*random()), since: None, used: 0, recovery: Vec::new() };
    tx.about(user.erase());
    tx.note("second_factor", "begun");
    tx.put(&factor)?;
    // The address that one signs in with tells accounts apart in an app. A colon ends the issuer there.
    let account = person.email.as_ref().map_or(person.name.as_str(), |email| email.as_str()).replace(':', "");
    let totp = code_of(&factor).with_account_name(account).with_issuer(Some(ISSUER)).build()?;
    Ok(Offer { key: Secret::from(totp.secret().to_base32()), address: Secret::from(totp.to_url()?) })
}

/// Has the factor that was begun count, for a code of it; the codes on paper, which are shown this once.
pub fn confirm(tx: &mut Tx<'_>, user: Id<noun::User>, code: &Secret) -> Result<Vec<Secret>, SecondFactorError> {
    let mut factor = tx.get::<SecondFactor>(&user)?.ok_or(SecondFactorError::Missing)?;
    if factor.since.is_some() {
        return Err(SecondFactorError::Exists);
    }
    factor.used = step_of(&factor, code, tx.now()).ok_or(SecondFactorError::Code)?;
    factor.since = Some(tx.now());
    tx.about(user.erase());
    tx.note("second_factor", "set_up");
    with_fresh_codes(tx, factor)
}

/// Takes a code: of the app, or on paper. Each is good once.
pub fn show(tx: &mut Tx<'_>, user: Id<noun::User>, code: &Secret) -> Result<Shown, SecondFactorError> {
    let mut factor = of_user(tx, user)?.ok_or(SecondFactorError::Missing)?;
    let shown = if let Some(step) = step_of(&factor, code, tx.now()).filter(|step| *step > factor.used) {
        factor.used = step;
        Shown::App
    } else {
        let digest = paper(user, code);
        let at = factor.recovery.iter().position(|left| *left == digest).ok_or(SecondFactorError::Code)?;
        factor.recovery.remove(at);
        tx.note("recovery_codes_left", factor.recovery.len().to_string());
        Shown::Paper(factor.recovery.len())
    };
    tx.put(&factor)?;
    Ok(shown)
}

/// Makes new codes on paper; those before are void.
pub fn renew_codes(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<Vec<Secret>, SecondFactorError> {
    let factor = of_user(tx, user)?.ok_or(SecondFactorError::Missing)?;
    tx.about(user.erase());
    tx.note("recovery_codes", "renewed");
    with_fresh_codes(tx, factor)
}

/// Removes a second factor. Sessions go on with a password alone, as far as they go on.
pub fn remove(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<(), SecondFactorError> {
    if !tx.delete::<SecondFactor>(&user)? {
        return Err(SecondFactorError::Missing);
    }
    session::forget_factor(tx, user, Factor::OneTimeCode)?;
    tx.about(user.erase());
    tx.note("second_factor", "removed");
    Ok(())
}

/// Removes the second factor of someone who has lost it, and ends their sessions.
pub fn reset(tx: &mut Tx<'_>, user: Id<noun::User>) -> Result<User, SecondFactorError> {
    let person = user::get(tx, user)?;
    remove(tx, user)?;
    let ended = session::revoke_all(tx, user, None)?;
    tx.note("sessions_ended", ended.to_string());
    Ok(person)
}

fn with_fresh_codes(tx: &mut Tx<'_>, mut factor: SecondFactor) -> Result<Vec<Secret>, SecondFactorError> {
    let codes: Vec<Secret> = (0..RECOVERY_CODES).map(|_| setup::fresh()).collect();
    factor.recovery = codes.iter().map(|code| paper(factor.user, code)).collect();
    tx.put(&factor)?;
    Ok(codes)
}

/// What is stored of a code on paper. It has 125 random bits, so that a fast digest keeps it safe.
fn paper(user: Id<noun::User>, code: &Secret) -> Digest {
    Digest::of("recovery code", &[&user.to_bytes(), setup::as_typed(code).as_bytes()])
}

fn code_of(factor: &SecondFactor) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_S)
        .with_secret(factor.key.0.to_vec())
}

/// The step whose code this is, if it is one of now. Blanks between digits, as apps show them, do not count.
fn step_of(factor: &SecondFactor, code: &Secret, now: Timestamp) -> Option<u64> {
    let digits: zeroize::Zeroizing<String> = code
        .expose()
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .take(usize::from(DIGITS) + 1)
        .collect::<String>()
        .into();
    let totp: Totp = code_of(factor).build().ok()?;
    totp.check(&digits, now.millis() / 1_000)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tests::World;

    /// What an app that was told this key shows at this moment.
    pub(crate) fn app(key: &Secret, at: Timestamp) -> Secret {
        let secret = totp_rs::Secret::try_from_base32(key.expose()).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        Secret::from(totp.generate(at.millis() / 1_000).to_string())
    }

    fn write<T>(
        world: &World,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, SecondFactorError>,
    ) -> Result<T, SecondFactorError> {
        let event = store::EventDraft::system(model::SystemTask::SessionLife, world.db.log());
        world.db.write(event, change)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B: the key is the ASCII text, the last six of eight digits.
        let key = Key(*b"12345678901234567890");
        let factor = SecondFactor { user: Id::from_bits(1), key, since: None, used: 0, recovery: Vec::new() };
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let at = |second: u64| Timestamp::from_millis(second * 1_000);
            assert_eq!(step_of(&factor, &code.into(), at(second)), Some(second / 30), "{second}");
            assert_eq!(step_of(&factor, &code.into(), at(second + 90)), None);
        }
        for odd in ["", "28708", "2870820", "28708２", "+28708", "-28708"] {
            assert_eq!(step_of(&factor, &odd.into(), Timestamp::from_millis(59_000)), None, "{odd}");
        }
        assert!(step_of(&factor, &"287 082".into(), Timestamp::from_millis(59_000)).is_some());
    }

    #[test]
    fn a_factor_is_set_up_used_and_removed() {
        let world = World::new();
        let ann = world.user("ann");
        let is_set_up = || of_user(&world.db.read().unwrap(), ann).unwrap().is_some();
        let Offer { key, address } = write(&world, |tx| begin(tx, ann)).unwrap();
        assert!(address.expose().starts_with("otpauth://totp/Audiagram:ann%40example.org?"), "{}", address.expose());
        assert!(address.expose().contains(key.expose()) && !is_set_up());
        assert!(matches!(write(&world, |tx| show(tx, ann, &"000000".into())), Err(SecondFactorError::Missing)));
        // Begun anew, the first key is void.
        let Offer { key: other, .. } = write(&world, |tx| begin(tx, ann)).unwrap();
        let now = || world.db.clock().now();
        assert!(matches!(write(&world, |tx| confirm(tx, ann, &app(&key, now()))), Err(SecondFactorError::Code)));
        let key = other;
        let first = app(&key, now());
        let codes = write(&world, |tx| confirm(tx, ann, &first)).unwrap();
        assert!(codes.len() == RECOVERY_CODES && is_set_up());
        assert!(matches!(write(&world, |tx| begin(tx, ann)), Err(SecondFactorError::Exists)));

        // The code that confirmed it is used up; the next is good once.
        assert!(matches!(write(&world, |tx| show(tx, ann, &first)), Err(SecondFactorError::Code)));
        world.clock.advance(Duration::from_secs(30));
        let next = app(&key, now());
        assert_eq!(write(&world, |tx| show(tx, ann, &next)).unwrap(), Shown::App);
        assert!(matches!(write(&world, |tx| show(tx, ann, &next)), Err(SecondFactorError::Code)));
        // So is each code on paper, however it is typed.
        let typed = Secret::from(codes[3].expose().to_uppercase().replace('-', " "));
        assert_eq!(write(&world, |tx| show(tx, ann, &typed)).unwrap(), Shown::Paper(RECOVERY_CODES - 1));
        assert!(matches!(write(&world, |tx| show(tx, ann, &codes[3])), Err(SecondFactorError::Code)));
        let bob = world.user("bob");
        assert!(matches!(write(&world, |tx| show(tx, bob, &codes[4])), Err(SecondFactorError::Missing)));
        let renewed = write(&world, |tx| renew_codes(tx, ann)).unwrap();
        assert!(matches!(write(&world, |tx| show(tx, ann, &codes[4])), Err(SecondFactorError::Code)));
        assert!(write(&world, |tx| show(tx, ann, &renewed[0])).is_ok());

        let token = world.session(ann);
        write(&world, |tx| Ok(session::step_up(tx, token.id(), Factor::OneTimeCode)?)).unwrap();
        let level = || session::get(&world.db.read().unwrap(), token.id()).unwrap().assurance().level;
        assert_eq!(level(), 2);
        write(&world, |tx| remove(tx, ann)).unwrap();
        assert!(!is_set_up() && level() == 1);
        assert_eq!(world.last_row().detail["second_factor"], "removed");
        assert!(matches!(write(&world, |tx| remove(tx, ann)), Err(SecondFactorError::Missing)));
    }

    #[test]
    fn who_is_removed_leaves_no_key() {
        let world = World::new();
        let ann = world.user("ann");
        write(&world, |tx| begin(tx, ann)).unwrap();
        world.write(|tx| user::remove(tx, ann)).unwrap();
        assert!(world.db.read().unwrap().get::<SecondFactor>(&ann).unwrap().is_none());
    }
}
