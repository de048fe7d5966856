//! The first owner of a tenant, or the first operator of the appliance: whoever has the code that was printed on the console.

use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx};
use zeroize::Zeroizing;

use crate::{
    people::{PeopleError, number},
    realm::Realm,
    secret::{Digest, Secret, random},
    user::{self, NewUser, User},
};

/// The alphabet of ids, in which no two digits look alike.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 25 digits are 125 bits.
const GROUPS: usize = 5;
const GROUP: usize = 5;

/// The code that is out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) digest: Digest,
    pub(crate) expires: Timestamp,
}

impl Record for Setup {
    const NAME: &'static str = "setup code";
    const NUMBER: u8 = number::SETUP;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Makes the code for the first owner; an earlier one is void. Only its digest is stored: print it now.
pub fn begin(tx: &mut Tx<'_>, valid_for: Duration) -> Result<Secret, PeopleError> {
    let code = fresh();
    tx.put(&Setup { digest: digest(&code), expires: tx.now().after(valid_for) })?;
    tx.note("setup_code", "made");
    Ok(code)
}

/// 125 random bits that can be read out and typed in; a password for one sign-in, too.
pub fn fresh() -> Secret {
    let bytes = random::<{ GROUPS * GROUP }>();
    let digits: String = bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect();
    let digits = Zeroizing::new(digits);
    let groups: Vec<&str> = (0..GROUPS).map(|group| &digits[group * GROUP..][..GROUP]).collect();
    Secret::from(groups.join("-"))
}

/// Whether a code is out and still good.
pub fn is_open(read: &impl Read, now: Timestamp) -> Result<bool, ReadError> {
    Ok(read.get::<Setup>(&0)?.is_some_and(|setup| now < setup.expires))
}

/// Whether a code is the one that is out; to be asked before a password is hashed.
pub fn check(read: &impl Read, code: &Secret, now: Timestamp) -> Result<(), PeopleError> {
    match read.get::<Setup>(&0)? {
        Some(setup) if setup.digest == digest(code) && now < setup.expires => Ok(()),
        _ => Err(PeopleError::Code),
    }
}

/// Makes the first user for the right code, which is used up in the same commit. To be made owner by the caller, in this write.
pub fn claim(tx: &mut Tx<'_>, realm: &Realm, code: &Secret, new: NewUser) -> Result<User, PeopleError> {
    check(tx, code, tx.now())?;
    tx.delete::<Setup>(&0)?;
    tx.note("setup_code", "used");
    user::create(tx, realm, new)
}

fn digest(code: &Secret) -> Digest {
    Digest::of("setup", &[as_typed(code).as_bytes()])
}

/// A code of [`fresh`] as a person may type it, made one: any case, with or without hyphens, with letters for the digits they look like.
pub(crate) fn as_typed(code: &Secret) -> Zeroizing<String> {
    let digits = code.expose().chars().filter(|letter| *letter != '-' && !letter.is_whitespace());
    digits
        .map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .take(GROUPS * GROUP + 1)
        .collect::<String>()
        .into()
}
