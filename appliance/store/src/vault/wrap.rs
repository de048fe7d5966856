//! A key inside another key: AES-256-GCM-SIV (RFC 8452), which keeps its promises even if a nonce came twice.

use aes_gcm_siv::{
    Aes256GcmSiv, Nonce, Tag,
    aead::{AeadInOut, KeyInit},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// 256 secret bits, wiped from memory when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// Bytes of a nonce.
pub(super) const NONCE: usize = 12;
/// Bytes of a wrapped key as stored.
pub(super) const WRAPPED: usize = NONCE + 32 + 16;

/// A key that does not open, or bytes that were changed. Which of the two cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a wrapped key does not open: it is damaged or belongs to another key")]
pub struct UnwrapError;

/// A key enciphered under another; safe to store and to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    pub(super) nonce: [u8; NONCE],
    pub(super) body: [u8; 32],
    pub(super) tag: [u8; 16],
}

impl Wrapped {
    /// The 60 bytes as they stand in files.
    pub fn to_bytes(self) -> [u8; WRAPPED] {
        let mut bytes = [0; WRAPPED];
        bytes[..NONCE].copy_from_slice(&self.nonce);
        bytes[NONCE..NONCE + 32].copy_from_slice(&self.body);
        bytes[NONCE + 32..].copy_from_slice(&self.tag);
        bytes
    }
}

/// A fresh random key.
///
/// # Panics
/// When the operating system has no random numbers to give.
pub(super) fn fresh() -> Secret {
    let mut key = Secret::default();
    random(&mut key[..]);
    key
}

/// Fills `bytes` with random ones.
///
/// # Panics
/// When the operating system has no random numbers to give: nothing in the appliance is safe without them.
pub(crate) fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random numbers");
}

/// A key that wraps others, with its key schedule.
pub(super) struct Wrapper(Aes256GcmSiv);

impl Wrapper {
    pub(super) fn new(key: &Secret) -> Self {
        Self(Aes256GcmSiv::new_from_slice(&key[..]).expect("32 bytes are a key of AES-256"))
    }

    /// Wraps `secret`, bound to its `context`: it opens there only.
    pub(super) fn wrap(&self, context: &[u8], secret: &Secret) -> Wrapped {
        let mut nonce = [0; NONCE];
        random(&mut nonce);
        let mut body = **secret;
        let tag = self.0.encrypt_inout_detached(&Nonce::from(nonce), context, (&mut body[..]).into());
        Wrapped { nonce, body, tag: tag.expect("32 bytes are within the limits of the cipher").0 }
    }

    /// Opens what was wrapped in the same context.
    pub(super) fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, UnwrapError> {
        let mut secret = Zeroizing::new(wrapped.body);
        let (nonce, tag) = (Nonce::from(wrapped.nonce), Tag::from(wrapped.tag));
        self.0.decrypt_inout_detached(&nonce, context, (&mut secret[..]).into(), &tag).map_err(|_| UnwrapError)?;
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_with_the_same_key_and_context_only() {
        let (key, other, secret) = (fresh(), fresh(), fresh());
        let wrapped = Wrapper::new(&key).wrap(b"here", &secret);
        assert_eq!(Wrapper::new(&key).unwrap(b"here", &wrapped).unwrap(), secret);
        assert_eq!(Wrapper::new(&key).unwrap(b"there", &wrapped), Err(UnwrapError));
        assert_eq!(Wrapper::new(&other).unwrap(b"here", &wrapped), Err(UnwrapError));
        assert!(!wrapped.to_bytes().windows(8).any(|window| secret.windows(8).any(|part| part == window)));
    }

    #[test]
    fn any_changed_byte_is_seen() {
        let (key, secret) = (fresh(), fresh());
        let wrapped = Wrapper::new(&key).wrap(b"", &secret);
        let stored = postcard::to_allocvec(&wrapped).unwrap();
        assert_eq!(stored, wrapped.to_bytes());
        for i in 0..stored.len() {
            let mut changed = stored.clone();
            changed[i] ^= 1;
            let changed = postcard::from_bytes(&changed).unwrap();
            assert_eq!(Wrapper::new(&key).unwrap(b"", &changed), Err(UnwrapError), "byte {i}");
        }
    }
}
