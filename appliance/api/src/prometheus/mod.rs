//! What Prometheus' API would say of a tenant's usage: the part of PromQL that is understood, as SQL over the table `usage`, and what
//! becomes of its rows.
//!
//! There are two metrics. `audiagram_usage_total` is a counter: at a moment, the sum of the quantities of all events until then. It has a
//! value from the first event on. `increase` is the sum of the quantities in the range itself, left open, right closed: nothing is
//! extrapolated, and a correction takes back. `audiagram_usage` has a sample an event, for `sum_over_time` and its like.
//!
//! Series have the labels `meter`, `unit`, `source`, `project_id` and `user_id`; others (`job_id`, `resource`, and `dim_NAME` for a dimension)
//! where the question names them. A question has one selector at most, so it is one statement of SQL.

mod eval;
mod fault;
mod fetch;
mod label;
mod lexer;
mod parser;
mod promql;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    eval::{Series, Value, evaluate, reads},
    fault::PromError,
    fetch::{Grid, MAX_SERIES},
    label::{ALWAYS, DIMENSIONS, METRICS, Metric, column, condition, names},
    promql::{Expr, Selector},
};

/// A duration like `5m`, in milliseconds.
pub(crate) fn duration(text: &str) -> Option<i64> {
    lexer::duration(text)
}
