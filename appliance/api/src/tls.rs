//! The certificate: given as files or made here, and changed without a restart.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::host::Looked;

/// How long a certificate of our own making is good for, in days; browsers accept no more than 398.
const OWN_DAYS: i64 = 90;
/// When it is renewed, in days before its end.
pub const RENEW_DAYS: i64 = 30;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("cannot read or write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file's content.
    #[error("{path} holds no {what} in PEM form")]
    Pem {
        /// Which.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
    },
    /// Key and certificate.
    #[error("the certificate and its key cannot be used")]
    Rustls(#[from] rustls::Error),
    /// Making one.
    #[error("no certificate can be made")]
    Make(#[from] rcgen::Error),
}

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// PEM files of the operator: chain and key.
    Files {
        /// The chain, the appliance's own certificate first.
        chain: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// Made here for these names and kept in this folder.
    Own {
        /// Host names and addresses.
        names: Vec<String>,
        /// Where `cert.pem` and `key.pem` are kept.
        folder: PathBuf,
    },
}

/// The certificate in use.
#[derive(Debug)]
pub struct Certificate {
    source: Source,
    current: RwLock<Arc<CertifiedKey>>,
    looked: Mutex<Option<Looked>>,
}

impl Certificate {
    /// Loads it, making it where it is ours to make.
    pub fn load(source: Source, now: jiff::Timestamp) -> Result<Arc<Self>, TlsError> {
        let current = RwLock::new(Arc::new(obtain(&source, now)?));
        Ok(Arc::new(Certificate { source, current, looked: Mutex::default() }))
    }

    /// Loads it anew: after the operator has put new files in place, or when our own comes to its end.
    pub fn reload(&self, now: jiff::Timestamp) -> Result<(), TlsError> {
        let fresh = obtain(&self.source, now);
        let fault = fresh.as_ref().err().map(ToString::to_string);
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Looked { at: now.to_string(), fault });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh?);
        Ok(())
    }

    /// The chain that is served, the appliance's own certificate first.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).cert.clone()
    }

    /// The last time it was loaded anew.
    pub fn looked(&self) -> Option<Looked> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A server that speaks TLS 1.3, and 1.2 where `old_clients` says so, with this certificate.
    pub fn server(self: &Arc<Self>, old_clients: bool) -> Result<ServerConfig, TlsError> {
        let versions: &[_] =
            if old_clients { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.send_tls13_tickets = 1;
        Ok(config)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn obtain(source: &Source, now: jiff::Timestamp) -> Result<CertifiedKey, TlsError> {
    match source {
        Source::Files { chain, key } => read(chain, key),
        Source::Own { names, folder } => {
            let (chain, key) = (folder.join("cert.pem"), folder.join("key.pem"));
            if needs_renewal(folder, now) {
                make(names, folder, &chain, &key, now)?;
            }
            read(&chain, &key)
        }
    }
}

fn needs_renewal(folder: &Path, now: jiff::Timestamp) -> bool {
    let until =
        fs::read_to_string(folder.join("until")).ok().and_then(|text| text.trim().parse::<jiff::Timestamp>().ok());
    until.is_none_or(|until| until.duration_since(now) < jiff::SignedDuration::from_hours(24 * RENEW_DAYS))
}

fn make(names: &[String], folder: &Path, chain: &Path, key: &Path, now: jiff::Timestamp) -> Result<(), TlsError> {
    let until = now + jiff::SignedDuration::from_hours(24 * OWN_DAYS);
    let mut params = rcgen::CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(rcgen::DnType::CommonName, "Audiagram appliance");
    params.not_before = moment(now - jiff::SignedDuration::from_hours(1));
    params.not_after = moment(until);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let pair = rcgen::KeyPair::generate()?;
    let certificate = params.self_signed(&pair)?;
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    fs::create_dir_all(folder).map_err(file(folder))?;
    write(key, pair.serialize_pem().as_bytes()).map_err(file(key))?;
    write(chain, certificate.pem().as_bytes()).map_err(file(chain))?;
    write(&folder.join("until"), until.to_string().as_bytes()).map_err(file(folder))
}

fn moment(at: jiff::Timestamp) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(at.as_second()).expect("a time near now")
}

/// Writes a file that only we may read, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let text = |path: &Path| fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source });
    let pem = |path: &Path, what| TlsError::Pem { path: path.to_owned(), what };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text(chain)?)
        .collect::<Result<_, _>>()
        .map_err(|_| pem(chain, "certificate"))?;
    if certificates.is_empty() {
        return Err(pem(chain, "certificate"));
    }
    let private = PrivateKeyDer::from_pem_slice(&text(key)?).map_err(|_| pem(key, "private key"))?;
    Ok(CertifiedKey::from_der(certificates, private, &ring::default_provider())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_certificate_is_kept_and_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let source =
            Source::Own { names: vec!["localhost".into(), "127.0.0.1".into()], folder: folder.path().join("tls") };
        let now: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let first = Certificate::load(source, now).unwrap();
        let leaf = |certificate: &Certificate| certificate.chain()[0].to_vec();
        let before = leaf(&first);
        first.reload(now + jiff::SignedDuration::from_hours(24 * 59)).unwrap();
        assert_eq!(leaf(&first), before, "kept");
        first.reload(now + jiff::SignedDuration::from_hours(24 * 61)).unwrap();
        assert_ne!(leaf(&first), before, "renewed");
        assert_eq!(first.looked().map(|looked| looked.fault), Some(None));
        // What cannot be taken up is told, and the one before stays.
        let renewed = leaf(&first);
        fs::write(folder.path().join("tls/cert.pem"), "nothing").unwrap();
        first.reload(now + jiff::SignedDuration::from_hours(24 * 62)).unwrap_err();
        assert!(first.looked().unwrap().fault.unwrap().contains("holds no certificate"));
        assert_eq!(leaf(&first), renewed);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(folder.path().join("tls/key.pem")).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        first.server(false).unwrap();
    }

    #[test]
    fn files_that_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = (folder.path().join("c"), folder.path().join("k"));
        let load =
            || Certificate::load(Source::Files { chain: chain.clone(), key: key.clone() }, jiff::Timestamp::UNIX_EPOCH);
        assert!(matches!(load(), Err(TlsError::File { .. })));
        fs::write(&chain, "nothing").unwrap();
        fs::write(&key, "nothing").unwrap();
        assert!(matches!(load(), Err(TlsError::Pem { .. })));
    }
}
