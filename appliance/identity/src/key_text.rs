//! The text form of API keys: `agm_live_<tenant and key id>_<secret>_<checksum>`.
//!
//! The prefix lets scanners find leaked keys; the checksum lets them, and us, tell a key from noise without looking it up.

use std::{fmt, str::FromStr};

use model::{Id, NounKind, noun};
use zeroize::Zeroizing;

use crate::secret::{Digest, Secret, random};

/// How keys begin. Leak scanners look for it; it never changes.
pub const PREFIX: &str = "agm_live_";
const IDS: usize = 52;
/// 43 digits of base 62 are 256 bits.
const SECRET: usize = 43;
const CHECKSUM: usize = 8;
const LENGTH: usize = PREFIX.len() + IDS + 1 + SECRET + 1 + CHECKSUM;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API key's text, checked to be one.
#[derive(Clone)]
pub struct KeyText {
    tenant: Id<noun::Tenant>,
    id: Id<noun::ApiKey>,
    text: Zeroizing<String>,
}

impl KeyText {
    pub(crate) fn fresh(tenant: Id<noun::Tenant>, id: Id<noun::ApiKey>) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(PREFIX);
        text.push_str(digits(&tenant.to_string()));
        text.push_str(digits(&id.to_string()));
        text.push('_');
        let end = text.len() + SECRET;
        while text.len() < end {
            // Bytes of 248 and more are passed over, so that each digit is as likely as any other.
            let bytes = random::<32>();
            for byte in bytes.iter().filter(|byte| **byte < 248).take(end - text.len()) {
                text.push(char::from(DIGITS[usize::from(byte % 62)]));
            }
        }
        let sum = crc32fast::hash(text.as_bytes());
        text.push_str(&format!("_{sum:08x}"));
        Self { tenant, id, text }
    }

    /// The tenant in whose file it is to be looked for.
    pub fn tenant(&self) -> Id<noun::Tenant> {
        self.tenant
    }

    /// The key it claims to be.
    pub fn id(&self) -> Id<noun::ApiKey> {
        self.id
    }

    pub(crate) fn reveal(&self) -> Secret {
        Secret::from(self.text.as_str())
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(NounKind::ApiKey.label(), &[self.text.as_bytes()])
    }
}

/// The digits of an id's text form.
fn digits(id: &str) -> &str {
    &id[4..]
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyText({}, ..)", self.id)
    }
}

/// A text that is no API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseKeyError {
    /// Not the form of one.
    #[error("not an api key: expected `{PREFIX}` and {} more characters", LENGTH - PREFIX.len())]
    Form,
    /// The form of one, with a slip.
    #[error("the api key has a typing error or is cut; copy it again as a whole")]
    Checksum,
}

impl FromStr for KeyText {
    type Err = ParseKeyError;
    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        let rest = text.strip_prefix(PREFIX).ok_or(ParseKeyError::Form)?;
        if text.len() != LENGTH || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(ParseKeyError::Form);
        }
        let (body, sum) = text.split_at(LENGTH - CHECKSUM - 1);
        // Digits of either case would say the same number, and a key has one text.
        let lower = sum.starts_with('_') && !sum.bytes().any(|byte| byte.is_ascii_uppercase());
        if !lower || u32::from_str_radix(&sum[1..], 16) != Ok(crc32fast::hash(body.as_bytes())) {
            return Err(ParseKeyError::Checksum);
        }
        let (tenant, id) = rest[..IDS].split_at(IDS / 2);
        Ok(Self {
            tenant: Id::from_digits(tenant).ok_or(ParseKeyError::Form)?,
            id: Id::from_digits(id).ok_or(ParseKeyError::Form)?,
            text: Zeroizing::new(text.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_round_trip() {
        let key = KeyText::fresh(Id::from_bits(u128::MAX), Id::from_bits(5));
        let text = key.reveal();
        assert!(text.expose().len() == LENGTH && text.expose().starts_with("agm_live_7zzzz"));
        let back: KeyText = text.expose().parse().unwrap();
        assert_eq!((back.tenant(), back.id()), (key.tenant(), key.id()));
        assert!(back.digest() == key.digest());
        let secret = &text.expose()[PREFIX.len() + IDS + 1..][..SECRET];
        assert!(secret.bytes().all(|digit| digit.is_ascii_alphanumeric()));
        assert!(!format!("{key:?}").contains(secret));
        assert!(KeyText::fresh(key.tenant(), key.id()).digest() != key.digest());
    }

    proptest! {
        #[test]
        fn one_slip_is_found(at in 0..LENGTH, other in 0..62usize) {
            let text = KeyText::fresh(Id::from_bits(9), Id::from_bits(5)).reveal().expose().to_owned();
            let mut bytes = text.clone().into_bytes();
            bytes[at] = DIGITS[other];
            let slip = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(slip.parse::<KeyText>().is_ok(), slip == text);
        }

        #[test]
        fn anything_is_read_without_harm(text in "\\PC*", tail in "[a-z0-9_]{0,120}") {
            prop_assert!(text.parse::<KeyText>().is_err());
            let tail = format!("{PREFIX}{tail}");
            prop_assert!(tail.parse::<KeyText>().is_err());
        }
    }
}
