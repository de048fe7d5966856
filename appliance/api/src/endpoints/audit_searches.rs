//! Searches of the trail that people come back to.

use audit::saved::{self, SavedChange, SavedSearch, Wanted};
use model::permission::AuditRead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{audit::check, view::moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

type Own = On<AuditRead, SavedSearch>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<AuditRead>>(
            "/v1/audit/searches",
            "list_audit_searches",
            "Your saved searches of the audit log and those that are shared, newest first",
        )
        .by(list),
        post::<InTenant<AuditRead>>("/v1/audit/searches", "save_audit_search", "Keep a search under a name")
            .takes::<NewBody>()
            .creates()
            .by(create),
        patch::<Own>(
            "/v1/audit/searches/{saved_search}",
            "update_audit_search",
            "Rename a saved search, share it, or have it search for something else",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<Own>("/v1/audit/searches/{saved_search}", "delete_audit_search", "Remove a saved search")
            .versioned()
            .silently()
            .by(remove),
    ]
}

/// What is searched for: all that is given must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditWanted")]
#[serde(deny_unknown_fields, default)]
struct WantedView {
    /// Words and "phrases" that must occur; with `-` in front they must not.
    #[schemars(length(max = 1024))]
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    /// What was done, like `project:read`.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    /// Who did it.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// To what.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// To which kind of thing, like `project`.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// `done`, `denied` or `failed`.
    #[schemars(length(max = 16))]
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// From which address.
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Not before this moment (RFC 3339).
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Before this moment (RFC 3339).
    #[schemars(length(max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl WantedView {
    /// As it is kept, if it can be searched for.
    fn checked(self) -> Result<Wanted, Problem> {
        let WantedView { text, action, actor, subject, kind, outcome, address, from, to } = self;
        if text.len() > 1024 || address.as_ref().is_some_and(|address| address.len() > 64) {
            return Err(Problem::at("/wanted/text", "is too long"));
        }
        let wanted = Wanted { text, action, actor, subject, kind, outcome, address, from, to };
        check(&wanted)?;
        Ok(wanted)
    }
}

impl From<Wanted> for WantedView {
    fn from(wanted: Wanted) -> Self {
        let Wanted { text, action, actor, subject, kind, outcome, address, from, to } = wanted;
        WantedView { text, action, actor, subject, kind, outcome, address, from, to }
    }
}

/// A search to keep.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAuditSearch")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is called.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Whether everyone who may read the log has it; only you without a word.
    #[serde(default)]
    shared: bool,
    /// What is searched for.
    wanted: WantedView,
}

/// A change of a saved search: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AuditSearchChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// Whether everyone who may read the log has it; for who saved it to say.
    shared: Option<bool>,
    /// What is searched for from now on.
    wanted: Option<WantedView>,
}

/// A saved search.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditSearch")]
struct SearchView {
    /// The id.
    id: String,
    /// What it is called.
    name: String,
    /// Whether everyone who may read the log has it.
    shared: bool,
    /// Who saved it.
    owner: String,
    /// What is searched for.
    wanted: WantedView,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was last changed (RFC 3339).
    updated: String,
}

impl From<SavedSearch> for SearchView {
    fn from(search: SavedSearch) -> Self {
        SearchView {
            id: search.header.id.to_string(),
            name: search.name,
            shared: search.shared,
            owner: search.header.owner.to_string(),
            wanted: search.wanted.into(),
            version: search.header.version,
            updated: moment(search.header.updated),
        }
    }
}

/// Saved searches.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditSearches")]
struct SearchesView {
    /// Newest first, at most 200.
    items: Vec<SearchView>,
}

fn list(call: Call<'_, InTenant<AuditRead>, Empty, Empty>) -> Result<Json<SearchesView>, Problem> {
    Ok(Json(SearchesView { items: saved::list(&call.pass)?.into_iter().map(Into::into).collect() }))
}

fn create(call: Call<'_, InTenant<AuditRead>, Empty, NewBody>) -> Result<Json<SearchView>, Problem> {
    let NewBody { name, shared, wanted } = call.body;
    Ok(Json(saved::keep(call.pass, &name, shared, wanted.checked()?)?.into()))
}

fn update(call: Call<'_, Own, Empty, ChangeBody>) -> Result<Versioned<SearchView>, Problem> {
    let ChangeBody { name, shared, wanted } = call.body;
    let change = SavedChange { name, shared, wanted: wanted.map(WantedView::checked).transpose()? };
    let search = saved::update(call.pass, call.request.base_version()?, change)?;
    Ok(Versioned(search.header.version, search.into()))
}

fn remove(call: Call<'_, Own, Empty, Empty>) -> Result<Nothing, Problem> {
    saved::remove(call.pass, call.request.base_version()?)?;
    Ok(Nothing)
}
