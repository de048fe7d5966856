//! `audiagram audit`: the trail of who did what.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::Form;
use crate::{
    client::{InTenant, query},
    console::{self, Console, table::Column},
    failure::{Failure, Kind},
    files,
};

const COLUMNS: [Column; 6] = [
    ("row", "/row"),
    ("at", "/at"),
    ("action", "/action"),
    ("outcome", "/outcome"),
    ("actor", "/actor"),
    ("subject", "/subject"),
];

/// Search, export and verify the audit trail of a tenant
#[derive(Debug, Args)]
#[command(after_help = "\
A bundle holds the whole log with what proves that no row was changed, dropped or added; `verify` needs nothing else.

Examples:
  audiagram audit search denied --from 2026-11-01T00:00:00Z --tenant acme
  audiagram audit export --format ocsf --out november.json --tenant acme
  audiagram audit export --format bundle --out acme.audit --tenant acme
  audiagram audit verify acme.audit")]
pub(crate) struct AuditCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Search rows, newest first
    Search(Search),
    /// Write rows, or the whole log with its proofs, to a file
    Export(Export),
    /// Check that a bundle is whole and unaltered, without the appliance
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Search {
    /// Words and "phrases" that must occur; with - in front they must not
    #[arg(allow_hyphen_values = true)]
    words: Vec<String>,
    /// What was done, like project:read
    #[arg(long, value_name = "CODE")]
    action: Option<String>,
    /// Who did it
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// To what
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// How it ended
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    /// From which address
    #[arg(long, value_name = "IP")]
    address: Option<String>,
    #[command(flatten)]
    period: Period,
    /// The most rows
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    most: u32,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Period {
    /// Not before this moment, like 2026-11-01T00:00:00Z
    #[arg(long, value_name = "MOMENT")]
    from: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "MOMENT")]
    to: Option<String>,
}

#[derive(Debug, Args)]
struct Export {
    /// As what
    #[arg(long, value_enum, default_value_t = As::Jsonl)]
    format: As,
    /// File to write; standard output when absent or -
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    at: InTenant,
}

#[derive(Debug, Args)]
struct Verify {
    /// The bundle; - reads standard input
    bundle: PathBuf,
    /// File with the key that you trust, as `GET /v1/audit/checkpoint` showed it; without it the one in the bundle counts
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Outcome {
    Done,
    Denied,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum As {
    /// JSON lines
    Jsonl,
    /// Comma-separated values
    Csv,
    /// Open Cybersecurity Schema Framework
    Ocsf,
    /// Common Event Format
    Cef,
    /// RFC 5424
    Syslog,
    /// The whole log with its proofs, for `audit verify`
    Bundle,
}

impl AuditCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match &self.verb {
            Verb::Search(search) => search.run(console),
            Verb::Export(export) => export.run(console),
            Verb::Verify(verify) => verify.run(console),
        }
    }
}

fn name(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

impl Search {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let words = self.words.join(" ");
        let path = query(&[
            ("text", Some(&words).filter(|words| !words.is_empty()).map(String::as_str)),
            ("action", self.action.as_deref()),
            ("actor", self.actor.as_deref()),
            ("subject", self.subject.as_deref()),
            ("outcome", self.outcome.as_ref().and_then(name).as_deref()),
            ("address", self.address.as_deref()),
            ("from", self.period.from.as_deref()),
            ("to", self.period.to.as_deref()),
        ]);
        let (mut rows, mut more) = (Vec::new(), false);
        self.at.client()?.pages(&format!("/v1/audit{path}"), "before", |row| {
            more = rows.len() as u64 == u64::from(self.most);
            if !more {
                rows.push(row);
            }
            Ok(!more)
        })?;
        self.form.list(&COLUMNS, &rows, "no row fits")?;
        if more {
            console.info(format!("there are more than these {} rows; --most shows more", self.most));
        }
        Ok(())
    }
}

impl Export {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let out = self.out.as_deref().filter(|out| *out != Path::new("-"));
        if let Some(out) = out {
            files::check_target(out)?;
        }
        let path = if self.format == As::Bundle {
            if self.period.from.is_some() || self.period.to.is_some() {
                return Err(Failure::new(Kind::Usage, "a bundle holds the whole log, or it would prove nothing"));
            }
            "/v1/audit/bundle".to_owned()
        } else {
            let format = name(&self.format);
            let period = [
                ("format", format.as_deref()),
                ("from", self.period.from.as_deref()),
                ("to", self.period.to.as_deref()),
            ];
            format!("/v1/audit/export{}", query(&period))
        };
        let answer = self.at.client()?.get(&path)?;
        let Some(out) = out else { return console::print(&String::from_utf8_lossy(&answer.body)) };
        files::write_atomic(out, &answer.body).map_err(|e| files::unwritable(out, &e))?;
        console.info(format!("{}, {} bytes", out.display(), answer.body.len()));
        Ok(())
    }
}

impl Verify {
    fn run(&self, console: &Console) -> Result<(), Failure> {
        let trusted = self.key.as_ref().map(|path| {
            let text = files::read_small(path, 4 << 10)?;
            let text = String::from_utf8_lossy(&text);
            text.trim()
                .parse()
                .map_err(|e| Failure::new(Kind::BadInput, "holds no key of an audit log").file(path).because(&e))
        });
        let trusted = trusted.transpose()?;
        let found = if self.bundle == Path::new("-") {
            audit::bundle::verify(BufReader::new(std::io::stdin()), trusted.as_ref())
        } else {
            let file = File::open(&self.bundle).map_err(|e| files::unreadable(&self.bundle, &e))?;
            audit::bundle::verify(BufReader::new(file), trusted.as_ref())
        };
        let report = found.map_err(|e| {
            Failure::of(Kind::BadInput, &e)
                .file(&self.bundle)
                .remedy("a fresh bundle from the appliance, to compare with")
        })?;
        let told: Value = json!({
            "log": report.log,
            "rows": report.checkpoint.size,
            "erased": report.erased,
            "root": report.checkpoint.root.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "key": report.key,
            "trusted": report.trusted,
        });
        self.form.thing(&told)?;
        if !report.trusted {
            console.info("whole and unaltered, as signed by the key in the bundle; --key FILE says whether that is the appliance you mean");
        }
        Ok(())
    }
}
