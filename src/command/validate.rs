//! `audiagram validate`: every problem of a storyboard or transcript at once.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use studio::storyboard::{Problem, Severity};
use studio::transcript::{ReadError, TextFormat};

use crate::console;
use crate::failure::{Failure, Kind};
use crate::files;

/// Largest file in bytes.
const FILE: u64 = 64 << 20;

/// Check a storyboard or a transcript and print every problem
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 3 when there is an error; warnings alone are no error.

Example:
  audiagram validate talk.storyboard.json --transcript talk.transcript.json")]
pub(crate) struct Validate {
    /// The file; `-` reads standard input
    file: PathBuf,
    /// Also check the storyboard against its transcript
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// Print one JSON object with a JSON pointer for each problem
    #[arg(long)]
    json: bool,
}

impl Validate {
    pub(crate) fn run(&self, _console: &console::Console) -> Result<(), Failure> {
        let bytes = files::read_small(&self.file, FILE)?;
        let problems = self.problems(&bytes)?;
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        if self.json {
            let text = json!({ "valid": errors == 0, "problems": problems });
            console::print(&format!("{}\n", serde_json::to_string_pretty(&text).expect("problems are plain data")))?;
        } else {
            for problem in &problems {
                console::print(&format!("{}\n", console::shown(&problem.to_string())))?;
            }
        }
        match errors {
            0 if self.json => Ok(()),
            0 => console::print("sound\n"),
            1 => Err(Failure::new(Kind::BadInput, "1 error").file(&self.file)),
            n => Err(Failure::new(Kind::BadInput, format!("{n} errors")).file(&self.file)),
        }
    }

    fn problems(&self, bytes: &[u8]) -> Result<Vec<Problem>, Failure> {
        if is_transcript(bytes) {
            return Ok(match studio::transcript::read(bytes, TextFormat::Json, "und") {
                Ok(_) => Vec::new(),
                Err(ReadError::Invalid(problems)) => problems,
                Err(e) => vec![Problem::error("", e.to_string())],
            });
        }
        let transcript = self.transcript.as_ref().map(|t| super::input::read_transcript(t, "und")).transpose()?;
        Ok(studio::storyboard::validate_bytes(bytes, transcript.as_ref()))
    }
}

/// Whether the file says of itself that it is a transcript; anything else is taken for a storyboard.
fn is_transcript(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    serde_json::from_slice::<Named>(bytes).is_ok_and(|named| named.schema == studio::transcript::SCHEMA)
}
