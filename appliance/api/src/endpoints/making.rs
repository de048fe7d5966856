//! What the endpoints of transcripts, storyboards and videos share.

use library::{
    making::{Hearing, Look},
    version::{Origin, Version},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use studio::storyboard::{CaptionStyle, Kind, Motion};

use super::view::moment;
/// How to hear a recording.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Hearing")]
#[serde(deny_unknown_fields, default)]
pub(super) struct HearingBody {
    /// The language that is spoken, like `en`; found out without one.
    #[schemars(length(min = 1, max = 40))]
    language: Option<String>,
    /// The speech model; the tenant's without one.
    #[schemars(length(min = 1, max = 40))]
    model: Option<String>,
    /// Names and terms that are likely to be said.
    #[schemars(length(max = 500))]
    glossary: Vec<String>,
}

impl From<HearingBody> for Hearing {
    fn from(HearingBody { language, model, glossary }: HearingBody) -> Self {
        Hearing { language, model, glossary: glossary.into_iter().map(Into::into).collect() }
    }
}

/// How a video should look.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "VideoLook")]
#[serde(deny_unknown_fields, default)]
pub(super) struct LookBody {
    /// The theme; as the storyboard or the tenant has it without one.
    theme: Option<ThemeView>,
    /// Width in pixels, even; given together with the height.
    #[schemars(range(min = 240, max = 3840))]
    width: Option<u32>,
    /// Height in pixels, even; the shorter side is at most what the plan allows.
    #[schemars(range(min = 240, max = 3840))]
    height: Option<u32>,
    /// Frames a second.
    #[schemars(range(min = 5, max = 60))]
    fps: Option<u32>,
    /// What every scene is drawn as; as it was told, or was chosen since, without a word.
    kind: Option<Kind>,
    /// How much moves; as the storyboard has it without a word.
    motion: Option<Motion>,
    /// Where captions go: beside the picture, to be switched on, or into it; as the storyboard has it without a word.
    captions: Option<CaptionStyle>,
    /// A picture in every frame, for editors that want a constant rate, and not only where something changes.
    constant_rate: bool,
    /// The form of the file.
    container: ContainerView,
}

/// A theme.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Theme")]
enum ThemeView {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Black on white with thick lines.
    Contrast,
}

/// The form of a video's file.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Container")]
enum ContainerView {
    /// H.264 and AAC in MP4.
    #[default]
    Mp4,
    /// VP9 and Opus in WebM.
    Webm,
}

impl From<LookBody> for Look {
    fn from(body: LookBody) -> Self {
        let LookBody { theme, width, height, fps, kind, motion, captions, constant_rate, container } = body;
        let theme = theme.map(|theme| match theme {
            ThemeView::Light => "light".to_owned(),
            ThemeView::Dark => "dark".to_owned(),
            ThemeView::Contrast => "contrast".to_owned(),
        });
        let webm = matches!(container, ContainerView::Webm);
        Look { theme, width, height, fps, kind, motion, captions, constant_rate, webm }
    }
}

/// A version of a transcript or storyboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Version")]
pub(super) struct VersionView {
    /// Counts from 1.
    number: u64,
    /// The SHA-256 of its canonical JSON.
    revision: String,
    /// Bytes of its canonical JSON.
    bytes: u64,
    /// Of a transcript, the version that was heard; of a storyboard, the version of the transcript whose words it refers to.
    words_of: u64,
    /// When it was made (RFC 3339).
    made: String,
    /// Who made it or ordered it.
    by: String,
    /// How it came about: `heard`, `outlined`, `edited`, `restored`, `imported`.
    origin: &'static str,
    /// The version that was restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<u64>,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        let (origin, restored) = match version.origin {
            Origin::Heard => ("heard", None),
            Origin::Outlined => ("outlined", None),
            Origin::Edited => ("edited", None),
            Origin::Restored(from) => ("restored", Some(from)),
            Origin::Imported => ("imported", None),
        };
        VersionView {
            number: version.number,
            revision: version.digest.to_string(),
            bytes: version.bytes,
            words_of: version.words,
            made: moment(version.made),
            by: version.by.to_string(),
            origin,
            restored,
        }
    }
}

/// Which version is to be the newest again.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Restore")]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreBody {
    /// Its number.
    #[schemars(range(min = 1))]
    pub(super) version: u64,
}

/// Which of a recording.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OfRecording {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    pub(super) after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    pub(super) limit: Option<usize>,
    /// Of this recording.
    #[schemars(length(max = 64))]
    pub(super) recording: Option<String>,
}
