//! What the vault stores of a tenant: wrapped keys, or the note that they were destroyed.

use model::{Id, Timestamp, noun::Tenant};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    VaultError,
    keys::{DataKey, Purpose, TenantKeys},
    root::RootKey,
    wrap::{NONCE, Wrapped, Wrapper, fresh},
};

/// The most versions of one data key that are kept.
pub(super) const MOST_VERSIONS: usize = 64;
/// The version of the rows' form.
const FORM: u8 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Row {
    Live(Live),
    Destroyed(Destroyed),
}

/// Keys in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Live {
    pub(super) version: u32,
    pub(super) kek: Wrapped,
    pub(super) keys: Vec<WrappedKey>,
}

/// A data key under the tenant's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrappedKey {
    pub(super) purpose: Purpose,
    pub(super) version: u32,
    pub(super) wrapped: Wrapped,
}

/// What is left of a tenant's keys: the facts of their destruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    /// Whose keys.
    pub tenant: Id<Tenant>,
    /// When.
    pub at: Timestamp,
    /// The keys: the tenant's key first, then its data keys.
    pub keys: Vec<DestroyedKey>,
}

/// A key that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestroyedKey {
    /// What it was for; nothing for the key that wrapped the others.
    pub purpose: Option<Purpose>,
    /// Its version.
    pub version: u32,
    /// The first 16 bytes of the SHA-256 of its wrapped form: tells whoever finds old bytes which key they were.
    pub fingerprint: [u8; 16],
}

/// What a wrapped key is bound to: the appliance, the tenant, the purpose (0: the tenant's key) and the version.
pub(super) fn context(store: &[u8; 16], tenant: Id<Tenant>, purpose: Option<Purpose>, version: u32) -> Vec<u8> {
    let purpose = purpose.map_or(0, u8::from);
    [b"audiagram key 1", store.as_slice(), &tenant.to_bytes(), &[purpose], &version.to_be_bytes()].concat()
}

impl Live {
    /// New random keys for every purpose.
    pub(super) fn fresh(store: &[u8; 16], tenant: Id<Tenant>, root: &dyn RootKey) -> Result<Self, VaultError> {
        Self::wrap(store, &TenantKeys::fresh(tenant), 1, root)
    }

    /// These keys under a new tenant's key with this version.
    pub(super) fn wrap(
        store: &[u8; 16],
        keys: &TenantKeys,
        version: u32,
        root: &dyn RootKey,
    ) -> Result<Self, VaultError> {
        let kek = fresh();
        let wrapper = Wrapper::new(&kek);
        let tenant = keys.tenant();
        let wrapped = Purpose::ALL.iter().flat_map(|purpose| keys.all(*purpose)).map(|key| WrappedKey {
            purpose: key.purpose(),
            version: key.version(),
            wrapped: wrapper.wrap(&context(store, tenant, Some(key.purpose()), key.version()), key.secret()),
        });
        let keys = wrapped.collect();
        Ok(Self { version, kek: root.wrap(&context(store, tenant, None, version), &kek)?, keys })
    }

    /// The key that wraps the data keys.
    pub(super) fn wrapper(
        &self,
        store: &[u8; 16],
        tenant: Id<Tenant>,
        root: &dyn RootKey,
    ) -> Result<Wrapper, VaultError> {
        Ok(Wrapper::new(&root.unwrap(&context(store, tenant, None, self.version), &self.kek)?))
    }

    /// The keys, open.
    pub(super) fn open(
        &self,
        store: &[u8; 16],
        tenant: Id<Tenant>,
        root: &dyn RootKey,
    ) -> Result<TenantKeys, VaultError> {
        let wrapper = self.wrapper(store, tenant, root)?;
        let open = |key: &WrappedKey| {
            let context = context(store, tenant, Some(key.purpose), key.version);
            let secret =
                wrapper.unwrap(&context, &key.wrapped).map_err(|error| VaultError::Damaged(error.to_string()))?;
            Ok::<_, VaultError>(DataKey::new(key.purpose, key.version, secret))
        };
        let keys = self.keys.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        TenantKeys::new(tenant, keys).ok_or_else(|| VaultError::Damaged(format!("{tenant} lacks a key")))
    }

    /// The newest version of a purpose's key and how many there are.
    pub(super) fn versions(&self, purpose: Purpose) -> (u32, usize) {
        let versions = self.keys.iter().filter(|key| key.purpose == purpose).map(|key| key.version);
        (versions.clone().max().unwrap_or(0), versions.count())
    }

    /// The nonces of all wrapped keys: how replaced ones are found in the file.
    pub(super) fn nonces(&self) -> impl Iterator<Item = [u8; NONCE]> {
        std::iter::once(self.kek.nonce).chain(self.keys.iter().map(|key| key.wrapped.nonce))
    }

    /// What will be left of the keys.
    pub(super) fn destroyed(&self, tenant: Id<Tenant>, at: Timestamp) -> Destroyed {
        let fingerprint = |wrapped: &Wrapped| {
            let digest = Sha256::digest(wrapped.to_bytes());
            std::array::from_fn(|i| digest[i])
        };
        let kek = DestroyedKey { purpose: None, version: self.version, fingerprint: fingerprint(&self.kek) };
        let keys = self.keys.iter().map(|key| DestroyedKey {
            purpose: Some(key.purpose),
            version: key.version,
            fingerprint: fingerprint(&key.wrapped),
        });
        Destroyed { tenant, at, keys: std::iter::once(kek).chain(keys).collect() }
    }
}

impl Row {
    pub(super) fn encode(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![FORM]).expect("rows of the vault are written without failure")
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let damaged = |what: &str| VaultError::Damaged(format!("a row {what}"));
        let (form, body) = bytes.split_first().ok_or_else(|| damaged("is empty"))?;
        if *form != FORM {
            return Err(damaged(&format!("has form {form}, this version knows {FORM}")));
        }
        let (row, rest) = postcard::take_from_bytes(body).map_err(|_| damaged("cannot be read"))?;
        if rest.is_empty() { Ok(row) } else { Err(damaged("is too long")) }
    }

    /// The keys, if there are any still.
    pub(super) fn live(self, tenant: Id<Tenant>) -> Result<Live, VaultError> {
        match self {
            Row::Live(live) => Ok(live),
            Row::Destroyed(_) => Err(VaultError::Destroyed(tenant)),
        }
    }
}
