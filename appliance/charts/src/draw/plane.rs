//! Lines, areas, bars and waterfalls.

use serde_json::{Value, json};

use super::{
    Drawn, axes,
    axes::{Axes, Axis},
    base,
    columns::Columns,
    series::Matrix,
    tone,
};
use crate::{
    frame::Frame,
    spec::{ChartKind, ChartSpec},
    table::number,
    words::Words,
};

/// Marks of lines in the order of series, and how their lines are drawn: what tells them apart without colour.
const MARKS: [(&str, &str); 6] = [
    ("circle", "solid"),
    ("rect", "dashed"),
    ("triangle", "solid"),
    ("diamond", "dotted"),
    ("emptyCircle", "dashed"),
    ("emptyRect", "dotted"),
];

pub(super) fn lines_and_bars(spec: &ChartSpec, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let matrix = Matrix::of(frame, columns, words);
    let mixed = matrix.series.len() > 1;
    let horizontal =
        spec.options.horizontal && !matrix.timed && matches!(spec.kind, ChartKind::Bar | ChartKind::StackedBar);
    let stacked = spec.kind == ChartKind::StackedBar || (spec.kind == ChartKind::Area && mixed);
    let few = matrix.places.len() <= 40;
    let mut option = base(mixed);
    let one = |(at, (name, values)): (usize, &(String, Vec<Option<f64>>))| -> Value {
        // What is stacked needs a value at each place, or what lies above falls down.
        let value = |value: &Option<f64>| if stacked { number(Some(value.unwrap_or(0.0))) } else { number(*value) };
        let data: Vec<Value> = match matrix.timed {
            true => matrix.places.iter().zip(values).map(|(place, own)| json!([place, value(own)])).collect(),
            false => values.iter().map(value).collect(),
        };
        let (mark, line) = MARKS[at % MARKS.len()];
        let mut series = json!({ "name": name, "data": data, "emphasis": { "focus": "series" } });
        if stacked {
            series["stack"] = json!("all");
        }
        match spec.kind {
            ChartKind::Line | ChartKind::Area => {
                series["type"] = json!("line");
                series["symbol"] = json!(mark);
                series["symbolSize"] = json!(6);
                series["showSymbol"] = json!(mixed && few && spec.kind == ChartKind::Line || matrix.places.len() == 1);
                series["lineStyle"] =
                    json!({ "width": 2, "type": if mixed && spec.kind == ChartKind::Line { line } else { "solid" } });
                series["connectNulls"] = json!(false);
                if spec.kind == ChartKind::Area {
                    series["areaStyle"] = json!({ "opacity": if mixed { 0.55 } else { 0.16 } });
                }
            }
            _ => {
                series["type"] = json!("bar");
                series["barMaxWidth"] = json!(36);
                series["barCategoryGap"] = json!("28%");
                let top = at + 1 == matrix.series.len() || !stacked;
                let round = if horizontal { json!([0, 3, 3, 0]) } else { json!([3, 3, 0, 0]) };
                series["itemStyle"] = json!({ "borderRadius": if top { round } else { json!(0) } });
            }
        }
        series
    };
    let series: Vec<Value> = matrix.series.iter().enumerate().map(one).collect();
    let mut places = if matrix.timed { axes::time() } else { axes::category(&matrix.places) };
    if !matrix.timed && matches!(spec.kind, ChartKind::Line | ChartKind::Area) {
        places["boundaryGap"] = json!(false);
    }
    if horizontal {
        // The first on top.
        places["inverse"] = json!(true);
    }
    option.insert("grid".into(), axes::grid(mixed));
    option.insert("xAxis".into(), if horizontal { axes::value() } else { places.clone() });
    option.insert("yAxis".into(), if horizontal { places } else { axes::value() });
    option.insert("series".into(), Value::Array(series));
    option["tooltip"]["trigger"] = json!("axis");
    option["tooltip"]["axisPointer"] = match spec.kind {
        ChartKind::Line | ChartKind::Area => json!({ "type": "line", "lineStyle": { "color": "role:line-strong" } }),
        _ => json!({ "type": "shadow" }),
    };
    let along = if matrix.timed { Axis::Time } else { Axis::Category };
    let axes = if horizontal { Axes { x: Axis::Value, y: along } } else { Axes { x: along, y: Axis::Value } };
    Drawn { option: Some(option), axes, single: None }
}

/// Steps that lead to a sum: each begins where the one before ended.
pub(super) fn waterfall(spec: &ChartSpec, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let matrix = Matrix::of(frame, columns, words);
    let empty = Vec::new();
    let steps = matrix.series.first().map_or(&empty, |(_, values)| values);
    let (more, less) = words.more_and_less();
    let (good, bad) = if spec.options.less_is_better { ("role:bad", "role:good") } else { ("role:good", "role:bad") };
    let along = if matrix.timed { Axis::Time } else { Axis::Category };
    let mut places = matrix.places;
    let (mut below, mut up, mut down) = (Vec::new(), Vec::new(), Vec::new());
    let mut level = 0.0;
    for step in steps.iter().map(|step| step.unwrap_or(0.0)) {
        let next: f64 = level + step;
        below.push(number(Some(level.min(next))));
        up.push(if step >= 0.0 { number(Some(step)) } else { Value::Null });
        down.push(if step < 0.0 { number(Some(-step)) } else { Value::Null });
        level = next;
    }
    places.push(words.total().to_owned());
    below.push(number(Some(0.0)));
    let mut total = vec![Value::Null; up.len()];
    total.push(number(Some(level)));
    let bar = |name: &str, data: Vec<Value>, colour: &str| json!({ "type": "bar", "name": name, "stack": "all", "data": data, "barMaxWidth": 44, "itemStyle": { "color": colour, "borderRadius": 3 } });
    let mut option = base(true);
    let hidden = json!({
        "type": "bar", "name": "", "stack": "all", "data": below, "silent": true, "itemStyle": { "color": "transparent", "decal": { "symbol": "none" } },
        "tooltip": { "show": false },
    });
    let series = vec![hidden, bar(more, up, good), bar(less, down, bad), bar(words.total(), total, tone(0))];
    option["legend"]["data"] = json!([more, less, words.total()]);
    option.insert("grid".into(), axes::grid(true));
    option.insert("xAxis".into(), axes::category(&places));
    option.insert("yAxis".into(), axes::value());
    option.insert("series".into(), Value::Array(series));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), axes: Axes { x: along, y: Axis::Value }, single: None }
}
