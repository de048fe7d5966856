//! Tokens: what a browser keeps in its cookie, and what stands in the link of an invitation.

use std::{fmt, marker::PhantomData, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Id, Noun, noun::Tenant};
use zeroize::Zeroizing;

use crate::secret::{Digest, Secret, random};

const SECRET: usize = 32;
const BYTES: usize = 16 + 16 + SECRET;
/// How many characters the text form has.
const LENGTH: usize = 86;

/// The secret by which a thing of kind `K` is used: tenant, id and 256 random bits. Its digest is stored; the token itself is
/// only with the person it was given to.
pub struct Token<K> {
    tenant: Id<Tenant>,
    id: [u8; 16],
    secret: Zeroizing<[u8; SECRET]>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Noun> Token<K> {
    /// A fresh one, for the thing with this id.
    pub fn fresh(tenant: Id<Tenant>, id: Id<K>) -> Self {
        Self { tenant, id: id.to_bytes(), secret: random(), kind: PhantomData }
    }

    /// The tenant in whose file it is to be looked for.
    pub fn tenant(&self) -> Id<Tenant> {
        self.tenant
    }

    /// What it claims to be the secret of.
    pub fn id(&self) -> Id<K> {
        Id::from_bytes(self.id)
    }

    /// The text form: 86 characters of URL-safe base 64.
    pub fn reveal(&self) -> Secret {
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes[..16].copy_from_slice(&self.tenant.to_bytes());
        bytes[16..32].copy_from_slice(&self.id);
        bytes[32..].copy_from_slice(&*self.secret);
        Secret::from(URL_SAFE_NO_PAD.encode(*bytes))
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(K::KIND.label(), &[&self.tenant.to_bytes(), &self.id, &*self.secret])
    }
}

impl<K> Clone for Token<K> {
    fn clone(&self) -> Self {
        Self { tenant: self.tenant, id: self.id, secret: self.secret.clone(), kind: PhantomData }
    }
}
impl<K: Noun> fmt::Debug for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, ..)", self.id())
    }
}

/// A text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token: expected {LENGTH} characters of URL-safe base 64, as they were given out")]
pub struct ParseTokenError;

impl<K: Noun> FromStr for Token<K> {
    type Err = ParseTokenError;
    fn from_str(text: &str) -> Result<Self, ParseTokenError> {
        if text.len() != LENGTH {
            return Err(ParseTokenError);
        }
        let mut bytes = Zeroizing::new([0; BYTES]);
        let read = URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes).map_err(|_| ParseTokenError)?;
        if read != BYTES {
            return Err(ParseTokenError);
        }
        let part = |from: usize| <[u8; 16]>::try_from(&bytes[from..from + 16]).expect("16 of 64 bytes");
        let mut secret = Zeroizing::new([0; SECRET]);
        secret.copy_from_slice(&bytes[32..]);
        Ok(Self { tenant: Id::from_bytes(part(0)), id: part(16), secret, kind: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::noun::{Invitation, Session};

    #[test]
    fn texts_round_trip() {
        let token = Token::<Session>::fresh(Id::from_bits(7), Id::from_bits(u128::MAX));
        let text = token.reveal();
        let back: Token<Session> = text.expose().parse().unwrap();
        assert_eq!((back.tenant(), back.id()), (token.tenant(), token.id()));
        assert!(back.digest() == token.digest());
        assert!(!format!("{token:?}").contains(&text.expose()[50..]));
        let other: Token<Invitation> = text.expose().parse().unwrap();
        assert!(other.digest() != token.digest(), "a token of one kind is none of another");
        let twin = Token::<Session>::fresh(Id::from_bits(7), Id::from_bits(u128::MAX));
        assert!(twin.digest() != token.digest(), "no two are the same");
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_one_token(text in "[A-Za-z0-9_-]{86}", noise in "\\PC{0,100}") {
            for text in [text, noise] {
                // No two texts are the same token.
                if let Ok(token) = text.parse::<Token<Session>>() {
                    let back = token.reveal();
                    proptest::prop_assert_eq!(back.expose(), text);
                }
            }
        }
    }

    #[test]
    fn texts_that_are_no_tokens() {
        let good = Token::<Session>::fresh(Id::from_bits(7), Id::from_bits(8)).reveal();
        let good = good.expose();
        let longer = format!("{good}A");
        let blank = good.replace(&good[40..41], " ");
        let last = format!("{}_", &good[..85]);
        for bad in ["", "A", &good[1..], &longer, &blank, &last, &"é".repeat(43)] {
            assert!(bad.parse::<Token<Session>>().is_err(), "{bad}");
        }
    }
}
