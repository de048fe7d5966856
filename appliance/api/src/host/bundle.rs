//! The support bundle.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Findings;

/// What is in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BundlePart {
    /// The name of the file.
    pub name: String,
    /// What is in it.
    pub about: String,
}

/// What this crate knows and puts into a bundle.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// What the doctor has found.
    pub findings: Arc<Findings>,
    /// Whether the appliance is ready, and codes of what is wrong.
    pub health: Value,
    /// How many tenants there are, by state and plan.
    pub counts: Value,
    /// The metrics as Prometheus reads them.
    pub metrics: String,
}
