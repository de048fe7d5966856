//! The one error that a person sees: what went wrong, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::job::Stage;

/// What a failure means to whoever started the command; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The work failed although nothing was wrong with the request: disk, crash, defect.
    Failed,
    /// The command line or an operation asks for something that makes no sense.
    Usage,
    /// A file that was given cannot be used.
    BadInput,
    /// A speech model is missing or corrupt.
    Model,
    /// A limit on memory, time or size was reached.
    Limit,
    /// The kernel lacks the confinement that `--sandbox require` asks for.
    Sandbox,
    /// The appliance does not let the caller do this.
    Denied,
    /// There is no such thing, or something else came first.
    Conflict,
    /// The appliance is not to be reached, or cannot answer now.
    Unreachable,
    /// Stopped from the keyboard (SIGINT).
    Interrupted,
    /// Stopped by the system (SIGTERM, SIGHUP).
    Terminated,
}

impl Kind {
    /// Exit code of the process; [`EXIT_CODES`] is its documentation.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::BadInput => 3,
            Self::Model => 4,
            Self::Limit => 5,
            Self::Sandbox => 6,
            Self::Denied => 7,
            Self::Conflict => 8,
            Self::Unreachable => 9,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// The table of exit codes, as `--help` shows it.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed: disk, a crash of the worker, a defect
  2    the command line makes no sense
  3    a given file or value cannot be used: not a recording, no speech, not a storyboard, no short name
  4    a speech model is missing or corrupt
  5    a limit on memory, time or size was reached
  6    `--sandbox require` and the kernel cannot confine the worker
  7    the appliance does not let you: no valid API key, or no right
  8    there is no such thing in the appliance, or something else came first
  9    the appliance is not to be reached, or cannot answer now
  130  interrupted (Ctrl-C); 143 terminated: the same command goes on where it stopped";

/// A failure with everything needed to act on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// What it means.
    pub(crate) kind: Kind,
    /// What went wrong: lower-case, one line, no full stop.
    pub(crate) message: String,
    /// Stage of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<Stage>,
    /// The file it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// The chain of causes, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) causes: Vec<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
}

impl Failure {
    /// A failure of `kind`.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), stage: None, file: None, causes: Vec::new(), remedy: None }
    }

    /// With the file it is about.
    pub(crate) fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// With the stage it happened in, unless one is known already.
    pub(crate) fn stage(mut self, stage: Stage) -> Self {
        self.stage.get_or_insert(stage);
        self
    }

    /// With what to do.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// With `error` and its sources as causes; a source that only repeats what is already said is left out.
    pub(crate) fn because(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            if !self.message.contains(&text) && !self.causes.iter().any(|known| known.contains(&text)) {
                self.causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    /// A failure whose message is `error`'s own and whose causes are its sources.
    pub(crate) fn of(kind: Kind, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(kind, error.to_string()).because(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The stages' own errors name their file; once is enough.
        let named = |file: &&PathBuf| !self.message.contains(&*file.to_string_lossy());
        if let Some(file) = self.file.as_ref().filter(named) {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(&self.message)?;
        if let Some(stage) = self.stage {
            write!(f, " (while {})", stage.doing())?;
        }
        for cause in &self.causes {
            write!(f, "\n  cause: {cause}")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n  try: {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_what_to_do() {
        let io = std::io::Error::other("disk on fire");
        let failure = Failure::new(Kind::Failed, "cannot write")
            .file("/tmp/talk.mp4")
            .stage(Stage::Render)
            .because(&io)
            .remedy("free some space");
        assert_eq!(
            failure.to_string(),
            "/tmp/talk.mp4: cannot write (while rendering)\n  cause: disk on fire\n  try: free some space"
        );
    }

    #[test]
    fn causes_do_not_repeat_the_message() {
        let io = std::io::Error::other("no such file");
        assert!(Failure::of(Kind::BadInput, &io).causes.is_empty());
    }

    #[test]
    fn survives_the_wire() {
        let failure = Failure::new(Kind::Limit, "too long").stage(Stage::Transcribe);
        let line = serde_json::to_string(&failure).unwrap();
        assert_eq!(line, r#"{"kind":"limit","message":"too long","stage":"transcribe"}"#);
        assert_eq!(serde_json::from_str::<Failure>(&line).unwrap(), failure);
    }

    #[test]
    fn every_exit_code_is_documented() {
        use Kind::*;
        for kind in
            [Failed, Usage, BadInput, Model, Limit, Sandbox, Denied, Conflict, Unreachable, Interrupted, Terminated]
        {
            let code = kind.exit_code().to_string();
            assert!(EXIT_CODES.split(|c: char| !c.is_ascii_digit()).any(|word| word == code), "{code}");
        }
    }
}
