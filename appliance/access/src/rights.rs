//! What all changes of rights may answer.

use model::{ErrorKind, Permission, PermissionSet, Timestamp};
use store::{ReadError, WriteError};

use crate::own::PolicyError;

/// The longest name of a role or policy, in characters.
pub(crate) const MAX_NAME: usize = 100;

/// Why a change of roles, assignments, policies or networks was refused.
#[derive(Debug, thiserror::Error)]
pub enum RightsError {
    /// There is none with this id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// There is one like it.
    #[error("there is such a {0} already")]
    Taken(&'static str),
    /// It was changed meanwhile.
    #[error("version {base} was read and {now} is stored; read it again")]
    Version {
        /// What the caller had read.
        base: u64,
        /// What is stored.
        now: u64,
    },
    /// The name is none.
    #[error("a name has 1 to {MAX_NAME} characters, none of them for control")]
    Name,
    /// A role without permissions, or with some of the appliance.
    #[error("a role holds at least one permission, and only those of a tenant")]
    Permissions,
    /// Only users, service accounts and groups have roles.
    #[error("a role is given to a user, a service account or a group")]
    Principal,
    /// Nobody gives, takes or changes what goes beyond their own rights.
    #[error("`{0}` is beyond your own rights here; ask someone who holds it")]
    Beyond(Permission),
    /// The end has passed.
    #[error("the end lies in the past; choose a later one")]
    Ended,
    /// Someone must be left who answers for the tenant.
    #[error("this is the tenant's last owner; make someone else an owner first, without an end")]
    LastOwner,
    /// The role is still given to someone.
    #[error("the role is still assigned; take it back first")]
    InUse,
    /// A limit is reached.
    #[error("no more than {limit} {what} are allowed; remove one first")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The author, or an owner, could not change it back.
    #[error("this would lock you or the tenant's owners out; let your own address and the managing of policies pass")]
    LockOut,
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The store.
    #[error(transparent)]
    Store(WriteError),
}

impl RightsError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            RightsError::NotFound(_) => ErrorKind::NotFound,
            RightsError::Taken(_)
            | RightsError::Version { .. }
            | RightsError::LastOwner
            | RightsError::InUse
            | RightsError::LockOut => ErrorKind::Conflict,
            RightsError::Name | RightsError::Permissions | RightsError::Principal | RightsError::Ended => {
                ErrorKind::Invalid
            }
            RightsError::Beyond(_) => ErrorKind::Denied,
            RightsError::TooMany { .. } => ErrorKind::Exhausted,
            RightsError::Policy(error) => error.kind(),
            RightsError::Store(error) => error.kind(),
        }
    }
}

impl From<WriteError> for RightsError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Taken(what) => RightsError::Taken(what),
            other => RightsError::Store(other),
        }
    }
}
impl From<ReadError> for RightsError {
    fn from(error: ReadError) -> Self {
        RightsError::Store(WriteError::Read(error))
    }
}

/// A name without blanks around it.
pub(crate) fn name(text: &str) -> Result<String, RightsError> {
    let text = text.trim();
    let fits = (1..=MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(RightsError::Name) }
}

/// That `wanted` does not go beyond `own`.
pub(crate) fn within(wanted: PermissionSet, own: PermissionSet) -> Result<(), RightsError> {
    wanted.without(own).iter().next().map_or(Ok(()), |permission| Err(RightsError::Beyond(permission)))
}

/// That the caller has read what is stored.
pub(crate) fn unchanged(base: Option<u64>, now: u64) -> Result<(), RightsError> {
    base.filter(|base| *base != now).map_or(Ok(()), |base| Err(RightsError::Version { base, now }))
}

/// That an end lies ahead.
pub(crate) fn ahead(expires: Option<Timestamp>, now: Timestamp) -> Result<(), RightsError> {
    if expires.is_some_and(|expires| expires <= now) { Err(RightsError::Ended) } else { Ok(()) }
}
