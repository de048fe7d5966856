//! Which series and labels there are.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Refusal, queries::Question};
use crate::{
    prometheus::{ALWAYS, DIMENSIONS, MAX_SERIES, METRICS, Metric, PromError, Selector, column, condition, names},
    query::moment_literal,
};

/// The most values of a label, and names of dimensions.
const MAX_VALUES: usize = 10_000;

/// What any of the selectors asks of rows, until a moment.
pub(super) fn within(selectors: &[Selector], until: i64) -> String {
    let any: Vec<String> = selectors.iter().map(|selector| format!("({})", condition(selector))).collect();
    let any = if any.is_empty() { "true".to_owned() } else { any.join(" OR ") };
    format!("at <= {} AND ({any})", moment_literal(until))
}

/// The metrics that any of the selectors names.
pub(super) fn metrics(selectors: &[Selector]) -> Result<Vec<&'static str>, PromError> {
    let mut found = Vec::new();
    for (name, metric, ..) in METRICS {
        let mut fits = selectors.is_empty();
        for selector in selectors {
            fits |= Metric::fitting(selector)?.contains(metric);
        }
        if fits {
            found.push(*name);
        }
    }
    Ok(found)
}

pub(super) fn series(question: Question<'_>) -> Result<Json, Refusal> {
    let selectors = question.params.selectors()?;
    if selectors.is_empty() {
        return Err(PromError::bad("there is no parameter `match[]`").into());
    }
    let (metrics, most) = (metrics(&selectors)?, question.params.limit(MAX_SERIES)?);
    let until = question.until()?;
    let always = ALWAYS.iter().map(|label| (*label).to_owned());
    let named = selectors.iter().flat_map(|selector| selector.matchers.iter().map(|matcher| matcher.label.clone()));
    let labels: BTreeSet<String> = always.chain(named).filter(|label| column(label).is_some()).collect();
    let columns: Vec<String> = labels.iter().filter_map(|label| column(label)).collect();
    // The same order of names and columns.
    let sql = format!(
        "SELECT DISTINCT {} FROM usage WHERE {} LIMIT {most}",
        columns.iter().enumerate().map(|(at, column)| format!("{column} AS l{at}")).collect::<Vec<_>>().join(", "),
        within(&selectors, until)
    );
    let rows = question.rows(sql)?;
    let mut found = Vec::new();
    for metric in metrics {
        for row in &rows {
            let pairs = labels.iter().zip(row).filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()));
            let mut one: serde_json::Map<String, Json> =
                pairs.map(|(label, value)| (label.clone(), value.clone())).collect();
            one.insert("__name__".to_owned(), json!(metric));
            found.push(Json::Object(one));
        }
    }
    found.truncate(most);
    Ok(Json::Array(found))
}

pub(super) fn labels(question: Question<'_>) -> Result<Json, Refusal> {
    let (selectors, most) = (question.params.selectors()?, question.params.limit(MAX_VALUES)?);
    let until = question.until()?;
    let sql = format!(
        "SELECT DISTINCT name FROM (SELECT unnest(map_keys(dimensions)) AS name FROM usage WHERE {}) AS keys LIMIT {MAX_VALUES}",
        within(&selectors, until)
    );
    let rows = question.rows(sql)?;
    let mut found: BTreeSet<String> = names().map(str::to_owned).collect();
    let dimensions = rows.iter().filter_map(|row| row.first()?.as_str());
    found
        .extend(dimensions.map(|name| format!("{DIMENSIONS}{}", name.replace('.', "_"))).filter(|name| is_label(name)));
    Ok(json!(found.into_iter().take(most).collect::<Vec<_>>()))
}

/// Whether a name can stand in PromQL.
pub(super) fn is_label(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub(super) fn values(question: Question<'_>) -> Result<Json, Refusal> {
    let label = question.request.path.get("label").map_or("", |label| label);
    let (selectors, most) = (question.params.selectors()?, question.params.limit(MAX_VALUES)?);
    let until = question.until()?;
    let column = column(label).filter(|_| is_label(label));
    let Some(column) = column else {
        question.read_nothing()?;
        let found = if label == "__name__" { metrics(&selectors)? } else { Vec::new() };
        return Ok(json!(found));
    };
    let sql = format!(
        "SELECT DISTINCT {column} AS value FROM usage WHERE {column} <> '' AND {} ORDER BY value LIMIT {most}",
        within(&selectors, until)
    );
    let rows = question.rows(sql)?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
}
