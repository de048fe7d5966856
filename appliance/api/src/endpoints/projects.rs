//! Projects.

use std::collections::BTreeMap;

use library::project::{self, By, NewProject, Project, ProjectChange};
use model::permission::{ProjectCreate, ProjectDelete, ProjectRead, ProjectUpdate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{ClassificationView, HeaderView, PageQuery, PageView, Sorted, moment, sorts};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On, Reading},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ProjectRead>>("/v1/projects", "list_projects", "Projects you may see")
            .query::<ListQuery>()
            .by(list),
        post::<InTenant<ProjectCreate>>("/v1/projects", "create_project", "Make a project")
            .takes::<NewProjectBody>()
            .creates()
            .by(create),
        get::<Reading<ProjectRead, Project>>("/v1/projects/{project}", "read_project", "A project").briskly().by(read),
        patch::<On<ProjectUpdate, Project>>(
            "/v1/projects/{project}",
            "update_project",
            "Change a project, or move it to the trash",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<On<ProjectDelete, Project>>(
            "/v1/projects/{project}",
            "delete_project",
            "Remove a project that lies in the trash, and all that lies in it",
        )
        .versioned()
        .silently()
        .by(remove),
    ]
}

/// A project.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Project")]
struct ProjectView {
    #[serde(flatten)]
    header: HeaderView,
    /// What it is called.
    title: String,
    /// What it is about.
    description: String,
    /// Marks to find it by.
    tags: Vec<String>,
    /// Since when it is in the trash (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    trashed: Option<String>,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        ProjectView {
            header: HeaderView::of(&project.header),
            title: project.title,
            description: project.description,
            tags: project.tags,
            trashed: project.trashed.map(moment),
        }
    }
}

/// Which projects.
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
    /// Those in the trash instead of those at work.
    trashed: bool,
    /// With this tag.
    #[schemars(length(min = 1, max = 64))]
    tag: Option<String>,
}

/// A new project.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewProject")]
#[serde(deny_unknown_fields)]
struct NewProjectBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// What it is about.
    #[serde(default)]
    #[schemars(length(max = 4000))]
    description: String,
    /// How secret it is.
    #[serde(default)]
    classification: Option<ClassificationView>,
    /// Free marks.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Marks to find it by; they are kept in small letters.
    #[serde(default)]
    #[schemars(length(max = 32))]
    tags: Vec<String>,
}

/// A change of a project: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A new title.
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// A new description.
    #[schemars(length(max = 4000))]
    description: Option<String>,
    /// A new classification.
    classification: Option<ClassificationView>,
    /// New labels, in place of the old.
    labels: Option<BTreeMap<String, String>>,
    /// New tags, in place of the old.
    #[schemars(length(max = 32))]
    tags: Option<Vec<String>>,
    /// Into the trash, or out of it.
    trashed: Option<bool>,
}

type Done = Result<Versioned<ProjectView>, Problem>;

fn versioned(project: Project) -> Versioned<ProjectView> {
    Versioned(project.header.version, project.into())
}

fn list(call: Call<'_, Listing<ProjectRead>, ListQuery, Empty>) -> Result<Json<PageView<ProjectView>>, Problem> {
    let ListQuery { after, limit, sort, trashed, tag } = call.query;
    let query = PageQuery { after, limit };
    let sorted = Sorted::parse(sort)?;
    let after = sorted.cursor(&query)?;
    let page = project::list(&call.pass, trashed, tag.as_deref(), sorted.order, after.as_ref(), query.limit()?)?;
    Ok(Json(sorted.page(page, ProjectView::from)))
}

fn create(call: Call<'_, InTenant<ProjectCreate>, Empty, NewProjectBody>) -> Done {
    let NewProjectBody { title, description, classification, labels, tags } = call.body;
    let new = NewProject { title, description, classification: classification.map(Into::into), labels, tags };
    let limits = call.services.limits(call.pass.tenant())?;
    Ok(versioned(project::create(call.pass, &limits, &new)?))
}

fn read(call: Call<'_, Reading<ProjectRead, Project>, Empty, Empty>) -> Done {
    Ok(versioned(call.pass))
}

fn update(call: Call<'_, On<ProjectUpdate, Project>, Empty, ChangeBody>) -> Done {
    let ChangeBody { title, description, classification, labels, tags, trashed } = call.body;
    let change =
        ProjectChange { title, description, classification: classification.map(Into::into), labels, tags, trashed };
    Ok(versioned(project::update(call.pass, call.request.base_version()?, &change)?))
}

fn remove(call: Call<'_, On<ProjectDelete, Project>, Empty, Empty>) -> Result<Nothing, Problem> {
    project::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}
