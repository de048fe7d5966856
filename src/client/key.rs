//! The API key: from the environment or a file, never from the command line, which other users of the machine can read.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use identity::Secret;

use crate::{
    failure::{Failure, Kind},
    files,
};

/// The variable that holds the key.
pub(super) const VARIABLE: &str = "AUDIAGRAM_API_KEY";
/// Longer texts are no keys.
const LONGEST: u64 = 4 << 10;

/// The key in `file`, or else in the environment.
pub(super) fn find(file: Option<&Path>) -> Result<Secret, Failure> {
    let text = match file {
        Some(path) => read(path)?,
        None => std::env::var(VARIABLE).map_err(|_| {
            Failure::new(Kind::Usage, "--server needs an API key")
                .remedy(format!("{VARIABLE}=… in the environment, or --api-key-file FILE"))
        })?,
    };
    let key = text.trim();
    if key.is_empty() || key.len() as u64 > LONGEST || key.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(Failure::new(Kind::BadInput, "that is no API key: one has letters, digits and _ only"));
    }
    Ok(Secret::from(key.to_owned()))
}

/// The text of a file that nobody else may read.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let mode = std::fs::metadata(path).map_err(|e| files::unreadable(path, &e))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::new(Kind::BadInput, "others may read this file with an API key")
            .file(path)
            .remedy(format!("chmod 600 {}", path.display())));
    }
    let bytes = files::read_small(path, LONGEST)?;
    String::from_utf8(bytes).map_err(|e| Failure::new(Kind::BadInput, "is not text").file(path).because(&e))
}
