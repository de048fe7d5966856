//! The section `identity` of the configuration.

use serde::{Deserialize, Serialize};

use crate::{api_key::KeyRules, password::PasswordRules, session::SessionRules, throttle::ThrottleRules};

/// What may be set about people and how they sign in; everything has a default that is good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Sessions.
    pub sessions: SessionRules,
    /// Passwords.
    pub passwords: PasswordRules,
    /// API keys.
    pub keys: KeyRules,
    /// How often one may try to sign in.
    pub throttle: ThrottleRules,
}
