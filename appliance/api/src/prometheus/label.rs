//! Metrics and labels, and what they are in SQL.

use super::{
    fault::PromError,
    promql::{Matcher, Selector, Test},
};
use crate::query::literal;

/// The label of a metric's name.
pub(super) const NAME: &str = "__name__";
/// What labels of dimensions begin with.
pub(crate) const DIMENSIONS: &str = "dim_";
/// The labels that every series has, as far as they are not empty.
pub(crate) const ALWAYS: &[&str] = &["meter", "unit", "source", "project_id", "user_id"];
/// Those that are there where a question names them.
const NAMED: &[&str] = &["job_id", "resource"];

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    /// What was used until a moment.
    Total,
    /// Each event as a sample.
    Events,
}

/// The metrics by their names, with a type and a line about each.
pub(crate) const METRICS: &[(&str, Metric, &str, &str)] = &[
    ("audiagram_usage_total", Metric::Total, "counter", "what was used until a moment, in the unit of the meter"),
    ("audiagram_usage", Metric::Events, "gauge", "the quantity of each event of use, as a sample at its moment"),
];

impl Metric {
    /// The one metric that a selector means; none where it means nothing that is here.
    pub(super) fn of(selector: &Selector) -> Result<Option<Metric>, PromError> {
        let fitting = Self::fitting(selector)?;
        match fitting.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(PromError::bad("the selector must name its metric, audiagram_usage_total or audiagram_usage")),
        }
    }

    /// The metrics whose names fit a selector. Patterns are compared as texts with `.*` and `.+` in them, nothing else.
    pub(crate) fn fitting(selector: &Selector) -> Result<Vec<Metric>, PromError> {
        let mut found = Vec::new();
        for (name, metric, ..) in METRICS {
            let mut fits = true;
            for matcher in selector.matchers.iter().filter(|matcher| matcher.label == NAME) {
                fits &= match matcher.test {
                    Test::Equal => matcher.value == *name,
                    Test::Unequal => matcher.value != *name,
                    Test::Like => resembles(&matcher.value, name)?,
                    Test::Unlike => !resembles(&matcher.value, name)?,
                };
            }
            if fits {
                found.push(*metric);
            }
        }
        Ok(found)
    }
}

/// Whether a name fits a pattern of alternatives with `.*` and `.+` in them.
fn resembles(pattern: &str, name: &str) -> Result<bool, PromError> {
    let odd = |sign: char| !(sign.is_ascii_alphanumeric() || "_:.*+|".contains(sign));
    let plain = pattern.replace(".*", "").replace(".+", "");
    if pattern.contains(odd) || plain.contains(['.', '*', '+']) {
        return Err(PromError::bad("in patterns for the name of a metric `.*`, `.+` and `|` are understood"));
    }
    Ok(pattern.split('|').any(|one| glob(one, name)))
}

/// Whether all of a name fits one alternative. What is kept is each place of the name that the pattern can have come to, so
/// that the time is that of the pattern times that of the name, whatever is asked.
fn glob(pattern: &str, name: &str) -> bool {
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    let mut rest = pattern;
    while let Some(sign) = rest.bytes().next() {
        let wide = [".*", ".+"].into_iter().find(|wide| rest.starts_with(wide));
        if let Some(wide) = wide {
            let first = reached.iter().position(|reached| *reached).unwrap_or(name.len() + 1);
            let from = first + usize::from(wide == ".+");
            reached.iter_mut().enumerate().for_each(|(at, reached)| *reached = at >= from);
        } else {
            reached.rotate_right(1);
            reached[0] = false;
            reached.iter_mut().skip(1).zip(name.bytes()).for_each(|(reached, byte)| *reached &= byte == sign);
        }
        rest = &rest[wide.map_or(1, str::len)..];
    }
    reached[name.len()]
}

/// Names of labels that are there whatever there is.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    [NAME].into_iter().chain(ALWAYS.iter().copied()).chain(NAMED.iter().copied())
}

/// What a label is in SQL, as a text that may be empty; nothing for a label that nothing has.
pub(crate) fn column(label: &str) -> Option<String> {
    match label {
        "meter" | "unit" | "source" => Some(label.to_owned()),
        "project_id" | "user_id" | "job_id" | "resource" => Some(format!("coalesce({label}, '')")),
        _ => {
            let name = label.strip_prefix(DIMENSIONS).filter(|name| !name.is_empty() && name.len() <= 128)?;
            // Labels have no dots, names of dimensions may.
            let (plain, dotted) = (literal(name), literal(&name.replace('_', ".")));
            Some(format!("coalesce(dimensions[{plain}], dimensions[{dotted}], '')"))
        }
    }
}

/// What a selector asks of rows, as SQL; what it says of the metric's name is left out.
pub(crate) fn condition(selector: &Selector) -> String {
    let of = |matcher: &Matcher| {
        let column = column(&matcher.label).unwrap_or_else(|| "''".to_owned());
        // A pattern holds for the whole of a value, and a dot for every sign.
        let (value, pattern) = (literal(&matcher.value), literal(&format!("^(?s:{})$", matcher.value)));
        match matcher.test {
            Test::Equal => format!("{column} = {value}"),
            Test::Unequal => format!("{column} <> {value}"),
            Test::Like => format!("regexp_like({column}, {pattern})"),
            Test::Unlike => format!("NOT regexp_like({column}, {pattern})"),
        }
    };
    let parts: Vec<String> = selector.matchers.iter().filter(|matcher| matcher.label != NAME).map(of).collect();
    if parts.is_empty() { "true".to_owned() } else { parts.join(" AND ") }
}
