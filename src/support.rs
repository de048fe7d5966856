//! The support bundle: what helps another to help, and nothing else.
//!
//! Nothing is copied and then cleaned. Each file of the bundle is put together from parts that are known to be harmless: numbers, words
//! of this program, names of settings, paths of the endpoint table. What is not on a list is not in the bundle.

use std::{
    collections::BTreeSet,
    fs,
    io::{Cursor, Write as _},
};

use api::host::{Certificates, LogField, LogLine, Machine};
use serde_json::{Map, Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{files, serve::Settings};

/// How many lines of a log are taken.
pub(crate) const LOG_LINES: usize = 5_000;
/// How many lines of metrics are taken.
const METRICS: usize = 10_000;
/// Labels of metrics whose values are words of this program.
const LABELS: [&str; 9] = ["method", "endpoint", "status", "class", "code", "le", "plan", "state", "kind"];

/// The files of a bundle that a running appliance makes, and what is in each.
pub(crate) const PARTS: [(&str, &str); 10] = [
    ("versions.json", "version of the program and the kernel, processor, threads"),
    ("doctor.json", "names and states of the doctor's checks; findings that are numbers"),
    ("settings.json", "names of settings and where each was made; values that are numbers or switches"),
    ("certificates.json", "how long certificates are good, and how many authorities are trusted; no names"),
    ("capacity.json", "sizes of disks and memory, load; no paths"),
    ("health.json", "whether the appliance is ready, and codes of what is wrong"),
    ("counts.json", "how many tenants there are by state and plan"),
    ("log.json", "of each of the last lines: time, level, module, endpoint and status; no messages"),
    ("metrics.txt", "counts and times of requests by endpoint"),
    ("manifest.json", "when the bundle was made, and a SHA-256 of each file"),
];

/// What goes into a bundle; what is not there is left out.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) doctor: Vec<Value>,
    pub(crate) settings: Value,
    pub(crate) health: Value,
    pub(crate) counts: Value,
    pub(crate) capacity: Value,
    pub(crate) certificates: Value,
    pub(crate) log: Vec<Value>,
    pub(crate) metrics: String,
}

impl Parts {
    /// The bundle.
    pub(crate) fn zipped(self, now: jiff::Timestamp) -> zip::result::ZipResult<Vec<u8>> {
        let Parts { doctor, settings, health, counts, capacity, certificates, log, metrics } = self;
        let files = [
            ("versions.json", versions()),
            ("doctor.json", doctor.into()),
            ("settings.json", settings),
            ("certificates.json", certificates),
            ("capacity.json", capacity),
            ("health.json", health),
            ("counts.json", counts),
            ("log.json", log.into()),
        ];
        let shown = files.into_iter().filter(|(_, value)| !value.is_null() && *value != json!([]));
        let mut texts: Vec<(&str, String)> = shown.map(|(name, value)| (name, format!("{value:#}\n"))).collect();
        if !metrics.is_empty() {
            texts.push(("metrics.txt", metrics));
        }
        let digest = |(name, text): &(&str, String)| ((*name).to_owned(), files::digest(text.as_bytes()).into());
        let listed: Map<String, Value> = texts.iter().map(digest).collect();
        let manifest =
            json!({ "format": "audiagram-support", "version": 1, "made": now.to_string(), "sha256": listed });
        texts.push(("manifest.json", format!("{manifest:#}\n")));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in &texts {
            zip.start_file(*name, SimpleFileOptions::default())?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// Names of settings and where each was made; values that are numbers or switches.
pub(crate) fn settings(settings: Option<&Settings>) -> Value {
    let Some(settings) = settings else { return json!({ "usable": false }) };
    let told = |setting: crate::serve::Setting| {
        let value = match setting.value {
            value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => value,
            // A code of two to eight letters, or there would be no settings.
            value if setting.key == "region" => value,
            _ => "(set)".into(),
        };
        json!({ "key": setting.key, "value": value, "from": setting.source.to_string(), "differs": setting.differs })
    };
    Value::from(settings.all().into_iter().map(told).collect::<Vec<_>>())
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

/// Sizes, without the places that they are of.
pub(crate) fn capacity(machine: &Machine) -> Value {
    let settings = |disk: &api::host::Disk| {
        // A volume has a name of the operator's own.
        let word =
            |setting: &str| if setting.starts_with("upkeep.volumes") { "upkeep.volumes" } else { setting }.to_owned();
        disk.folders.iter().map(|folder| word(&folder.setting)).collect::<Vec<_>>()
    };
    let disk = |disk: &api::host::Disk| {
        json!({ "folders": settings(disk), "total_bytes": disk.total_bytes, "free_bytes": disk.free_bytes,
                "free_files": disk.free_files })
    };
    json!({ "disks": machine.disks.iter().map(disk).collect::<Vec<_>>(), "memory": machine.memory,
            "processors": machine.processors, "job_slots": machine.job_slots })
}

/// How long certificates are good, without whose they are.
pub(crate) fn certificates(told: &Certificates) -> Value {
    let chain: Vec<Value> = told
        .served
        .chain
        .iter()
        .map(|one| {
            json!({ "not_before": one.not_before, "not_after": one.not_after, "days_left": one.days_left,
                    "names": one.names.len(), "self_signed": one.self_signed })
        })
        .collect();
    let trusted: Vec<Value> = told
        .trusted
        .iter()
        .map(
            |one| json!({ "setting": one.setting, "of_system": one.of_system, "count": one.count, "ended": one.ended }),
        )
        .collect();
    let warnings: Vec<&str> = told.warnings.iter().map(|warning| warning.code.as_str()).collect();
    json!({ "own": told.served.own, "chain": chain, "trusted": trusted, "warnings": warnings })
}

/// Metrics of this program whose labels are words of this program.
pub(crate) fn metrics(page: &str) -> String {
    let known = endpoints();
    let harmless = page.lines().filter(|line| is_harmless_metric(line, &known)).take(METRICS);
    harmless.map(|line| format!("{line}\n")).collect()
}

/// The names of the table of endpoints.
pub(crate) fn endpoints() -> BTreeSet<&'static str> {
    api::endpoints().iter().map(|endpoint| endpoint.name).collect()
}

fn is_harmless_metric(line: &str, endpoints: &BTreeSet<&str>) -> bool {
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
        LABELS.contains(&key) && (short && key != "endpoint" || endpoints.contains(value))
    };
    name.starts_with("audiagram_")
        && word(name)
        && number.parse::<f64>().is_ok()
        && (labels.is_empty() || labels.split(',').all(label))
}

/// The last lines in memory, of each the parts that are words of this program.
pub(crate) fn recent_lines(lines: &[LogLine]) -> Vec<Value> {
    let known = endpoints();
    let told = |line: &LogLine| {
        let field = |LogField { name, value }: &LogField| {
            (name.clone(), value.parse::<u64>().map_or_else(|_| Value::from(value.as_str()), Value::from))
        };
        let mut told: Map<String, Value> = line.fields.iter().map(field).collect();
        told.insert("timestamp".into(), line.at.as_str().into());
        told.insert("level".into(), format!("{:?}", line.level).to_uppercase().into());
        told.insert("target".into(), line.target.as_str().into());
        taken(&told, &known)
    };
    // As they were written, the oldest first.
    lines.iter().rev().filter_map(told).collect()
}

/// A line of a log as JSON: of it the parts that are words of this program.
pub(crate) fn log_line(line: &[u8], endpoints: &BTreeSet<&str>) -> Option<Value> {
    taken(&serde_json::from_slice(line).ok()?, endpoints)
}

fn taken(line: &Map<String, Value>, endpoints: &BTreeSet<&str>) -> Option<Value> {
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
    if let Some(endpoint) = words("http.endpoint").filter(|endpoint| endpoints.contains(endpoint)) {
        taken["endpoint"] = endpoint.into();
    }
    if let Some(method) =
        words("http.method").filter(|method| ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"].contains(method))
    {
        taken["method"] = method.into();
    }
    for name in ["http.status", "took_ms", "bytes"] {
        if let Some(number) = field(name).filter(|value| value.is_number()) {
            taken[name.trim_start_matches("http.")] = number.clone();
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_taken_by_what_they_hold() {
        let known = BTreeSet::from(["list_projects"]);
        for good in [
            "audiagram_requests_total{method=\"GET\",endpoint=\"list_projects\",status=\"2xx\"} 12",
            "audiagram_open_files 3",
            "audiagram_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(is_harmless_metric(good, &known), "{good}");
        }
        for bad in [
            "audiagram_requests_total{tenant=\"acme\"} 1",
            "audiagram_requests_total{endpoint=\"secret-path\"} 1",
            "audiagram_requests_total{code=\"ada@example.org\"} 1",
            "other_total 1",
            "# HELP audiagram_x secret",
            "audiagram_x secret",
        ] {
            assert!(!is_harmless_metric(bad, &known), "{bad}");
        }
    }

    #[test]
    fn of_a_log_line_the_known_words_are_taken() {
        let known = BTreeSet::from(["list_projects"]);
        let line = br#"{"timestamp":"2026-11-22T01:02:03Z","level":"WARN","target":"api::router","fields":{"message":"secret","http.endpoint":"list_projects","http.method":"GET","http.status":500,"email":"ada@example.org"}}"#;
        let taken = log_line(line, &known).unwrap();
        assert_eq!(
            taken.to_string(),
            r#"{"at":"2026-11-22T01:02:03Z","level":"WARN","module":"api","endpoint":"list_projects","method":"GET","status":500}"#
        );
        assert!(log_line(b"{\"level\":\"secret\",\"timestamp\":\"2026-11-22T01:02:03Z\"}", &known).is_none());
        assert!(log_line(b"plain secret", &known).is_none());
    }
}
