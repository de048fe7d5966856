//! A store and a catalogue of one tiny model, for tests.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::convert::{self, Precision, sample};
use super::{Catalogue, Entry, HubFile, PackageFile, Store, Task, Wheel, sink};

pub(super) use sample::{vocabulary, weights};

/// The one name of the catalogue.
pub(super) const NAME: &str = "mini";

/// Its two wheels, with their file names; the numbers in a zip file depend on nothing but its content.
static WHEELS: LazyLock<[(&str, Vec<u8>); 2]> = LazyLock::new(|| {
    let weights = weights();
    let (first, second) = weights.split_at(5000);
    let vocabulary = vocabulary();
    [
        ("mini_1-1.0-py3-none-any.whl", wheel(&[("a/model.bin.part1", first), ("a/vocabulary.txt", &vocabulary)])),
        ("mini_2-1.0-py3-none-any.whl", wheel(&[("b/model.bin.part2", second), ("b/__init__.py", b"")])),
    ]
});

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let wheels = WHEELS.each_ref().map(|(file, bytes)| {
        let name = file.split_once("-1.0").unwrap().0.into();
        Wheel { name, version: "1.0".into(), sha256: digest(bytes), platform: None }
    });
    let entry = Entry {
        name: NAME.into(),
        task: Task::Speech,
        file: "ggml-mini.bin".into(),
        bytes: model().len() as u64,
        languages: "none".into(),
        license: "CC0-1.0".into(),
        origin: "a test".into(),
        package: Some(PackageFile {
            precision: Some(Precision::F16),
            sha256: digest(&model()),
            wheels: vec![wheels.into()],
        }),
        hub: Some(HubFile { url: "https://example.org/ggml-mini.bin".into(), sha256: digest(&model()) }),
    };
    Catalogue { default: NAME.into(), models: vec![entry] }
});

/// An empty store that knows the tiny model; it lies one level inside a temporary folder.
pub(super) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::new(folder.path().join("models"), Vec::new());
    store.catalogue = &CATALOGUE;
    (folder, store)
}

/// The ready file of the tiny model.
pub(super) fn model() -> Vec<u8> {
    let mut out = Vec::new();
    convert::convert(Cursor::new(weights()), &vocabulary(), Precision::F16, &mut out).unwrap();
    out
}

/// Puts a file where the tiny model belongs, past the store.
pub(super) fn put(store: &Store, bytes: &[u8]) -> PathBuf {
    let path = store.folder().join("ggml-mini.bin");
    fs::create_dir_all(store.folder()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// Writes the wheels of the tiny model.
pub(super) fn write_wheels(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in WHEELS.iter() {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// A wheel with these entries.
pub(super) fn wheel(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Files that a store has left in its folder, hidden ones too, without locks.
pub(super) fn leftovers(store: &Store) -> Vec<String> {
    let names = fs::read_dir(store.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.ends_with(".lock")).collect();
    names.sort();
    names
}

fn digest(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    File::create(file.path()).unwrap().write_all(bytes).unwrap();
    sink::sha256(file.path(), &mut |_, _| {}).unwrap()
}
