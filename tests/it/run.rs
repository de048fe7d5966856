//! Running the program and reading what it says.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of its own for one test: home, cache and files.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    models: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), models: None }
    }

    /// As [`Scene::new`], with the speech models of whoever runs the tests; tells why when there are none.
    pub(crate) fn with_models() -> Option<Self> {
        let program = || Command::new(env!("CARGO_BIN_EXE_audiagram"));
        let mut folder = None;
        for name in ["tiny.en", "silero-vad"] {
            let found = program().args(["model", "path", name]).output().unwrap();
            if !found.status.success() {
                eprintln!("skipped: {}", String::from_utf8_lossy(&found.stderr).trim());
                return None;
            }
            let path = PathBuf::from(String::from_utf8(found.stdout).unwrap().trim());
            folder = path.parent().map(Path::to_owned);
        }
        Some(Self { models: folder, ..Self::new() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the scene.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program with a home of its own, started in the folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_audiagram"));
        command.current_dir(self.folder.path()).env("HOME", self.path("home")).env("NO_COLOR", "1");
        for variable in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "AUDIAGRAM_MODELS"] {
            command.env_remove(variable);
        }
        if let Some(models) = &self.models {
            command.env("AUDIAGRAM_MODELS", models);
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs the program to its end with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that does not read its input is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        Ran {
            code: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Asserts the exit code and shows what was said otherwise.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts that standard error holds `part`.
    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(self.err.contains(part), "`{part}` is not in:\n{}", self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e} in:\n{}", self.out))
    }
}

/// The JSON lines of a text; lines that are none are left out.
pub(crate) fn events(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What a folder holds, sorted.
pub(crate) fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
