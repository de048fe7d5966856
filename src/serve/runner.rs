//! The job runner of the appliance: its settings, the tenants' allowances, its start.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use api::Services;
use jobs::{Runner, RunnerError, RunnerLimits};
use serde::{Deserialize, Serialize};
use store::Store;

use super::{
    config::{Config, LanguageModelConfig},
    launcher::Workers,
    workplace,
};
use crate::{
    client::{LanguageModel, Trust},
    failure::Failure,
    job::{Device, Policy, assist::Assistant},
};

/// How jobs are run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct JobsConfig {
    /// Slots, leases, deadlines.
    pub(crate) runner: RunnerLimits,
    /// Where workers work. What lies there is plain: a disk in memory keeps it off the platters. `work` in the data folder without one.
    pub(crate) work: Option<PathBuf>,
    /// Memory that a worker may use beside the speech model, in MiB.
    pub(crate) memory_mib: u64,
    /// How strictly workers are confined: they parse strangers' files beside the data of all tenants.
    pub(crate) sandbox: Policy,
    /// What draws videos. A graphics processor means that workers, which parse strangers' files, may talk to its driver.
    pub(crate) rasterizer: Device,
    /// What codes the pictures of MP4, likewise; coded by x264 a video has the same bytes on every machine.
    pub(crate) encoder: Device,
    /// What hears, likewise.
    pub(crate) hearing: Device,
}

impl Default for JobsConfig {
    fn default() -> Self {
        JobsConfig {
            runner: RunnerLimits::default(),
            work: None,
            memory_mib: 4_096,
            sandbox: Policy::Require,
            rasterizer: Device::Cpu,
            encoder: Device::Cpu,
            hearing: Device::Cpu,
        }
    }
}

/// Why no jobs are run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobsError {
    /// The folder of the workers.
    #[error("cannot use the folder of the workers {0}: {1}; set `jobs.work` to another")]
    Folder(PathBuf, #[source] io::Error),
    /// The language model's server.
    #[error("{0}")]
    LanguageModel(Failure),
    /// The runner.
    #[error(transparent)]
    Runner(#[from] RunnerError),
}

/// The language model that jobs may ask, where one is named, and the server it is asked on.
fn helper(config: &LanguageModelConfig) -> Result<Option<(Assistant, LanguageModel)>, Failure> {
    let (Some(url), Some(model)) = (&config.url, &config.model) else { return Ok(None) };
    let trust = config.ca.clone().map_or(Trust::System, Trust::Authorities);
    let patience = Duration::from_secs(config.timeout_s.max(1));
    let server = LanguageModel::new("language_model.url", url, config.key_file.as_deref(), &trust, patience)?;
    Ok(Some((Assistant { model: model.clone(), price: None }, server)))
}

/// Takes up the work: what the last run of the appliance left behind, and what is ordered from now on.
/// `services` are given to it when there are some.
pub(crate) fn start(
    config: &Config,
    store: &Arc<Store>,
    services: Arc<OnceLock<Weak<Services>>>,
) -> Result<Runner, JobsError> {
    let folder = config.jobs.work.clone().unwrap_or_else(|| config.data.join("work"));
    let failed = |error| JobsError::Folder(folder.clone(), error);
    workplace::clean(&folder).map_err(failed)?;
    // Workers are told where they are, and run elsewhere than this process.
    let folder = fs::canonicalize(&folder).map_err(failed)?;
    let helper = helper(&config.language_model).map_err(JobsError::LanguageModel)?;
    let workers = Workers::new(store.clone(), config.jobs.clone(), folder, services, helper);
    let allowance = tenancy::Allowances(store.clone());
    Ok(Runner::start(store.clone(), Box::new(workers), Box::new(allowance), config.jobs.runner)?)
}
