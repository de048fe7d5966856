//! When the scenes of a storyboard are played, for pages that show words beside its video.

use library::storyboard::{self, Storyboard};
use model::permission::ProjectRead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use studio::arrange::arrange;

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::On,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<On<ProjectRead, Storyboard>>(
            "/v1/storyboards/{storyboard}/playing",
            "read_playing",
            "Which stretch of the recording is heard over each scene, and when",
        )
        .query::<PlayingQuery>()
        .by(read),
    ]
}

/// Which version.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct PlayingQuery {
    /// The version; the newest without one.
    #[schemars(range(min = 1))]
    version: Option<u64>,
}

/// What is heard over the scenes of a storyboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Playing")]
struct PlayingView {
    /// The version it is of.
    version: u64,
    /// A stretch a scene, in the order in which they are played; none where scenes are played as they were spoken.
    stretches: Vec<StretchView>,
}

/// A stretch of the recording.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlayedStretch")]
struct StretchView {
    /// The scene over which it is heard.
    scene: String,
    /// Where it begins in the recording, in milliseconds.
    from_ms: u64,
    /// Where it ends there.
    to_ms: u64,
    /// When it is heard in the video.
    at_ms: u64,
}

fn read(call: Call<'_, On<ProjectRead, Storyboard>, PlayingQuery, Empty>) -> Result<Json<PlayingView>, Problem> {
    let (version, board) = storyboard::content(&call.pass, call.query.version)?;
    if board.order.is_empty() {
        return Ok(Json(PlayingView { version: version.number, stretches: Vec::new() }));
    }
    let transcript = storyboard::spoken(&call.pass, &version)?;
    let view = |stretch: &studio::arrange::Stretch| StretchView {
        scene: board.scenes[stretch.scene].id.clone(),
        from_ms: stretch.from_ms,
        to_ms: stretch.to_ms,
        at_ms: stretch.at_ms,
    };
    let stretches = arrange(&board, &transcript).stretches.iter().map(view).collect();
    Ok(Json(PlayingView { version: version.number, stretches }))
}
