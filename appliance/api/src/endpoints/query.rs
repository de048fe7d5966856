//! Questions in SQL.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use metering::{Analyst, Form, Question, QuestionError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    endpoint::{Call, Empty, Endpoint, post},
    guard::Asking,
    problem::{Code, Problem},
    reply::Reply,
    stream,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<Asking>(
            "/v1/query",
            "run_query",
            "Ask in SQL what was used, what it costs and what there is; those who run the appliance ask for sums over its tenants. The table `table_columns` says what there is to ask",
        )
        .takes::<QueryBody>()
        .by(query),
    ]
}

/// A question.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SqlQuery")]
#[serde(deny_unknown_fields)]
struct QueryBody {
    /// One statement that reads: SELECT, WITH, VALUES, EXPLAIN, DESCRIBE or SHOW TABLES, in the words of PostgreSQL.
    #[schemars(length(min = 1, max = 65536))]
    sql: String,
    /// The form of the answer, JSON without a word.
    #[serde(default)]
    format: FormView,
    /// Seconds after which it is stopped, if sooner than the appliance would.
    #[serde(default)]
    #[schemars(range(min = 1, max = 300))]
    timeout_s: Option<u64>,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[schemars(rename = "QueryFormat")]
#[serde(rename_all = "lowercase")]
enum FormView {
    /// An object with columns and rows.
    #[default]
    Json,
    /// Comma-separated values; texts that a spreadsheet would take for formulas have an apostrophe before them.
    Csv,
    /// A stream of Arrow IPC.
    Arrow,
    /// A Parquet file.
    Parquet,
}

impl From<FormView> for Form {
    fn from(view: FormView) -> Self {
        match view {
            FormView::Json => Form::Json,
            FormView::Csv => Form::Csv,
            FormView::Arrow => Form::Arrow,
            FormView::Parquet => Form::Parquet,
        }
    }
}

/// An answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QueryAnswer")]
struct AnswerView {
    /// The columns, in the order of the values of a row.
    columns: Vec<ColumnView>,
    /// The rows.
    rows: Vec<Vec<Value>>,
    /// How many rows there are.
    row_count: u64,
}

/// A column of an answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QueryColumn")]
struct ColumnView {
    /// Its name.
    name: String,
    /// What it holds: `text`, `bigint`, `double precision`, `boolean`, `timestamp with time zone`, `numeric(38,12)` and the like.
    #[serde(rename = "type")]
    kind: String,
}

/// Rows in one of their forms.
struct Rows(Response);

impl Reply for Rows {
    const TEXTS: &'static [&'static str] =
        &["text/csv", "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"];
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<AnswerView>())
    }
    fn response(self, _: StatusCode) -> Result<Response, Problem> {
        Ok(self.0)
    }
}

fn query(call: Call<'_, Asking, Empty, QueryBody>) -> Result<Rows, Problem> {
    let QueryBody { sql, format, timeout_s } = call.body;
    if timeout_s == Some(0) {
        return Err(Problem::at("/timeout_s", "must be 1 or more"));
    }
    let analyst = call.services.analyst.as_deref().ok_or_else(no_engine)?;
    let form = Form::from(format);
    let actor = call.request.actor()?;
    let tenant = actor.tenant;
    let question = Question { tenant, sql, form, timeout_s, usage: None, prices: None, tables: Vec::new() };
    let question = call.pass.equip(call.services, actor, question)?;
    answer(analyst, question, form).map(Rows)
}

fn answer(analyst: &dyn Analyst, question: Question, form: Form) -> Result<Response, Problem> {
    let mut answer = analyst.ask(question).map_err(|error| problem(&error))?;
    let mut next = || answer.next().transpose().map_err(|error| problem(&error));
    let first = next()?.unwrap_or_default();
    // What fits into one piece is known to be whole before anything is sent.
    let mut response = match next()? {
        None => Response::new(Body::from(first)),
        Some(second) => {
            let before = [Ok(first), Ok(second)].into_iter();
            stream::pieces(before.chain(std::iter::from_fn(move || answer.next())))?
        }
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    Ok(response)
}

pub(crate) fn no_engine() -> Problem {
    Problem::new(Code::Unavailable, "this appliance runs without its engine for queries")
}

pub(crate) fn problem(error: &QuestionError) -> Problem {
    match error {
        QuestionError::Invalid(_) => Problem::at("/sql", error.to_string()),
        QuestionError::ReadOnly(_) => Problem::new(Code::ReadOnly, error.to_string()),
        QuestionError::TimedOut(_) => Problem::new(Code::QueryTimedOut, error.to_string()),
        QuestionError::Memory | QuestionError::Spill(_) | QuestionError::TooLarge(_) => {
            Problem::new(Code::QueryTooLarge, error.to_string())
        }
        QuestionError::Busy => Problem::new(Code::TooManyAtOnce, error.to_string()),
        QuestionError::Stored => Problem::new(Code::DataDamaged, ""),
        QuestionError::Engine => Problem::new(Code::Internal, ""),
    }
}
