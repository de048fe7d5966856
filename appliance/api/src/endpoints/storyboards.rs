//! Storyboards.

use library::{
    storyboard::{self, Difference, Edited, Storyboard},
    transcript::Transcript,
};
use model::permission::{DiagramEdit, ProjectRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use studio::edit::Op;

use super::{
    jobs::JobView,
    making::{LookBody, OfRecording, RestoreBody, VersionView},
    view::{HeaderView, PageQuery, PageView, parse_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch, post},
    guard::{Listing, On},
    live::Joining,
    problem::{Code, Problem},
    reply::{Form, Json, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<DiagramEdit, Transcript>>(
            "/v1/transcripts/{transcript}/storyboards",
            "outline_transcript",
            "Have a new storyboard drawn from a transcript",
        )
        .takes::<LookBody>()
        .accepts()
        .by(outline),
        get::<Listing<ProjectRead>>("/v1/storyboards", "list_storyboards", "Storyboards you may see, newest first")
            .query::<OfRecording>()
            .by(list),
        get::<On<ProjectRead, Storyboard>>("/v1/storyboards/{storyboard}", "read_storyboard", "A storyboard").by(read),
        patch::<On<DiagramEdit, Storyboard>>(
            "/v1/storyboards/{storyboard}",
            "edit_storyboard",
            "Edit a storyboard: a new version, with the edit that takes this one back",
        )
        .takes::<Op>()
        .versioned()
        .by(edit),
        post::<On<DiagramEdit, Storyboard>>(
            "/v1/storyboards/{storyboard}/outline",
            "outline_storyboard",
            "Have a storyboard drawn anew from its transcript; what people edited is kept",
        )
        .takes::<LookBody>()
        .accepts()
        .by(outline_again),
        get::<On<ProjectRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/content",
            "read_storyboard_content",
            "The diagrams of a version, `studio.scene/1`",
        )
        .query::<ContentQuery>()
        .by(content),
        get::<On<ProjectRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/versions",
            "list_storyboard_versions",
            "The versions of a storyboard, newest first",
        )
        .query::<PageQuery>()
        .by(versions),
        get::<On<ProjectRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/difference",
            "compare_storyboard_versions",
            "What differs between two versions, as an edit",
        )
        .query::<BetweenQuery>()
        .by(difference),
        get::<On<ProjectRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/live",
            "edit_together",
            "Edit a storyboard together with others: a WebSocket that speaks the Yjs protocols",
        )
        .switches()
        .by(together),
        post::<On<DiagramEdit, Storyboard>>(
            "/v1/storyboards/{storyboard}/restore",
            "restore_storyboard",
            "Make an earlier version the newest again",
        )
        .takes::<RestoreBody>()
        .versioned()
        .by(restore),
    ]
}

/// A storyboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StoryboardHead")]
struct StoryboardView {
    #[serde(flatten)]
    header: HeaderView,
    /// The recording it tells.
    recording: String,
    /// The transcript it was drawn from.
    transcript: String,
    /// The talk's title.
    title: String,
    /// The theme.
    theme: String,
    /// Width of its pictures in pixels.
    width: u32,
    /// Height of its pictures in pixels.
    height: u32,
    /// Frames a second.
    fps: u32,
    /// How many scenes.
    scenes: u32,
    /// The SHA-256 of the newest version's canonical JSON.
    revision: String,
}

impl From<Storyboard> for StoryboardView {
    fn from(board: Storyboard) -> Self {
        let (width, height, fps) = board.canvas;
        StoryboardView {
            header: HeaderView::of(&board.header),
            recording: board.recording.to_string(),
            transcript: board.transcript.to_string(),
            title: board.title,
            theme: board.theme,
            width,
            height,
            fps,
            scenes: board.scenes,
            revision: board.digest.to_string(),
        }
    }
}

/// An edited storyboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EditedStoryboard")]
struct EditedView {
    #[serde(flatten)]
    storyboard: StoryboardView,
    /// The edit that takes this one back.
    #[serde(skip_serializing_if = "Option::is_none")]
    inverse: Option<Op>,
    /// The new version of the transcript, if the edit changed words.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript_version: Option<u64>,
}

/// Which version.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ContentQuery {
    /// The version; the newest without one.
    #[schemars(range(min = 1))]
    version: Option<u64>,
}

/// Between which versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BetweenQuery {
    /// The first of them.
    #[schemars(range(min = 1))]
    from: u64,
    /// The second of them.
    #[schemars(range(min = 1))]
    to: u64,
}

/// What differs between two versions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StoryboardDifference")]
struct DifferenceView {
    /// The first of them.
    from: u64,
    /// The second of them.
    to: u64,
    /// The edit that makes the diagrams of the second of those of the first.
    edit: Op,
    /// The theme in each.
    themes: [String; 2],
    /// Their versions of the transcript.
    transcript_versions: [u64; 2],
}

type Done = Result<Versioned<StoryboardView>, Problem>;

fn versioned(board: Storyboard) -> Versioned<StoryboardView> {
    Versioned(board.header.version, board.into())
}

fn outline(call: Call<'_, On<DiagramEdit, Transcript>, Empty, LookBody>) -> Result<Json<JobView>, Problem> {
    let plan = call.services.limits(call.pass.tenant())?;
    Ok(Json(storyboard::outline(call.pass, &call.services.jobs, &plan, call.body.into())?.into()))
}

fn outline_again(call: Call<'_, On<DiagramEdit, Storyboard>, Empty, LookBody>) -> Result<Json<JobView>, Problem> {
    let plan = call.services.limits(call.pass.tenant())?;
    Ok(Json(storyboard::outline_again(call.pass, &call.services.jobs, &plan, call.body.into())?.into()))
}

fn list(call: Call<'_, Listing<ProjectRead>, OfRecording, Empty>) -> Result<Json<PageView<StoryboardView>>, Problem> {
    let OfRecording { after, limit, recording } = call.query;
    let query = PageQuery { after, limit };
    let recording = recording.map(|recording| parse_id("recording", &recording)).transpose()?;
    let page = storyboard::list(&call.pass, recording, query.cursor()?.as_ref(), query.limit()?)?;
    Ok(Json(PageView::of(page, StoryboardView::from)))
}

fn read(call: Call<'_, On<ProjectRead, Storyboard>, Empty, Empty>) -> Done {
    Ok(versioned(storyboard::read(&call.pass)?))
}

fn edit(call: Call<'_, On<DiagramEdit, Storyboard>, Empty, Op>) -> Result<Versioned<EditedView>, Problem> {
    let Edited { storyboard, inverse, transcript } =
        storyboard::edit(call.pass, call.request.base_version()?, &call.body)?;
    let version = storyboard.header.version;
    Ok(Versioned(version, EditedView { storyboard: storyboard.into(), inverse, transcript_version: transcript }))
}

fn content(
    call: Call<'_, On<ProjectRead, Storyboard>, ContentQuery, Empty>,
) -> Result<Form<studio::storyboard::Storyboard>, Problem> {
    let (_, board) = storyboard::content(&call.pass, call.query.version)?;
    // As it is in files: fields that this version does not know are in their places.
    Ok(Form::Text { kind: "application/json", text: studio::storyboard::to_value(&board).to_string() })
}

fn versions(
    call: Call<'_, On<ProjectRead, Storyboard>, PageQuery, Empty>,
) -> Result<Json<PageView<VersionView>>, Problem> {
    let page = storyboard::versions(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, VersionView::from)))
}

fn difference(
    call: Call<'_, On<ProjectRead, Storyboard>, BetweenQuery, Empty>,
) -> Result<Json<DifferenceView>, Problem> {
    let Difference { from, to, op, themes, transcripts } =
        storyboard::difference(&call.pass, call.query.from, call.query.to)?;
    Ok(Json(DifferenceView { from, to, edit: op, themes, transcript_versions: transcripts }))
}

fn together(call: Call<'_, On<ProjectRead, Storyboard>, Empty, Empty>) -> Result<Joining, Problem> {
    let storyboard = call.pass.subject().id.typed().ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    Joining::new(call.services, call.request, storyboard)
}

fn restore(call: Call<'_, On<DiagramEdit, Storyboard>, Empty, RestoreBody>) -> Done {
    Ok(versioned(storyboard::restore(call.pass, call.request.base_version()?, call.body.version)?))
}
