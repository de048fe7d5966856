//! Places into which files are put: a folder that the operator allows, and storage that speaks S3 or servers that speak SFTP in the
//! appliance's residency zone.

use std::{io, path::PathBuf};

use crate::{
    folder::Folder,
    post::Client,
    s3::{Bucket, BucketError},
    sftp::{Sftp, SftpError, SftpServer, named},
    target::Target,
};

/// What the operator allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Depots {
    /// The folder in which each tenant has one of its own; none without.
    pub folder: Option<PathBuf>,
    /// Hosts of storage that stands in the appliance's residency zone: names or addresses, with the port where it is not 443.
    pub zone: Vec<String>,
    /// Servers that speak SFTP in that zone: names or addresses, with the port where it is not 22.
    pub servers: Vec<String>,
}

/// Why a file is not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// There is no folder.
    #[error("the operator allows no folder for files (`exports.folder`)")]
    NoFolder,
    /// The storage stands elsewhere, for all that is known.
    #[error("the operator does not name {0} as storage in this appliance's residency zone (`exports.s3_hosts`)")]
    Elsewhere(String),
    /// The server stands elsewhere, for all that is known.
    #[error("the operator does not name {0} as a server in this appliance's residency zone (`exports.sftp_hosts`)")]
    ServerElsewhere(String),
    /// Nobody is called at all.
    #[error("the appliance trusts no authorities, so it calls nobody; ask its operator")]
    NoClient,
    /// The folder.
    #[error("the folder for files cannot be written to; ask the operator to look at the appliance's log")]
    Folder(#[from] io::Error),
    /// The storage.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The server.
    #[error(transparent)]
    Sftp(#[from] SftpError),
}

impl DepotError {
    /// Whether another try may fare better.
    pub fn may_pass(&self) -> bool {
        match self {
            DepotError::NoFolder | DepotError::Elsewhere(_) | DepotError::ServerElsewhere(_) => false,
            DepotError::NoClient | DepotError::Folder(_) => true,
            DepotError::Bucket(error) => error.may_pass(),
            DepotError::Sftp(error) => error.may_pass(),
        }
    }
}

/// A place that may be used.
#[derive(Debug)]
pub struct Depot<'a>(Kind<'a>);

#[derive(Debug)]
enum Kind<'a> {
    Folder(Folder),
    Bucket(Bucket, &'a Client),
    Sftp(Box<Sftp<'a>>),
}

impl Depots {
    /// A folder in the one of a tenant, by its path; both are made where they are not there.
    ///
    /// # Errors
    /// When the operator allows none, or there is something else, like a link.
    pub fn folder(&self, tenant: &str, path: &str) -> Result<Depot<'static>, DepotError> {
        let root = self.folder.as_deref().ok_or(DepotError::NoFolder)?;
        let names = [tenant].into_iter().chain(path.split('/').filter(|name| !name.is_empty()));
        Ok(Depot(Kind::Folder(Folder::open(root, names)?)))
    }

    /// Whether storage is known to stand in the zone.
    ///
    /// # Errors
    /// When it is not.
    pub fn allow(&self, endpoint: &Target) -> Result<(), DepotError> {
        let host = endpoint.authority();
        if self.zone.contains(&host) { Ok(()) } else { Err(DepotError::Elsewhere(host)) }
    }

    /// A bucket.
    ///
    /// # Errors
    /// When its storage is not known to stand in the zone, or nobody is called.
    pub fn bucket<'a>(&self, bucket: Bucket, client: Option<&'a Client>) -> Result<Depot<'a>, DepotError> {
        self.allow(&bucket.endpoint)?;
        Ok(Depot(Kind::Bucket(bucket, client.ok_or(DepotError::NoClient)?)))
    }

    /// Whether a server that speaks SFTP is known to stand in the zone.
    ///
    /// # Errors
    /// When it is not.
    pub fn allow_server(&self, at: &Target) -> Result<(), DepotError> {
        let name = named(at);
        if self.servers.contains(&name) { Ok(()) } else { Err(DepotError::ServerElsewhere(name)) }
    }

    /// A server that speaks SFTP. It is called when something is put there.
    ///
    /// # Errors
    /// When it is not known to stand in the zone, or nobody is called.
    pub fn sftp<'a>(&self, server: SftpServer, client: Option<&'a Client>) -> Result<Depot<'a>, DepotError> {
        self.allow_server(&server.at)?;
        Ok(Depot(Kind::Sftp(Box::new(Sftp::new(server, client.ok_or(DepotError::NoClient)?)))))
    }
}

impl Depot<'_> {
    /// Puts a file into it, with folders in its name; one of that name is replaced. `now`: seconds since 1970.
    ///
    /// # Errors
    /// When it is not there.
    pub fn put(&self, name: &str, bytes: &[u8], now: u64) -> Result<(), DepotError> {
        match &self.0 {
            Kind::Folder(folder) => Ok(folder.put(name, bytes)?),
            Kind::Bucket(bucket, client) => Ok(bucket.put(client, name, bytes, now)?),
            Kind::Sftp(sftp) => Ok(sftp.put(name, bytes)?),
        }
    }

    /// Takes files out of it again that all lie in the folder `top`, and of a folder all else that lies there.
    ///
    /// # Errors
    /// When they are not all gone.
    pub fn remove<'n>(&self, top: &str, names: impl IntoIterator<Item = &'n str>, now: u64) -> Result<(), DepotError> {
        match &self.0 {
            Kind::Folder(folder) => Ok(folder.remove(top)?),
            Kind::Bucket(bucket, client) => {
                names.into_iter().try_for_each(|name| Ok(bucket.delete(client, name, now)?))
            }
            Kind::Sftp(sftp) => Ok(sftp.remove(top, &names.into_iter().collect::<Vec<_>>())?),
        }
    }
}
