//! The appliance: its configuration and whether it runs. The files are looked at in `data`, `certificate` and `store`.

use std::net::TcpListener;

use axum::http::Method;
use rustix::process::{Resource, getrlimit};

use super::{Check, Health, certificate, data, store};
use crate::{
    client::running_here,
    failure::Failure,
    serve::{Config, Settings},
};

pub(super) fn checks(settings: Result<Settings, Failure>) -> Vec<Check> {
    let why = "what is not understood is refused, so that a typo is not a setting";
    let settings = match settings {
        Ok(settings) => settings,
        Err(e) => {
            let detail = e.to_string().replace('\n', "; ");
            return vec![Check::bad("configuration", Health::Fail, detail, "audiagram config check").why(why)];
        }
    };
    let config = &settings.config;
    let changed = settings.all().iter().filter(|setting| setting.is_changed()).count();
    let file = settings.file.as_ref().map_or("no file".to_owned(), |file| file.display().to_string());
    let mut checks = vec![
        Check::ok("configuration", format!("{file}, {changed} keys are not as built in")).why(why),
        odd_values(config),
        handles(config),
        memory(config),
    ];
    if !config.data.join("system.redb").exists() {
        let detail = format!("none in {}; `audiagram serve` makes one", config.data.display());
        checks.push(Check::ok("appliance", detail).why("the checks of an appliance's data follow when there is one"));
        checks.push(address(config, false));
        return checks;
    }
    let (runs, state) = running(config);
    checks.push(state);
    checks.push(address(config, runs));
    checks.extend(data::checks(config));
    checks.extend(certificate::checks(config));
    checks.extend(store::checks(config, runs));
    checks
}

/// Whether it runs, asked at its control socket.
fn running(config: &Config) -> (bool, Check) {
    let why = "an appliance that runs and does not answer serves nobody";
    let name = "appliance";
    let Some(client) = running_here(config) else {
        return (false, Check::ok(name, "does not run").why(why));
    };
    let answer = client.and_then(|mut client| client.send(Method::GET, "/readyz", None, &[]));
    let check = match answer {
        Ok(answer) if answer.status == 200 => Check::ok(name, "runs and is ready"),
        Ok(answer) => {
            let told = String::from_utf8_lossy(&answer.body).into_owned();
            Check::bad(name, Health::Fail, format!("runs and is not ready: {told}"), "its log")
        }
        Err(e) => Check::bad(name, Health::Fail, e.to_string().replace('\n', "; "), "its log; start it again"),
    };
    (true, check.why(why))
}

fn odd_values(config: &Config) -> Check {
    let mut odd = Vec::new();
    let (sessions, cost) = (&config.identity.sessions, config.identity.passwords.cost);
    if sessions.idle_s > sessions.absolute_s {
        odd.push("identity.sessions.idle_s is longer than absolute_s, so it never counts");
    }
    if sessions.absolute_s > 7 * 86_400 {
        odd.push("identity.sessions.absolute_s lets a stolen session live for more than a week");
    }
    if u64::from(cost.memory_kib) * u64::from(cost.passes) < 19_456 * 2 {
        odd.push("identity.passwords.cost is less than OWASP asks for");
    }
    if config.http.header_s > 60 {
        odd.push("http.header_s lets slow clients hold connections for more than a minute");
    }
    if config.store.max_open < 16 {
        odd.push("store.max_open makes the files of tenants open and close all the time");
    }
    if config.listen.tls_1_2 {
        odd.push("listen.tls_1_2 lets in clients with older ciphers");
    }
    let local = |name: &String| name == "localhost" || name.starts_with("127.") || name == "::1";
    if config.listen.certificate.is_none()
        && config.listen.names.iter().all(local)
        && !config.listen.address.ip().is_loopback()
    {
        odd.push(
            "listen.names are names of this machine for itself only: users elsewhere are warned of the certificate",
        );
    }
    let detail = if odd.is_empty() { "none".to_owned() } else { odd.join("; ") };
    Check::that(odd.is_empty(), Health::Warn, "odd settings", detail, "audiagram config show --changed")
        .why("they are allowed, and rarely meant")
}

fn handles(config: &Config) -> Check {
    // A file a tenant, its blobs in work, and connections.
    let needed = (config.store.max_open as u64).saturating_mul(2).saturating_add(1_024);
    let limit = getrlimit(Resource::Nofile).current;
    let has = limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
    let detail = format!("{has}; {needed} for store.max_open = {}", config.store.max_open);
    let remedy = format!("LimitNOFILE={needed} in the unit, or a smaller store.max_open");
    Check::that(limit.is_none_or(|limit| limit >= needed), Health::Warn, "handles for data", detail, remedy)
        .why("without handles tenants' files cannot be opened while many are at work")
}

fn memory(config: &Config) -> Check {
    let store = &config.store;
    let caches = (store.max_open as u64).saturating_mul(store.tenant_cache_bytes as u64);
    let needed = caches.saturating_add(store.system_cache_bytes as u64);
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = super::machine::memory_of(&text, "MemTotal").map_or(u64::MAX, |kib| kib << 10);
    let detail = format!("up to {} MiB of {} MiB", needed >> 20, total >> 20);
    Check::that(
        needed <= total / 2,
        Health::Warn,
        "memory for caches",
        detail,
        "a smaller store.max_open or store.tenant_cache_bytes",
    )
    .why("caches that outgrow the memory end in the kernel ending the appliance")
}

fn address(config: &Config, runs: bool) -> Check {
    let why = "nobody can come in where it cannot listen";
    let (name, address) = ("address", config.listen.address);
    match TcpListener::bind(address) {
        Ok(_) if runs => Check::ok(name, format!("{address} is free: the appliance that runs listens elsewhere")),
        Ok(_) => Check::ok(name, format!("{address} is free")),
        Err(_) if runs => Check::ok(name, format!("{address} is in use, as the appliance runs")),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => Check::bad(
            name,
            Health::Fail,
            format!("{address} is taken by another program"),
            "ss -ltnp shows by which; or another listen.address",
        ),
        Err(e) => Check::bad(
            name,
            Health::Fail,
            format!("{address}: {e}"),
            "an address of this machine, and a port of 1024 or more",
        ),
    }
    .why(why)
}
