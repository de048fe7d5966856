//! Where an appliance's data and settings are.

use std::path::PathBuf;

use clap::Args;

use super::{config::Config, settings::Settings};
use crate::failure::{Failure, Kind};

/// Where the appliance's data and settings are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Configuration file; /etc/audiagram/audiagram.toml if there is one
    #[arg(long, env = "AUDIAGRAM_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of all data
    #[arg(long, env = "AUDIAGRAM_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

impl Place {
    /// The settings.
    ///
    /// # Errors
    /// When the file or the environment says something that makes no sense.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        Ok(self.settings()?.config)
    }

    /// As [`Place::load`], with where each setting comes from.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        // Variables that are no text are none of ours.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let mut variables: Vec<_> = std::env::vars_os().filter_map(text).collect();
        variables.sort();
        let mut settings =
            Settings::load(self.config.as_deref(), variables).map_err(|e| Failure::of(Kind::BadInput, &e))?;
        if let Some(data) = &self.data {
            settings.config.data.clone_from(data);
            settings.by_flag("data");
        }
        Ok(settings)
    }
}
