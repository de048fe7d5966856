//! What all views share.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::UserState;
use model::{AnyId, Classification, Header, Id, Level, Noun, Permission, PermissionSet, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use store::{Column, Cursor, Page, Sort};

use crate::{
    problem::{Code, Problem},
    request::Request,
};

/// How many items a page has where nothing is asked.
const PAGE: usize = 50;
/// The most items a page has.
const MAX_PAGE: usize = 200;

/// Parameters of every list.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PageQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    pub(super) after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    pub(super) limit: Option<usize>,
}

impl PageQuery {
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        let Some(after) = &self.after else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(after).ok().filter(|bytes| bytes.len() <= 300);
        bytes.map(|bytes| Some(Cursor(bytes))).ok_or_else(|| Problem::at("after", "is not the `next` of a page"))
    }

    pub(super) fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(PAGE),
            Some(limit @ 1..=MAX_PAGE) => Ok(limit),
            Some(_) => Err(Problem::at("limit", format!("must be 1 to {MAX_PAGE}"))),
        }
    }
}

/// In what order a list is wanted, and where a page of it begins.
#[derive(Debug)]
pub(super) struct Sorted<C> {
    said: Option<String>,
    pub(super) order: Option<Sort<C>>,
}

impl<C: Column> Sorted<C> {
    /// What `sort` says: the name of a field, with `-` before it from the greatest down.
    pub(super) fn parse(said: Option<String>) -> Result<Self, Problem> {
        let Some(text) = said.as_deref() else { return Ok(Sorted { said, order: None }) };
        let (name, down) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let found = C::ALL.iter().find(|(known, _)| *known == name);
        let (_, by) = found.ok_or_else(|| {
            let names: Vec<_> = C::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
            Problem::at("sort", format!("must be {}; with `-` before it from the greatest down", names.join(", ")))
        })?;
        let order = Some(Sort { by: *by, down });
        Ok(Sorted { said, order })
    }

    /// Where the page begins. A cursor of another order says nothing here: it names the order that it is of.
    pub(super) fn cursor(&self, query: &PageQuery) -> Result<Option<Cursor>, Problem> {
        let Some(said) = &self.said else { return query.cursor() };
        let Some(Cursor(bytes)) = query.cursor()? else { return Ok(None) };
        let rest = bytes.strip_prefix(said.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
        let other = || Problem::at("after", "is the `next` of a list in another order; begin again without it");
        rest.map(|rest| Some(Cursor(rest.to_vec()))).ok_or_else(other)
    }

    /// The page, with a cursor that goes on in this order.
    pub(super) fn page<R, T>(&self, mut page: Page<R>, view: impl FnMut(R) -> T) -> PageView<T> {
        if let (Some(said), Some(Cursor(rest))) = (&self.said, &mut page.next) {
            *rest = [said.as_bytes(), b":", rest].concat();
        }
        PageView::of(page, view)
    }
}

/// The words that `sort` takes.
pub(super) fn sorts<C: Column>(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<_> = C::ALL.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")]).collect();
    json_schema!({ "type": "string", "enum": words })
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct PageView<T> {
    /// The items.
    pub(super) items: Vec<T>,
    /// Send it as `after` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl<T> PageView<T> {
    pub(super) fn of<R>(page: Page<R>, view: impl FnMut(R) -> T) -> Self {
        PageView {
            items: page.items.into_iter().map(view).collect(),
            next: page.next.map(|Cursor(bytes)| URL_SAFE_NO_PAD.encode(bytes)),
        }
    }
}

/// How secret a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClassificationView {
    /// For everyone.
    Public,
    /// For everyone in the company.
    Internal,
    /// For those who need it.
    Confidential,
    /// For few.
    Secret,
    /// For named people only.
    Restricted,
}

impl From<Classification> for ClassificationView {
    fn from(classification: Classification) -> Self {
        match classification {
            Classification::Public => Self::Public,
            Classification::Internal => Self::Internal,
            Classification::Confidential => Self::Confidential,
            Classification::Secret => Self::Secret,
            Classification::Restricted => Self::Restricted,
        }
    }
}

impl From<ClassificationView> for Classification {
    fn from(view: ClassificationView) -> Self {
        match view {
            ClassificationView::Public => Self::Public,
            ClassificationView::Internal => Self::Internal,
            ClassificationView::Confidential => Self::Confidential,
            ClassificationView::Secret => Self::Secret,
            ClassificationView::Restricted => Self::Restricted,
        }
    }
}

/// What every thing says about itself.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HeaderView {
    /// Its id.
    pub(super) id: String,
    /// The user or service account it belongs to.
    pub(super) owner: String,
    /// How secret it is.
    pub(super) classification: ClassificationView,
    /// Whether a legal hold keeps it from being deleted.
    pub(super) legal_hold: bool,
    /// Free marks.
    pub(super) labels: BTreeMap<String, String>,
    /// Counts changes from 1; the entity tag.
    pub(super) version: u64,
    /// When it was made (RFC 3339).
    pub(super) created: String,
    /// When it was last changed (RFC 3339).
    pub(super) updated: String,
}

impl HeaderView {
    pub(super) fn of<K: Noun>(header: &Header<K>) -> Self {
        HeaderView {
            id: header.id.to_string(),
            owner: header.owner.to_string(),
            classification: header.classification.into(),
            legal_hold: header.legal_hold,
            labels: header.labels.clone(),
            version: header.version,
            created: moment(header.created),
            updated: moment(header.updated),
        }
    }
}

/// A moment as RFC 3339 text.
pub(crate) fn moment(at: Timestamp) -> String {
    let millis = i64::try_from(at.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// The moment that an RFC 3339 text names; `at` is where it stands in the request.
pub(super) fn parse_moment(at: &str, text: &str) -> Result<Timestamp, Problem> {
    let moment: Option<jiff::Timestamp> = Some(text).filter(|text| text.len() <= 64).and_then(|text| text.parse().ok());
    let millis = moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
    millis
        .map(Timestamp::from_millis)
        .ok_or_else(|| Problem::at(at, "is no moment as RFC 3339 writes it, like `2027-01-31T12:00:00Z`"))
}

/// The id that a text names; `at` is where it stands in the request.
pub(super) fn parse_id<K: Noun>(at: &str, text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|error: model::ParseIdError| Problem::at(at, error.to_string()))
}

/// The id of any kind that a text names.
pub(super) fn parse_any(at: &str, text: &str) -> Result<AnyId, Problem> {
    text.parse().map_err(|error: model::ParseIdError| Problem::at(at, error.to_string()))
}

/// The id in the path, of a thing that the guard has not looked up.
pub(super) fn path_id<K: Noun>(request: &Request) -> Result<Id<K>, Problem> {
    let text = request.path.get(K::KIND.label());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| Problem::new(Code::NotFound, ""))
}

/// The permissions that codes name.
pub(super) fn parse_permissions(at: &str, codes: &[String]) -> Result<PermissionSet, Problem> {
    let parse = |(index, code): (usize, &String)| {
        let parsed = code.parse::<Permission>();
        parsed
            .map_err(|_| Problem::at(format!("{at}/{index}"), "is no permission; `GET /v1/roles/built-in` shows them"))
    };
    codes.iter().enumerate().map(parse).collect()
}

/// Reads a field of which `null` says something else than its absence.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// The codes of permissions.
pub(super) fn codes(permissions: PermissionSet) -> Vec<&'static str> {
    permissions.iter().map(Permission::code).collect()
}

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelView {
    /// Sees what is made.
    Viewer,
    /// Makes it.
    Editor,
    /// Runs a team: shares, deletes, invites.
    Manager,
    /// Runs the tenant.
    Admin,
    /// Answers for it.
    Owner,
    /// Sees how the tenant is run, and nothing of its content.
    Auditor,
    /// Sees and steers what it costs.
    Billing,
}

impl From<LevelView> for Level {
    fn from(view: LevelView) -> Self {
        match view {
            LevelView::Viewer => Level::Viewer,
            LevelView::Editor => Level::Editor,
            LevelView::Manager => Level::Manager,
            LevelView::Admin => Level::Admin,
            LevelView::Owner => Level::Owner,
            LevelView::Auditor => Level::Auditor,
            LevelView::Billing => Level::Billing,
        }
    }
}

/// Whether someone may act.
pub(super) fn state(state: UserState) -> &'static str {
    match state {
        UserState::Active => "active",
        UserState::Suspended => "suspended",
        UserState::Removed => "removed",
    }
}
