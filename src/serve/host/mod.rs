//! What the API asks of this program: what it knows of itself, its machine, its settings and its log.

mod about;
mod certificates;
mod configuration;
mod machine;

use std::{sync::Arc, time::Instant};

use api::{
    Certificate,
    host::{
        About, BundlePart, Certificates, Configuration, Findings, Gathered, Host, Licences, LogWanted, Logged, Machine,
    },
};

use super::{Place, Settings};
use crate::{console::recent, doctor, support};

/// The program that serves.
#[derive(Debug)]
pub(super) struct Program {
    /// Where settings are read.
    pub(super) place: Place,
    /// The settings that it runs with.
    pub(super) settings: Settings,
    /// The certificate that it serves.
    pub(super) certificate: Arc<Certificate>,
    /// When it was started.
    pub(super) started: (jiff::Timestamp, Instant),
}

impl Host for Program {
    fn about(&self) -> About {
        about::about(self)
    }

    fn licences(&self) -> Licences {
        about::licences()
    }

    fn look(&self) -> Findings {
        doctor::look(Ok(self.settings.clone()))
    }

    fn certificates(&self) -> Certificates {
        certificates::certificates(self)
    }

    fn configuration(&self) -> Configuration {
        configuration::configuration(self)
    }

    fn machine(&self) -> Machine {
        machine::machine(&self.settings.config)
    }

    fn log(&self, wanted: &LogWanted) -> Logged {
        recent::recent(wanted)
    }

    fn bundle_parts(&self) -> Vec<BundlePart> {
        let told = |(name, about): &(&str, &str)| BundlePart { name: (*name).to_owned(), about: (*about).to_owned() };
        support::PARTS.iter().map(told).collect()
    }

    fn bundle(&self, gathered: &Gathered) -> Result<Vec<u8>, String> {
        let parts = support::Parts {
            doctor: doctor::harmless(&gathered.findings),
            settings: support::settings(Some(&self.settings)),
            health: gathered.health.clone(),
            counts: gathered.counts.clone(),
            capacity: support::capacity(&self.machine()),
            certificates: support::certificates(&self.certificates()),
            log: support::recent_lines(&recent::all()),
            metrics: support::metrics(&gathered.metrics),
        };
        parts.zipped(jiff::Timestamp::now()).map_err(|error| format!("the bundle cannot be put together: {error}"))
    }
}
