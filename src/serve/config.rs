//! What can be set. Where the settings come from is `settings`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use analytics::{QueryLimits, wire::WireLimits};
use api::{HttpLimits, RequestLimits};
use model::Region;
use outbound::{Network, Rules, Security};
use serde::{Deserialize, Serialize};
use store::StoreLimits;
use tenancy::upkeep::UpkeepConfig;

use super::runner::JobsConfig;

/// Everything that can be set. Unknown names are refused, so that a typo is not a setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// The folder of backups, and volumes for large tenants.
    pub(crate) upkeep: UpkeepConfig,
    /// Bounds on connections.
    pub(crate) http: HttpLimits,
    /// Bounds on requests: rates, and how many at once.
    pub(crate) requests: RequestLimits,
    /// Where a collector on the same machine reads the metrics.
    pub(crate) metrics: MetricsListen,
    /// Where traces go.
    pub(crate) traces: TracesConfig,
    /// What is logged, and how.
    pub(crate) log: LogConfig,
    /// Where audit rows go.
    pub(crate) audit: AuditConfig,
    /// Where messages to tenants' webhooks may go.
    pub(crate) outbound: OutboundConfig,
    /// Where files of tenants may be put.
    pub(crate) exports: ExportsConfig,
    /// The server that takes mails to people.
    pub(crate) mail: MailConfig,
    /// Work that takes a while: slots, limits and folder of the workers.
    pub(crate) jobs: JobsConfig,
    /// A language model on the organisation's own network.
    pub(crate) language_model: LanguageModelConfig,
    /// Bounds on queries in SQL.
    pub(crate) query: QueryConfig,
    /// The door of PostgreSQL.
    pub(crate) postgres: PostgresConfig,
    /// How long rows of usage are kept.
    pub(crate) usage: UsageConfig,
    /// Sessions, passwords, keys, and how often one may try to sign in.
    pub(crate) identity: identity::Config,
}

/// Where the appliance listens, and with which certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// A listener for metrics alone: plain HTTP, nobody signs in, so it is for the machine itself.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricsListen {
    /// A loopback address and port, like `127.0.0.1:9464`; none without a word.
    pub(crate) listen: Option<SocketAddr>,
}

/// Where traces of requests go: an OpenTelemetry collector on the same machine, which passes them on.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TracesConfig {
    /// Its loopback address and port for OTLP over HTTP, like `127.0.0.1:4318`; no traces without a word.
    pub(crate) collector: Option<SocketAddr>,
}

/// Bounds on queries in SQL: threads, places, time, memory, answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QueryConfig {
    /// Threads that answer, apart from those that serve requests.
    pub(crate) threads: usize,
    /// Queries that run at once, of all tenants.
    pub(crate) running: usize,
    /// Those of one tenant.
    pub(crate) running_per_tenant: usize,
    /// Queries of one tenant that wait for a place.
    pub(crate) waiting_per_tenant: usize,
    /// A query is stopped after so many seconds.
    pub(crate) timeout_s: u64,
    /// Memory of all queries, in MiB.
    pub(crate) memory_mib: usize,
    /// Memory of the queries of one tenant, in MiB.
    pub(crate) tenant_memory_mib: usize,
    /// The folder in which queries go on that need more; none without a word.
    pub(crate) spill: Option<PathBuf>,
    /// What queries of one tenant may put there, in MiB.
    pub(crate) tenant_spill_mib: u64,
    /// Rows of an answer.
    pub(crate) rows: u64,
    /// Size of an answer, in MiB.
    pub(crate) answer_mib: u64,
}

impl Default for QueryConfig {
    fn default() -> Self {
        let limits = QueryLimits::default();
        QueryConfig {
            threads: limits.threads,
            running: limits.running,
            running_per_tenant: limits.running_per_tenant,
            waiting_per_tenant: limits.waiting_per_tenant,
            timeout_s: limits.timeout_s,
            memory_mib: limits.memory_bytes >> 20,
            tenant_memory_mib: limits.tenant_memory_bytes >> 20,
            spill: None,
            tenant_spill_mib: limits.tenant_spill_bytes >> 20,
            rows: limits.rows,
            answer_mib: limits.answer_bytes >> 20,
        }
    }
}

impl From<&QueryConfig> for QueryLimits {
    fn from(config: &QueryConfig) -> Self {
        QueryLimits {
            threads: config.threads,
            running: config.running.max(1),
            running_per_tenant: config.running_per_tenant.max(1),
            waiting_per_tenant: config.waiting_per_tenant,
            timeout_s: config.timeout_s,
            memory_bytes: config.memory_mib.saturating_mul(1 << 20),
            tenant_memory_bytes: config.tenant_memory_mib.saturating_mul(1 << 20),
            tenant_spill_bytes: config.tenant_spill_mib.saturating_mul(1 << 20),
            rows: config.rows,
            answer_bytes: config.answer_mib.saturating_mul(1 << 20),
        }
    }
}

/// The door of PostgreSQL: the wire that tools for reports speak, for reading only, with the certificate of `listen`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PostgresConfig {
    /// Address and port, like `0.0.0.0:5433`; none without a word.
    pub(crate) listen: Option<SocketAddr>,
    /// The most connections.
    pub(crate) connections: usize,
    /// The most connections of one tenant.
    pub(crate) connections_per_tenant: usize,
    /// The most connections of one address that have not signed in.
    pub(crate) strangers_each: usize,
    /// How long a client may take for TLS, and again to sign in, in seconds.
    pub(crate) handshake_s: u64,
    /// How long a client may say nothing between two statements, in seconds.
    pub(crate) idle_s: u64,
}

impl Default for PostgresConfig {
    fn default() -> Self {
        let WireLimits { connections, connections_per_tenant, strangers_each, handshake_s, idle_s } =
            WireLimits::default();
        PostgresConfig { listen: None, connections, connections_per_tenant, strangers_each, handshake_s, idle_s }
    }
}

impl From<PostgresConfig> for WireLimits {
    fn from(config: PostgresConfig) -> Self {
        let PostgresConfig { listen: _, connections, connections_per_tenant, strangers_each, handshake_s, idle_s } =
            config;
        WireLimits { connections, connections_per_tenant, strangers_each, handshake_s, idle_s }
    }
}

/// How long rows of usage are kept.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UsageConfig {
    /// Days after the use.
    pub(crate) kept_days: u32,
}

impl UsageConfig {
    pub(crate) fn kept(self) -> Duration {
        Duration::from_secs(u64::from(self.kept_days) * 86_400)
    }
}

impl Default for UsageConfig {
    fn default() -> Self {
        UsageConfig { kept_days: 800 }
    }
}

/// What is logged, and how. Logs go to standard error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogConfig {
    /// What is worth a line: `error`, `warn`, `info` (one line a request), `debug`, `trace`, or a filter like
    /// `warn,api::router=info`.
    pub(crate) filter: String,
    /// One JSON object a line, for collectors.
    pub(crate) json: bool,
}

/// Where audit rows go besides the logs: to a collector that takes syslog over TLS.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditConfig {
    /// The collector's host and port, as its certificate names it; none without a word.
    pub(crate) syslog: Option<String>,
    /// The authorities that may vouch for the collector, as PEM; those of the system without a word.
    pub(crate) syslog_ca: Option<PathBuf>,
    /// Whether the rows of all tenants go there too, not only the appliance's own.
    pub(crate) syslog_tenants: bool,
}

/// Where messages to tenants' webhooks may go: the public Internet over TLS, and networks that are named here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OutboundConfig {
    /// Networks beyond the public Internet that may be called too.
    pub(crate) allow: Vec<Network>,
    /// Ports that may be called.
    pub(crate) ports: Vec<u16>,
    /// The authorities that may vouch for receivers, as PEM; those of the system without a word.
    pub(crate) ca: Option<PathBuf>,
}

/// Where files of tenants may be put: a folder, storage that speaks S3, and servers that speak SFTP.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExportsConfig {
    /// The folder in which each tenant has one of its own; none without a word.
    pub(crate) folder: Option<PathBuf>,
    /// Hosts of storage that stands in this appliance's residency zone.
    pub(crate) s3_hosts: Vec<String>,
    /// Servers that speak SFTP in this appliance's residency zone.
    pub(crate) sftp_hosts: Vec<String>,
}

/// The server that takes mails to people (SMTP).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// Its name, as its certificate says it; no mails are sent without a word.
    pub(crate) server: Option<String>,
    /// Its port.
    pub(crate) port: u16,
    /// How the line is kept secret: `implicit` (from the first byte, usually port 465), `starttls` (usually port 587), or `none`, which a
    /// server on this machine only may have.
    pub(crate) tls: Security,
    /// The authorities that may vouch for it, as PEM; those of the system without a word.
    pub(crate) ca: Option<PathBuf>,
    /// Who mails come from: an address.
    pub(crate) from: String,
    /// Who signs in there; nobody without a word.
    pub(crate) user: Option<String>,
    /// A file with the password.
    pub(crate) password_file: Option<PathBuf>,
    /// Where people find the appliance, for links in mails; the first of `listen.names` without a word.
    pub(crate) link: Option<String>,
}

impl Default for MailConfig {
    fn default() -> Self {
        MailConfig {
            server: None,
            port: 465,
            tls: Security::Implicit,
            ca: None,
            from: String::new(),
            user: None,
            password_file: None,
            link: None,
        }
    }
}

/// A server on the organisation's network that speaks OpenAI's protocol. It looks again at the diagrams of tenants that have said so, and
/// gets the words of their talks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LanguageModelConfig {
    /// Its address, like `http://llm.example.org:8000/v1`; nobody is asked without a word.
    pub(crate) url: Option<String>,
    /// The model it is asked for.
    pub(crate) model: Option<String>,
    /// A file with its key, where it wants one.
    pub(crate) key_file: Option<PathBuf>,
    /// The authorities that may vouch for it, as PEM; those of the system without a word.
    pub(crate) ca: Option<PathBuf>,
    /// How long it may take for one scene, in seconds.
    pub(crate) timeout_s: u64,
}

impl Default for LanguageModelConfig {
    fn default() -> Self {
        LanguageModelConfig { url: None, model: None, key_file: None, ca: None, timeout_s: 120 }
    }
}

impl Default for OutboundConfig {
    fn default() -> Self {
        let Rules { allow, ports, own: _ } = Rules::default();
        OutboundConfig { allow, ports, ca: None }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { filter: "warn".into(), json: false }
    }
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
            upkeep: UpkeepConfig::default(),
            http: HttpLimits::default(),
            requests: RequestLimits::default(),
            metrics: MetricsListen::default(),
            traces: TracesConfig::default(),
            log: LogConfig::default(),
            audit: AuditConfig::default(),
            outbound: OutboundConfig::default(),
            exports: ExportsConfig::default(),
            mail: MailConfig::default(),
            jobs: JobsConfig::default(),
            language_model: LanguageModelConfig::default(),
            query: QueryConfig::default(),
            postgres: PostgresConfig::default(),
            usage: UsageConfig::default(),
            identity: identity::Config::default(),
        }
    }
}

/// Settings that are well formed and make no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Nonsense {
    /// Only half of a certificate.
    #[error("listen.certificate and listen.certificate_key must be given together")]
    HalfCertificate,
    /// Traces in plain HTTP.
    #[error("traces.collector must be a loopback address like 127.0.0.1:4318: traces are sent unencrypted")]
    FarCollector,
    /// Metrics for strangers.
    #[error("metrics.listen must be a loopback address like 127.0.0.1:9464: nobody signs in there")]
    OpenMetrics,
    /// A collector without a port.
    #[error("audit.syslog must be a host and a port like collector.example:6514, not {0}")]
    Collector(String),
    /// A mail server without what goes with it.
    #[error("mail.server needs mail.from, and mail.user with mail.password_file or neither")]
    HalfMail,
    /// Mails in the clear.
    #[error("mail.tls = \"none\" is for a mail server on this machine: localhost, 127.0.0.1 or ::1")]
    PlainMail,
    /// A language model without the other half.
    #[error("language_model.url and language_model.model must be given together")]
    HalfModel,
    /// No name.
    #[error("listen.names must hold at least one name, or give a certificate of your own")]
    NoName,
}

impl Config {
    /// Refuses settings that contradict each other.
    ///
    /// # Errors
    /// The first contradiction.
    pub(crate) fn check(&self) -> Result<(), Nonsense> {
        if self.listen.certificate.is_some() != self.listen.certificate_key.is_some() {
            return Err(Nonsense::HalfCertificate);
        }
        if self.listen.certificate.is_none() && self.listen.names.is_empty() {
            return Err(Nonsense::NoName);
        }
        let placed = |place: &&String| {
            place.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if let Some(place) = self.audit.syslog.as_ref().filter(|place| !placed(place)) {
            return Err(Nonsense::Collector(place.clone()));
        }
        if let Some(server) = &self.mail.server {
            if self.mail.from.is_empty() || self.mail.user.is_some() != self.mail.password_file.is_some() {
                return Err(Nonsense::HalfMail);
            }
            if self.mail.tls == Security::None && !["localhost", "127.0.0.1", "::1"].contains(&server.as_str()) {
                return Err(Nonsense::PlainMail);
            }
        }
        if self.language_model.url.is_some() != self.language_model.model.is_some() {
            return Err(Nonsense::HalfModel);
        }
        if self.metrics.listen.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(Nonsense::OpenMetrics);
        }
        if self.traces.collector.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(Nonsense::FarCollector);
        }
        Ok(())
    }

    /// The file with the appliance's key.
    pub(crate) fn key_path(&self) -> PathBuf {
        self.key.clone().unwrap_or_else(|| self.data.join("appliance.key"))
    }
}
