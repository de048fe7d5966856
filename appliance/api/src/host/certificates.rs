//! The certificates in use: the one that is served, and those that others are held against.

use schemars::JsonSchema;
use serde::Serialize;

/// The certificates in use.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Certificates {
    /// The one that browsers and programs are shown.
    pub served: Served,
    /// Whose word is taken for others.
    pub trusted: Vec<Trusted>,
    /// What is to be mended, now or soon.
    pub warnings: Vec<Warning>,
}

/// The certificate that is served.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ServedCertificate")]
pub struct Served {
    /// Whether the appliance made it and renews it by itself.
    pub own: bool,
    /// The file with the chain.
    pub file: String,
    /// From when on one of its own is renewed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_from: Option<String>,
    /// The chain, the appliance's own certificate first.
    pub chain: Vec<Identity>,
    /// The last look whether there is a newer one; there is one every hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked: Option<Looked>,
}

/// A look for a newer certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CertificateLook")]
pub struct Looked {
    /// When (RFC 3339).
    pub at: String,
    /// Why the one before stays, if it could not be taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CertificateIdentity")]
pub struct Identity {
    /// Whose it is.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// Host names and addresses that it is for.
    pub names: Vec<String>,
    /// From when on it is good (RFC 3339).
    pub not_before: String,
    /// Until when (RFC 3339).
    pub not_after: String,
    /// Whole days that are left; below zero when it has ended.
    pub days_left: i64,
    /// SHA-256, in hexadecimal digits.
    pub fingerprint: String,
    /// The kind of its key.
    pub key: String,
    /// Whether it vouches for itself.
    pub self_signed: bool,
}

/// Authorities that may vouch for others.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "TrustedAuthorities")]
pub struct Trusted {
    /// The setting that says so.
    pub setting: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether it is the list of the system, as nothing else is set.
    pub of_system: bool,
    /// How many there are.
    pub count: usize,
    /// How many of them have ended.
    pub ended: usize,
    /// Each, where they are the operator's own; the first twenty.
    pub certificates: Vec<Identity>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Something to be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CertificateWarning")]
pub struct Warning {
    /// For machines: `ended`, `not_yet`, `ends_soon`, `self_signed`, `wrong_names`, `not_taken_up`, `authority_ended` or
    /// `no_authorities`.
    pub code: String,
    /// For people, with the remedy.
    pub detail: String,
}
