//! What a question comes to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    fault::PromError,
    fetch::{Fetch, Grid, Points},
    label::{ALWAYS, NAME},
    promql::{Aggregation, Expr, Function, Grouping, Operator, Selector},
};

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// One number.
    Scalar(f64),
    /// Series.
    Series(Vec<Series>),
}

/// A series: its labels, and a value for each moment where there is one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// The labels, the metric's name among them where there is one.
    pub(crate) labels: BTreeMap<String, String>,
    /// A value for each moment of the grid.
    pub(crate) points: Vec<Option<f64>>,
}

/// What a question needs of the engine; nothing for numbers, and for metrics that are not here.
pub(crate) fn reads(expr: &Expr) -> Result<Option<Fetch>, PromError> {
    let mut named = BTreeSet::new();
    names(expr, &mut named);
    find(expr, None, &mut |selector, over, only| Fetch::new(selector, over, &named, only))
}

/// The labels beyond those of every series that a question names.
fn names(expr: &Expr, named: &mut BTreeSet<String>) {
    match expr {
        Expr::Number(_) => {}
        Expr::Select(selector) | Expr::Over { of: selector, .. } => {
            named.extend(selector.matchers.iter().map(|matcher| matcher.label.clone()));
        }
        Expr::Aggregate { grouping, of, .. } => {
            named.extend(grouping.labels.iter().cloned());
            names(of, named);
        }
        Expr::Binary { left, right, .. } => {
            names(left, named);
            names(right, named);
        }
    }
    named.retain(|label| !ALWAYS.contains(&label.as_str()));
}

type Found<'a> =
    &'a mut dyn FnMut(&Selector, Option<(Function, i64)>, Option<&[String]>) -> Result<Option<Fetch>, PromError>;

/// The one selector of a question. Of what is summed up by labels at once, the engine does the sum.
fn find(expr: &Expr, only: Option<&[String]>, found: Found<'_>) -> Result<Option<Fetch>, PromError> {
    match expr {
        Expr::Number(_) => Ok(None),
        Expr::Select(selector) => found(selector, None, only),
        Expr::Over { function: Function::Average, of, range } => found(of, Some((Function::Average, *range)), None),
        Expr::Over { function, of, range } => found(of, Some((*function, *range)), only),
        Expr::Aggregate { how: Aggregation::Sum, grouping: Grouping { without: false, labels }, of } => {
            find(of, Some(labels), found)
        }
        Expr::Aggregate { of, .. } => find(of, None, found),
        Expr::Binary { left, right, .. } => {
            let side = if left.is_scalar() { right } else { left };
            find(side, None, found)
        }
    }
}

/// What a question comes to at these moments, with the rows that the engine gave for it.
pub(crate) fn evaluate(expr: &Expr, grid: Grid, rows: Option<(&Fetch, Vec<Vec<Json>>)>) -> Result<Value, PromError> {
    let points = match rows {
        Some((fetch, rows)) => fetch.points(grid, rows)?,
        None => Vec::new(),
    };
    let mut value = value(expr, grid, &mut Some(points));
    if let Value::Series(series) = &mut value {
        series.retain(|series| series.points.iter().any(Option::is_some));
        if grid.count == 1 {
            sort(expr, series);
        }
    }
    Ok(value)
}

/// The largest first, where that is what was asked for.
fn sort(expr: &Expr, series: &mut [Series]) {
    let Expr::Aggregate { how, .. } = expr else { return };
    let value = |series: &Series| series.points.first().copied().flatten().unwrap_or(f64::NAN);
    match how {
        Aggregation::Top(_) => series.sort_by(|one, other| value(other).total_cmp(&value(one))),
        Aggregation::Bottom(_) => series.sort_by(|one, other| value(one).total_cmp(&value(other))),
        _ => {}
    }
}

fn value(expr: &Expr, grid: Grid, rows: &mut Option<Vec<Points>>) -> Value {
    match expr {
        Expr::Number(number) => Value::Scalar(*number),
        Expr::Select(_) | Expr::Over { .. } => {
            let points = rows.take().unwrap_or_default();
            Value::Series(points.into_iter().map(|(labels, points)| Series { labels, points }).collect())
        }
        Expr::Aggregate { how, grouping, of } => match value(of, grid, rows) {
            Value::Series(series) => Value::Series(aggregate(*how, grouping, grid, series)),
            scalar @ Value::Scalar(_) => scalar,
        },
        Expr::Binary { operator, left, right } => {
            match (value(left, grid, rows), value(right, grid, rows)) {
                (Value::Scalar(left), Value::Scalar(right)) => Value::Scalar(compute(*operator, left, right)),
                (Value::Series(series), Value::Scalar(number)) => {
                    Value::Series(apply(*operator, series, |value| (value, number)))
                }
                (Value::Scalar(number), Value::Series(series)) => {
                    Value::Series(apply(*operator, series, |value| (number, value)))
                }
                // The parser refuses it.
                (Value::Series(series), Value::Series(_)) => Value::Series(series),
            }
        }
    }
}

fn apply(operator: Operator, mut series: Vec<Series>, sides: impl Fn(f64) -> (f64, f64)) -> Vec<Series> {
    for series in &mut series {
        if !operator.filters() {
            series.labels.remove(NAME);
        }
        for point in &mut series.points {
            *point = point.and_then(|value| {
                let (left, right) = sides(value);
                if operator.filters() {
                    holds(operator, left, right).then_some(value)
                } else {
                    Some(compute(operator, left, right))
                }
            });
        }
    }
    series
}

fn holds(operator: Operator, left: f64, right: f64) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::Unequal => left != right,
        Operator::Above => left > right,
        Operator::Below => left < right,
        Operator::AtLeast => left >= right,
        Operator::AtMost => left <= right,
        _ => true,
    }
}

fn compute(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        Operator::Power => left.powf(right),
        // Comparisons filter, and are computed nowhere.
        _ => f64::NAN,
    }
}

fn aggregate(how: Aggregation, grouping: &Grouping, grid: Grid, series: Vec<Series>) -> Vec<Series> {
    let mut groups: BTreeMap<BTreeMap<String, String>, Vec<Series>> = BTreeMap::new();
    for one in series {
        let counts = |label: &String| grouping.labels.contains(label) != grouping.without;
        let mut labels = one.labels.clone();
        labels.retain(|label, _| counts(label) && (label != NAME || !grouping.without));
        groups.entry(labels).or_default().push(one);
    }
    let mut found = Vec::new();
    for (labels, members) in groups {
        if let Aggregation::Top(most) | Aggregation::Bottom(most) = how {
            found.extend(ranked(members, most, matches!(how, Aggregation::Top(_)), grid));
            continue;
        }
        let point = |at: usize| fold(how, members.iter().filter_map(|member| member.points[at]));
        found.push(Series { labels, points: (0..grid.count).map(point).collect() });
    }
    found
}

fn fold(how: Aggregation, values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut count, mut sum, mut least, mut most) = (0.0, 0.0, f64::NAN, f64::NAN);
    for value in values {
        count += 1.0;
        sum += value;
        // Whatever is a number goes before what is none.
        least = f64::min(least, value);
        most = f64::max(most, value);
    }
    (count > 0.0).then_some(match how {
        Aggregation::Sum => sum,
        Aggregation::Average => sum / count,
        Aggregation::Least => least,
        Aggregation::Most => most,
        Aggregation::Count | Aggregation::Top(_) | Aggregation::Bottom(_) => count,
    })
}

/// The so many largest or smallest at each moment; the others have no point there.
fn ranked(mut members: Vec<Series>, most: usize, largest: bool, grid: Grid) -> Vec<Series> {
    for at in 0..grid.count {
        let mut order: Vec<(f64, usize)> =
            members.iter().enumerate().filter_map(|(place, member)| Some((member.points[at]?, place))).collect();
        order.sort_by(|(one, _), (other, _)| if largest { other.total_cmp(one) } else { one.total_cmp(other) });
        for (_, place) in order.into_iter().skip(most) {
            members[place].points[at] = None;
        }
    }
    members
}
