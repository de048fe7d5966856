//! Texts and diagrams of other programs as storyboards.

use library::{
    import::{self, MAX_TEXT, NewImport},
    project::Project,
};
use model::permission::AssetUpload;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::{recordings::RecordingView, view::parse_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, post},
    guard::On,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<AssetUpload, Project>>(
            "/v1/projects/{project}/imports",
            "import_file",
            "Make a storyboard of a text, of subtitles, or of a diagram in Mermaid, DOT or D2",
        )
        .takes::<ImportBody>()
        .creates()
        .by(take),
    ]
}

/// A file of another program.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewImport")]
#[serde(deny_unknown_fields)]
struct ImportBody {
    /// What the file is called. Its ending says what it is: `.txt`, `.md`, `.srt`, `.vtt`, `.mmd`, `.dot`, `.gv` or `.d2`.
    #[schemars(length(min = 1, max = 255))]
    file_name: String,
    /// What is in it, 256 KiB at most.
    #[schemars(length(min = 1, max = MAX_TEXT))]
    text: String,
    /// Its language, like `en`; that of the workspace where it has one, else English, without a word.
    #[serde(default)]
    #[schemars(length(min = 1, max = 40))]
    language: Option<String>,
    /// What it will be called; as the file, without a word.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// The folder of the project into which it comes; none without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    folder: Option<String>,
}

/// What a file has become.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Import")]
struct ImportView {
    /// The file, as a recording in which nothing is heard.
    recording: RecordingView,
    /// Its words.
    transcript: String,
    /// What is drawn of it.
    storyboard: String,
}

fn take(call: Call<'_, On<AssetUpload, Project>, Empty, ImportBody>) -> Result<Json<ImportView>, Problem> {
    let ImportBody { file_name, text, language, title, folder } = call.body;
    let folder = folder.map(|folder| parse_id("/folder", &folder)).transpose()?;
    let tenant = call.pass.tenant();
    let limits = call.services.limits(tenant)?;
    // Understanding takes a processor for a while, so only some do it at once, and no tenant all of them.
    let _turn = Handle::current().block_on(call.services.walls.export(tenant))?;
    let made = import::import(call.pass, &limits, &NewImport { file_name, text, language, title, folder })?;
    Ok(Json(ImportView {
        recording: made.recording.into(),
        transcript: made.transcript.to_string(),
        storyboard: made.storyboard.to_string(),
    }))
}
