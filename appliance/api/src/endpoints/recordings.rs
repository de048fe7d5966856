//! Recordings.

use std::collections::BTreeMap;

use library::{
    recording::{self, By, Filter, Recording, RecordingChange},
    standing::{self, Standing, State},
};
use model::permission::{AssetDelete, AssetDownload, AssetRead, AssetUpload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{ClassificationView, HeaderView, PageQuery, PageView, Sorted, moment, parse_id, sorts};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{Listing, On, Reading},
    media::Media,
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<AssetRead>>("/v1/recordings", "list_recordings", "Recordings you may see")
            .query::<ListQuery>()
            .by(list),
        get::<Reading<AssetRead, Recording>>("/v1/recordings/{recording}", "read_recording", "A recording")
            .briskly()
            .by(read),
        patch::<On<AssetUpload, Recording>>("/v1/recordings/{recording}", "update_recording", "Change a recording")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        post::<On<AssetDelete, Recording>>(
            "/v1/recordings/{recording}/trash",
            "trash_recording",
            "Move a recording to the trash",
        )
        .versioned()
        .by(trash),
        post::<On<AssetDelete, Recording>>(
            "/v1/recordings/{recording}/restore",
            "restore_recording",
            "Take a recording out of the trash",
        )
        .versioned()
        .by(restore),
        delete::<On<AssetDelete, Recording>>(
            "/v1/recordings/{recording}",
            "delete_recording",
            "Remove a recording that lies in the trash",
        )
        .versioned()
        .silently()
        .by(remove),
        get::<On<AssetDownload, Recording>>(
            "/v1/recordings/{recording}/media",
            "download_recording",
            "The file of a recording, whole or one range of it",
        )
        .by(media),
    ]
}

/// A recording.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Recording")]
pub(super) struct RecordingView {
    #[serde(flatten)]
    header: HeaderView,
    /// The project it lies in.
    project: Option<String>,
    /// The folder of the project in which it is kept; absent for what lies in the project itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// What it is called.
    title: String,
    /// Marks to find it by.
    tags: Vec<String>,
    /// What the file was called where it came from.
    file_name: String,
    /// Its media type.
    media_type: String,
    /// The SHA-256 of the file, in hexadecimal digits; the entity tag of its content.
    sha256: String,
    /// How long the file is.
    bytes: u64,
    /// How long it plays; absent before it was decoded for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// Since when it is in the trash (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    trashed: Option<String>,
    /// Where it stands; in lists that are asked for it, for those who may see what was made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<StandingView>,
}

/// Where a recording stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Standing")]
struct StandingView {
    /// Where.
    state: StateView,
    /// Its newest video.
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<String>,
    /// Whether that has a poster.
    poster: bool,
}

/// Where a recording stands.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "StandingState")]
#[serde(rename_all = "snake_case")]
enum StateView {
    /// Nothing was made of it yet.
    New,
    /// Something is being made of it.
    Making,
    /// It has a video.
    Ready,
    /// It has no video, and the last try was given up.
    Failed,
}

impl From<Standing> for StandingView {
    fn from(Standing { state, video, poster }: Standing) -> Self {
        let state = match state {
            State::New => StateView::New,
            State::Making => StateView::Making,
            State::Ready => StateView::Ready,
            State::Failed => StateView::Failed,
        };
        StandingView { state, video: video.map(|video| video.to_string()), poster }
    }
}

impl From<Recording> for RecordingView {
    fn from(recording: Recording) -> Self {
        RecordingView {
            header: HeaderView::of(&recording.header),
            project: recording.header.project.map(|project| project.to_string()),
            folder: recording.folder.map(|folder| folder.to_string()),
            title: recording.title,
            tags: recording.tags,
            file_name: recording.file_name,
            media_type: recording.media_type,
            sha256: recording.media.to_string(),
            bytes: recording.bytes,
            duration_ms: recording.duration_ms,
            trashed: recording.trashed.map(moment),
            standing: None,
        }
    }
}

/// Which recordings. All that is given must hold.
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
    /// In this project.
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// Kept in this folder, not in those in it; `none`: in no folder.
    #[schemars(length(max = 64))]
    folder: Option<String>,
    /// With this tag.
    #[schemars(length(min = 1, max = 64))]
    tag: Option<String>,
    /// Those in the trash instead of those at work.
    trashed: bool,
    /// Say where each stands, too.
    standing: bool,
}

/// A change of a recording: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "RecordingChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A new title.
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// New tags, in place of the old; they are kept in small letters.
    #[schemars(length(max = 32))]
    tags: Option<Vec<String>>,
    /// A new classification.
    classification: Option<ClassificationView>,
    /// New labels, in place of the old.
    labels: Option<BTreeMap<String, String>>,
}

type Done = Result<Versioned<RecordingView>, Problem>;

fn versioned(recording: Recording) -> Versioned<RecordingView> {
    Versioned(recording.header.version, recording.into())
}

fn list(call: Call<'_, Listing<AssetRead>, ListQuery, Empty>) -> Result<Json<PageView<RecordingView>>, Problem> {
    let ListQuery { after, limit, sort, project, folder, tag, trashed, standing: standing_too } = call.query;
    let query = PageQuery { after, limit };
    let sorted = Sorted::parse(sort)?;
    let project = project.map(|project| parse_id("project", &project)).transpose()?;
    let folder = match folder.as_deref() {
        Some("none") => Some(None),
        Some(folder) => Some(Some(parse_id("folder", folder)?)),
        None => None,
    };
    let filter = Filter { project, folder, tag: tag.as_deref(), trashed };
    let page = recording::list(&call.pass, &filter, sorted.order, sorted.cursor(&query)?.as_ref(), query.limit()?)?;
    let mut standings = Vec::new();
    if standing_too {
        let view = call.pass.read()?;
        for recording in &page.items {
            standings.push(standing::of(&call.pass, &view, recording)?.map(StandingView::from));
        }
    }
    let mut page = sorted.page(page, RecordingView::from);
    for (item, standing) in page.items.iter_mut().zip(standings) {
        item.standing = standing;
    }
    Ok(Json(page))
}

fn read(call: Call<'_, Reading<AssetRead, Recording>, Empty, Empty>) -> Done {
    Ok(versioned(call.pass))
}

fn update(call: Call<'_, On<AssetUpload, Recording>, Empty, ChangeBody>) -> Done {
    let ChangeBody { title, tags, classification, labels } = call.body;
    let change = RecordingChange { title, tags, classification: classification.map(Into::into), labels };
    Ok(versioned(recording::update(call.pass, call.request.base_version()?, &change)?))
}

fn trash(call: Call<'_, On<AssetDelete, Recording>, Empty, Empty>) -> Done {
    Ok(versioned(recording::trash(call.pass, call.request.base_version()?)?))
}

fn restore(call: Call<'_, On<AssetDelete, Recording>, Empty, Empty>) -> Done {
    Ok(versioned(recording::restore(call.pass, call.request.base_version()?)?))
}

fn remove(call: Call<'_, On<AssetDelete, Recording>, Empty, Empty>) -> Result<Nothing, Problem> {
    recording::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn media(call: Call<'_, On<AssetDownload, Recording>, Empty, Empty>) -> Result<Media, Problem> {
    let (recording, reader) = recording::media(&call.pass)?;
    Ok(Media::new(call.request, reader, &recording.media, &recording.media_type, &recording.file_name))
}
