//! Parts of a whole: pies, funnels, treemaps, sunbursts; and radars.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Drawn, Single, base, columns::Columns, series::Matrix, tone};
use crate::{
    frame::Frame,
    spec::{ChartKind, ChartSpec},
    table::number,
    words::Words,
};

/// The most slices; the smallest of more become one.
const MAX_SLICES: usize = 9;
/// The most parts of one whole in a treemap or sunburst.
const MAX_PARTS: usize = 400;
/// The most corners of a radar.
const MAX_CORNERS: usize = 16;

/// Names with what they have together, largest first.
pub(super) fn shares(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Vec<(String, f64)> {
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return Vec::new() };
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for row in 0..frame.rows.len() {
        let value = frame.number(row, *y).filter(|value| *value > 0.0);
        *sums.entry(words.say(&frame.label(row, x)).to_owned()).or_default() += value.unwrap_or(0.0);
    }
    let mut shares: Vec<(String, f64)> = sums.into_iter().filter(|(_, value)| *value > 0.0).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if shares.len() > MAX_SLICES {
        let rest = shares.split_off(MAX_SLICES - 1).into_iter().map(|(_, value)| value).sum();
        shares.push((words.other().to_owned(), rest));
    }
    shares
}

pub(super) fn pie(spec: &ChartSpec, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let shares = shares(frame, columns, words);
    let donut = spec.kind == ChartKind::Donut;
    let total: f64 = shares.iter().map(|(_, value)| value).sum();
    let slice = |(at, (name, value)): (usize, &(String, f64))| json!({ "name": name, "value": number(Some(*value)), "itemStyle": { "color": tone(at) } });
    let data: Vec<Value> = shares.iter().enumerate().map(slice).collect();
    let mut option = base(true);
    option.remove("legend");
    let inner = if donut { "58%" } else { "0%" };
    option.insert(
        "series".into(),
        json!([{
            "type": "pie", "radius": [inner, "70%"], "center": ["50%", "50%"], "data": data, "padAngle": 1.5, "minAngle": 3,
            "itemStyle": { "borderRadius": 4, "borderColor": "role:surface", "borderWidth": 1 },
            // At the edges of the tile, and cut there, so that a narrow one shows the beginnings of names.
            "label": { "color": "role:ink", "alignTo": "edge", "edgeDistance": 2, "overflow": "truncate" },
            "labelLine": { "length": 6, "length2": 0, "lineStyle": { "color": "role:line-strong" } },
            "emphasis": { "scaleSize": 4 },
        }]),
    );
    option["tooltip"]["trigger"] = json!("item");
    let single = donut.then_some(Single { value: Some(total), before: None, less_is_better: false });
    Drawn { option: Some(option), single, ..Drawn::default() }
}

pub(super) fn funnel(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return Drawn::default() };
    let step = |row: usize| {
        let value = frame.number(row, *y).unwrap_or(0.0).max(0.0);
        json!({ "name": words.say(&frame.label(row, x)), "value": number(Some(value)), "itemStyle": { "color": tone(row) } })
    };
    let data: Vec<Value> = (0..frame.rows.len().min(MAX_CORNERS)).map(step).collect();
    let mut option = base(true);
    option.remove("legend");
    option.insert(
        "series".into(),
        json!([{
            // The order is that of the steps, not of their sizes.
            "type": "funnel", "sort": "none", "left": "4%", "right": "34%", "top": 8, "bottom": 8, "gap": 3, "minSize": "4%", "data": data,
            "label": { "position": "right", "color": "role:ink" }, "labelLine": { "length": 12, "lineStyle": { "color": "role:line-strong" } },
            "itemStyle": { "borderWidth": 0, "borderRadius": 3 },
        }]),
    );
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), ..Drawn::default() }
}

/// A part with its parts.
#[derive(Default)]
struct Part {
    value: f64,
    parts: BTreeMap<String, Part>,
}

impl Part {
    fn json(&self, name: &str, colour: Option<&str>) -> Value {
        let mut node = json!({ "name": name, "value": number(Some(self.value)) });
        if !self.parts.is_empty() {
            node["children"] = self.children(false);
        }
        if let Some(colour) = colour {
            node["itemStyle"] = json!({ "color": colour });
        }
        node
    }

    fn children(&self, coloured: bool) -> Value {
        let mut parts: Vec<_> = self.parts.iter().collect();
        parts.sort_by(|a, b| b.1.value.total_cmp(&a.1.value).then_with(|| a.0.cmp(b.0)));
        parts.truncate(MAX_PARTS);
        let node = |(at, (name, part)): (usize, (&String, &Part))| part.json(name, coloured.then(|| tone(at)));
        parts.into_iter().enumerate().map(node).collect()
    }
}

/// Parts of parts, by the columns of the path.
pub(super) fn nested(kind: ChartKind, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let mut whole = Part::default();
    let mut count = 0;
    for row in 0..frame.rows.len() {
        let value = columns.y.first().and_then(|y| frame.number(row, *y)).unwrap_or(0.0);
        if value <= 0.0 || count >= MAX_PARTS * 5 {
            continue;
        }
        count += 1;
        let mut part = &mut whole;
        part.value += value;
        for column in &columns.path {
            part = part.parts.entry(words.say(&frame.label(row, *column)).to_owned()).or_default();
            part.value += value;
        }
    }
    let data = whole.children(true);
    let mut option = base(true);
    option.remove("legend");
    let edge = json!({ "borderColor": "role:surface", "borderWidth": 2, "gapWidth": 2, "borderRadius": 3 });
    let series = match kind {
        ChartKind::Sunburst => json!({
            "type": "sunburst", "radius": ["16%", "94%"], "data": data, "sort": null, "nodeClick": false,
            "label": { "rotate": "radial", "minAngle": 12, "overflow": "truncate", "width": 80, "color": "role:surface" },
            "itemStyle": { "borderColor": "role:surface", "borderWidth": 1.5, "borderRadius": 3 },
        }),
        _ => json!({
            "type": "treemap", "left": 0, "right": 0, "top": 0, "bottom": 0, "roam": false, "nodeClick": false, "breadcrumb": { "show": false },
            "data": data, "label": { "color": "role:surface", "overflow": "truncate", "padding": 6 },
            "upperLabel": { "show": columns.path.len() > 1, "height": 22, "color": "role:ink", "overflow": "truncate" },
            "itemStyle": edge, "visibleMin": 60,
            "levels": [{ "itemStyle": { "borderColor": "role:surface", "borderWidth": 0, "gapWidth": 3 }, "upperLabel": { "show": false } },
                       { "itemStyle": { "borderColor": "role:sunken", "borderWidth": 3, "gapWidth": 2 } }],
        }),
    };
    option.insert("series".into(), json!([series]));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), ..Drawn::default() }
}

/// Several numbers of each thing around a middle: corners by `x`, a shape for each series.
pub(super) fn radar(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let mut matrix = Matrix::of(frame, columns, words);
    matrix.places.truncate(MAX_CORNERS);
    let corners = matrix.places.len();
    let top = |corner: usize| matrix.series.iter().filter_map(|(_, values)| values[corner]).fold(0.0, f64::max);
    let highest = (0..corners).map(top).fold(0.0, f64::max);
    let indicator: Vec<Value> = matrix
        .places
        .iter()
        // All corners have one measure, and the highest reaches the rim.
        .map(|name| json!({ "name": name, "max": number(Some(if highest > 0.0 { highest } else { 1.0 })), "min": 0 }))
        .collect();
    let shape = |(at, (name, values)): (usize, &(String, Vec<Option<f64>>))| {
        let values: Vec<Value> = values[..corners].iter().map(|value| number(Some(value.unwrap_or(0.0)))).collect();
        json!({
            "name": name, "value": values, "areaStyle": { "opacity": 0.14 },
            "lineStyle": { "width": 2, "type": if at % 2 == 0 { "solid" } else { "dashed" } },
        })
    };
    let mixed = matrix.series.len() > 1;
    let mut option = base(mixed);
    option.insert(
        "radar".into(),
        json!({
            "indicator": indicator, "radius": "68%", "center": ["50%", if mixed { "55%" } else { "52%" }], "axisName": { "color": "role:ink-soft" },
            "splitArea": { "show": false }, "splitNumber": 4,
            "splitLine": { "lineStyle": { "color": "role:line" } }, "axisLine": { "lineStyle": { "color": "role:line" } },
        }),
    );
    let data: Vec<Value> = matrix.series.iter().enumerate().map(shape).collect();
    option.insert("series".into(), json!([{ "type": "radar", "data": data, "symbolSize": 5 }]));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), ..Drawn::default() }
}
