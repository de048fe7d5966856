//! Axes: what they hold, and how they look.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// What an axis holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// There is none.
    #[default]
    None,
    /// Names.
    Category,
    /// Moments.
    Time,
    /// Numbers in the chart's format.
    Value,
    /// Numbers as they are.
    Plain,
}

/// The axes of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Axes {
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
}

/// An axis of names.
pub(super) fn category(names: &[String]) -> Value {
    json!({
        "type": "category", "data": names, "axisTick": { "show": false },
        "axisLine": { "lineStyle": { "color": "role:line" } },
        "axisLabel": { "color": "role:ink-soft", "hideOverlap": true, "overflow": "truncate", "width": 120 },
    })
}

/// An axis of moments.
pub(super) fn time() -> Value {
    json!({
        "type": "time", "axisTick": { "show": false }, "axisLine": { "lineStyle": { "color": "role:line" } },
        "axisLabel": { "color": "role:ink-soft", "hideOverlap": true }, "splitLine": { "show": false },
    })
}

/// An axis of numbers.
pub(super) fn value() -> Value {
    json!({
        "type": "value", "axisLine": { "show": false }, "axisTick": { "show": false }, "splitNumber": 4,
        "axisLabel": { "color": "role:ink-soft", "hideOverlap": true },
        "splitLine": { "lineStyle": { "color": "role:line" } },
    })
}

/// The room between the axes. A legend takes a line above it.
pub(super) fn grid(legend: bool) -> Value {
    json!({ "left": 4, "right": 14, "top": if legend { 34 } else { 12 }, "bottom": 4, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel" })
}
