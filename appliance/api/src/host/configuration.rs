//! The settings and where each comes from.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The settings that the appliance runs with.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Configuration {
    /// The file that was read at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether file or environment say something else now, which holds from the next start on.
    pub stale: bool,
    /// Why file and environment cannot be read now: the next start would fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Each setting, in the order of the example.
    pub settings: Vec<Setting>,
}

/// A setting.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Setting {
    /// With dots between sections, like `listen.address`.
    pub key: String,
    /// Its value; `(set)` where it may be a secret.
    pub value: Value,
    /// What it is where nothing is said; `null` for nothing.
    pub default: Value,
    /// Whether it is something else than by default.
    pub differs: bool,
    /// Where it was made.
    pub source: SettingSource,
    /// The variable of the environment that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// Where a setting was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SettingSource {
    /// Nowhere: it is as built in.
    Default,
    /// In the file.
    File,
    /// In the environment.
    Environment,
    /// On the command line.
    Flag,
}
