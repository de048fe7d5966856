//! Tags in use.

use library::tags;
use model::permission::ProjectRead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView};
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::Listing,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ProjectRead>>("/v1/tags", "list_tags", "Tags on projects and recordings you may see, in order")
            .query::<TagQuery>()
            .by(list),
    ]
}

/// The longest tag, in bytes.
const MAX_AFTER: usize = 4 * tags::MAX_TAG;

/// Which tags.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct TagQuery {
    /// The `next` of the page before: its last tag.
    #[schemars(length(max = 64))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
}

/// A tag in use.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tag")]
struct TagView {
    /// The tag.
    tag: String,
    /// Whether a project has it.
    projects: bool,
    /// Whether a recording has it.
    recordings: bool,
}

fn list(call: Call<'_, Listing<ProjectRead>, TagQuery, Empty>) -> Result<Json<PageView<TagView>>, Problem> {
    let TagQuery { after, limit } = call.query;
    let limit = PageQuery { after: None, limit }.limit()?;
    if after.as_ref().is_some_and(|after| after.len() > MAX_AFTER) {
        return Err(Problem::at("after", "is not the `next` of a page"));
    }
    let (found, next) = tags::list(&call.pass, after.as_deref(), limit)?;
    let view =
        |found: tags::TagInUse| TagView { tag: found.tag, projects: found.projects, recordings: found.recordings };
    Ok(Json(PageView { items: found.into_iter().map(view).collect(), next }))
}
