//! `audiagram support-bundle`: what helps another to help, and nothing else.
//!
//! Nothing is copied and then cleaned. Each file of the bundle is put together from parts that are known to be harmless: numbers, words
//! of this program, names of settings, paths of the endpoint table. What is not on a list is not in the bundle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Cursor, Seek as _, SeekFrom, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use axum::http::Method;
use clap::Args;
use serde_json::{Map, Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    client::{Client, Reach},
    console::Console,
    doctor,
    failure::{Failure, Kind},
    files,
};

/// How much of the end of a log is looked at, and how many of its lines are taken.
const LOG_BYTES: u64 = 8 << 20;
const LOG_LINES: usize = 5_000;
/// How many lines of metrics are taken.
const METRICS: usize = 10_000;
/// Labels of metrics whose values are words of this program.
const LABELS: [&str; 9] = ["method", "route", "status", "class", "code", "le", "plan", "state", "kind"];

/// Collect what helps to find a fault: the doctor's findings, settings, versions, health, counts and log lines, without any secret
#[derive(Debug, Args)]
#[command(after_help = "\
The bundle holds no names, addresses, titles, paths, keys or texts of your own: it is put together from numbers and words that this
program knows. Look into it before you send it: it is a zip of JSON files.

Examples:
  audiagram support-bundle
  audiagram support-bundle --log /var/log/audiagram.jsonl --out bundle.zip")]
pub(crate) struct SupportBundle {
    /// File to write; audiagram-support-….zip when absent
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A log of `serve` as JSON lines; of its last lines time, level, module, endpoint and status are taken
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

impl SupportBundle {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let now = jiff::Timestamp::now();
        let name = || PathBuf::from(format!("audiagram-support-{}.zip", now.strftime("%Y%m%d-%H%M%S")));
        let out = self.out.clone().unwrap_or_else(name);
        files::check_target(&out)?;
        let mut parts = BTreeMap::new();
        parts.insert("doctor.json", Value::from(doctor::findings(&self.reach.place).harmless()));
        parts.insert("settings.json", self.settings());
        parts.insert("versions.json", versions());
        let mut metrics = String::new();
        match self.reach.client() {
            Ok(mut client) => {
                parts.insert("health.json", health(&mut client));
                parts.insert("counts.json", counts(&mut client));
                metrics = self::metrics(&mut client);
            }
            Err(failure) => {
                parts.insert("health.json", json!({ "reached": false, "exit_code": failure.kind.exit_code() }));
            }
        }
        if let Some(log) = &self.log {
            parts.insert("log.json", Value::from(log_lines(log)?));
        }
        let bytes = zipped(&parts, &metrics, now)
            .map_err(|e| Failure::new(Kind::Failed, "the bundle cannot be put together").because(&e))?;
        files::write_atomic(&out, &bytes).map_err(|e| files::unwritable(&out, &e))?;
        let _ = fs::set_permissions(&out, fs::Permissions::from_mode(0o600));
        console.info(format!("{}, {} bytes; look into it before you send it", out.display(), bytes.len()));
        Ok(())
    }

    /// Names of settings and where each was made; values that are numbers or switches.
    fn settings(&self) -> Value {
        let Ok(settings) = self.reach.place.settings() else { return json!({ "usable": false }) };
        let told = |setting: crate::serve::Setting| {
            let value = match setting.value {
                value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => value,
                // A code of two to eight letters, or there would be no settings.
                value if setting.key == "region" => value,
                _ => "(set)".into(),
            };
            json!({ "key": setting.key, "value": value, "from": setting.source.to_string() })
        };
        Value::from(settings.all().into_iter().map(told).collect::<Vec<_>>())
    }
}

fn versions() -> Value {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number: String = kernel.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    json!({
        "audiagram": env!("CARGO_PKG_VERSION"),
        "architecture": std::env::consts::ARCH,
        "kernel": number,
        "threads": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "endpoints": api::endpoints().len(),
    })
}

fn health(client: &mut Client) -> Value {
    let codes: BTreeSet<&str> = api::Code::ALL.iter().map(|code| code.text()).collect();
    match client.send(Method::GET, "/readyz", None, &[]) {
        Ok(answer) => {
            let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = told["code"].as_str().filter(|code| codes.contains(code));
            json!({ "reached": true, "status": answer.status, "code": code })
        }
        Err(failure) => json!({ "reached": false, "exit_code": failure.kind.exit_code() }),
    }
}

/// How many tenants there are, by state and plan.
fn counts(client: &mut Client) -> Value {
    let (mut states, mut plans, mut all) = (BTreeMap::new(), BTreeMap::new(), 0u64);
    let known =
        |text: &Value, words: &[&'static str]| words.iter().find(|word| text == *word).copied().unwrap_or("other");
    let counted = client.pages("/v1/tenants", "after", |tenant| {
        all += 1;
        let state = known(&tenant["state"], &["active", "suspended", "closed", "erased"]);
        let plan = known(&tenant["plan"], &["trial", "team", "business", "enterprise"]);
        *states.entry(state).or_insert(0u64) += 1;
        *plans.entry(plan).or_insert(0u64) += 1;
        Ok(true)
    });
    json!({ "complete": counted.is_ok(), "tenants": all, "by_state": states, "by_plan": plans })
}

/// Metrics of this program whose labels are words of this program.
fn metrics(client: &mut Client) -> String {
    let Ok(answer) = client.get("/metrics") else { return String::new() };
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let routes: BTreeSet<&str> = api::endpoints().iter().map(|endpoint| endpoint.path).collect();
    text.lines()
        .filter(|line| is_harmless_metric(line, &routes))
        .take(METRICS)
        .map(|line| format!("{line}\n"))
        .collect()
}

fn is_harmless_metric(line: &str, routes: &BTreeSet<&str>) -> bool {
    let Some((series, number)) = line.rsplit_once(' ') else { return false };
    let (name, labels) = match series.split_once('{') {
        Some((name, rest)) => match rest.strip_suffix('}') {
            Some(labels) => (name, labels),
            None => return false,
        },
        None => (series, ""),
    };
    let word = |text: &str| {
        text.len() <= 80 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
    };
    let label = |part: &str| {
        let Some((key, value)) = part.split_once('=') else { return false };
        let value = value.trim_matches('"');
        let short = value.len() <= 24 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+.".contains(&b));
        LABELS.contains(&key) && (short && key != "route" || routes.contains(value))
    };
    name.starts_with("audiagram_")
        && word(name)
        && number.parse::<f64>().is_ok()
        && (labels.is_empty() || labels.split(',').all(label))
}

/// The last lines of a log as JSON lines: of each the parts that are words of this program.
fn log_lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let mut file = fs::File::open(path).map_err(|e| files::unreadable(path, &e))?;
    let length = file.metadata().map_or(0, |found| found.len());
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES))).map_err(|e| files::unreadable(path, &e))?;
    let routes: BTreeSet<&str> = api::endpoints().iter().map(|endpoint| endpoint.path).collect();
    let lines = BufReader::new(std::io::Read::take(file, LOG_BYTES)).split(b'\n').map_while(Result::ok);
    let mut taken: Vec<Value> = lines.filter_map(|line| log_line(&line, &routes)).collect();
    Ok(taken.split_off(taken.len().saturating_sub(LOG_LINES)))
}

fn log_line(line: &[u8], routes: &BTreeSet<&str>) -> Option<Value> {
    let line: Map<String, Value> = serde_json::from_slice(line).ok()?;
    // Fields lie beside the level, or in an object of their own.
    let inner = line.get("fields").and_then(Value::as_object);
    let field = |name: &str| line.get(name).or_else(|| inner?.get(name));
    let words = |name: &str| field(name).and_then(Value::as_str);
    let at: jiff::Timestamp = words("timestamp").or_else(|| words("time"))?.parse().ok()?;
    let level = words("level").filter(|level| ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(level))?;
    let mut taken = json!({ "at": at.to_string(), "level": level });
    let ours =
        ["access", "api", "audiagram", "audit", "identity", "jobs", "library", "media", "store", "studio", "tenancy"];
    if let Some(target) =
        words("target").and_then(|target| target.split("::").next()).filter(|target| ours.contains(target))
    {
        taken["module"] = target.into();
    }
    if let Some(route) = words("route").filter(|route| routes.contains(route)) {
        taken["route"] = route.into();
    }
    if let Some(method) =
        words("method").filter(|method| ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"].contains(method))
    {
        taken["method"] = method.into();
    }
    for name in ["status", "ms", "micros", "bytes"] {
        if let Some(number) = field(name).filter(|value| value.is_number()) {
            taken[name] = number.clone();
        }
    }
    Some(taken)
}

fn zipped(parts: &BTreeMap<&str, Value>, metrics: &str, now: jiff::Timestamp) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| -> zip::result::ZipResult<()> {
        zip.start_file(name, SimpleFileOptions::default())?;
        Ok(zip.write_all(bytes)?)
    };
    let mut listed = Map::new();
    for (name, value) in parts {
        let text = format!("{value:#}\n");
        listed.insert((*name).to_owned(), files::digest(text.as_bytes()).into());
        put(name, text.as_bytes())?;
    }
    if !metrics.is_empty() {
        listed.insert("metrics.txt".to_owned(), files::digest(metrics.as_bytes()).into());
        put("metrics.txt", metrics.as_bytes())?;
    }
    let manifest = json!({ "format": "audiagram-support", "version": 1, "made": now.to_string(), "sha256": listed });
    put("manifest.json", format!("{manifest:#}\n").as_bytes())?;
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_taken_by_what_they_hold() {
        let routes = BTreeSet::from(["/v1/projects"]);
        for good in [
            "audiagram_requests_total{method=\"GET\",route=\"/v1/projects\",status=\"200\"} 12",
            "audiagram_open_files 3",
            "audiagram_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(is_harmless_metric(good, &routes), "{good}");
        }
        for bad in [
            "audiagram_requests_total{tenant=\"acme\"} 1",
            "audiagram_requests_total{route=\"/v1/secret-path\"} 1",
            "audiagram_requests_total{code=\"ada@example.org\"} 1",
            "other_total 1",
            "# HELP audiagram_x secret",
            "audiagram_x secret",
        ] {
            assert!(!is_harmless_metric(bad, &routes), "{bad}");
        }
    }

    #[test]
    fn of_a_log_line_the_known_words_are_taken() {
        let routes = BTreeSet::from(["/v1/projects"]);
        let line = br#"{"timestamp":"2026-11-22T01:02:03Z","level":"WARN","target":"api::router","fields":{"message":"secret","route":"/v1/projects","method":"GET","status":500,"email":"ada@example.org"}}"#;
        let taken = log_line(line, &routes).unwrap();
        assert_eq!(
            taken.to_string(),
            r#"{"at":"2026-11-22T01:02:03Z","level":"WARN","module":"api","route":"/v1/projects","method":"GET","status":500}"#
        );
        assert!(log_line(b"{\"level\":\"secret\",\"timestamp\":\"2026-11-22T01:02:03Z\"}", &routes).is_none());
        assert!(log_line(b"plain secret", &routes).is_none());
    }
}
