//! Where the appliance may connect to when a stranger names the place: webhooks, discovery of sign-in providers, metadata.
//!
//! A [`Target`] is a URL that was read strictly; a [`Destination`] is a target whose name was resolved once, with every address
//! checked. Who connects takes an address of the destination and nothing else, with the target's host as `Host` and server name: a
//! name that resolves to another address a moment later changes nothing. Redirects are targets of their own.
//!
//! Files go into a [`Depot`]: a folder that the operator allows, storage that speaks S3, or a server that speaks SFTP, which stand in the
//! zone that the operator names.
//!
//! A refusal by address and a name that does not resolve look the same from outside, or callers could map a network with them.

mod address;
mod depot;
mod destination;
mod folder;
mod mail;
mod post;
mod s3;
mod sftp;
mod target;
#[cfg(test)]
mod tests;

/// A range of addresses.
pub use access::Network;
pub use depot::{Depot, DepotError, Depots};
pub use destination::{Destination, MAX_HOPS, Resolve, Rules, SystemResolver, Unreachable};
pub use mail::{Attached, Letter, MailError, MailServer, Mailer, Security};
pub use post::{Client, Method, PostError};
pub use s3::{Bucket, BucketError};
pub use sftp::{HostKey, HostKeyError, Login, LoginError, SFTP_PORT, SftpError, SftpServer};
pub use target::{Target, TargetError};
