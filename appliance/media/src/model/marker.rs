//! The note beside a model that it was verified, so that using it does not cost a pass over the file.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::{ModelError, sink};

/// Longer than any marker.
const MAX_BYTES: u64 = 4096;
/// Markers written by this process.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// What was found when a model was last hashed. It guards against accidents, not against somebody who can write to
/// the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    /// SHA-256 of the file.
    pub(super) sha256: String,
    /// Size of the file when it was hashed.
    bytes: u64,
    /// Modification time of the file when it was hashed, in nanoseconds since 1970.
    modified_ns: u64,
}

impl Marker {
    /// Where the marker of `model` lies.
    pub(super) fn path(model: &Path) -> PathBuf {
        let mut name = model.as_os_str().to_owned();
        name.push(".verified");
        name.into()
    }

    /// Reads the marker of `model`; one that is absent or garbled is none.
    pub(super) fn read(model: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(Self::path(model)).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Notes that `model` has this SHA-256 now.
    pub(super) fn write(model: &Path, sha256: &str) -> Result<(), ModelError> {
        let metadata = fs::metadata(model).map_err(ModelError::io("reading", model))?;
        let marker = Self { sha256: sha256.into(), bytes: metadata.len(), modified_ns: modified_ns(&metadata) };
        let text = serde_json::to_vec(&marker).expect("text and numbers are JSON");
        let path = Self::path(model);
        // The name is this call's own: a lock is not always held here.
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_added_extension(format!("{}-{call}.new", std::process::id()));
        sink::replace(&path, temporary, &text)
    }

    /// Whether the file has not been touched since.
    pub(super) fn is_current(&self, metadata: &Metadata) -> bool {
        self.bytes == metadata.len() && self.modified_ns == modified_ns(metadata)
    }
}

fn modified_ns(metadata: &Metadata) -> u64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
