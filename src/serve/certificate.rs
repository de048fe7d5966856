//! What an X.509 certificate says of itself.

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer as _, public_key::PublicKey,
};

/// A certificate as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Certified {
    /// Whose it is.
    pub(crate) subject: String,
    /// Who vouches for it.
    pub(crate) issuer: String,
    /// Host names and addresses that it is for.
    pub(crate) names: Vec<String>,
    /// From when on it is good, in seconds since 1970.
    pub(crate) from: i64,
    /// Until when.
    pub(crate) until: i64,
    /// SHA-256, in hexadecimal digits.
    pub(crate) fingerprint: String,
    key: String,
}

impl Certified {
    /// Reads one; nothing if it is none.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (_, leaf) = X509Certificate::from_der(der).ok()?;
        let alternatives = leaf.subject_alternative_name().ok().flatten();
        let names = alternatives.map(|found| found.value.general_names.iter().filter_map(name_of).collect());
        Some(Certified {
            subject: leaf.subject().to_string(),
            issuer: leaf.issuer().to_string(),
            names: names.unwrap_or_default(),
            from: leaf.validity().not_before.timestamp(),
            until: leaf.validity().not_after.timestamp(),
            fingerprint: Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect(),
            key: key_of(&leaf),
        })
    }

    /// Those in a PEM text that can be read.
    pub(crate) fn all(pem: &[u8]) -> Vec<Self> {
        let found = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
        found.filter_map(|der| Certified::read(&der)).collect()
    }

    /// Whole days that are left; below zero when it has ended.
    pub(crate) fn days_left(&self, now: jiff::Timestamp) -> i64 {
        (self.until - now.as_second()).div_euclid(86_400)
    }

    /// As operators see it.
    pub(crate) fn told(&self, now: jiff::Timestamp) -> api::host::Identity {
        api::host::Identity {
            subject: self.subject.clone(),
            issuer: self.issuer.clone(),
            names: self.names.clone(),
            not_before: moment(self.from),
            not_after: moment(self.until),
            days_left: self.days_left(now),
            fingerprint: self.fingerprint.clone(),
            key: self.key.clone(),
            self_signed: self.subject == self.issuer,
        }
    }
}

/// A moment as RFC 3339 has it.
pub(crate) fn moment(second: i64) -> String {
    jiff::Timestamp::from_second(second).map_or_else(|_| second.to_string(), |at| at.to_string())
}

fn key_of(leaf: &X509Certificate<'_>) -> String {
    match leaf.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA, {} bits", key.key_size()),
        Ok(PublicKey::EC(key)) => format!("ECDSA, {} bits", key.key_size()),
        _ if leaf.public_key().algorithm.algorithm.to_id_string() == "1.3.101.112" => "Ed25519".to_owned(),
        _ => leaf.public_key().algorithm.algorithm.to_id_string(),
    }
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}
