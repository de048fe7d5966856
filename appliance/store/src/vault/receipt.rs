//! The signed proof that a tenant's keys are no more. Anyone can check it with the appliance's public key, without the appliance.

use std::{collections::BTreeMap, fmt, str::FromStr};

use ed25519_dalek::{Signature, VerifyingKey};
use model::{ErrorKind, Id, Timestamp, noun::Tenant};
use serde::{Deserialize, Serialize};

use super::{Vault, VaultError, row::Row};

/// What a receipt is, in the receipt.
const TYPE: &str = "audiagram erasure receipt";
/// The form of the receipt.
const VERSION: u32 = 1;

/// An Ed25519 public key; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Whether the signature is this key's over the message, by the strict rules (no malleable signatures, no weak keys).
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = VerifyingKey::from_bytes(&self.0);
        key.is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

/// A receipt of destroyed keys, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureReceipt {
    /// Always `audiagram erasure receipt`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The form of the receipt: 1.
    pub version: u32,
    /// The vault that held the keys: 32 hexadecimal digits.
    pub vault: String,
    /// Whose keys.
    pub tenant: Id<Tenant>,
    /// When they were destroyed, in milliseconds since 1970.
    pub erased: Timestamp,
    /// The keys.
    pub keys: Vec<ErasedKey>,
    /// Further facts by name: files and bytes that were removed with the keys.
    pub facts: BTreeMap<String, String>,
    /// The key that signed: 64 hexadecimal digits.
    pub public_key: String,
    /// The signature over the canonical JSON (RFC 8785) of everything else: 128 hexadecimal digits.
    pub signature: String,
}

/// A destroyed key in a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedKey {
    /// `tenant` for the key that wrapped the others, or the purpose of a data key.
    pub purpose: String,
    /// Its version.
    pub version: u32,
    /// The first 16 bytes of the SHA-256 of its wrapped form, in hexadecimal digits.
    pub fingerprint: String,
}

/// Why a receipt is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is something else.
    #[error("this is not an erasure receipt of a known form")]
    Form,
    /// It names another key than the one it is checked with.
    #[error("the receipt was signed by another appliance; check it with that one's public key")]
    OtherKey,
    /// Its signature is not over its content.
    #[error("the receipt was changed, or its signature is forged")]
    Signature,
}

impl ReceiptError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            ReceiptError::Form | ReceiptError::OtherKey => ErrorKind::Invalid,
            ReceiptError::Signature => ErrorKind::Corrupt,
        }
    }
}

impl Vault {
    /// The signed receipt of a tenant's destruction, with facts that the caller adds. Can be had again at any time.
    ///
    /// # Errors
    /// `Unscrubbed` as long as bytes of destroyed keys may be left in the vault's file; `Known` when the keys still live.
    pub fn receipt(&self, tenant: Id<Tenant>, facts: BTreeMap<String, String>) -> Result<ErasureReceipt, VaultError> {
        self.scrub(&self.turn())?;
        let destroyed = match self.row(tenant)? {
            Row::Destroyed(destroyed) => destroyed,
            Row::Live(_) => return Err(VaultError::Known(tenant)),
        };
        let keys = destroyed.keys.iter().map(|key| ErasedKey {
            purpose: key.purpose.map_or("tenant", |purpose| purpose.name()).to_owned(),
            version: key.version,
            fingerprint: hex(&key.fingerprint),
        });
        let mut receipt = ErasureReceipt {
            kind: TYPE.to_owned(),
            version: VERSION,
            vault: hex(&self.store),
            tenant,
            erased: destroyed.at,
            keys: keys.collect(),
            facts,
            public_key: self.public_key().to_string(),
            signature: String::new(),
        };
        receipt.signature = hex(&self.sign(&receipt.message()));
        Ok(receipt)
    }
}

impl ErasureReceipt {
    /// Checks the receipt with the public key of the appliance that is trusted.
    ///
    /// # Errors
    /// See [`ReceiptError`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), ReceiptError> {
        if self.kind != TYPE || self.version != VERSION {
            return Err(ReceiptError::Form);
        }
        if self.public_key.parse() != Ok(*key) {
            return Err(ReceiptError::OtherKey);
        }
        let signature = unhex(&self.signature).ok_or(ReceiptError::Signature)?;
        if key.verifies(&self.message(), &signature) { Ok(()) } else { Err(ReceiptError::Signature) }
    }

    fn message(&self) -> Vec<u8> {
        let mut value = serde_json::to_value(self).expect("texts and numbers are written without failure");
        value.as_object_mut().expect("a receipt is an object").shift_remove("signature");
        serde_json_canonicalizer::to_vec(&value).expect("texts and numbers are written without failure")
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for PublicKey {
    type Err = ReceiptError;
    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        unhex(text).map(PublicKey).ok_or(ReceiptError::Form)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| (byte as char).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes = pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8));
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::KeyFile;

    fn made() -> (ErasureReceipt, PublicKey) {
        let folder = tempfile::tempdir().unwrap();
        let root = Box::new(KeyFile::create(&folder.path().join("root")).unwrap());
        let vault = Vault::create(&folder.path().join("keys.redb"), root).unwrap();
        let tenant = Id::from_bits(5);
        vault.create_tenant(tenant).unwrap();
        assert!(matches!(vault.receipt(tenant, BTreeMap::new()), Err(VaultError::Known(_))));
        vault.destroy(tenant, Timestamp::from_millis(77)).unwrap();
        let facts = BTreeMap::from([("files removed".to_owned(), "12".to_owned())]);
        (vault.receipt(tenant, facts).unwrap(), vault.public_key())
    }

    #[test]
    fn can_be_checked_without_the_appliance() {
        let (receipt, key) = made();
        let text = serde_json::to_string_pretty(&receipt).unwrap();
        let read: ErasureReceipt = serde_json::from_str(&text).unwrap();
        assert_eq!(read.verify(&key.to_string().parse().unwrap()), Ok(()));
        assert_eq!(read.keys.len(), 5);
        assert_eq!(read.verify(&PublicKey([1; 32])), Err(ReceiptError::OtherKey));
    }

    #[test]
    fn any_change_is_seen() {
        let (receipt, key) = made();
        let changes: [fn(&mut ErasureReceipt); 8] = [
            |receipt| receipt.tenant = Id::from_bits(6),
            |receipt| receipt.erased = Timestamp::from_millis(78),
            |receipt| receipt.vault.replace_range(..1, "g"),
            |receipt| drop(receipt.keys.pop()),
            |receipt| receipt.keys[0].version += 1,
            |receipt| receipt.keys[1].fingerprint.push('0'),
            |receipt| drop(receipt.facts.insert("files removed".to_owned(), "13".to_owned())),
            |receipt| receipt.signature.make_ascii_uppercase(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = receipt.clone();
            change(&mut changed);
            assert_eq!(changed.verify(&key), Err(ReceiptError::Signature), "change {number}");
        }
        for (kind, version) in [("other", 1), (TYPE, 2)] {
            let changed = ErasureReceipt { kind: kind.to_owned(), version, ..receipt.clone() };
            assert_eq!(changed.verify(&key), Err(ReceiptError::Form));
        }
    }

    #[test]
    fn digits() {
        assert_eq!(unhex::<2>("0aff"), Some([10, 255]));
        for bad in ["", "0", "0a", "0aff0", "0aFF", "0a+f", "0aff00"] {
            assert_eq!(unhex::<2>(bad), None, "{bad}");
        }
    }
}
