//! A question of the appliance's own making, with its answer as a whole: what charts and reports are drawn from.

use std::sync::Arc;

use access::ListPermit;
use metering::{Form, Question, QuestionError};
use model::{Actor, Permitted};
use serde::Deserialize;
use serde_json::Value;

use super::{equip, withheld};
use crate::{
    endpoints::{no_engine, question_problem},
    problem::{Code, Problem},
    services::Services,
};

/// The most bytes of an answer.
const MAX_ANSWER: usize = 16 << 20;
/// Seconds after which it is stopped: somebody waits for a picture.
const TIMEOUT_S: u64 = 30;

/// An answer.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Its columns: the name, and the type as answers name it.
    pub(crate) columns: Vec<(String, String)>,
    /// Its rows.
    pub(crate) rows: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct Document {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Asks with what the caller may see, and with the limits that hold for every question.
///
/// # Errors
/// When it cannot be answered; that a table is withheld from the caller is said as that.
pub(crate) fn ask<P: Permitted>(
    services: &Services,
    actor: &Actor,
    permit: impl Into<Arc<ListPermit<P>>>,
    sql: String,
) -> Result<Asked, Problem> {
    let permit = permit.into();
    let analyst = services.analyst.as_deref().ok_or_else(no_engine)?;
    let realm = services.gate.realm(actor);
    let lacks = withheld(&permit, &realm, &sql);
    let tenant = permit.tenant();
    let timeout_s = Some(TIMEOUT_S);
    let question = Question { tenant, sql, form: Form::Json, timeout_s, usage: None, prices: None, tables: Vec::new() };
    let problem = |error: QuestionError| match (lacks, &error) {
        (Some((table, needs)), QuestionError::Invalid(_)) => {
            Problem::new(Code::Denied, format!("it asks about `{table}`, for which you need the permission {needs}"))
        }
        _ => question_problem(&error),
    };
    let mut answer = analyst.ask(equip(services, permit, &realm, question)?).map_err(problem)?;
    let mut bytes = Vec::new();
    while let Some(piece) = answer.next() {
        bytes.extend(piece.map_err(problem)?);
        if bytes.len() > MAX_ANSWER {
            let error = QuestionError::TooLarge(format!("{} MiB", MAX_ANSWER >> 20));
            return Err(question_problem(&error));
        }
    }
    let Document { columns, rows } =
        serde_json::from_slice(&bytes).map_err(|error| Problem::of(model::ErrorKind::Bug, &error))?;
    Ok(Asked { columns: columns.into_iter().map(|column| (column.name, column.kind)).collect(), rows })
}
