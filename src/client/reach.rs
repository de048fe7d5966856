//! Which appliance a command speaks to.

use std::{
    os::unix::{fs::MetadataExt as _, net::UnixStream},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;
use jobs::RunnerLimits;

use super::{Client, key, tls::Trust, way::Way};
use crate::{
    failure::{Failure, Kind},
    serve::{Config, JobsConfig, Place, SOCKET, engine, open_store, services, start_runner},
};

/// Which appliance.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which appliance (the one of this machine without --server)")]
pub(crate) struct Reach {
    #[command(flatten)]
    pub(crate) place: Place,
    /// An appliance elsewhere: https, its name and port; needs an API key in AUDIAGRAM_API_KEY
    #[arg(long, env = "AUDIAGRAM_SERVER", value_name = "URL")]
    server: Option<String>,
    /// File with the API key, which only you may read
    #[arg(long, value_name = "FILE", requires = "server")]
    api_key_file: Option<PathBuf>,
    /// Certificates to trust as PEM, instead of those of the system
    #[arg(long, env = "AUDIAGRAM_CA", value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,
    /// SHA-256 of the one certificate to trust, as `serve` and `doctor` show it; for a self-made one
    #[arg(long, env = "AUDIAGRAM_FINGERPRINT", value_name = "SHA256", requires = "server", conflicts_with = "ca")]
    fingerprint: Option<String>,
}

/// What is done where the appliance of this machine does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Otherwise {
    /// The command is refused.
    Refuse,
    /// It is served in this process.
    Inside,
    /// It is served in this process, and made where there is none.
    New,
}

/// Which tenant, of which appliance.
#[derive(Debug, Args)]
pub(crate) struct InTenant {
    /// Short name of the tenant to act in, at the machine itself; with --server the API key says it
    #[arg(long, env = "AUDIAGRAM_TENANT", value_name = "SLUG")]
    pub(crate) tenant: Option<String>,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

impl Reach {
    /// A line to the appliance, for what concerns it as a whole.
    ///
    /// # Errors
    /// When there is no way to it.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.open(None, &self.credential()?, Otherwise::Inside)
    }

    /// As [`Reach::client`]; on this machine an appliance that was not there is made.
    pub(crate) fn client_or_new(&self) -> Result<Client, Failure> {
        self.open(None, &self.credential()?, Otherwise::New)
    }

    /// A line without any credential, for what is open to all.
    pub(crate) fn stranger(&self) -> Result<Client, Failure> {
        self.open(None, &None, Otherwise::Inside)
    }

    /// As [`Reach::stranger`], to an appliance that runs. One that is just starting is not kept from its files.
    pub(crate) fn running(&self) -> Result<Client, Failure> {
        self.open(None, &None, Otherwise::Refuse)
    }

    /// Whether it is elsewhere.
    pub(crate) fn is_remote(&self) -> bool {
        self.server.is_some()
    }

    fn credential(&self) -> Result<Option<identity::Secret>, Failure> {
        self.server.as_ref().map(|_| key::find(self.api_key_file.as_deref())).transpose()
    }

    fn open(
        &self,
        tenant: Option<&str>,
        key: &Option<identity::Secret>,
        otherwise: Otherwise,
    ) -> Result<Client, Failure> {
        let mut headers = Vec::new();
        if let Some(key) = key {
            headers.push(("authorization", format!("Bearer {}", key.expose())));
        }
        if let Some(tenant) = tenant {
            if tenant.is_empty() || tenant.len() > 63 || !tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            {
                return Err(Failure::new(Kind::Usage, "--tenant takes the short name of a tenant, like acme"));
            }
            headers.push((api::TENANT_HEADER, tenant.to_owned()));
        }
        if let Some(server) = &self.server {
            let trust = match (&self.ca, &self.fingerprint) {
                (Some(file), _) => Trust::Authorities(file.clone()),
                (None, Some(text)) => Trust::fingerprint(text)?,
                (None, None) => Trust::System,
            };
            return Client::new(Way::https(server, &trust)?, headers);
        }
        let config = self.place.load()?;
        let socket = config.data.join(SOCKET);
        let way = match UnixStream::connect(&socket) {
            Ok(stream) => Way::socket(socket, stream)?,
            Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
                return Err(Failure::new(Kind::Denied, "you may not use the control socket of the appliance")
                    .file(&socket)
                    .because(&e)
                    .remedy("run this as the user who runs the appliance, or as root; or --server with an API key"));
            }
            Err(_) => inside(&config, otherwise)?,
        };
        Client::new(way, headers)
    }
}

impl InTenant {
    /// A line to the appliance, for what concerns one tenant.
    ///
    /// # Errors
    /// When there is no way to it, or no tenant is named.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        match (&self.tenant, self.reach.is_remote()) {
            (Some(_), true) => Err(Failure::new(Kind::Usage, "with --server the API key says which tenant")
                .remedy("without --tenant, and with an API key of that tenant")),
            (None, true) => self.reach.client(),
            (None, false) => {
                Err(Failure::new(Kind::Usage, "which tenant?").remedy("--tenant SLUG; `audiagram tenant list`"))
            }
            (Some(tenant), false) => self.reach.open(Some(tenant), &None, Otherwise::Inside),
        }
    }
}

/// The appliance itself in this process, over the store of one that does not run.
fn inside(config: &Config, otherwise: Otherwise) -> Result<Way, Failure> {
    if otherwise == Otherwise::Refuse {
        let failure = Failure::new(Kind::Unreachable, "the appliance does not run").file(&config.data);
        return Err(failure.remedy("audiagram serve, or the right --data FOLDER"));
    }
    let there = config.data.join("system.redb");
    match std::fs::metadata(&there) {
        Ok(found) if found.uid() != rustix::process::geteuid().as_raw() => {
            // Files that this process makes would belong to someone else than the appliance.
            return Err(Failure::new(Kind::Denied, format!("the data belong to the user with number {}", found.uid()))
                .file(&config.data)
                .remedy(format!("sudo --user='#{}' with the same command", found.uid())));
        }
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && otherwise == Otherwise::New => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::new(Kind::Unreachable, "there is no appliance here")
                .file(&config.data)
                .remedy("--data FOLDER, --config FILE or --server URL; `audiagram serve` makes a new one"));
        }
        Err(e) => {
            return Err(Failure::new(Kind::Denied, "cannot look into the data folder").file(&config.data).because(&e));
        }
    }
    let store = open_store(config).map_err(|error| {
        Failure::of(Kind::Failed, &error)
            .remedy("if the appliance runs, its control socket must answer: `audiagram doctor`")
    })?;
    let failed = |error: &(dyn std::error::Error + 'static)| Failure::of(Kind::Failed, error);
    let store = Arc::new(store);
    // Jobs that a command hands in wait for the appliance to run.
    let jobs = JobsConfig { runner: RunnerLimits { slots: 0, ..config.jobs.runner }, ..config.jobs.clone() };
    let waiting = Config { jobs, ..config.clone() };
    let runner = start_runner(&waiting, &store, Arc::default()).map_err(|error| failed(&error))?;
    let engine = Arc::new(engine(&config.query).map_err(|error| failed(&error))?);
    let services = services(config, store, runner.desk(), engine, None).map_err(|error| failed(&error))?;
    Ok(Way::Inside { router: api::console(&services), _jobs: runner })
}

/// A line to the appliance that runs over the data of `config`, or nothing when none does.
pub(crate) fn running_here(config: &Config) -> Option<Result<Client, Failure>> {
    let socket = config.data.join(SOCKET);
    let stream = UnixStream::connect(&socket).ok()?;
    Some(Way::socket(socket, stream).and_then(|way| Client::new(way, Vec::new())))
}
