//! What was made before: whether a job would only make again what is there.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::work::forget_oldest;
use crate::console::event::Output;
use crate::files;

/// Jobs that are remembered.
const RECORDS: usize = 1024;

/// The results of one job, and what they were made from.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    key: String,
    results: Vec<(Output, Print)>,
}

/// What tells whether a file was touched: size, time of change in nanoseconds, inode.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Print(u64, i64, i64, u64);

/// The results at `video` and beside it, if they were made from what `key` stands for and nobody has touched them.
pub(crate) fn current(video: &Path, key: &str) -> Option<Vec<Output>> {
    let bytes = files::read_small(&place(video)?, 1 << 20).ok()?;
    let record: Record = serde_json::from_slice(&bytes).ok()?;
    let untouched = |(output, then): &(Output, Print)| print(&output.path).is_some_and(|now| now == *then);
    let current = record.key == key && record.results.iter().all(untouched);
    current.then(|| record.results.into_iter().map(|(output, _)| output).collect())
}

/// Remembers what was made. A record that cannot be kept only costs the time to make it again.
pub(crate) fn note(video: &Path, key: &str, outputs: &[Output]) {
    let prints = outputs.iter().map(|output| Some((output.clone(), print(&output.path)?)));
    let (Some(place), Some(results)) = (place(video), prints.collect::<Option<Vec<_>>>()) else { return };
    let record = Record { key: key.to_owned(), results };
    let bytes = serde_json::to_vec(&record).expect("a record is plain data");
    let folder = files::folder_of(&place);
    if std::fs::create_dir_all(folder).and_then(|()| files::write_atomic(&place, &bytes)).is_ok() {
        forget_oldest(folder, RECORDS, |old| {
            let _ = std::fs::remove_file(old);
        });
    }
}

fn place(video: &Path) -> Option<PathBuf> {
    let name = files::digest(video.as_os_str().as_encoded_bytes());
    Some(files::cache().ok()?.join("made").join(format!("{}.json", &name[..32])))
}

fn print(path: &Path) -> Option<Print> {
    let file = std::fs::metadata(path).ok()?;
    Some(Print(file.len(), file.mtime(), file.mtime_nsec(), file.ino()))
}
