//! The trash.

use std::time::Duration;

use library::trash::{self, Trashed};
use model::permission::ProjectRead;
use schemars::JsonSchema;
use serde::Serialize;

use super::view::{PageQuery, PageView, moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::Listing,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ProjectRead>>(
            "/v1/trash",
            "list_trash",
            "What lies in the trash and you may see: projects, then recordings, each newest first",
        )
        .query::<PageQuery>()
        .by(list),
    ]
}

/// Something in the trash. What lies in a project comes and goes with it and is not told of by itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TrashItem")]
struct TrashView {
    /// `project` or `recording`.
    kind: &'static str,
    /// Its id.
    id: String,
    /// The project in which it lies; absent for projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// What it is called.
    title: String,
    /// How many bytes its file has; absent for projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Counts its changes: the entity tag to restore or remove it with.
    version: u64,
    /// Since when it is in the trash (RFC 3339).
    trashed: String,
    /// From when on it is erased, unless a legal hold keeps it (RFC 3339).
    erased_from: String,
}

fn list(call: Call<'_, Listing<ProjectRead>, PageQuery, Empty>) -> Result<Json<PageView<TrashView>>, Problem> {
    let page = trash::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    let settings = library::settings::of(&call.pass.read()?)?;
    let kept = Duration::from_secs(u64::from(settings.trash_days) * 86_400);
    Ok(Json(PageView::of(page, |item| {
        let since = match &item {
            Trashed::Project(project) => project.trashed,
            Trashed::Recording(recording) => recording.trashed,
        };
        let since = since.unwrap_or_default();
        let (trashed, erased_from) = (moment(since), moment(since.after(kept)));
        match item {
            Trashed::Project(project) => TrashView {
                kind: "project",
                id: project.header.id.to_string(),
                project: None,
                title: project.title,
                bytes: None,
                version: project.header.version,
                trashed,
                erased_from,
            },
            Trashed::Recording(recording) => TrashView {
                kind: "recording",
                id: recording.header.id.to_string(),
                project: recording.header.project.map(|project| project.to_string()),
                title: recording.title,
                bytes: Some(recording.bytes),
                version: recording.header.version,
                trashed,
                erased_from,
            },
        }
    })))
}
