//! Which glossary and which brand kit are used, in the tenant and in a project.

use library::{
    choice::{self, ChoiceChange, Chosen},
    project::Project,
};
use model::{
    Id, Noun,
    permission::{ProjectRead, ProjectUpdate, TemplateManage, TemplateRead},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::view::parse_id;
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch},
    guard::{InTenant, On},
    problem::Problem,
    reply::Versioned,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<TemplateRead>>(
            "/v1/choices",
            "read_choices",
            "What is used where a project chooses nothing else",
        )
        .by(read),
        patch::<InTenant<TemplateManage>>("/v1/choices", "update_choices", "Choose for the whole tenant")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        get::<On<ProjectRead, Project>>(
            "/v1/projects/{project}/choices",
            "read_project_choices",
            "What a project has chosen",
        )
        .by(read_of_project),
        patch::<On<ProjectUpdate, Project>>(
            "/v1/projects/{project}/choices",
            "update_project_choices",
            "Choose for a project, in place of what the tenant has chosen",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update_of_project),
    ]
}

/// What was chosen.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Choices")]
struct ChoiceView {
    /// The glossary with which recordings are heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    glossary: Option<String>,
    /// The brand kit in which videos are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_kit: Option<String>,
    /// Whether the brand kit of the workspace holds everywhere, whatever a project or an order chooses.
    brand_kit_locked: bool,
    /// Counts changes from 0; the entity tag.
    version: u64,
}

/// What to choose: what is absent stays, and `null` takes a choice back.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ChoicesChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// The glossary.
    #[serde(deserialize_with = "said")]
    #[schemars(with = "Option<String>", length(max = 64))]
    glossary: Option<Option<String>>,
    /// The brand kit.
    #[serde(deserialize_with = "said")]
    #[schemars(with = "Option<String>", length(max = 64))]
    brand_kit: Option<Option<String>>,
    /// Whether the brand kit of the workspace holds everywhere; for the whole workspace only.
    brand_kit_locked: Option<bool>,
}

/// Tells `null` from nothing said.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ChangeBody {
    fn parsed(self) -> Result<ChoiceChange, Problem> {
        fn id<K: Noun>(at: &str, text: Option<Option<String>>) -> Result<Option<Option<Id<K>>>, Problem> {
            text.map(|text| text.map(|text| parse_id(at, &text)).transpose()).transpose()
        }
        let (glossary, brand_kit) = (id("/glossary", self.glossary)?, id("/brand_kit", self.brand_kit)?);
        Ok(ChoiceChange { glossary, brand_kit, brand_kit_locked: self.brand_kit_locked })
    }
}

type Done = Result<Versioned<ChoiceView>, Problem>;

fn versioned(Chosen { choice, brand_kit_locked }: &Chosen) -> Versioned<ChoiceView> {
    let brand_kit_locked = *brand_kit_locked;
    let glossary = choice.glossary.map(|id| id.to_string());
    let brand_kit = choice.brand_kit.map(|id| id.to_string());
    Versioned(choice.version, ChoiceView { glossary, brand_kit, brand_kit_locked, version: choice.version })
}

fn read(call: Call<'_, InTenant<TemplateRead>, Empty, Empty>) -> Done {
    Ok(versioned(&choice::of_tenant(&call.pass)?))
}

fn update(call: Call<'_, InTenant<TemplateManage>, Empty, ChangeBody>) -> Done {
    Ok(versioned(&choice::for_tenant(call.pass, call.request.base_version()?, call.body.parsed()?)?))
}

fn read_of_project(call: Call<'_, On<ProjectRead, Project>, Empty, Empty>) -> Done {
    Ok(versioned(&choice::of_project(&call.pass)?))
}

fn update_of_project(call: Call<'_, On<ProjectUpdate, Project>, Empty, ChangeBody>) -> Done {
    Ok(versioned(&choice::for_project(call.pass, call.request.base_version()?, call.body.parsed()?)?))
}
