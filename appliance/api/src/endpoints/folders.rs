//! Folders of projects, and recordings that are moved into them or into another project.

use access::Refusal;
use library::{
    folder::{self, Folder, FolderChange},
    moving::{self, Moved},
    project::Project,
    recording::Recording,
};
use model::{
    Id, noun,
    permission::{AssetRead, AssetUpload},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Read as _;

use super::{
    recordings::RecordingView,
    view::{HeaderView, PageQuery, PageView, given, parse_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{On, Reading},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<AssetRead, Project>>(
            "/v1/projects/{project}/folders",
            "list_folders",
            "Folders of a project, of all depths, oldest first",
        )
        .query::<PageQuery>()
        .by(list),
        post::<On<AssetUpload, Project>>(
            "/v1/projects/{project}/folders",
            "create_folder",
            "Make a folder in a project: at most 1,000, and 8 in one another",
        )
        .takes::<NewFolderBody>()
        .creates()
        .by(create),
        get::<Reading<AssetRead, Folder>>("/v1/folders/{folder}", "read_folder", "A folder").briskly().by(read),
        patch::<On<AssetUpload, Folder>>(
            "/v1/folders/{folder}",
            "update_folder",
            "Rename a folder, or move it with all that is in it",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<On<AssetUpload, Folder>>(
            "/v1/folders/{folder}",
            "delete_folder",
            "Remove a folder; what is in it moves to where the folder lay, and nothing else is removed",
        )
        .versioned()
        .silently()
        .by(remove),
        post::<On<AssetUpload, Project>>(
            "/v1/projects/{project}/recordings/move",
            "move_recordings",
            "Move recordings into this project or between its folders, with all that was made of them; all or none",
        )
        .takes::<MoveBody>()
        .by(move_here),
    ]
}

/// A folder of a project.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Folder")]
struct FolderView {
    #[serde(flatten)]
    header: HeaderView,
    /// The project it lies in.
    project: Option<String>,
    /// The folder in which it lies; absent for those of the project itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// What it is called; no other folder beside it is called so.
    title: String,
}

impl From<Folder> for FolderView {
    fn from(folder: Folder) -> Self {
        FolderView {
            header: HeaderView::of(&folder.header),
            project: folder.header.project.map(|project| project.to_string()),
            parent: folder.parent.map(|parent| parent.to_string()),
            title: folder.title,
        }
    }
}

/// A new folder.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewFolder")]
#[serde(deny_unknown_fields)]
struct NewFolderBody {
    /// What it is called. No other folder beside it may be called so, in capitals or not.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// The folder in which it comes to lie; in the project itself without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    parent: Option<String>,
}

/// A change of a folder: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "FolderChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A new title.
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// The folder of the same project into which it moves; `null`: into the project itself.
    #[serde(deserialize_with = "given")]
    #[schemars(length(max = 64))]
    parent: Option<Option<String>>,
}

/// Recordings to be moved.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Move")]
#[serde(deny_unknown_fields)]
struct MoveBody {
    /// Which: at most 100. You must be allowed to change each where it is, and to upload into this project. One that comes from
    /// another project must have no jobs that wait or run.
    #[schemars(length(min = 1, max = 100))]
    recordings: Vec<MovedBody>,
    /// The folder of this project into which they come; none without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    folder: Option<String>,
}

/// A recording to be moved.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "MovedRecording")]
#[serde(deny_unknown_fields)]
struct MovedBody {
    /// The recording.
    #[schemars(length(max = 64))]
    id: String,
    /// The version you have read; the move is refused when it has changed since. Any version without a word.
    #[serde(default)]
    version: Option<u64>,
}

/// Recordings that were moved, in the order in which they were named.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MovedRecordings")]
struct MovedView {
    /// The recordings as they are now.
    items: Vec<RecordingView>,
}

type Done = Result<Versioned<FolderView>, Problem>;

fn versioned(folder: Folder) -> Versioned<FolderView> {
    Versioned(folder.header.version, folder.into())
}

fn list(call: Call<'_, On<AssetRead, Project>, PageQuery, Empty>) -> Result<Json<PageView<FolderView>>, Problem> {
    let page = folder::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, FolderView::from)))
}

fn create(call: Call<'_, On<AssetUpload, Project>, Empty, NewFolderBody>) -> Done {
    let NewFolderBody { title, parent } = call.body;
    Ok(versioned(folder::create(call.pass, &title, parsed("/parent", parent)?)?))
}

fn read(call: Call<'_, Reading<AssetRead, Folder>, Empty, Empty>) -> Done {
    Ok(versioned(call.pass))
}

fn update(call: Call<'_, On<AssetUpload, Folder>, Empty, ChangeBody>) -> Done {
    let ChangeBody { title, parent } = call.body;
    let parent = parent.map(|parent| parsed("/parent", parent)).transpose()?;
    Ok(versioned(folder::update(call.pass, call.request.base_version()?, &FolderChange { title, parent })?))
}

fn remove(call: Call<'_, On<AssetUpload, Folder>, Empty, Empty>) -> Result<Nothing, Problem> {
    folder::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn move_here(call: Call<'_, On<AssetUpload, Project>, Empty, MoveBody>) -> Result<Json<MovedView>, Problem> {
    let MoveBody { recordings, folder } = call.body;
    let folder = parsed("/folder", folder)?;
    if recordings.len() > moving::MAX_MOVED {
        return Err(Problem::at("/recordings", format!("must be 1 to {}", moving::MAX_MOVED)));
    }
    let (gate, actor, context) = (&call.services.gate, call.request.actor()?, call.request.context());
    let view = call.services.file(actor)?.read()?;
    let mut moved = Vec::with_capacity(recordings.len());
    for (at, MovedBody { id, version: base }) in recordings.into_iter().enumerate() {
        let id: Id<noun::Recording> = parse_id(&format!("/recordings/{at}/id"), &id)?;
        // As for one that the caller may not see.
        let recording = view.get::<Recording>(&id)?.ok_or(Refusal::Invisible(id.erase()))?;
        moved.push(Moved { permit: gate.permit(actor, &recording.header.subject(), &context)?, base });
    }
    let items = moving::into_project(call.pass, &moved, folder)?;
    Ok(Json(MovedView { items: items.into_iter().map(RecordingView::from).collect() }))
}

fn parsed(at: &str, folder: Option<String>) -> Result<Option<Id<noun::Folder>>, Problem> {
    folder.map(|folder| parse_id(at, &folder)).transpose()
}
