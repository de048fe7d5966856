//! `audiagram support-bundle`: what helps another to help, and nothing else. What is in it, `support` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Seek as _, SeekFrom},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use axum::http::Method;
use clap::Args;
use serde_json::{Value, json};

use crate::{
    client::{Client, Reach},
    console::Console,
    doctor,
    failure::{Failure, Kind},
    files,
    support::{self, LOG_LINES, Parts},
};

/// How much of the end of a log is looked at.
const LOG_BYTES: u64 = 8 << 20;

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
        let settings = self.reach.place.settings();
        let mut parts = Parts {
            settings: support::settings(settings.as_ref().ok()),
            doctor: doctor::harmless(&doctor::look(settings)),
            ..Parts::default()
        };
        match self.reach.client() {
            Ok(mut client) => {
                parts.health = health(&mut client);
                parts.counts = counts(&mut client);
                let page = client.get("/metrics").map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
                parts.metrics = support::metrics(&page.unwrap_or_default());
            }
            Err(failure) => parts.health = json!({ "reached": false, "exit_code": failure.kind.exit_code() }),
        }
        if let Some(log) = &self.log {
            parts.log = log_lines(log)?;
        }
        let bytes = parts
            .zipped(now)
            .map_err(|e| Failure::new(Kind::Failed, "the bundle cannot be put together").because(&e))?;
        files::write_atomic(&out, &bytes).map_err(|e| files::unwritable(&out, &e))?;
        let _ = fs::set_permissions(&out, fs::Permissions::from_mode(0o600));
        console.info(format!("{}, {} bytes; look into it before you send it", out.display(), bytes.len()));
        Ok(())
    }
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

/// The last lines of a log as JSON lines: of each the parts that are words of this program.
fn log_lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let mut file = fs::File::open(path).map_err(|e| files::unreadable(path, &e))?;
    let length = file.metadata().map_or(0, |found| found.len());
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES))).map_err(|e| files::unreadable(path, &e))?;
    let known = support::endpoints();
    let lines = BufReader::new(std::io::Read::take(file, LOG_BYTES)).split(b'\n').map_while(Result::ok);
    let mut taken: Vec<Value> = lines.filter_map(|line| support::log_line(&line, &known)).collect();
    Ok(taken.split_off(taken.len().saturating_sub(LOG_LINES)))
}
