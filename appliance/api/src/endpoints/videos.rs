//! Videos.

use library::{
    making::Hearing,
    recording::Recording,
    storyboard::{self, Storyboard},
    video::{self, By, Role, Video},
};
use model::permission::{AssetDelete, AssetDownload, RenderRead, RenderSubmit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    jobs::JobView,
    making::{HearingBody, LookBody},
    view::{HeaderView, PageQuery, PageView, Sorted, parse_id, sorts},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{Listing, On},
    media::Media,
    problem::{Code, Problem},
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<RenderSubmit, Recording>>(
            "/v1/recordings/{recording}/videos",
            "make_video",
            "Have a video made of a recording in one go: transcript, storyboard and video",
        )
        .takes::<MakeBody>()
        .accepts()
        .by(make),
        post::<On<RenderSubmit, Storyboard>>(
            "/v1/storyboards/{storyboard}/videos",
            "render_storyboard",
            "Have a storyboard rendered; only what changed since the last video is drawn anew",
        )
        .takes::<RenderBody>()
        .accepts()
        .by(render),
        get::<Listing<RenderRead>>("/v1/videos", "list_videos", "Videos you may see")
            .query::<ListQuery>()
            .by(list),
        get::<On<RenderRead, Video>>("/v1/videos/{video}", "read_video", "A video").briskly().by(read),
        get::<On<AssetDownload, Video>>(
            "/v1/videos/{video}/files/{file}",
            "download_video",
            "A file of a video: `mp4` or `webm`, `srt`, `vtt`, `poster`, `chapters`, `descriptions` or `page`; ranges can be asked for",
        )
        .by(file),
        delete::<On<AssetDelete, Video>>("/v1/videos/{video}", "delete_video", "Remove a video for good")
            .silently()
            .by(remove),
    ]
}

/// A video.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Video")]
struct VideoView {
    #[serde(flatten)]
    header: HeaderView,
    /// The recording that is heard in it.
    recording: String,
    /// The storyboard it shows.
    storyboard: String,
    /// Which version of it.
    storyboard_version: u64,
    /// Which version of the transcript.
    transcript_version: u64,
    /// The job that made it.
    job: String,
    /// What it is called.
    title: String,
    /// The theme.
    theme: String,
    /// Width in pixels.
    width: u32,
    /// Height in pixels.
    height: u32,
    /// Frames a second, at most.
    fps: u32,
    /// Its length in milliseconds.
    duration_ms: u64,
    /// Its files.
    files: Vec<FileView>,
}

/// A file of a video.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VideoFile")]
struct FileView {
    /// What it is, and the last part of its path: `mp4` or `webm`, `srt`, `vtt`, `poster`, `chapters`, `descriptions`, `page`.
    file: &'static str,
    /// Its media type.
    media_type: &'static str,
    /// Its bytes.
    bytes: u64,
    /// The SHA-256 of its content.
    sha256: String,
}

impl From<Video> for VideoView {
    fn from(video: Video) -> Self {
        let (width, height, fps) = video.canvas;
        let file = |file: &video::File| FileView {
            file: file.role.name(),
            media_type: file.role.media_type(),
            bytes: file.bytes,
            sha256: file.digest.to_string(),
        };
        VideoView {
            header: HeaderView::of(&video.header),
            recording: video.recording.to_string(),
            storyboard: video.storyboard.to_string(),
            storyboard_version: video.storyboard_version,
            transcript_version: video.transcript_version,
            job: video.job.to_string(),
            title: video.title,
            theme: video.theme,
            width,
            height,
            fps,
            duration_ms: video.duration_ms,
            files: video.files.iter().map(file).collect(),
        }
    }
}

/// Which videos, and in what order.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// In what order: by a field, with `-` before it from the greatest down; newest first without a word. What says nothing there
    /// comes last.
    #[schemars(schema_with = "sorts::<By>")]
    sort: Option<String>,
    /// Of this recording.
    #[schemars(length(max = 64))]
    recording: Option<String>,
}

/// What is wanted of a recording.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewVideo")]
#[serde(deny_unknown_fields, default)]
struct MakeBody {
    /// How to hear; of no effect where there is a transcript already.
    hearing: HearingBody,
    /// How it should look.
    look: LookBody,
}

/// What is wanted of a storyboard.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Render")]
#[serde(deny_unknown_fields, default)]
struct RenderBody {
    /// The version; the newest without one.
    #[schemars(range(min = 1))]
    version: Option<u64>,
    /// How it should look.
    look: LookBody,
}

fn make(call: Call<'_, On<RenderSubmit, Recording>, Empty, MakeBody>) -> Result<Json<JobView>, Problem> {
    let plan = call.services.limits(call.pass.tenant())?;
    let MakeBody { hearing, look } = call.body;
    Ok(Json(video::make(call.pass, &call.services.jobs, &plan, Hearing::from(hearing), look.into())?.into()))
}

fn render(call: Call<'_, On<RenderSubmit, Storyboard>, Empty, RenderBody>) -> Result<Json<JobView>, Problem> {
    let plan = call.services.limits(call.pass.tenant())?;
    let RenderBody { version, look } = call.body;
    Ok(Json(storyboard::render(call.pass, &call.services.jobs, &plan, version, look.into())?.into()))
}

fn list(call: Call<'_, Listing<RenderRead>, ListQuery, Empty>) -> Result<Json<PageView<VideoView>>, Problem> {
    let ListQuery { after, limit, sort, recording } = call.query;
    let query = PageQuery { after, limit };
    let sorted = Sorted::parse(sort)?;
    let recording = recording.map(|recording| parse_id("recording", &recording)).transpose()?;
    let page = video::list(&call.pass, recording, sorted.order, sorted.cursor(&query)?.as_ref(), query.limit()?)?;
    Ok(Json(sorted.page(page, VideoView::from)))
}

fn read(call: Call<'_, On<RenderRead, Video>, Empty, Empty>) -> Result<Versioned<VideoView>, Problem> {
    let video = video::read(&call.pass)?;
    Ok(Versioned(video.header.version, video.into()))
}

fn file(call: Call<'_, On<AssetDownload, Video>, Empty, Empty>) -> Result<Media, Problem> {
    let name = call.request.path.get("file").map(String::as_str).unwrap_or_default();
    let role = Role::ALL.into_iter().find(|role| role.name() == name);
    let role = role.ok_or_else(|| Problem::new(Code::NotFound, "a video has no such kind of file"))?;
    let (video, file, reader) = video::file(&call.pass, role)?;
    let name = format!("{}.{}", video.title, role.ending());
    Ok(Media::new(call.request, reader, &file.digest, role.media_type(), &name))
}

fn remove(call: Call<'_, On<AssetDelete, Video>, Empty, Empty>) -> Result<Nothing, Problem> {
    video::delete(call.pass)?;
    Ok(Nothing)
}
