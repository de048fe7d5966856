//! A job: one recording or storyboard, what is wanted of it, and the limits it runs under.
//!
//! A job is data. The worker process reads it from standard input, touches nothing but the files it names, and
//! leaves its results in the job's work folder; whoever started the worker puts them where they belong.

pub(crate) mod assist;
pub(crate) mod fonts;
pub(crate) mod graphics;
pub(crate) mod hearing;
pub(crate) mod made;
mod picture;
pub(crate) mod run;
pub(crate) mod takes;
pub(crate) mod work;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use studio::draw::Theme;
use studio::storyboard::{self, Canvas, CaptionStyle, Motion, Storyboard};
use studio::transcript::Term;

use crate::console::event::Role;
use crate::failure::{Failure, Kind};

/// Value of [`JobSpec::schema`].
pub(crate) const SCHEMA: &str = "audiagram.job/1";

/// One job, as it goes over the worker's standard input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobSpec {
    /// Always [`SCHEMA`].
    pub(crate) schema: String,
    /// What is wanted.
    pub(crate) task: Task,
    /// The recording, if there is one.
    #[serde(default)]
    pub(crate) recording: Option<Recording>,
    /// A transcript that is used instead of hearing the recording.
    #[serde(default)]
    pub(crate) transcript: Option<PathBuf>,
    /// A transcript of the same recording whose redactions must hold for what is heard now.
    #[serde(default)]
    pub(crate) redactions: Option<PathBuf>,
    /// The storyboard to render, or the one whose edits a new outline must keep.
    #[serde(default)]
    pub(crate) storyboard: Option<PathBuf>,
    /// The only folder that the worker writes to; it exists.
    pub(crate) work: PathBuf,
    /// How to hear.
    #[serde(default)]
    pub(crate) hearing: Hearing,
    /// How it should look.
    #[serde(default)]
    pub(crate) look: Look,
    /// Who looks at the outline again, if anybody. The worker has no network: it asks whoever started it, line by line.
    #[serde(default)]
    pub(crate) assistant: Option<assist::Assistant>,
    /// What the worker may use.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// How strictly the worker is confined.
    #[serde(default)]
    pub(crate) sandbox: Policy,
    /// 0 says nothing on standard error, 1 and 2 log more.
    #[serde(default)]
    pub(crate) verbose: u8,
}

/// What a worker is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Everything from recording to video.
    Make,
    /// Only the transcript.
    Transcribe,
    /// From transcript to storyboard.
    Outline,
    /// From storyboard to video.
    Render,
    /// One frame of a storyboard's video, as a picture.
    Frame {
        /// The moment, in milliseconds.
        at_ms: u64,
    },
    /// Nothing but confining itself, for `doctor`.
    Probe,
    /// Breaking out, for the tests.
    #[cfg(debug_assertions)]
    Escape(crate::worker::escape::Escape),
}

/// A recording by path and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// SHA-256 of its bytes in lower-case hex.
    pub(crate) sha256: String,
}

/// How to hear.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Hearing {
    /// File of the speech model; not needed when the job brings a transcript.
    pub(crate) model: Option<PathBuf>,
    /// File of the model that tells speech from silence; needed with the other.
    pub(crate) detector: Option<PathBuf>,
    /// Name of the model in the catalogue.
    pub(crate) model_name: String,
    /// BCP 47 language; found out when absent.
    pub(crate) lang: Option<String>,
    /// Names and terms that are likely to be said: the engine expects them, and they are written as they are spelled.
    pub(crate) glossary: Vec<Term>,
    /// Threads to hear with.
    pub(crate) threads: u32,
    /// What hears.
    pub(crate) device: Device,
}

impl Hearing {
    /// Whether a graphics processor should be looked for to hear with.
    pub(crate) fn looks(&self) -> bool {
        cfg!(feature = "hear-gpu") && self.device.looks()
    }
}

/// How it should look; what is absent stays as the storyboard has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Look {
    /// Id and name of a new storyboard.
    pub(crate) name: String,
    /// Theme name.
    pub(crate) theme: Option<String>,
    /// A theme in full, in place of the named one: that of a brand kit.
    pub(crate) kit: Option<serde_json::Value>,
    /// Classification that is written across every picture.
    pub(crate) banner: String,
    /// Size and frame rate.
    pub(crate) canvas: Option<Canvas>,
    /// Draw every scene as this kind.
    pub(crate) kind: Option<storyboard::Kind>,
    /// How much moves.
    pub(crate) motion: Option<Motion>,
    /// Where captions go.
    pub(crate) captions: Option<CaptionStyle>,
    /// A picture in every frame, not only where something changes.
    pub(crate) constant_rate: bool,
    /// The kind of file that the video is put into.
    pub(crate) container: Container,
    /// What draws the frames; they look the same.
    pub(crate) rasterizer: Device,
    /// What codes the pictures of MP4; they look the same, but for the processor's the bytes differ from machine to machine.
    pub(crate) encoder: Device,
}

impl Look {
    /// The theme of the brand kit, else the one that the storyboard names, with the classification.
    ///
    /// # Errors
    /// When there is no such theme, or the kit's is unsound.
    pub(crate) fn drawn_in(&self, board: &Storyboard) -> Result<Theme, Failure> {
        let mut theme = match &self.kit {
            Some(kit) => Theme::parse(kit.to_string().as_bytes()).map_err(|e| Failure::of(Kind::BadInput, &e))?,
            None => Theme::named(&board.theme).map_err(|e| Failure::of(Kind::BadInput, &e))?,
        };
        theme.marks.classify(&self.banner);
        Ok(theme)
    }

    /// Gives a storyboard the look that is asked for.
    pub(crate) fn apply(&self, board: &mut Storyboard) {
        if let Some(theme) = &self.theme {
            board.theme.clone_from(theme);
        }
        board.canvas = self.canvas.unwrap_or(board.canvas);
        board.motion = self.motion.unwrap_or(board.motion);
        for scene in &mut board.scenes {
            scene.kind = self.kind.unwrap_or(scene.kind);
            scene.caption_style = self.captions.unwrap_or(scene.caption_style);
        }
    }
}

/// What does the work of a stage that a graphics processor can do too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Device {
    /// A graphics processor where there is one made of hardware, else the processor.
    Auto,
    /// The processor.
    #[default]
    Cpu,
    /// A graphics processor, even one that is a program; the processor where there is none.
    Gpu,
}

/// The kind of file that a video is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Container {
    /// H.264 and AAC.
    #[default]
    Mp4,
    /// VP9 and Opus.
    Webm,
}

impl Container {
    /// What a video in such a file is among the results.
    pub(crate) fn role(self) -> Role {
        match self {
            Container::Mp4 => Role::Video,
            Container::Webm => Role::Webm,
        }
    }
}

impl From<Container> for media::encode::Container {
    fn from(container: Container) -> Self {
        match container {
            Container::Mp4 => Self::Mp4,
            Container::Webm => Self::Webm,
        }
    }
}

/// What one worker may use. A worker that reaches a limit is ended with a typed error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Address space in bytes.
    pub(crate) memory_bytes: u64,
    /// Time on all processors together, in seconds.
    pub(crate) cpu_seconds: u64,
    /// Time on the wall, in milliseconds; kept by the process that starts the worker.
    pub(crate) deadline_ms: u64,
    /// Largest file that may be written, in bytes.
    pub(crate) file_bytes: u64,
    /// Open files.
    pub(crate) files: u64,
    /// Threads.
    pub(crate) threads: u64,
    /// Bytes of progress on standard output; kept by the process that starts the worker.
    pub(crate) output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 30,
            cpu_seconds: 48 * 3600,
            deadline_ms: 24 * 3_600_000,
            file_bytes: 16 << 30,
            files: 256,
            threads: 256,
            output_bytes: 16 << 20,
        }
    }
}

/// How strictly a worker is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    /// Refuse to work where the kernel cannot confine the worker.
    Require,
    /// Confine as far as the kernel can, and say what is missing.
    #[default]
    Prefer,
    /// Do not confine; limits still hold.
    Off,
}

/// A stage of a job, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Recording to transcript.
    Transcribe,
    /// Transcript to storyboard.
    Outline,
    /// Storyboard to places.
    Layout,
    /// Places and word times to the state of every frame.
    Film,
    /// Frames and voice to a video.
    Render,
}

impl Stage {
    /// Every stage.
    pub(crate) const ALL: [Self; 5] = [Self::Transcribe, Self::Outline, Self::Layout, Self::Film, Self::Render];

    /// Name on the wire and on the screen.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Transcribe => "transcribe",
            Self::Outline => "outline",
            Self::Layout => "layout",
            Self::Film => "film",
            Self::Render => "render",
        }
    }

    /// What goes on, for sentences: `while ...`.
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::Transcribe => "transcribing",
            Self::Outline => "outlining",
            Self::Layout => "laying out",
            Self::Film => "timing the reveals",
            Self::Render => "rendering",
        }
    }
}
