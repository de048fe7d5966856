//! What this crate asks of the program around it: what it knows of itself, of its machine, its settings and its log. The program
//! implements it; endpoints for operators show it.

mod about;
mod bundle;
mod capacity;
mod certificates;
mod configuration;
mod doctor;
mod log;

pub use about::{About, Library, Licences, Package, PackageFrom, Part};
pub use bundle::{BundlePart, Gathered};
pub use capacity::{Disk, Folder, Machine, Memory, Processors};
pub use certificates::{Certificates, Identity, Looked, Served, Trusted, Warning};
pub use configuration::{Configuration, Setting, SettingSource};
pub use doctor::{Area, Finding, FindingState, Findings};
pub use log::{Level, LogField, LogLine, LogWanted, Logged};

pub(crate) use doctor::Doctor;

use crate::{
    problem::{Code, Problem},
    services::Services,
};

/// The program that serves the API.
pub trait Host: Send + Sync + std::fmt::Debug {
    /// What is running.
    fn about(&self) -> About;

    /// What it is made of, and under which licences.
    fn licences(&self) -> Licences;

    /// Looks at the machine and the appliance. May take seconds, and changes nothing.
    fn look(&self) -> Findings;

    /// The certificates in use.
    fn certificates(&self) -> Certificates;

    /// Every setting, as it may be shown to operators.
    fn configuration(&self) -> Configuration;

    /// Disks, memory and processors as they are now.
    fn machine(&self) -> Machine;

    /// The lines of the log that are wanted, newest first.
    fn log(&self, wanted: &LogWanted) -> Logged;

    /// What [`bundle`](Self::bundle) puts together.
    fn bundle_parts(&self) -> Vec<BundlePart>;

    /// One archive (ZIP) that helps others to help, without secrets, names or content.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn bundle(&self, gathered: &Gathered) -> Result<Vec<u8>, String>;
}

impl Services {
    /// The program around.
    pub(crate) fn host(&self) -> Result<&std::sync::Arc<dyn Host>, Problem> {
        let detail = "this appliance was started by a program that tells nothing of itself";
        self.host.as_ref().ok_or_else(|| Problem::new(Code::Unavailable, detail))
    }
}
