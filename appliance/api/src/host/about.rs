//! What is running, and what it is made of.

use schemars::JsonSchema;
use serde::Serialize;

/// What is running.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct About {
    /// The version of the program.
    pub version: String,
    /// The commit that it was built from, where the build was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether it was built for use (`release`) or for tests (`debug`).
    pub build: String,
    /// The processor that it was built for.
    pub architecture: String,
    /// What was left in and could have been left out.
    pub features: Vec<String>,
    /// Libraries of the system that it is linked to, as they are at run time.
    pub libraries: Vec<Library>,
    /// The kernel.
    pub kernel: String,
    /// The region that the appliance stands in.
    pub region: String,
    /// When it was started (RFC 3339).
    pub started: String,
    /// For how many seconds it has run.
    pub uptime_s: u64,
    /// How many endpoints it serves.
    pub endpoints: usize,
}

/// A library of the system.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Library {
    /// Its name.
    pub name: String,
    /// Its version, as it says itself.
    pub version: String,
    /// Its licence, as it says itself.
    pub licence: String,
}

/// What ships, and under which licence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Licences {
    /// What holds for the whole, a paragraph each.
    pub terms: Vec<String>,
    /// The parts.
    pub parts: Vec<Part>,
    /// Every package of others in the program.
    pub packages: Vec<Package>,
}

/// A part of what ships.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ShippedPart")]
pub struct Part {
    /// What it is.
    pub part: String,
    /// Its licence.
    pub licence: String,
    /// How it ships.
    pub ships: String,
}

/// A package of others.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ShippedPackage")]
pub struct Package {
    /// Where it comes from.
    pub from: PackageFrom,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
}

/// A register of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PackageFrom {
    /// crates.io: compiled into the program.
    Crate,
    /// npm: in the scripts of the page.
    Npm,
}
