//! Whose certificate is trusted: an authority's, or the one that was pinned.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use sha2::{Digest as _, Sha256};

use crate::{
    failure::{Failure, Kind},
    files,
};

/// Where systems keep the authorities they trust.
const PLACES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
/// The most bytes of a file of authorities.
const LONGEST: u64 = 8 << 20;

/// Who is trusted.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The authorities of the system.
    System,
    /// Those in this file.
    Authorities(PathBuf),
    /// One certificate, whatever it says, by its SHA-256.
    Pinned([u8; 32]),
}

impl Trust {
    /// The certificate with this SHA-256, in hexadecimal with or without colons.
    pub(super) fn fingerprint(text: &str) -> Result<Self, Failure> {
        let digits: String = text.trim().trim_start_matches("sha256:").chars().filter(|c| *c != ':').collect();
        let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
        let pairs = pairs.iter().filter(|_| odd.is_empty());
        let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or_default(), 16).ok());
        let bytes: Option<Vec<u8>> = bytes.collect();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Trust::Pinned).ok_or_else(|| {
            Failure::new(Kind::Usage, "a fingerprint has 64 hexadecimal digits").remedy("`audiagram doctor` shows it")
        })
    }

    /// What a TLS client needs to know.
    pub(crate) fn config(&self) -> Result<ClientConfig, Failure> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| Failure::of(Kind::Failed, &e))?;
        Ok(match self {
            Trust::Pinned(sha256) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pin { sha256: *sha256, provider }))
                .with_no_client_auth(),
            Trust::Authorities(file) => builder.with_root_certificates(authorities(file)?).with_no_client_auth(),
            Trust::System => builder.with_root_certificates(of_system()?).with_no_client_auth(),
        })
    }

    /// The same for one that speaks HTTP.
    pub(super) fn http(&self) -> Result<ClientConfig, Failure> {
        let mut config = self.config()?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn of_system() -> Result<RootCertStore, Failure> {
    authorities(&system_file()?)
}

/// The file of the authorities that the system trusts.
fn system_file() -> Result<PathBuf, Failure> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let file = named.or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.exists()));
    file.ok_or_else(|| {
        Failure::new(Kind::Failed, "this system has no list of trusted certificates")
            .remedy("--ca FILE or --fingerprint SHA256")
    })
}

/// The authorities that the system trusts, or those in a file, as PEM.
pub(crate) fn authorities_pem(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let file = file.map_or_else(system_file, |file| Ok(file.to_owned()))?;
    files::read_small(&file, LONGEST)
}

fn authorities(file: &Path) -> Result<RootCertStore, Failure> {
    let bytes = files::read_small(file, LONGEST)?;
    let mut store = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    let (good, _) = store.add_parsable_certificates(certificates);
    if good == 0 {
        return Err(Failure::new(Kind::BadInput, "holds no certificate in PEM form").file(file));
    }
    Ok(store)
}

/// Trusts one certificate and nothing it says about names and times: whoever pinned it has looked at it.
#[derive(Debug)]
struct Pin {
    sha256: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if Sha256::digest(end_entity).as_slice() == self.sha256 {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints() {
        let digits = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        for text in [digits.as_str(), &colons, &format!("sha256:{digits}")] {
            assert!(matches!(Trust::fingerprint(text), Ok(Trust::Pinned(bytes)) if bytes == [0xab; 32]), "{text}");
        }
        for text in ["", "ab", "zz", &digits[1..], &format!("{digits}00")] {
            assert!(Trust::fingerprint(text).is_err(), "{text}");
        }
    }
}
