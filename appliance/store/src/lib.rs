//! One encrypted redb file a tenant and one for the system: records with versions and indexes, the audit chain, and blobs.
//!
//! Nothing outside this crate opens a database. A write cannot be made without an audit event; the two are one commit.

pub mod backend;
pub mod blob;
pub mod vault;
