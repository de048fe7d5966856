//! The configuration: built-in defaults, then a file, then the environment, then flags.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use api::HttpLimits;
use model::Region;
use serde::Deserialize;
use store::StoreLimits;

use super::runner::JobsConfig;

/// Where the file is looked for when none is named.
pub(crate) const PLACE: &str = "/etc/audiagram/audiagram.toml";

/// Everything that can be set. Unknown names are refused, so that a typo is not a setting.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder of all data.
    pub(crate) data: PathBuf,
    /// The file with the appliance's key; made at the first start. Keep a copy elsewhere: without it the data cannot be read.
    pub(crate) key: Option<PathBuf>,
    /// The region this appliance stands in.
    pub(crate) region: Region,
    /// Where it listens.
    pub(crate) listen: Listen,
    /// Bounds on open files and their memory.
    pub(crate) store: StoreLimits,
    /// Bounds on connections.
    pub(crate) http: HttpLimits,
    /// Work that takes a while: slots, limits and folder of the workers.
    pub(crate) jobs: JobsConfig,
    /// Sessions, passwords, keys, and how often one may try to sign in.
    pub(crate) identity: identity::Config,
}

/// Where the appliance listens, and with which certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listen {
    /// Address and port.
    pub(crate) address: SocketAddr,
    /// Host names and addresses that users type; the certificate is made for them.
    pub(crate) names: Vec<String>,
    /// A certificate of your own: the chain as PEM.
    pub(crate) certificate: Option<PathBuf>,
    /// Its key as PEM.
    pub(crate) certificate_key: Option<PathBuf>,
    /// Also let in clients that know TLS 1.2 only.
    pub(crate) tls_1_2: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Listen {
            address: SocketAddr::from(([0, 0, 0, 0], 8443)),
            names: vec!["localhost".into(), "127.0.0.1".into()],
            certificate: None,
            certificate_key: None,
            tls_1_2: false,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: PathBuf::from("/var/lib/audiagram"),
            key: None,
            region: "eu".parse().expect("a region code"),
            listen: Listen::default(),
            store: StoreLimits::default(),
            http: HttpLimits::default(),
            jobs: JobsConfig::default(),
            identity: identity::Config::default(),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that makes no sense.
    #[error("{path}: {message}")]
    Parse {
        /// Which.
        path: PathBuf,
        /// Line, column and what is wrong.
        message: String,
    },
    /// Only half of a certificate.
    #[error("listen.certificate and listen.certificate_key must be given together")]
    HalfCertificate,
    /// No name.
    #[error("listen.names must hold at least one name, or give a certificate of your own")]
    NoName,
}

impl Config {
    /// Reads `path`, or the usual place if there is a file; defaults without one.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let usual = Path::new(PLACE);
        let path = match path {
            Some(path) => path,
            None if usual.exists() => usual,
            None => return Ok(Config::default()),
        };
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Config = toml::from_str(text)
            .map_err(|error| ConfigError::Parse { path: path.to_owned(), message: error.to_string() })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.listen.certificate.is_some() != self.listen.certificate_key.is_some() {
            return Err(ConfigError::HalfCertificate);
        }
        if self.listen.certificate.is_none() && self.listen.names.is_empty() {
            return Err(ConfigError::NoName);
        }
        Ok(())
    }

    /// The file with the appliance's key.
    pub(crate) fn key_path(&self) -> PathBuf {
        self.key.clone().unwrap_or_else(|| self.data.join("appliance.key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), &str>) {
        match (Config::parse(text, Path::new("x.toml")), expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (parsed, expected) => panic!("{text}: {parsed:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn files() {
        check("", Ok(()));
        check(
            "region = 'jp'\n[listen]\naddress = '127.0.0.1:0'\nnames = ['a.example']\n[store]\nmax_open = 16\n",
            Ok(()),
        );
        check("regoin = 'jp'", Err("regoin"));
        check("region = 'JAPAN'", Err("region"));
        check("[listen]\nnames = []", Err("at least one name"));
        check("[listen]\ncertificate = 'a.pem'", Err("together"));
        check("[listen]\naddress = 'here'", Err("address"));
    }
}
