//! A tenant's keys in memory.

use std::fmt;

use hkdf::Hkdf;
use model::{Id, noun::Tenant};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::wrap::{Secret, fresh};

/// What a data key is for. Numbers are part of stored bytes and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Purpose {
    /// The pages of the tenant's database.
    Database = 1,
    /// Recordings, videos and other files.
    Blob = 2,
    /// The search index.
    Search = 3,
    /// Copies of the tenant outside the store.
    Backup = 4,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Purpose] = &[Purpose::Database, Purpose::Blob, Purpose::Search, Purpose::Backup];

    /// The name in receipts.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Database => "database",
            Purpose::Blob => "blob",
            Purpose::Search => "search",
            Purpose::Backup => "backup",
        }
    }
}

impl From<Purpose> for u8 {
    fn from(purpose: Purpose) -> u8 {
        purpose as u8
    }
}
impl TryFrom<u8> for Purpose {
    type Error = &'static str;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Purpose::ALL.iter().copied().find(|purpose| *purpose as u8 == number).ok_or("unknown purpose of a key")
    }
}

/// A key for one purpose and its version. Not to be copied, printed or serialized; wiped when dropped.
pub struct DataKey {
    purpose: Purpose,
    version: u32,
    secret: Secret,
}

impl DataKey {
    pub(super) fn new(purpose: Purpose, version: u32, secret: Secret) -> Self {
        Self { purpose, version, secret }
    }

    /// What it is for.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Its version, from 1. What is enciphered notes it, so that it can be read after the key was renewed.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Another key derived from this one (HKDF-SHA256), the same for the same label.
    pub fn derive<const N: usize>(&self, label: &str) -> Zeroizing<[u8; N]> {
        self.derive_salted(&[], label)
    }

    /// Another key derived from this one, the same for the same salt and label.
    ///
    /// # Panics
    /// When `N` is more than 8,160, the most that HKDF-SHA256 gives.
    pub fn derive_salted<const N: usize>(&self, salt: &[u8], label: &str) -> Zeroizing<[u8; N]> {
        let mut derived = Zeroizing::new([0; N]);
        let expanded = Hkdf::<Sha256>::new(Some(salt), &self.secret[..]).expand(label.as_bytes(), &mut derived[..]);
        expanded.expect("keys are shorter than the limit of HKDF");
        derived
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// A key for tests that need no vault.
    #[cfg(any(test, feature = "faults"))]
    pub fn for_test(purpose: Purpose, seed: u8) -> Self {
        Self::new(purpose, 1, Zeroizing::new([seed; 32]))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({} {}, secret)", self.purpose.name(), self.version)
    }
}

/// The open data keys of one tenant, all versions that are still in use.
pub struct TenantKeys {
    tenant: Id<Tenant>,
    keys: Vec<DataKey>,
}

impl TenantKeys {
    /// Keys in any order; every purpose must have one.
    pub(super) fn new(tenant: Id<Tenant>, mut keys: Vec<DataKey>) -> Option<Self> {
        keys.sort_by_key(|key| (key.purpose, std::cmp::Reverse(key.version)));
        let complete = Purpose::ALL.iter().all(|purpose| keys.iter().any(|key| key.purpose == *purpose));
        complete.then_some(Self { tenant, keys })
    }

    /// Keys that no vault holds yet.
    pub(crate) fn fresh(tenant: Id<Tenant>) -> Self {
        let keys = Purpose::ALL.iter().map(|purpose| DataKey::new(*purpose, 1, fresh()));
        Self::new(tenant, keys.collect()).expect("every purpose has a key")
    }

    /// The same keys once more.
    pub(crate) fn copy(&self) -> Self {
        let keys = self.keys.iter().map(|key| DataKey::new(key.purpose, key.version, key.secret.clone()));
        Self { tenant: self.tenant, keys: keys.collect() }
    }

    /// With older versions of the blob key besides, for files that were enciphered before those were retired here.
    pub(crate) fn with_blob_keys(mut self, older: impl IntoIterator<Item = (u32, Secret)>) -> Self {
        for (version, secret) in older {
            if self.version(Purpose::Blob, version).is_none() && version < self.current(Purpose::Blob).version {
                self.keys.push(DataKey::new(Purpose::Blob, version, secret));
            }
        }
        self.keys.sort_by_key(|key| (key.purpose, std::cmp::Reverse(key.version)));
        self
    }

    /// Whose keys they are.
    pub const fn tenant(&self) -> Id<Tenant> {
        self.tenant
    }

    /// The key that new data is enciphered with.
    pub fn current(&self, purpose: Purpose) -> &DataKey {
        self.all(purpose).next().expect("every purpose has a key")
    }

    /// The key of this version, if it is still kept.
    pub fn version(&self, purpose: Purpose, version: u32) -> Option<&DataKey> {
        self.all(purpose).find(|key| key.version == version)
    }

    /// All keys of a purpose, the newest first.
    pub fn all(&self, purpose: Purpose) -> impl Iterator<Item = &DataKey> {
        self.keys.iter().filter(move |key| key.purpose == purpose)
    }
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantKeys({}, {} secrets)", self.tenant, self.keys.len())
    }
}
