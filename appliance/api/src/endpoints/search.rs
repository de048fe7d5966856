//! Search over what a tenant has made.

use library::search::{Hit, MAX_OFFSET, Search, Source, Stretch};
use model::permission::ProjectRead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::parse_id;
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::Listing,
    problem::Problem,
    reply::Json,
};

/// How many hits a page has where nothing is asked.
const PAGE: usize = 20;
/// The most hits of a page: the text of each is read for its snippet.
const MAX_PAGE: usize = 50;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ProjectRead>>(
            "/v1/search",
            "search_library",
            "What you may see and where words occur, the best first",
        )
        .query::<SearchQuery>()
        .by(search),
    ]
}

/// What is searched for. All that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// Words and "phrases" that must all occur; with `-` in front they must not. The last word may go on, and any with `*` behind
    /// it. Accents and capitals do not matter.
    #[schemars(length(min = 1, max = 512))]
    q: String,
    /// Of this kind, like `recording`.
    #[serde(default)]
    #[schemars(length(max = 64))]
    kind: Option<String>,
    /// In this project.
    #[serde(default)]
    #[schemars(length(max = 64))]
    project: Option<String>,
    /// With this tag.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    tag: Option<String>,
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<usize>,
    /// How many hits, 20 without a word.
    #[serde(default)]
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Hits")]
struct FoundView {
    /// The hits, the best first.
    items: Vec<HitView>,
    /// Send it as `after` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<usize>,
    /// How many hits there are on all pages, of those you may see.
    total: u64,
    /// Whether everything was searched; if not, ask again in a moment.
    complete: bool,
}

/// A hit.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Hit")]
struct HitView {
    /// What kind of thing it is.
    kind: &'static str,
    /// Its id.
    id: String,
    /// The project it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// The recording it is or was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<String>,
    /// What it is called.
    title: String,
    /// Its tags.
    tags: Vec<String>,
    /// Where in its text the words are; empty when they are in title or tags.
    snippet: Vec<StretchView>,
}

/// A stretch of text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stretch")]
struct StretchView {
    /// The text.
    text: String,
    /// Whether it is what was looked for.
    hit: bool,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        let stretch = |Stretch { text, hit }| StretchView { text, hit };
        HitView {
            kind: hit.id.kind.label(),
            id: hit.id.to_string(),
            project: hit.project.map(|project| project.to_string()),
            recording: hit.recording.map(|recording| recording.to_string()),
            title: hit.title,
            tags: hit.tags,
            snippet: hit.snippet.into_iter().map(stretch).collect(),
        }
    }
}

fn search(call: Call<'_, Listing<ProjectRead>, SearchQuery, Empty>) -> Result<Json<FoundView>, Problem> {
    let SearchQuery { q, kind, project, tag, after, limit } = call.query;
    if q.trim().is_empty() {
        return Err(Problem::at("q", "must not be empty"));
    }
    let source = |kind: String| {
        let known = Source::ALL.iter().find(|source| source.kind().label() == kind).copied();
        known.ok_or_else(|| Problem::at("kind", "is no kind of things that are searched"))
    };
    let search = Search {
        text: q,
        source: kind.map(source).transpose()?,
        project: project.map(|project| parse_id("project", &project)).transpose()?,
        tag,
        offset: after.unwrap_or(0),
        limit: limit.unwrap_or(PAGE),
    };
    if !(1..=MAX_PAGE).contains(&search.limit) {
        return Err(Problem::at("limit", format!("must be 1 to {MAX_PAGE}")));
    }
    if search.offset > MAX_OFFSET {
        return Err(Problem::at("after", "is not the `next` of a page"));
    }
    let found = call.services.library.search(&call.pass, &search)?;
    Ok(Json(FoundView {
        items: found.hits.into_iter().map(HitView::from).collect(),
        next: found.next,
        total: found.total,
        complete: found.complete,
    }))
}
