//! Glossaries: names and terms with which recordings are heard.

use library::glossary::{self, Case, Glossary, GlossaryChange, Merge, Term};
use model::permission::{TemplateManage, TemplateRead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{PageQuery, PageView, moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Form, Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<TemplateRead>>("/v1/glossaries", "list_glossaries", "Glossaries, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<TemplateManage>>("/v1/glossaries", "create_glossary", "Make a glossary")
            .takes::<NewBody>()
            .creates()
            .by(create),
        get::<On<TemplateRead, Glossary>>("/v1/glossaries/{glossary}", "read_glossary", "A glossary with its terms")
            .by(read),
        patch::<On<TemplateManage, Glossary>>("/v1/glossaries/{glossary}", "update_glossary", "Change a glossary")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        delete::<On<TemplateManage, Glossary>>("/v1/glossaries/{glossary}", "delete_glossary", "Remove a glossary")
            .versioned()
            .silently()
            .by(remove),
        post::<On<TemplateManage, Glossary>>(
            "/v1/glossaries/{glossary}/import",
            "import_glossary",
            "Read terms into a glossary, as a table or one by one",
        )
        .takes::<ImportBody>()
        .versioned()
        .by(import),
        get::<On<TemplateRead, Glossary>>(
            "/v1/glossaries/{glossary}/export",
            "export_glossary",
            "The terms alone, as JSON or as a table",
        )
        .query::<ExportQuery>()
        .by(export),
    ]
}

/// A term.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Term")]
#[serde(deny_unknown_fields)]
struct TermView {
    /// How it is written.
    #[schemars(length(min = 1, max = 100))]
    spelling: String,
    /// How it is said or often misheard.
    #[serde(default)]
    #[schemars(length(max = 8))]
    aliases: Vec<String>,
    /// The language in which it is said (BCP 47); in any without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 35))]
    language: Option<String>,
    /// Whether its capitals count.
    #[serde(default)]
    case: CaseView,
}

/// Whether the capitals of a term count.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TermCase")]
#[serde(rename_all = "lowercase")]
enum CaseView {
    /// It is always written as it is spelled.
    #[default]
    Exact,
    /// It takes the case of its place, like any word.
    Free,
}

impl From<Term> for TermView {
    fn from(term: Term) -> Self {
        let case = match term.case {
            Case::Exact => CaseView::Exact,
            Case::Free => CaseView::Free,
        };
        TermView { spelling: term.spelling, aliases: term.aliases, language: term.language, case }
    }
}

impl From<TermView> for Term {
    fn from(view: TermView) -> Self {
        let case = match view.case {
            CaseView::Exact => Case::Exact,
            CaseView::Free => Case::Free,
        };
        Term { spelling: view.spelling, aliases: view.aliases, language: view.language, case }
    }
}

/// A glossary in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GlossarySummary")]
struct SummaryView {
    /// The id.
    id: String,
    /// What it is called.
    name: String,
    /// How many terms it has.
    term_count: usize,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl SummaryView {
    fn of(glossary: &Glossary) -> Self {
        SummaryView {
            id: glossary.header.id.to_string(),
            name: glossary.name.clone(),
            term_count: glossary.terms.len(),
            owner: glossary.header.owner.to_string(),
            version: glossary.header.version,
            created: moment(glossary.header.created),
            updated: moment(glossary.header.updated),
        }
    }
}

/// A glossary.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Glossary")]
struct GlossaryView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Its terms, what matters most first.
    terms: Vec<TermView>,
}

/// A new glossary.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewGlossary")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Its terms.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    terms: Vec<TermView>,
}

/// A change of a glossary: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "GlossaryChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// A new name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// New terms, in place of the old.
    #[schemars(length(max = 1000))]
    terms: Option<Vec<TermView>>,
}

/// Terms to read in: a table, a list, or both.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "GlossaryImport")]
#[serde(deny_unknown_fields, default)]
struct ImportBody {
    /// A table (RFC 4180) with the columns `spelling`, `aliases` (divided by `|`), `language` and `case`.
    #[schemars(length(max = 524_288))]
    csv: Option<String>,
    /// Terms one by one.
    #[schemars(length(max = 1000))]
    terms: Vec<TermView>,
    /// Whether the terms that are there stay, but for those that come again.
    keep: bool,
}

/// In which form.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "GlossaryFormat")]
enum Format {
    /// A JSON object with `terms`.
    #[default]
    Json,
    /// A table.
    Csv,
}

/// In which form.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "GlossaryExportQuery")]
#[serde(deny_unknown_fields, default)]
struct ExportQuery {
    /// `json` or `csv`.
    format: Format,
}

/// The terms of a glossary.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Terms")]
struct TermsView {
    /// What matters most first.
    terms: Vec<TermView>,
}

type Done = Result<Versioned<GlossaryView>, Problem>;

fn versioned(glossary: Glossary) -> Versioned<GlossaryView> {
    let summary = SummaryView::of(&glossary);
    let terms = glossary.terms.into_iter().map(TermView::from).collect();
    Versioned(summary.version, GlossaryView { summary, terms })
}

fn list(call: Call<'_, Listing<TemplateRead>, PageQuery, Empty>) -> Result<Json<PageView<SummaryView>>, Problem> {
    let page = glossary::list(&call.pass, call.query.cursor()?.as_ref(), call.query.limit()?)?;
    Ok(Json(PageView::of(page, |glossary| SummaryView::of(&glossary))))
}

fn create(call: Call<'_, InTenant<TemplateManage>, Empty, NewBody>) -> Done {
    let terms = call.body.terms.into_iter().map(Term::from).collect();
    Ok(versioned(glossary::create(call.pass, &call.body.name, terms)?))
}

fn read(call: Call<'_, On<TemplateRead, Glossary>, Empty, Empty>) -> Done {
    Ok(versioned(glossary::read(&call.pass)?))
}

fn update(call: Call<'_, On<TemplateManage, Glossary>, Empty, ChangeBody>) -> Done {
    let ChangeBody { name, terms } = call.body;
    let terms = terms.map(|terms| terms.into_iter().map(Term::from).collect());
    Ok(versioned(glossary::update(call.pass, call.request.base_version()?, GlossaryChange { name, terms })?))
}

fn remove(call: Call<'_, On<TemplateManage, Glossary>, Empty, Empty>) -> Result<Nothing, Problem> {
    glossary::delete(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}

fn import(call: Call<'_, On<TemplateManage, Glossary>, Empty, ImportBody>) -> Done {
    let ImportBody { csv, terms, keep } = call.body;
    let mut read_in = csv.as_deref().map(glossary::parse_csv).transpose()?.unwrap_or_default();
    read_in.extend(terms.into_iter().map(Term::from));
    let merge = if keep { Merge::Keep } else { Merge::Replace };
    Ok(versioned(glossary::import(call.pass, call.request.base_version()?, read_in, merge)?))
}

fn export(call: Call<'_, On<TemplateRead, Glossary>, ExportQuery, Empty>) -> Result<Form<TermsView>, Problem> {
    let glossary = glossary::read(&call.pass)?;
    Ok(match call.query.format {
        Format::Json => Form::Json(TermsView { terms: glossary.terms.into_iter().map(TermView::from).collect() }),
        Format::Csv => Form::Text { kind: "text/csv; charset=utf-8", text: glossary::write_csv(&glossary.terms) },
    })
}
