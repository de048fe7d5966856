//! One number: as a value with how it came about, and as a gauge.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Drawn, axes::Axes, base, columns::Columns};
use crate::{
    frame::{Frame, Kind},
    spec::{ChartSpec, Total},
    table::number,
};

/// One number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Single {
    /// The number; nothing where there is none.
    pub value: Option<f64>,
    /// What it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// Whether a rise is bad.
    pub less_is_better: bool,
}

/// One number of many.
fn total(numbers: &[f64], how: Total) -> Option<f64> {
    let count = numbers.len();
    match how {
        _ if count == 0 => None,
        Total::Sum => Some(numbers.iter().sum()),
        Total::Last => numbers.last().copied(),
        Total::Mean => Some(numbers.iter().sum::<f64>() / count as f64),
        Total::Max => numbers.iter().copied().reduce(f64::max),
    }
}

pub(super) fn value(spec: &ChartSpec, frame: &Frame, columns: &Columns) -> Drawn {
    let mut rows: Vec<usize> = (0..frame.rows.len()).collect();
    if let Some(x) = columns.x.filter(|x| frame.kinds[*x] == Kind::Time) {
        rows.sort_by_key(|row| frame.label(*row, x));
    }
    let numbers = |column: Option<&usize>| -> Vec<f64> {
        column.map(|column| rows.iter().filter_map(|row| frame.number(*row, *column)).collect()).unwrap_or_default()
    };
    let own = numbers(columns.y.first());
    let single = Single {
        value: total(&own, spec.options.total),
        before: total(&numbers(columns.y.get(1)), spec.options.total),
        less_is_better: spec.options.less_is_better,
    };
    // A way has at least two ends.
    if columns.x.is_none() || own.len() < 3 {
        return Drawn { option: None, axes: Axes::default(), single: Some(single) };
    }
    let mut option = base(false);
    option.remove("tooltip");
    option.insert("grid".into(), json!({ "left": 0, "right": 0, "top": 4, "bottom": 0 }));
    option.insert("xAxis".into(), json!({ "type": "category", "show": false, "boundaryGap": false }));
    option.insert("yAxis".into(), json!({ "type": "value", "show": false, "min": if own.iter().all(|value| *value >= 0.0) { json!(0) } else { Value::Null } }));
    let data: Vec<Value> = own.iter().map(|value| number(Some(*value))).collect();
    option.insert(
        "series".into(),
        json!([{
            "type": "line", "data": data, "symbol": "none", "silent": true, "lineStyle": { "width": 2 }, "areaStyle": { "opacity": 0.14 },
        }]),
    );
    Drawn { option: Some(option), axes: Axes::default(), single: Some(single) }
}

pub(super) fn gauge(spec: &ChartSpec, frame: &Frame, columns: &Columns) -> Drawn {
    let numbers = |column: Option<&usize>| -> Vec<f64> {
        column
            .map(|column| (0..frame.rows.len()).filter_map(|row| frame.number(row, *column)).collect())
            .unwrap_or_default()
    };
    let value = total(&numbers(columns.y.first()), spec.options.total);
    let target = numbers(columns.y.get(1)).last().copied();
    let single = Single { value, before: None, less_is_better: spec.options.less_is_better };
    let min = spec.options.min.unwrap_or(0.0);
    let share = spec.format.unit == crate::Unit::Share;
    let most = || if share { 1.0 } else { above(target.unwrap_or(0.0).max(value.unwrap_or(0.0))) };
    let max = spec.options.max.unwrap_or_else(most).max(min + f64::EPSILON);
    // Where it is judged: good, and bad where more is bad or the target is passed.
    let filled = match (target, value, spec.options.less_is_better) {
        (Some(target), Some(value), true) if value > target => "role:bad",
        (Some(target), Some(value), false) if value >= target => "role:good",
        _ => "role:tone-0",
    };
    let mut option = base(false);
    option.remove("tooltip");
    let mark = target.map(|target| {
        let at = ((target - min) / (max - min)).clamp(0.0, 1.0);
        json!({ "type": "gauge", "startAngle": 210, "endAngle": -30, "center": ["50%", "62%"], "radius": "92%", "min": 0, "max": 1,
                "axisLine": { "show": false }, "axisTick": { "show": false }, "splitLine": { "show": false }, "axisLabel": { "show": false },
                "detail": { "show": false }, "anchor": { "show": false }, "silent": true,
                "pointer": { "length": "16%", "width": 4, "offsetCenter": [0, "-84%"], "itemStyle": { "color": "role:ink" } }, "data": [{ "value": number(Some(at)) }] })
    });
    let main = json!({
        "type": "gauge", "startAngle": 210, "endAngle": -30, "center": ["50%", "62%"], "radius": "92%", "min": number(Some(min)), "max": number(Some(max)),
        "progress": { "show": true, "width": 16, "roundCap": true, "itemStyle": { "color": filled } }, "pointer": { "show": false }, "anchor": { "show": false },
        "axisLine": { "roundCap": true, "lineStyle": { "width": 16, "color": [[1, "role:sunken"]] } }, "axisTick": { "show": false }, "splitLine": { "show": false },
        "axisLabel": { "show": false }, "detail": { "show": false }, "title": { "show": false }, "data": [{ "value": number(value.map(|value| value.clamp(min, max))) }],
    });
    option.insert("series".into(), Value::Array([Some(main), mark].into_iter().flatten().collect()));
    Drawn { option: Some(option), axes: Axes::default(), single: Some(single) }
}

/// A round number at or above another: 1, 2 or 5 with zeros.
pub(super) fn above(value: f64) -> f64 {
    if value.is_nan() || value <= 0.0 {
        return 1.0;
    }
    let mut step = 1e-9;
    while step < 1e18 {
        for factor in [1.0, 2.0, 5.0] {
            if step * factor >= value {
                return step * factor;
            }
        }
        step *= 10.0;
    }
    value
}
