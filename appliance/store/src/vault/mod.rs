//! The keys of all tenants, wrapped: the appliance's key opens a tenant's key, which opens the data keys that encipher the tenant's
//! database, blobs, search index and backups.
//!
//! The vault is one small redb file of wrapped keys only, so it needs no encryption of its own. What destroys a tenant's row here destroys
//! everything the tenant ever stored, on this disk and on every copy of it.

mod copy;
mod error;
mod keyfile;
mod keys;
mod parcel;
mod passphrase;
mod receipt;
mod renew;
mod root;
mod row;
mod scrub;
#[cfg(test)]
mod tests;
mod transfer;
mod wrap;

use std::{
    fs::File,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

use ed25519_dalek::{Signer as _, SigningKey};
use hkdf::Hkdf;
use model::{Id, Timestamp, noun::Tenant};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, TableDefinition};
use sha2::Sha256;

pub use error::VaultError;
pub use keyfile::KeyFile;
pub use keys::{DataKey, Purpose, TenantKeys};
pub(crate) use parcel::LONGEST_LOCK;
pub use parcel::{Lock, Opening, ReceiverKey};
pub use passphrase::{Cost, Passphrase, SHORTEST_PASSPHRASE};
pub use receipt::{ErasedKey, ErasureReceipt, PublicKey, ReceiptError};
pub use renew::{PendingRoot, change_passphrase, root_keys, rotate_key_file, settle_root};
pub use root::{Fingerprint, RootKey, RootKeyError};
pub use row::{Destroyed, DestroyedKey};
pub(crate) use wrap::random;
pub use wrap::{Secret, UnwrapError, Wrapped};

use row::{Live, Row, WrappedKey};
use wrap::{NONCE, fresh};

/// The most tenants a vault holds keys of, destroyed ones too.
pub const MOST_TENANTS: u64 = 1_000_000;
/// Whose keys the appliance's own database is under: an id that no tenant has.
pub const SYSTEM: Id<Tenant> = Id::from_bits(0);

type Rows<'a> = redb::Table<'a, &'static [u8], &'static [u8]>;
const META: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("meta");
const TENANTS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("tenants");
/// Notes of replaced wrapped keys that are to be overwritten.
const SCRUB: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("scrub");
/// Memory for pages of the vault.
const CACHE: usize = 4 << 20;
/// What the appliance's signing key is bound to, besides the appliance.
const SIGNING: &[u8] = b"audiagram signing 1";

/// The vault of an appliance. Share it by reference; every call is complete in itself.
#[derive(Debug)]
pub struct Vault {
    path: PathBuf,
    database: Database,
    /// Random name of this vault: wrapped keys open in no other.
    store: [u8; 16],
    signing: SigningKey,
    root: RwLock<Arc<dyn RootKey>>,
    /// One change at a time: overwriting old keys must not meet a write.
    turn: Mutex<()>,
}

impl Vault {
    /// Makes a vault in a new file, with the keys of the appliance itself.
    ///
    /// # Errors
    /// When the file exists or cannot be written, or the root key fails.
    pub fn create(path: &Path, root: Box<dyn RootKey>) -> Result<Self, VaultError> {
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(path);
        let database = open_database(path, file.map_err(|error| VaultError::io(path, error))?)?;
        let mut store = [0; 16];
        random(&mut store);
        let signing = fresh();
        let write = database.begin_write()?;
        {
            let mut meta = write.open_table(META)?;
            meta.insert("store", store.as_slice())?;
            meta.insert("root", root.fingerprint().0.as_slice())?;
            let wrapped = root.wrap(&signing_context(&store), &signing)?;
            meta.insert("signing", wrapped.to_bytes().as_slice())?;
            let own = Row::Live(Live::fresh(&store, SYSTEM, root.as_ref())?);
            write.open_table(TENANTS)?.insert(SYSTEM.to_bytes().as_slice(), own.encode().as_slice())?;
            write.open_table(SCRUB)?;
        }
        write.commit()?;
        let signing = SigningKey::from_bytes(&signing);
        let (path, root) = (path.to_owned(), RwLock::new(Arc::from(root)));
        Ok(Self { path, database, store, signing, root, turn: Mutex::new(()) })
    }

    /// Opens a vault, and finishes the overwriting of replaced keys if that was interrupted.
    ///
    /// # Errors
    /// When there is none, when it is damaged, or when the root key is not the one it was made with.
    pub fn open(path: &Path, root: Box<dyn RootKey>) -> Result<Self, VaultError> {
        Self::open_with_any(path, vec![root])
    }

    /// Opens a vault with the one of these keys that it is under: after a change of the root key that was cut off, either may be it.
    ///
    /// # Errors
    /// As [`Vault::open`]; `OtherRoot` when it is under none of them.
    pub fn open_with_any(path: &Path, roots: Vec<Box<dyn RootKey>>) -> Result<Self, VaultError> {
        Self::open_under(path, roots.into_iter().map(Arc::from).collect())
    }

    /// Opens a copy of a vault with the key that this one is under.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub(crate) fn beside(&self, path: &Path) -> Result<Self, VaultError> {
        Self::open_under(path, vec![self.root().clone()])
    }

    fn open_under(path: &Path, roots: Vec<Arc<dyn RootKey>>) -> Result<Self, VaultError> {
        let file = File::options().read(true).write(true).open(path).map_err(|error| VaultError::io(path, error))?;
        if file.metadata()?.len() == 0 {
            return Err(VaultError::Damaged("the file is empty".to_owned()));
        }
        let database = open_database(path, file)?;
        let (store, signing, root) = {
            let meta = database.begin_read()?.open_table(META)?;
            let expected = Fingerprint(part(&meta, "root")?);
            let found = roots.first().map_or(Fingerprint([0; 8]), |root| root.fingerprint());
            let fits = roots.into_iter().find(|root| root.fingerprint() == expected);
            let root = fits.ok_or(VaultError::OtherRoot { expected, found })?;
            let store = part(&meta, "store")?;
            let wrapped: Wrapped = wrapped_from(part(&meta, "signing")?);
            let signing = SigningKey::from_bytes(&*root.unwrap(&signing_context(&store), &wrapped)?);
            (store, signing, root)
        };
        let (path, root) = (path.to_owned(), RwLock::new(root));
        let vault = Self { path, database, store, signing, root, turn: Mutex::new(()) };
        let turn = vault.turn();
        vault.scrub(&turn)?;
        drop(turn);
        Ok(vault)
    }

    /// Makes keys for a new tenant.
    ///
    /// # Errors
    /// `Known` or `Destroyed` when the id was used before.
    pub fn create_tenant(&self, tenant: Id<Tenant>) -> Result<TenantKeys, VaultError> {
        self.create_many(&[tenant])?;
        self.keys(tenant)
    }

    /// Makes keys for many new tenants in one commit: all or none.
    ///
    /// # Errors
    /// `Known` or `Destroyed` when one of the ids was used before.
    pub fn create_many(&self, tenants: &[Id<Tenant>]) -> Result<(), VaultError> {
        let root = self.root();
        self.change(|rows, _| {
            for tenant in tenants {
                self.insert(rows, *tenant, Live::fresh(&self.store, *tenant, &**root)?)?;
            }
            Ok(())
        })
    }

    /// The keys of a tenant, open. Every call unwraps them anew.
    ///
    /// # Errors
    /// `Unknown` or `Destroyed` when it has none.
    pub fn keys(&self, tenant: Id<Tenant>) -> Result<TenantKeys, VaultError> {
        let open = || self.row(tenant)?.live(tenant)?.open(&self.store, tenant, &**self.root());
        // A key that is replaced at this moment may be overwritten under the snapshot that was read: the next one has the new key.
        open().or_else(|error| match error {
            VaultError::Damaged(_) | VaultError::Root(RootKeyError::Unwrap(_)) => open(),
            other => Err(other),
        })
    }

    /// The keys of the appliance's own database.
    ///
    /// # Errors
    /// When the vault is damaged.
    pub fn system_keys(&self) -> Result<TenantKeys, VaultError> {
        self.keys(SYSTEM)
    }

    /// Every tenant whose keys were destroyed.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn destroyed(&self) -> Result<Vec<Id<Tenant>>, VaultError> {
        let mut found = Vec::new();
        for row in self.database.begin_read()?.open_table(TENANTS)?.iter()? {
            let (tenant, row) = row?;
            if let Row::Destroyed(_) = Row::decode(row.value())? {
                found.push(tenant_of(tenant.value())?);
            }
        }
        Ok(found)
    }

    /// Which appliance key it is under.
    pub fn root_fingerprint(&self) -> Fingerprint {
        self.root().fingerprint()
    }

    /// How many tenants have keys here, destroyed ones counted too.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn tenants(&self) -> Result<u64, VaultError> {
        Ok(self.database.begin_read()?.open_table(TENANTS)?.len()?.saturating_sub(1))
    }

    /// Puts the vault under another appliance key, in one commit; the old key opens it no more. Tenants can work meanwhile.
    ///
    /// # Errors
    /// When either key fails; nothing is changed then.
    pub fn rotate_root(&self, new: Box<dyn RootKey>) -> Result<(), VaultError> {
        let mut old = self.root.write().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn();
        let write = self.database.begin_write()?;
        let mut replaced = Vec::new();
        {
            let mut meta = write.open_table(META)?;
            let wrapped: Wrapped = wrapped_from(part(&meta, "signing")?);
            let context = signing_context(&self.store);
            let again = new.wrap(&context, &old.unwrap(&context, &wrapped)?)?;
            replaced.push(wrapped.nonce);
            meta.insert("signing", again.to_bytes().as_slice())?;
            meta.insert("root", new.fingerprint().0.as_slice())?;
            let mut rows = write.open_table(TENANTS)?;
            let read = self.database.begin_read()?.open_table(TENANTS)?;
            for entry in read.iter()? {
                let (key, value) = entry?;
                let tenant = tenant_of(key.value())?;
                let Row::Live(mut live) = Row::decode(value.value())? else { continue };
                let context = row::context(&self.store, tenant, None, live.version);
                replaced.push(live.kek.nonce);
                live.kek = new.wrap(&context, &old.unwrap(&context, &live.kek)?)?;
                rows.insert(key.value(), Row::Live(live).encode().as_slice())?;
            }
            note(&write, &replaced)?;
        }
        write.commit()?;
        *old = Arc::from(new);
        drop(old);
        self.scrub(&turn)
    }

    /// Gives a tenant a new key of its own, with its data keys wrapped anew.
    ///
    /// # Errors
    /// `Unknown` or `Destroyed` when it has none.
    pub fn rotate_tenant(&self, tenant: Id<Tenant>) -> Result<(), VaultError> {
        let root = self.root();
        self.change(|rows, replaced| {
            let live = found(rows, tenant)?.live(tenant)?;
            let keys = live.open(&self.store, tenant, &**root)?;
            let again = Live::wrap(&self.store, &keys, live.version.saturating_add(1), &**root)?;
            replaced.extend(live.nonces());
            put(rows, tenant, again)
        })
    }

    /// Gives a tenant a new data key and returns its version. Older ones stay until they are retired.
    ///
    /// # Errors
    /// `Versions` when too many old ones are in use.
    pub fn rotate_data_key(&self, tenant: Id<Tenant>, purpose: Purpose) -> Result<u32, VaultError> {
        let root = self.root();
        self.change(|rows, _| {
            let mut live = found(rows, tenant)?.live(tenant)?;
            let (newest, count) = live.versions(purpose);
            if count >= row::MOST_VERSIONS {
                return Err(VaultError::Versions { tenant, purpose });
            }
            let version = newest.checked_add(1).ok_or(VaultError::Versions { tenant, purpose })?;
            let context = row::context(&self.store, tenant, Some(purpose), version);
            let wrapped = live.wrapper(&self.store, tenant, &**root)?.wrap(&context, &fresh());
            live.keys.push(WrappedKey { purpose, version, wrapped });
            put(rows, tenant, live)?;
            Ok(version)
        })
    }

    /// Drops an old version of a data key, once nothing is enciphered with it any more.
    ///
    /// # Errors
    /// `NotRetirable` when it is the newest or not there.
    pub fn retire(&self, tenant: Id<Tenant>, purpose: Purpose, version: u32) -> Result<(), VaultError> {
        self.change(|rows, replaced| {
            let mut live = found(rows, tenant)?.live(tenant)?;
            let is_it = |key: &WrappedKey| key.purpose == purpose && key.version == version;
            let place = live.keys.iter().position(is_it).filter(|_| live.versions(purpose).0 != version);
            let key = live.keys.remove(place.ok_or(VaultError::NotRetirable { tenant, purpose, version })?);
            replaced.push(key.wrapped.nonce);
            put(rows, tenant, live)
        })
    }

    /// Destroys a tenant's keys: replaces them by a note that keeps the id from ever being used again, and overwrites the wrapped bytes in
    /// the file. Asked again, it tells of the first time.
    ///
    /// # Errors
    /// `Unknown` when it has none; `Unscrubbed` when the keys are gone and their old bytes are still to be overwritten.
    pub fn destroy(&self, tenant: Id<Tenant>, now: Timestamp) -> Result<Destroyed, VaultError> {
        if tenant == SYSTEM {
            return Err(VaultError::System);
        }
        self.change(|rows, replaced| {
            let live = match found(rows, tenant)? {
                Row::Destroyed(destroyed) => return Ok(destroyed),
                Row::Live(live) => live,
            };
            replaced.extend(live.nonces());
            let destroyed = live.destroyed(tenant, now);
            rows.insert(tenant.to_bytes().as_slice(), Row::Destroyed(destroyed.clone()).encode().as_slice())?;
            Ok(destroyed)
        })
    }

    /// Signs with the appliance's Ed25519 key. What is signed must say itself what it is.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// 32 secret bytes made from the appliance's signing key (HKDF-SHA256), the same for the same label as long as the appliance
    /// lives: neither a new root key nor new data keys change them.
    pub fn derive_seed(&self, label: &str) -> Secret {
        let mut seed = Secret::default();
        let expanded = Hkdf::<Sha256>::new(None, self.signing.as_bytes()).expand(label.as_bytes(), &mut seed[..]);
        expanded.expect("32 bytes are within the limit of HKDF");
        seed
    }

    /// The key that checks the appliance's signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.signing.verifying_key().to_bytes())
    }

    /// The random name of this vault.
    pub const fn store(&self) -> [u8; 16] {
        self.store
    }

    fn root(&self) -> RwLockReadGuard<'_, Arc<dyn RootKey>> {
        self.root.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row(&self, tenant: Id<Tenant>) -> Result<Row, VaultError> {
        let rows = self.database.begin_read()?.open_table(TENANTS)?;
        let row = rows.get(tenant.to_bytes().as_slice())?.ok_or(VaultError::Unknown(tenant))?;
        Row::decode(row.value())
    }

    /// Puts in the row of a tenant that was never here.
    fn insert(&self, rows: &mut Rows<'_>, tenant: Id<Tenant>, live: Live) -> Result<(), VaultError> {
        match found(rows, tenant) {
            Err(VaultError::Unknown(_)) => {}
            Ok(Row::Live(_)) => return Err(VaultError::Known(tenant)),
            Ok(Row::Destroyed(_)) => return Err(VaultError::Destroyed(tenant)),
            Err(other) => return Err(other),
        }
        if rows.len()? > MOST_TENANTS {
            return Err(VaultError::Full);
        }
        put(rows, tenant, live)
    }

    /// One commit, and then the overwriting of what it replaced.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Rows<'_>, &mut Vec<[u8; NONCE]>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let turn = self.turn();
        let write = self.database.begin_write()?;
        let mut replaced = Vec::new();
        let result = change(&mut write.open_table(TENANTS)?, &mut replaced)?;
        note(&write, &replaced)?;
        write.commit()?;
        self.scrub(&turn)?;
        Ok(result)
    }

    /// Overwrites what is noted to be overwritten, and forgets the notes.
    fn scrub(&self, _turn: &MutexGuard<'_, ()>) -> Result<(), VaultError> {
        let mut nonces = Vec::new();
        for note in self.database.begin_read()?.open_table(SCRUB)?.iter()? {
            nonces.extend(scrub::noted(note?.1.value()));
        }
        if nonces.is_empty() {
            return Ok(());
        }
        let places = scrub::overwrite(&self.path, &nonces).map_err(VaultError::Unscrubbed)?;
        tracing::info!(keys = nonces.len(), places, "replaced keys overwritten");
        let write = self.database.begin_write()?;
        write.open_table(SCRUB)?.retain(|_, _| false)?;
        Ok(write.commit()?)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens the vault")]
fn open_database(path: &Path, file: File) -> Result<Database, VaultError> {
    let sorted = |error: redb::DatabaseError| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => VaultError::InUse(path.to_owned()),
        other => redb::Error::from(other).into(),
    };
    let backend = redb::backends::FileBackend::new(file).map_err(sorted)?;
    redb::Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(sorted)
}

fn signing_context(store: &[u8; 16]) -> Vec<u8> {
    [SIGNING, store].concat()
}

fn part<const N: usize>(
    meta: &impl redb::ReadableTable<&'static str, &'static [u8]>,
    name: &'static str,
) -> Result<[u8; N], VaultError> {
    let value = meta.get(name)?;
    let bytes = value.as_ref().and_then(|value| value.value().try_into().ok());
    bytes.ok_or_else(|| VaultError::Damaged(format!("it lacks its {name}")))
}

fn wrapped_from(bytes: [u8; wrap::WRAPPED]) -> Wrapped {
    postcard::from_bytes(&bytes).expect("any 60 bytes have the form of a wrapped key")
}

fn tenant_of(key: &[u8]) -> Result<Id<Tenant>, VaultError> {
    let bytes = key.try_into().map_err(|_| VaultError::Damaged("a row has a strange key".to_owned()))?;
    Ok(Id::from_bytes(bytes))
}

fn found(rows: &Rows<'_>, tenant: Id<Tenant>) -> Result<Row, VaultError> {
    let row = rows.get(tenant.to_bytes().as_slice())?.ok_or(VaultError::Unknown(tenant))?;
    Row::decode(row.value())
}

fn put(rows: &mut Rows<'_>, tenant: Id<Tenant>, live: Live) -> Result<(), VaultError> {
    rows.insert(tenant.to_bytes().as_slice(), Row::Live(live).encode().as_slice())?;
    Ok(())
}

/// Notes the keys that this commit replaces.
fn note(write: &redb::WriteTransaction, replaced: &[[u8; NONCE]]) -> Result<(), VaultError> {
    if !replaced.is_empty() {
        let mut notes = write.open_table(SCRUB)?;
        let next = notes.last()?.map_or(0, |(number, _)| number.value() + 1);
        notes.insert(next, scrub::note(replaced).as_slice())?;
    }
    Ok(())
}
