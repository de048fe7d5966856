//! What a worker tells while it works: one JSON object a line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::job::Stage;
use crate::job::graphics::Found;
use crate::worker::sandbox::Report;

/// One line of progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The worker has confined itself.
    Sandbox(Report),
    /// The stages that will run.
    Plan {
        /// In order.
        stages: Vec<Stage>,
    },
    /// A stage has come this far.
    Progress {
        /// Which.
        stage: Stage,
        /// 0 to 1.
        share: f64,
        /// The stage began here and not at 0, because an earlier run had done so much.
        #[serde(default, skip_serializing_if = "is_zero")]
        resumed: f64,
    },
    /// Something a person may want to know.
    Note {
        /// How much it matters.
        level: Level,
        /// One line.
        text: String,
    },
    /// A graphics processor has worked for the job.
    Worked {
        /// For how long, in milliseconds.
        graphics_ms: u64,
    },
    /// A request to the language model. The reply is awaited on standard input: a line of JSON, `{"Ok": …}` or `{"Err": …}`.
    Ask {
        /// The body of a chat completion.
        body: Value,
    },
    /// What would draw, for `doctor`.
    Graphics(Found),
    /// What would code pictures, for `doctor`.
    Encoder(Found),
    /// What would hear, for `doctor`.
    Engine(Found),
    /// The job is done; the last line.
    Done {
        /// What was made.
        outputs: Vec<Output>,
    },
    /// The job failed; the last line.
    Error(Failure),
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// Good to know.
    Info,
    /// The result may not be what was wanted.
    Warn,
}

/// One file that a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Output {
    /// What it is.
    pub(crate) role: Role,
    /// Where it lies.
    pub(crate) path: PathBuf,
}

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// `studio.transcript/1`.
    Transcript,
    /// `studio.scene/1`.
    Storyboard,
    /// SubRip captions.
    Srt,
    /// WebVTT captions.
    Vtt,
    /// Chapters as WebVTT.
    Chapters,
    /// Descriptions of what is seen, as WebVTT.
    Descriptions,
    /// A page to read instead of watching.
    Page,
    /// A still for thumbnails.
    Poster,
    /// One frame of the video.
    Frame,
    /// The video.
    Video,
    /// The video as WebM.
    Webm,
}

impl Role {
    /// Whether it is the video, in whichever file.
    pub(crate) fn is_video(self) -> bool {
        matches!(self, Self::Video | Self::Webm)
    }

    /// What follows the recording's name without its extension.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Transcript => ".transcript.json",
            Self::Storyboard => ".storyboard.json",
            Self::Srt => ".srt",
            Self::Vtt => ".vtt",
            Self::Chapters => ".chapters.vtt",
            Self::Descriptions => ".descriptions.vtt",
            Self::Page => ".html",
            Self::Frame => ".frame.png",
            Self::Poster => ".png",
            Self::Video => ".mp4",
            Self::Webm => ".webm",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(share: &f64) -> bool {
    *share <= 0.0
}
