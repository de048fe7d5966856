//! Where models live, and whether they are whole.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::convert::MAGIC;
use super::marker::Marker;
use super::{Catalogue, Entry, ModelError, catalogue, sink};

/// Models that a distribution package brought; read only.
const SYSTEM: &str = "/usr/share/audiagram/models";

/// A folder with models, and folders that are only looked into.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    system: Vec<PathBuf>,
    pub(super) catalogue: &'static Catalogue,
}

/// A model that is in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of the file in lower-case hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
}

/// A line of the list of models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// Whether it is there and whole.
    #[serde(flatten)]
    pub state: State,
    /// Its file, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What the catalogue says; nothing of a model that the user has imported under a name of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<&'static Entry>,
    /// Whether it is the one used when none is named.
    pub default: bool,
}

/// Whether a model is there and whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Not there.
    Missing,
    /// There, and its digest was right when its file was last touched.
    Verified,
    /// There, but not hashed since its file was touched.
    Unverified,
    /// There, and visibly wrong.
    Damaged {
        /// What is wrong.
        reason: String,
    },
}

/// A model that is looked for.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) entry: Option<&'static Entry>,
    pub(super) file: String,
}

/// Held while models are written, so that two programs do not write the same temporary file.
pub(super) struct Lock {
    /// Temporary files of the holder begin with this path.
    pub(super) temporary: PathBuf,
    _file: File,
}

impl Store {
    /// The store of the user: `AUDIAGRAM_MODELS`, else `audiagram/models` in `XDG_DATA_HOME`, else in
    /// `~/.local/share`; models of a distribution package are seen too. Nothing is created yet.
    ///
    /// # Errors
    /// [`ModelError::Homeless`] when no variable names a folder.
    pub fn from_env() -> Result<Self, ModelError> {
        let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
        let absolute = |name: &str| set(name).filter(|path| path.is_absolute());
        let folder = set("AUDIAGRAM_MODELS")
            .or_else(|| absolute("XDG_DATA_HOME").map(|data| data.join("audiagram/models")))
            .or_else(|| absolute("HOME").map(|home| home.join(".local/share/audiagram/models")))
            .ok_or(ModelError::Homeless)?;
        Ok(Self::new(folder, vec![SYSTEM.into()]))
    }

    /// A store in `folder`; models in the `system` folders are used but never written.
    pub fn new(folder: PathBuf, system: Vec<PathBuf>) -> Self {
        Self { folder, system, catalogue: catalogue() }
    }

    /// The folder that models are written to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every model of the catalogue, in its order, and then every other model in the store by name. Hashes nothing.
    ///
    /// # Errors
    /// When a folder of the store cannot be read.
    pub fn list(&self) -> Result<Vec<Status>, ModelError> {
        let known = self.catalogue;
        let mut list: Vec<Status> = Vec::new();
        for entry in &known.models {
            let wanted = Wanted { name: &entry.name, entry: Some(entry), file: entry.file.clone() };
            let path = self.locate(&wanted);
            let state = path.as_ref().map_or(State::Missing, |path| look(&wanted, path));
            let default = entry.name == known.default;
            list.push(Status {
                name: entry.name.clone(),
                state,
                path,
                bytes: entry.bytes,
                entry: Some(entry),
                default,
            });
        }
        for name in self.strangers()? {
            let wanted = Wanted { name: &name, entry: None, file: file_of(&name) };
            if let Some(path) = self.locate(&wanted) {
                let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
                let state = look(&wanted, &path);
                list.push(Status { name, state, path: Some(path), bytes, entry: None, default: false });
            }
        }
        Ok(list)
    }

    /// The file of a model, for use. Cheap where the file was not touched since it was verified; otherwise it is
    /// hashed first.
    ///
    /// # Errors
    /// [`ModelError::Missing`], [`ModelError::Damaged`] (both name the command that mends it) or
    /// [`ModelError::Unknown`].
    pub fn path(&self, name: &str) -> Result<PathBuf, ModelError> {
        let (wanted, path) = self.find(name)?;
        match look(&wanted, &path) {
            State::Verified => Ok(path),
            State::Damaged { reason } => Err(damaged(&wanted, path, reason)),
            State::Missing | State::Unverified => hash(&wanted, path, &mut |_, _| {}).map(|installed| installed.path),
        }
    }

    /// Hashes a model, whatever was noted about it. `progress` is told the bytes done and the bytes in all.
    ///
    /// # Errors
    /// As [`Store::path`].
    pub fn verify(&self, name: &str, progress: &mut dyn FnMut(u64, u64)) -> Result<Installed, ModelError> {
        let (wanted, path) = self.find(name)?;
        match look(&wanted, &path) {
            State::Damaged { reason } => Err(damaged(&wanted, path, reason)),
            _ => hash(&wanted, path, progress),
        }
    }

    /// What is looked for under `name`.
    pub(super) fn wanted<'a>(&self, name: &'a str) -> Result<Wanted<'a>, ModelError> {
        if let Some(entry) = self.catalogue.find(name) {
            return Ok(Wanted { name, entry: Some(entry), file: entry.file.clone() });
        }
        let file = file_of(name);
        // A model of one's own must not take the file of another; some of the catalogue are not named like their file.
        if !is_name(name) || self.catalogue.models.iter().any(|entry| entry.file == file) {
            return Err(ModelError::Name(name.into()));
        }
        Ok(Wanted { name, entry: None, file })
    }

    fn find<'a>(&self, name: &'a str) -> Result<(Wanted<'a>, PathBuf), ModelError> {
        let wanted = self.wanted(name)?;
        match (self.locate(&wanted), wanted.entry) {
            (Some(path), _) => Ok((wanted, path)),
            (None, Some(_)) => Err(ModelError::Missing { name: name.into() }),
            (None, None) => Err(self.catalogue.unknown(name)),
        }
    }

    fn locate(&self, wanted: &Wanted<'_>) -> Option<PathBuf> {
        let folders = [&self.folder].into_iter().chain(&self.system);
        folders.map(|folder| folder.join(&wanted.file)).find(|path| path.is_file())
    }

    /// Names of the models that the catalogue does not know, in order.
    fn strangers(&self) -> Result<Vec<String>, ModelError> {
        let mut names = Vec::new();
        for folder in [&self.folder].into_iter().chain(&self.system) {
            if !folder.is_dir() {
                continue;
            }
            let failed = || ModelError::io("reading", folder);
            for entry in fs::read_dir(folder).map_err(failed())? {
                let file = entry.map_err(failed())?.file_name();
                let name = file.to_str().and_then(|file| file.strip_prefix("ggml-")?.strip_suffix(".bin"));
                let is_known = self.catalogue.models.iter().any(|entry| file == entry.file.as_str());
                names.extend(name.filter(|name| !is_known && is_name(name)).map(str::to_owned));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Waits until no other program writes models under `key`.
    pub(super) fn lock(&self, key: &str) -> Result<Lock, ModelError> {
        fs::create_dir_all(&self.folder).map_err(ModelError::io("creating", &self.folder))?;
        let path = self.folder.join(format!(".{key}.lock"));
        let failed = || ModelError::io("locking", &path);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed())?;
        file.lock().map_err(failed())?;
        Ok(Lock { temporary: self.folder.join(format!(".{key}")), _file: file })
    }
}

/// The file of a model that the catalogue does not know.
fn file_of(name: &str) -> String {
    format!("ggml-{name}.bin")
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= 64
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'-'))
}

/// What can be said about a file without hashing it.
fn look(wanted: &Wanted<'_>, path: &Path) -> State {
    let wrong = |reason: String| State::Damaged { reason };
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| {
        file.read_exact(&mut magic)?;
        file.metadata()
    });
    let metadata = match read {
        Ok(metadata) => metadata,
        Err(error) => return wrong(format!("it cannot be read: {error}")),
    };
    if u32::from_le_bytes(magic) != MAGIC {
        return wrong("it is not a ggml file".into());
    }
    if let Some(entry) = wanted.entry.filter(|entry| entry.bytes != metadata.len()) {
        return wrong(format!("it has {} bytes instead of {}", metadata.len(), entry.bytes));
    }
    let Some(marker) = Marker::read(path) else {
        return match wanted.entry {
            Some(_) => State::Unverified,
            None => wrong("it was not imported, so that its digest is unknown".into()),
        };
    };
    let accepted = wanted.entry.is_none_or(|entry| entry.accepts(&marker.sha256));
    if accepted && marker.is_current(&metadata) { State::Verified } else { State::Unverified }
}

/// Hashes a file that [`look`] has found no fault with, and notes the result.
fn hash(wanted: &Wanted<'_>, path: PathBuf, progress: &mut dyn FnMut(u64, u64)) -> Result<Installed, ModelError> {
    let sha256 = sink::sha256(&path, progress)?;
    let noted = Marker::read(&path).map(|marker| marker.sha256);
    let right = match wanted.entry {
        Some(entry) => entry.accepts(&sha256),
        None => noted.as_ref() == Some(&sha256),
    };
    if !right {
        return Err(damaged(wanted, path, format!("its SHA-256 is {sha256}, which is not that of the model")));
    }
    // A folder that cannot be written only costs the time to hash again.
    if let Err(error) = Marker::write(&path, &sha256) {
        tracing::debug!("no marker for {}: {error}", path.display());
    }
    let bytes = fs::metadata(&path).map_err(ModelError::io("reading", &path))?.len();
    Ok(Installed { name: wanted.name.into(), path, sha256, bytes })
}

fn damaged(wanted: &Wanted<'_>, path: PathBuf, reason: String) -> ModelError {
    let name = wanted.name;
    let mend = match wanted.entry {
        Some(_) => format!("audiagram model fetch {name}"),
        None => format!("audiagram model import FILE --name {name}"),
    };
    ModelError::Damaged { name: name.into(), path, reason, mend }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, NAME};
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for (name, expected) in
            [("base", true), ("a.b-c_1", true), ("", false), (".a", false), ("a/b", false), ("A", false), ("ä", false)]
        {
            assert_eq!(is_name(name), expected, "{name}");
        }
        assert!(!is_name(&"a".repeat(65)));
    }

    #[test]
    fn files_of_the_catalogue_are_not_for_other_names() {
        let store = Store::new("x".into(), Vec::new());
        assert!(matches!(store.wanted("silero-v6.2.0"), Err(ModelError::Name(_))));
    }

    #[test]
    fn absent_models_name_the_remedy() {
        let (_folder, store) = sample::store();
        let error = store.path(NAME).unwrap_err().to_string();
        assert!(error.contains(&format!("run `audiagram model fetch {NAME}`")), "{error}");
        assert!(matches!(store.path("other"), Err(ModelError::Unknown { .. })));
        assert!(matches!(store.path("../x"), Err(ModelError::Name(_))));
        assert_eq!(store.list().unwrap()[0].state, State::Missing);
    }

    #[test]
    fn good_model_is_verified_once() {
        let (_folder, store) = sample::store();
        let path = sample::put(&store, &sample::model());
        assert_eq!(store.list().unwrap()[0].state, State::Unverified);
        assert_eq!(store.path(NAME).unwrap(), path);
        assert_eq!(store.list().unwrap()[0].state, State::Verified);
        let mut told = Vec::new();
        let installed = store.verify(NAME, &mut |done, total| told.push((done, total))).unwrap();
        assert_eq!(told.last(), Some(&(installed.bytes, installed.bytes)));
    }

    #[test]
    fn damage_is_told_with_the_remedy() {
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let (_folder, store) = sample::store();
            let mut model = sample::model();
            sample::put(&store, &model);
            store.path(NAME).unwrap();
            change(&mut model);
            sample::put(&store, &model);
            for error in [store.path(NAME).unwrap_err(), store.verify(NAME, &mut |_, _| {}).unwrap_err()] {
                let text = error.to_string();
                assert!(text.contains(expected) && text.contains("run `audiagram model fetch"), "{text}");
            }
        };
        check(&|model| model.truncate(100), "it has 100 bytes instead of");
        check(&|model| model[0] = 0, "it is not a ggml file");
        check(&Vec::clear, "it cannot be read");
        check(&|model| *model.last_mut().unwrap() ^= 1, "its SHA-256 is");
    }

    #[test]
    fn system_folder_is_read_but_not_written() {
        let (_system, shared) = sample::store();
        let path = sample::put(&shared, &sample::model());
        let (_folder, mut store) = sample::store();
        store.system = vec![shared.folder().to_owned()];
        assert_eq!(store.path(NAME).unwrap(), path);
        let own = sample::put(&store, &sample::model());
        assert_eq!(store.path(NAME).unwrap(), own);
    }

    #[test]
    fn files_that_were_not_imported_are_not_trusted() {
        let (_folder, store) = sample::store();
        fs::create_dir_all(store.folder()).unwrap();
        fs::write(store.folder().join("ggml-mine.bin"), sample::model()).unwrap();
        let error = store.path("mine").unwrap_err().to_string();
        assert!(error.contains("was not imported") && error.contains("--name mine"), "{error}");
        let list = store.list().unwrap();
        assert_eq!(list.iter().map(|status| status.name.as_str()).collect::<Vec<_>>(), [NAME, "mine"]);
    }
}
