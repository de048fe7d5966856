//! Opening the store and starting the listener.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use api::{Certificate, CertificateSource, Services, TlsError, host::Host};
use identity::PeopleError;
use jobs::{Desk, Drained, Runner};
use model::{IdSource, SystemClock, SystemTask};
use outbound::{Client, Depots, MailServer, Mailer, Rules, Security};
use store::{
    EventDraft, Store, StoreError,
    vault::{KeyFile, PendingRoot, RootKeyError, root_keys, settle_root},
};
use tenancy::upkeep::{Upkeep, UpkeepError};
use tokio::task::JoinHandle;

use super::{
    config::{Config, ExportsConfig, QueryConfig},
    fonts,
    forward::keep_forwarded,
    host::Program,
    housekeeping::{keep_house, make_room, measure},
    place::Place,
    runner::{self, JobsError},
    settings::Settings,
    sweep::keep_swept,
    usage::keep_sealed,
    wire,
};
use crate::{
    client::{Trust, authorities_pem},
    failure::Failure,
    files::read_small,
};

/// Why the appliance does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The appliance's key.
    #[error("the appliance's key: {0}")]
    Key(#[from] RootKeyError),
    /// The data.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its long work.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// The engine for queries.
    #[error(transparent)]
    Engine(#[from] analytics::EngineError),
    /// The first operator.
    #[error(transparent)]
    Operator(#[from] PeopleError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address.
    #[error("cannot listen on {0}: {1}; choose another with --listen")]
    Listen(SocketAddr, io::Error),
    /// The jobs.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// The authorities that vouch for the collector of audit rows.
    #[error("audit.syslog_ca: {0}")]
    Collector(Failure),
    /// The authorities that vouch for receivers of messages.
    #[error("outbound.ca: {0}")]
    Receivers(Failure),
    /// The folder for files of tenants.
    #[error("exports.folder: {0} cannot be made: {1}; make it, or choose another")]
    Exports(PathBuf, io::Error),
    /// The mail server.
    #[error("mail: {0}")]
    Mail(String),
    /// The runtime.
    #[error("the appliance stopped: {0}")]
    Run(#[from] io::Error),
}

/// Opens the store of `config`, making one where there is none.
pub(crate) fn open_store(config: &Config) -> Result<Store, StartError> {
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
    let path = config.key_path();
    if config.data.join("system.redb").exists() {
        // A change of the key that was cut off left two files, and the vault is under one of them.
        let keys = root_keys(&path, PendingRoot::KeyFile)?;
        let store = Store::open_with_any(&config.data, keys, config.store, clock, ids)?;
        settle_root(store.vault(), &path, PendingRoot::KeyFile)?;
        return Ok(store);
    }
    std::os::unix::fs::DirBuilderExt::mode(std::fs::DirBuilder::new().recursive(true), 0o700)
        .create(&config.data)
        .map_err(StartError::Run)?;
    // A key that is there already was put there by the operator, or by a first start that got no further.
    let key = if path.exists() { KeyFile::open(&path)? } else { KeyFile::create(&path)? };
    Ok(Store::create(&config.data, Box::new(key), config.store, clock, ids)?)
}

/// The parts of an appliance over its open store.
pub(crate) fn services(
    config: &Config,
    store: Arc<Store>,
    jobs: Arc<Desk>,
    engine: Arc<analytics::Engine>,
    host: Option<Arc<dyn Host>>,
) -> Result<Arc<Services>, StartError> {
    let upkeep = Upkeep::new(store.clone(), config.upkeep.clone(), Some(config.key_path()));
    upkeep.settle()?;
    let services = Services::new(store, config.region, config.identity.clone(), jobs).with_upkeep(upkeep);
    let services = services.with_usage_kept(config.usage.kept());
    let services = services.with_analyst(engine).with_fonts(fonts::finder()).with_request_limits(config.requests);
    let ExportsConfig { folder, s3_hosts, sftp_hosts } = config.exports.clone();
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder).map_err(|error| StartError::Exports(folder.clone(), error))?;
    }
    let services = services.with_depots(Depots { folder, zone: s3_hosts, servers: sftp_hosts });
    let services = match outbound(config)? {
        Some(client) => services.with_outbound(client),
        None => services,
    };
    let services = match host {
        Some(host) => services.with_host(host),
        None => services,
    };
    let services = services.with_language_model(config.language_model.model.clone());
    Ok(Arc::new(match mailer(config)? {
        Some(mailer) => services.with_mailer(mailer),
        None => services,
    }))
}

/// What answers queries.
pub(crate) fn engine(config: &QueryConfig) -> Result<analytics::Engine, analytics::EngineError> {
    let engine = analytics::Engine::start(config.into())?;
    match &config.spill {
        Some(folder) => engine.with_spill(folder),
        None => Ok(engine),
    }
}

/// What sends mails, where a server is named.
fn mailer(config: &Config) -> Result<Option<Mailer>, StartError> {
    let mail = &config.mail;
    let Some(host) = mail.server.clone() else { return Ok(None) };
    let failed = |error: &dyn std::fmt::Display| StartError::Mail(error.to_string());
    let authorities = match mail.tls {
        Security::None => Vec::new(),
        _ => authorities_pem(mail.ca.as_deref()).map_err(|failure| failed(&failure))?,
    };
    let password = mail.password_file.as_deref().map(|file| read_small(file, 4_096)).transpose();
    let password =
        password.map_err(|failure| failed(&failure))?.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    let name = config.listen.names.first().cloned().unwrap_or_else(|| "localhost".to_owned());
    let port = config.listen.address.port();
    let link = mail.link.clone().unwrap_or_else(|| match port {
        443 => format!("https://{name}"),
        _ => format!("https://{name}:{port}"),
    });
    let server = MailServer {
        host,
        port: mail.port,
        security: mail.tls,
        authorities,
        from: mail.from.clone(),
        account: mail.user.clone().zip(password),
        name,
        link,
    };
    Ok(Some(Mailer::new(server).map_err(|error| failed(&error))?))
}

/// What sends messages to webhooks; nothing on a machine that trusts nobody.
fn outbound(config: &Config) -> Result<Option<Client>, StartError> {
    let trust = config.outbound.ca.clone().map_or(Trust::System, Trust::Authorities);
    let tls = match (trust.config(), &config.outbound.ca) {
        (Ok(tls), _) => tls,
        (Err(failure), Some(_)) => return Err(StartError::Receivers(failure)),
        (Err(failure), None) => {
            tracing::warn!(%failure, "webhooks cannot be called; name authorities in outbound.ca");
            return Ok(None);
        }
    };
    let own = [Some(config.listen.address), config.postgres.listen, config.metrics.listen];
    let (allow, ports) = (config.outbound.allow.clone(), config.outbound.ports.clone());
    Ok(Some(Client::new(Rules { allow, ports, own: own.into_iter().flatten().collect() }, tls)))
}

/// How long the code for the first operator is good.
const SETUP_HOURS: u64 = 24;

/// A fresh code for the first operator, while there is none. An earlier one is void.
pub(crate) fn setup_code(store: &Store) -> Result<Option<identity::Secret>, StartError> {
    let system = store.system();
    let operators = identity::user::list(&system.read().map_err(PeopleError::from)?, None, 1, |_| true);
    if !operators.map_err(PeopleError::from)?.items.is_empty() {
        return Ok(None);
    }
    let event = EventDraft::system(SystemTask::SessionLife, system.log());
    let valid = Duration::from_secs(SETUP_HOURS * 3_600);
    Ok(Some(system.write::<_, PeopleError>(event, |tx| identity::setup::begin(tx, valid))?))
}

/// The control socket, in the data folder.
pub(crate) const SOCKET: &str = "control.sock";

/// A running appliance.
pub(crate) struct Appliance {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where the door of PostgreSQL is, where there is one.
    pub(crate) wire: Option<SocketAddr>,
    /// Closes that door.
    close_wire: tokio::sync::watch::Sender<bool>,
    /// Ends when all who came by it have gone.
    wired: Option<JoinHandle<io::Result<()>>>,
    services: Arc<Services>,
    handle: axum_server::Handle<SocketAddr>,
    drain: Duration,
    serving: JoinHandle<io::Result<()>>,
    runner: Runner,
    /// Ends the control socket when it is dropped.
    console: tokio::sync::oneshot::Sender<()>,
    socket: PathBuf,
}

impl Appliance {
    /// Starts to serve with settings that were read at `place`. To be called within a tokio runtime.
    pub(crate) fn start(place: &Place, settings: &Settings, store: Arc<Store>) -> Result<Self, StartError> {
        let (config, started) = (&settings.config, Instant::now());
        let listen = &config.listen;
        let source = match (&listen.certificate, &listen.certificate_key) {
            (Some(chain), Some(key)) => CertificateSource::Files { chain: chain.clone(), key: key.clone() },
            _ => CertificateSource::Own { names: listen.names.clone(), folder: config.data.join("tls") },
        };
        let certificate = Certificate::load(source, jiff::Timestamp::now())?;
        let tls = certificate.server(listen.tls_1_2)?;
        let listener = TcpListener::bind(listen.address).map_err(|error| StartError::Listen(listen.address, error))?;
        let address = listener.local_addr()?;
        let reporting = Arc::new(OnceLock::new());
        let runner = runner::start(config, &store, reporting.clone())?;
        keep_forwarded(config, &store).map_err(StartError::Collector)?;
        let engine = Arc::new(engine(&config.query)?);
        let host = Program {
            place: place.clone(),
            settings: settings.clone(),
            certificate: certificate.clone(),
            started: (jiff::Timestamp::now(), started),
        };
        let services = services(config, store, runner.desk(), engine.clone(), Some(Arc::new(host)))?;
        // The runner must not keep alive what hands work to it.
        reporting.get_or_init(|| Arc::downgrade(&services));
        let (close_wire, closed) = tokio::sync::watch::channel(false);
        let (wire, wired) = match config.postgres.listen {
            Some(at) => {
                let listener = TcpListener::bind(at).map_err(|error| StartError::Listen(at, error))?;
                let address = listener.local_addr()?;
                let tls = certificate.server(listen.tls_1_2)?;
                let house = Arc::new(wire::Appliance(services.clone()));
                let limits = config.postgres.into();
                let wired = tokio::spawn(analytics::wire::serve(engine, house, tls, listener, limits, closed));
                (Some(address), Some(wired))
            }
            None => (None, None),
        };
        let handle = axum_server::Handle::new();
        let serving = tokio::spawn(api::serve(services.clone(), tls, listener, config.http, handle.clone()));
        let (console, stop) = tokio::sync::oneshot::channel();
        let socket = config.data.join(SOCKET);
        control(&socket, services.clone(), stop);
        if let Some(collector) = config.traces.collector {
            services.trace_to(collector);
        }
        if let Some(at) = config.metrics.listen {
            let listener = TcpListener::bind(at).map_err(|error| StartError::Listen(at, error))?;
            tokio::spawn(api::serve_metrics(services.clone(), listener));
        }
        tokio::spawn(renew(certificate));
        tokio::spawn(keep_house(services.clone(), started));
        tokio::spawn(make_room(services.clone()));
        tokio::spawn(measure(services.clone()));
        tokio::spawn(keep(services.clone()));
        tokio::spawn(keep_swept(services.clone(), started));
        tokio::spawn(keep_sealed(services.clone(), config.usage));
        let drain = Duration::from_secs(config.http.drain_s);
        Ok(Appliance { address, wire, close_wire, wired, services, handle, drain, serving, runner, console, socket })
    }

    /// Waits for a signal to stop, then lets running requests finish.
    pub(crate) async fn until_stopped(self) -> Result<(), StartError> {
        let Appliance { services, close_wire, wired, handle, drain, mut serving, runner, console, socket, .. } = self;
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            done = &mut serving => return Ok(done.map_err(io::Error::other)??),
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        tracing::info!("stopping: running requests have {} s", drain.as_secs());
        services.drain();
        let _ = close_wire.send(true);
        handle.graceful_shutdown(Some(drain));
        drop(console);
        let _ = std::fs::remove_file(socket);
        // Workers are stopped at once: what they have finished is kept, and the next start goes on after it.
        let drained = tokio::task::spawn_blocking(move || runner.drain(Duration::ZERO));
        if let Ok(Drained { handed_back, left }) = drained.await {
            tracing::info!(handed_back, left, "running jobs went back to the queue");
        }
        let stopped = serving.await.map_err(io::Error::other)?;
        if let Some(wired) = wired {
            wired.await.map_err(io::Error::other)??;
        }
        let settled = tokio::task::spawn_blocking(move || {
            services.write_traffic(true);
            services.settle();
        });
        let _ = settled.await;
        Ok(stopped?)
    }
}

/// Stores the answers that may be asked for again.
async fn keep(services: Arc<Services>) {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let services = services.clone();
        let _ = tokio::task::spawn_blocking(move || services.keep_answers()).await;
    }
}

/// Serves the control socket. Without it the appliance runs, but is not to be steered from its own machine.
fn control(path: &Path, services: Arc<Services>, stop: tokio::sync::oneshot::Receiver<()>) {
    let own_user = rustix::process::geteuid().as_raw();
    match api::listen_console(path) {
        Ok(listener) => {
            let stopped = async {
                let _ = stop.await;
            };
            tokio::spawn(api::serve_console(services, listener, own_user, stopped));
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "there is no control socket at {}",
                path.display()
            );
        }
    }
}

/// Looks every hour whether the certificate is to be renewed, or was replaced.
async fn renew(certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        if let Err(error) = certificate.reload(jiff::Timestamp::now()) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the certificate cannot be renewed; the old one stays"
            );
        }
    }
}
