//! The caller's tables as OData v4, for tools that have no connector of SQL. It reads, in pages.

use std::sync::Arc;

use access::ListPermit;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use model::permission::QueryRun;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::pairs::Pairs;
use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::Listing,
    odata::{COLUMNS, HIDDEN, ODataError, Options, Property, Set, metadata, properties},
    problem::Problem,
    query::ask::{self, Asked},
    reply::Reply,
    request::Request,
    services::Services,
};

/// Where the sets lie.
const ROOT: &str = "/v1/odata";

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<QueryRun>>(ROOT, "odata_service", "Which tables there are, as an OData service document")
            .by(service),
        get::<Listing<QueryRun>>("/v1/odata/$metadata", "odata_metadata", "What the tables are, in CSDL").by(schema),
        get::<Listing<QueryRun>>("/v1/odata/{set}", "odata_rows", "Rows of a table, or what they come to")
            .query::<Pairs<OptionsView>>()
            .by(rows),
    ]
}

/// Options of a request for rows.
#[derive(JsonSchema)]
#[schemars(rename = "ODataOptions")]
#[expect(dead_code, reason = "it is the schema")]
struct OptionsView {
    /// Which rows: `eq ne gt ge lt le in and or not add sub mul div mod`, brackets and functions like `contains` and `year`.
    #[schemars(rename = "$filter", length(max = 4096), example = "meter eq 'audiagram.video' and quantity gt 1000")]
    filter: Option<String>,
    /// Which columns.
    #[schemars(rename = "$select", length(max = 4096), example = "at,meter,quantity")]
    select: Option<String>,
    /// In which order.
    #[schemars(rename = "$orderby", length(max = 4096), example = "at desc")]
    order: Option<String>,
    /// Groups and what they come to.
    #[schemars(
        rename = "$apply",
        length(max = 4096),
        example = "groupby((meter),aggregate(quantity with sum as total,$count as events))"
    )]
    apply: Option<String>,
    /// The most rows, over all pages.
    #[schemars(rename = "$top")]
    top: Option<u32>,
    /// How many rows are left out.
    #[schemars(rename = "$skip")]
    skip: Option<u32>,
    /// Where a page begins, from the link of the page before.
    #[schemars(rename = "$skiptoken", length(max = 400))]
    token: Option<String>,
    /// Whether all rows are counted too.
    #[schemars(rename = "$count")]
    count: Option<bool>,
    /// `json`.
    #[schemars(rename = "$format", length(max = 100), example = &"json")]
    format: Option<String>,
}

/// What the rows of a table of use are.
fn context_example() -> String {
    format!("{ROOT}/$metadata#usage")
}

/// An answer in the form of OData.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ODataAnswer")]
struct AnswerView {
    /// What the rows are.
    #[serde(rename = "@odata.context")]
    #[schemars(example = context_example())]
    context: String,
    /// How many rows there are, where that was asked for.
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// The tables, or rows as objects.
    value: Vec<Map<String, Json>>,
    /// Where the next page is; absent on the last one.
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is wrong with a request.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ODataFault")]
struct FaultView {
    /// What.
    error: FaultDetail,
}

/// What is wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ODataFaultDetail")]
struct FaultDetail {
    /// The code of a problem.
    #[schemars(example = &"bad_request")]
    code: &'static str,
    /// In words.
    #[schemars(example = "$top must be a whole number")]
    message: String,
}

/// An answer, or what is wrong with the request.
struct Answer(Result<AnswerView, ODataError>);

impl Reply for Answer {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<AnswerView>())
    }
    fn own_fault(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<FaultView>())
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        match self.0 {
            Ok(answer) => document(serde_json::to_vec(&answer), status),
            Err(error) => {
                let detail = FaultDetail { code: error.code().text(), message: error.to_string() };
                document(serde_json::to_vec(&FaultView { error: detail }), error.status())
            }
        }
    }
}

fn document(body: serde_json::Result<Vec<u8>>, status: StatusCode) -> Result<Response, Problem> {
    let body = body.map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    Ok(dressed(response, "application/json;odata.metadata=minimal"))
}

fn dressed(mut response: Response, kind: &'static str) -> Response {
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("odata-version", HeaderValue::from_static("4.0"));
    response
}

/// The schema of all tables.
struct Csdl(String);

impl Reply for Csdl {
    const MEDIA: &'static str = "application/xml";
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemars::json_schema!({ "type": "string" }))
    }
    fn response(self, _: StatusCode) -> Result<Response, Problem> {
        Ok(dressed(Response::new(Body::from(self.0)), Self::MEDIA))
    }
}

type Permit = Arc<ListPermit<QueryRun>>;

/// The address of the service as the caller knows it; without a host that is one, from the root of wherever it asked.
fn address(request: &Request) -> String {
    let plain = |host: &&str| {
        host.len() <= 255 && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte))
    };
    let host = request.header("host").filter(plain).filter(|host| !host.is_empty());
    host.map_or_else(|| ROOT.to_owned(), |host| format!("https://{host}{ROOT}"))
}

fn sets(services: &Services, request: &Request, permit: Permit) -> Result<Vec<(Set, Vec<Property>)>, Problem> {
    Ok(properties(&ask::ask(services, request.actor()?, permit, COLUMNS.to_owned())?.rows))
}

fn service(call: Call<'_, Listing<QueryRun>, Empty, Empty>) -> Result<Answer, Problem> {
    let found = sets(call.services, call.request, Arc::new(call.pass))?;
    let entry = |(set, _): &(Set, Vec<Property>)| {
        let pairs = [("name", set.name), ("kind", "EntitySet"), ("url", set.name)];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
    };
    let (base, value) = (address(call.request), found.iter().map(entry).collect());
    Ok(Answer(Ok(AnswerView { context: format!("{base}/$metadata"), count: None, value, next: None })))
}

fn schema(call: Call<'_, Listing<QueryRun>, Empty, Empty>) -> Result<Csdl, Problem> {
    Ok(Csdl(metadata(&sets(call.services, call.request, Arc::new(call.pass))?)))
}

/// Why there is no answer.
enum Refusal {
    /// In OData's form.
    OData(ODataError),
    /// As everywhere.
    Problem(Problem),
}

impl From<ODataError> for Refusal {
    fn from(error: ODataError) -> Self {
        Refusal::OData(error)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        ODataError::of(problem).map_or_else(Refusal::Problem, Refusal::OData)
    }
}

fn rows(call: Call<'_, Listing<QueryRun>, Pairs<OptionsView>, Empty>) -> Result<Answer, Problem> {
    match page(call.services, call.request, Arc::new(call.pass), &call.query) {
        Ok(answer) => Ok(Answer(Ok(answer))),
        Err(Refusal::OData(error)) => Ok(Answer(Err(error))),
        Err(Refusal::Problem(problem)) => Err(problem),
    }
}

fn page(
    services: &Services,
    request: &Request,
    permit: Permit,
    pairs: &Pairs<OptionsView>,
) -> Result<AnswerView, Refusal> {
    let set = request.path.get("set").and_then(|name| Set::find(name)).ok_or(ODataError::NoSuchSet)?;
    let options = Options::read(pairs.iter())?;
    let count = if options.count {
        let asked = ask::ask(services, request.actor()?, permit.clone(), options.count_sql(set))?;
        asked.rows.first().and_then(|row| row.first()).and_then(Json::as_u64)
    } else {
        None
    };
    let most = options.page(preferred(request));
    // One more says whether there is another page.
    let Asked { columns, mut rows } = ask::ask(services, request.actor()?, permit, options.sql(set, most + 1))?;
    let goes_on = rows.len() > most;
    rows.truncate(most);
    let hidden = columns.first().is_some_and(|(name, _)| name == HIDDEN);
    let key = rows.last().and_then(|row| row.first()).filter(|_| hidden).cloned();
    let left = options.left(most);
    let next = (goes_on && most > 0 && left != Some(0))
        .then(|| link(request, set, pairs, &options.next(rows.len(), key).token(), left));
    let value = rows.into_iter().map(|row| object(&columns, row, hidden)).collect();
    let context = format!("{}/$metadata#{}", address(request), set.name);
    Ok(AnswerView { context, count, value, next })
}

/// A row as an object; what is nested in it is a text of JSON.
fn object(columns: &[(String, String)], row: Vec<Json>, hidden: bool) -> Map<String, Json> {
    let pairs = columns.iter().zip(row).skip(usize::from(hidden));
    let plain = |value: Json| if value.is_object() || value.is_array() { json!(value.to_string()) } else { value };
    pairs.map(|((name, _), value)| (name.clone(), plain(value))).collect()
}

/// The address of the next page: the same options, but for where it begins and how many rows are left.
fn link(request: &Request, set: Set, pairs: &Pairs<OptionsView>, token: &str, left: Option<usize>) -> String {
    let kept = pairs.iter().filter(|(name, _)| !["$skiptoken", "$top", "$skip", "$count"].contains(name));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if let Some(left) = left {
        query.append_pair("$top", &left.to_string());
    }
    query.append_pair("$skiptoken", token);
    format!("{}/{}?{}", address(request), set.name, query.finish())
}

/// How many rows a page should have, if the caller says so.
fn preferred(request: &Request) -> Option<usize> {
    let wishes = request.header("prefer")?.split([',', ';']);
    let rows = wishes.filter_map(|wish| wish.trim().trim_start_matches("odata.").strip_prefix("maxpagesize="));
    rows.filter_map(|rows| rows.trim_matches('"').parse().ok()).next()
}
