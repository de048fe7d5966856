//! The key of a parcel: a file that carries a tenant to another appliance. It is drawn from a passphrase, or agreed with the public key of the
//! receiver (X25519, RFC 7748); either way it seals one file only. The tenant's own keys never leave the vault.

use std::{fmt, str::FromStr};

use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use sha2::Sha256;

use super::{
    Cost, PublicKey, RootKeyError, Secret, Vault, VaultError,
    passphrase::{Stretch, long_enough},
    wrap::fresh,
};

/// The longest header part that a lock takes.
pub(crate) const LONGEST_LOCK: usize = 96;

/// Whom a parcel may be sealed for: the public key of an appliance, 64 hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiverKey(pub [u8; 32]);

impl fmt::Display for ReceiverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PublicKey(self.0).fmt(f)
    }
}

impl FromStr for ReceiverKey {
    type Err = super::ReceiptError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<PublicKey>().map(|key| ReceiverKey(key.0))
    }
}

/// For whom a parcel is sealed.
#[derive(Clone, Copy)]
pub enum Lock<'a> {
    /// For who knows it.
    Passphrase(&'a str),
    /// For one appliance.
    Receiver(ReceiverKey),
}

impl fmt::Debug for Lock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lock::Passphrase(_) => f.write_str("Passphrase"),
            Lock::Receiver(key) => write!(f, "Receiver({key})"),
        }
    }
}

/// With what a parcel is opened.
#[derive(Clone, Copy)]
pub enum Opening<'a> {
    /// The passphrase; whoever knows it may have made the parcel.
    Passphrase(&'a str),
    /// This appliance's own key. Anyone can seal for it, so the sender is named.
    From(PublicKey),
}

impl fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opening::Passphrase(_) => f.write_str("Passphrase"),
            Opening::From(key) => write!(f, "From({key})"),
        }
    }
}

impl Vault {
    /// The key that other appliances seal parcels for this one with.
    pub fn receiver_key(&self) -> ReceiverKey {
        ReceiverKey(MontgomeryPoint::mul_base_clamped(*self.receiver_secret()).0)
    }

    fn receiver_secret(&self) -> Secret {
        self.derive_seed("audiagram receiver x25519 1")
    }

    /// What stands in the parcel about its lock, and the key that it comes to.
    pub(crate) fn lock(lock: Lock<'_>, cost: Cost) -> Result<(Vec<u8>, Secret), VaultError> {
        match lock {
            Lock::Passphrase(text) => {
                long_enough(text)?;
                let stretch = Stretch::fresh(cost);
                let form = postcard::to_extend(&stretch, vec![1]).expect("plain numbers are written without failure");
                Ok((form, stretch.key(text)?))
            }
            Lock::Receiver(receiver) => {
                let once = fresh();
                let sent = MontgomeryPoint::mul_base_clamped(*once).0;
                let form = [&[2], sent.as_slice(), &receiver.0].concat();
                let key = agreed(MontgomeryPoint(receiver.0), &once, &form).ok_or(VaultError::Transfer)?;
                Ok((form, key))
            }
        }
    }

    /// The key of a parcel with this lock.
    pub(crate) fn unlock(&self, form: &[u8], opening: Opening<'_>) -> Result<Secret, VaultError> {
        match (form.split_first(), opening) {
            (Some((1, stretch)), Opening::Passphrase(text)) => {
                let stretch: Stretch = postcard::from_bytes(stretch).map_err(|_| VaultError::Transfer)?;
                Ok(stretch.key(text).map_err(|error| match error {
                    RootKeyError::Cost { .. } => VaultError::Root(error),
                    _ => VaultError::Transfer,
                })?)
            }
            (Some((2, keys)), Opening::From(_)) => {
                let (sent, receiver) = keys.split_first_chunk::<32>().ok_or(VaultError::Transfer)?;
                if receiver != self.receiver_key().0 {
                    return Err(VaultError::Transfer);
                }
                agreed(MontgomeryPoint(*sent), &self.receiver_secret(), form).ok_or(VaultError::Transfer)
            }
            _ => Err(VaultError::Transfer),
        }
    }
}

/// The key that both sides come to; nothing for a public key that gives everybody the same.
fn agreed(other: MontgomeryPoint, own: &Secret, form: &[u8]) -> Option<Secret> {
    let shared = Secret::new(other.mul_clamped(**own).0);
    if shared.iter().all(|byte| *byte == 0) {
        return None;
    }
    let mut key = Secret::default();
    let expanded = Hkdf::<Sha256>::new(Some(form), &shared[..]).expand(b"audiagram parcel x25519 1", &mut key[..]);
    expanded.expect("32 bytes are within the limit of HKDF");
    Some(key)
}
