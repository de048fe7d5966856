//! The nouns that all crates of the appliance share: ids, permissions, data classes, headers, actors, audit events, time.
//!
//! Nothing here touches a disk or a network.

mod actor;
mod address;
mod class;
mod clock;
mod error;
mod event;
mod header;
mod id;
pub mod noun;
pub mod permission;
mod role;

pub use actor::{Actor, ActorKind, Assurance, Grant, Origin, Scope};
pub use address::network;
pub use class::{Classification, DataClass, ParseClassError, Region};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use error::ErrorKind;
pub use event::{Action, AuditEvent, Outcome, SystemTask};
pub use header::{Header, Subject};
pub use id::{AnyId, Id, IdSource, ParseIdError};
pub use noun::{Noun, NounKind};
pub use permission::{ParsePermissionError, Permission, PermissionSet, Permitted};
pub use role::Level;
