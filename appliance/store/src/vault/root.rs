//! The appliance's key: what stands outside the vault and opens it.

use std::{fmt, io, path::PathBuf};

use hkdf::Hkdf;
use model::ErrorKind;
use sha2::Sha256;

use super::wrap::{Secret, UnwrapError, Wrapped, Wrapper};

/// The key that wraps the tenants' keys. A file or a passphrase today; a TPM or a PKCS#11 token can stand behind the same trait.
pub trait RootKey: fmt::Debug + Send + Sync {
    /// Tells this key from others without telling anything of it.
    fn fingerprint(&self) -> Fingerprint;

    /// Wraps a key, bound to its context.
    ///
    /// # Errors
    /// When the device that holds the key fails.
    fn wrap(&self, context: &[u8], secret: &Secret) -> Result<Wrapped, RootKeyError>;

    /// Opens what this key wrapped in the same context.
    ///
    /// # Errors
    /// When the bytes were changed, or the device fails.
    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError>;
}

/// A name of a root key: the first 8 bytes of a value derived from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 8]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why the appliance key is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// There is no key file.
    #[error("there is no appliance key {0}; put the file back from where its copy is kept")]
    Missing(PathBuf),
    /// A key that was to be made is there already.
    #[error("the appliance key {0} exists already; a new one would make all data unreadable")]
    Exists(PathBuf),
    /// Others than the owner may read or write the file.
    #[error("the appliance key {path} may be read by others (mode {mode:04o}); run `chmod 600` on it")]
    Loose {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{path} is not an appliance key: {detail}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// Parameters of the passphrase outside of what this appliance computes.
    #[error("the passphrase parameters ask for {memory} KiB and {passes} passes; at most {} KiB and {} passes are allowed", super::passphrase::Cost::MOST.memory, super::passphrase::Cost::MOST.passes)]
    Cost {
        /// KiB.
        memory: u32,
        /// Passes over the memory.
        passes: u32,
    },
    /// A passphrase that is too short.
    #[error("the passphrase is too short: it needs at least {0} characters")]
    Short(usize),
    /// A wrapped key does not open.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The operating system refused.
    #[error("cannot use the appliance key {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl RootKeyError {
    /// The kind, as a caller sees it.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            RootKeyError::Missing(_) => ErrorKind::NotFound,
            RootKeyError::Exists(_) => ErrorKind::Conflict,
            RootKeyError::Loose { .. } => ErrorKind::Denied,
            RootKeyError::Cost { .. } | RootKeyError::Short(_) => ErrorKind::Invalid,
            RootKeyError::Malformed { .. } | RootKeyError::Unwrap(_) => ErrorKind::Corrupt,
            RootKeyError::Io { .. } => ErrorKind::Unavailable,
        }
    }
}

/// A root key in the memory of this process: what both the key file and the passphrase come to.
pub(super) struct Held {
    wrapper: Wrapper,
    fingerprint: Fingerprint,
}

impl Held {
    pub(super) fn new(secret: &Secret) -> Self {
        let mut fingerprint = [0; 8];
        let derived = Hkdf::<Sha256>::new(None, &secret[..]).expand(b"audiagram root fingerprint 1", &mut fingerprint);
        derived.expect("8 bytes are within the limits of HKDF");
        Self { wrapper: Wrapper::new(secret), fingerprint: Fingerprint(fingerprint) }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fingerprint)
    }
}

impl RootKey for Held {
    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
    fn wrap(&self, context: &[u8], secret: &Secret) -> Result<Wrapped, RootKeyError> {
        Ok(self.wrapper.wrap(context, secret))
    }
    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError> {
        Ok(self.wrapper.unwrap(context, wrapped)?)
    }
}

/// Lets a type that holds a [`Held`] be a root key.
macro_rules! root_key {
    ($name:ident) => {
        impl crate::vault::RootKey for $name {
            fn fingerprint(&self) -> crate::vault::Fingerprint {
                self.held.fingerprint()
            }
            fn wrap(
                &self,
                context: &[u8],
                secret: &crate::vault::Secret,
            ) -> Result<crate::vault::Wrapped, crate::vault::RootKeyError> {
                self.held.wrap(context, secret)
            }
            fn unwrap(
                &self,
                context: &[u8],
                wrapped: &crate::vault::Wrapped,
            ) -> Result<crate::vault::Secret, crate::vault::RootKeyError> {
                self.held.unwrap(context, wrapped)
            }
        }
    };
}
pub(super) use root_key;
