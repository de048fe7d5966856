//! How numbers are spread: histograms, box plots, candles, points, heat maps, calendars, maps.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Drawn, axes,
    axes::{Axes, Axis},
    base,
    columns::Columns,
    series::{MAX_SERIES, Matrix},
};
use crate::{
    frame::Frame,
    spec::{ChartKind, ChartSpec},
    table::number,
    words::Words,
};

/// The most cells of a heat map on one side.
const MAX_SIDE: usize = 200;
/// The most bins of a histogram.
const MAX_BINS: usize = 40;

/// How often numbers of each size are. With a second column the answer has counted itself: beginnings of bins and how many.
pub(super) fn histogram(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let Some(x) = columns.x else { return Drawn::default() };
    let name = words.say(&frame.names[columns.y.first().copied().unwrap_or(x)]).to_owned();
    let (names, counts): (Vec<String>, Vec<Value>) = match columns.y.first() {
        Some(y) => {
            (0..frame.rows.len().min(MAX_SIDE)).map(|row| (frame.label(row, x), number(frame.number(row, *y)))).unzip()
        }
        None => bins(&(0..frame.rows.len()).filter_map(|row| frame.number(row, x)).collect::<Vec<_>>()),
    };
    let mut option = base(false);
    option.insert("grid".into(), axes::grid(false));
    option.insert("xAxis".into(), axes::category(&names));
    option.insert("yAxis".into(), axes::value());
    option.insert(
        "series".into(),
        json!([{ "type": "bar", "name": name, "data": counts, "barCategoryGap": "4%", "itemStyle": { "borderRadius": [2, 2, 0, 0] } }]),
    );
    option["tooltip"]["trigger"] = json!("axis");
    option["tooltip"]["axisPointer"] = json!({ "type": "shadow" });
    let counted = if columns.y.is_empty() { Axis::Plain } else { Axis::Value };
    Drawn { option: Some(option), axes: Axes { x: Axis::Category, y: counted }, single: None }
}

/// Bins of a round width.
fn bins(numbers: &[f64]) -> (Vec<String>, Vec<Value>) {
    let (low, high) = numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), own| (low.min(*own), high.max(*own)));
    if numbers.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let wanted = (numbers.len() as f64).sqrt().ceil().clamp(5.0, 30.0);
    let width = super::single::above((high - low) / wanted);
    let first = (low / width).floor();
    let count = (((high / width).floor() - first) as usize).min(MAX_BINS - 1) + 1;
    let mut counts = vec![0u64; count];
    for own in numbers {
        counts[(((own / width).floor() - first).max(0.0) as usize).min(count - 1)] += 1;
    }
    let edge = |bin: usize| number(Some(((first + bin as f64) * width * 1e9).round() / 1e9)).to_string();
    (
        (0..count).map(|bin| format!("{} – {}", edge(bin), edge(bin + 1))).collect(),
        counts.into_iter().map(|count| json!(count)).collect(),
    )
}

/// Values of several columns of each row, and the names of the rows.
fn by_row(frame: &Frame, columns: &Columns) -> (Vec<String>, Vec<Value>) {
    let Some(x) = columns.x else { return (Vec::new(), Vec::new()) };
    let values = |row: usize| Value::Array(columns.y.iter().map(|y| number(frame.number(row, *y))).collect());
    (0..frame.rows.len().min(MAX_SIDE * 5)).map(|row| (frame.label(row, x), values(row))).unzip()
}

pub(super) fn boxes(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let (names, data) = by_row(frame, columns);
    let names: Vec<String> = names.iter().map(|name| words.say(name).to_owned()).collect();
    let mut option = base(false);
    option.insert("grid".into(), axes::grid(false));
    option.insert("xAxis".into(), axes::category(&names));
    option.insert("yAxis".into(), axes::value());
    let style = json!({ "color": "role:accent-soft", "borderColor": "role:tone-0", "borderWidth": 1.5 });
    option
        .insert("series".into(), json!([{ "type": "boxplot", "data": data, "boxWidth": [8, 44], "itemStyle": style }]));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), axes: Axes { x: Axis::Category, y: Axis::Value }, single: None }
}

pub(super) fn candles(frame: &Frame, columns: &Columns) -> Drawn {
    let (names, data) = by_row(frame, columns);
    let mut option = base(false);
    option.insert("grid".into(), axes::grid(false));
    option.insert("xAxis".into(), axes::category(&names));
    let mut across = axes::value();
    across["scale"] = json!(true);
    option.insert("yAxis".into(), across);
    // A rise is hollow, so that it is told from a fall without its colour.
    let style = json!({ "color": "role:surface", "borderColor": "role:good", "color0": "role:bad", "borderColor0": "role:bad" });
    option.insert(
        "series".into(),
        json!([{ "type": "candlestick", "data": data, "barMaxWidth": 18, "itemStyle": style }]),
    );
    option["tooltip"]["trigger"] = json!("item");
    let timed = columns.x.is_some_and(|x| frame.kinds[x] == crate::Kind::Time);
    Drawn {
        option: Some(option),
        axes: Axes { x: if timed { Axis::Time } else { Axis::Category }, y: Axis::Value },
        single: None,
    }
}

/// The rows of points by the name of their series, each in its order.
pub(super) fn groups(frame: &Frame, columns: &Columns, words: &Words<'_>) -> BTreeMap<String, Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return groups };
    for row in 0..frame.rows.len() {
        if frame.number(row, x).is_none() || frame.number(row, *y).is_none() {
            continue;
        }
        let mut name = columns
            .series
            .map_or_else(|| words.say(&frame.names[*y]).to_owned(), |by| words.say(&frame.label(row, by)).to_owned());
        if !groups.contains_key(&name) && groups.len() >= MAX_SERIES {
            name = words.other().to_owned();
        }
        groups.entry(name).or_default().push(row);
    }
    groups
}

pub(super) fn points(spec: &ChartSpec, frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return Drawn::default() };
    let sizes = |row: usize| columns.size.and_then(|size| frame.number(row, size)).unwrap_or(0.0).max(0.0);
    let largest = (0..frame.rows.len()).map(sizes).fold(0.0, f64::max);
    let point = |row: usize| {
        let (across, up) = (number(frame.number(row, x)), number(frame.number(row, *y)));
        if spec.kind != ChartKind::Bubble {
            return json!({ "value": [across, up] });
        }
        // Areas are compared, so the side is the root.
        let side = if largest > 0.0 { 6.0 + 38.0 * (sizes(row) / largest).sqrt() } else { 8.0 };
        json!({ "value": [across, up, number(Some(sizes(row)))], "symbolSize": number(Some(side.round())) })
    };
    let groups = groups(frame, columns, words);
    const MARKS: [&str; 6] = ["circle", "rect", "triangle", "diamond", "pin", "arrow"];
    let mixed = groups.len() > 1;
    let series: Vec<Value> = groups
        .into_iter()
        .enumerate()
        .map(|(at, (name, rows))| {
            let data: Vec<Value> = rows.into_iter().map(point).collect();
            json!({ "type": "scatter", "name": name, "data": data, "symbol": MARKS[at % MARKS.len()], "symbolSize": 9,
                    "itemStyle": { "opacity": 0.72, "borderColor": "role:surface", "borderWidth": 1 } })
        })
        .collect();
    let mut option = base(mixed);
    option.insert("grid".into(), axes::grid(mixed));
    let mut across = axes::value();
    across["scale"] = json!(true);
    let mut up = across.clone();
    // The names of both stand at their ends, for nothing else says what they are.
    across["name"] = json!(words.say(&frame.names[x]));
    across["nameLocation"] = json!("middle");
    across["nameGap"] = json!(26);
    across["nameTextStyle"] = json!({ "color": "role:ink-soft" });
    up["splitLine"] = json!({ "lineStyle": { "color": "role:line" } });
    option.insert("xAxis".into(), across);
    option.insert("yAxis".into(), up);
    option.insert("series".into(), Value::Array(series));
    option["grid"]["bottom"] = json!(22);
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), axes: Axes { x: Axis::Plain, y: Axis::Value }, single: None }
}

/// Colours from little to much.
fn scale(option: &mut Map<String, Value>, values: impl Iterator<Item = f64>, place: Value) {
    let (low, high) = values.fold((0.0f64, 0.0f64), |(low, high), own| (low.min(own), high.max(own)));
    let mut map = json!({
        "type": "continuous", "min": number(Some(low)), "max": number(Some(if high > low { high } else { low + 1.0 })), "calculable": false,
        "inRange": { "color": ["role:accent-soft", "role:tone-0"] }, "itemWidth": 10, "itemHeight": 90, "textStyle": { "color": "role:ink-soft" },
    });
    if let (Some(map), Value::Object(place)) = (map.as_object_mut(), place) {
        map.extend(place);
    }
    option.insert("visualMap".into(), map);
}

pub(super) fn heat(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let mut matrix = Matrix::of(frame, &Columns { series: None, ..columns.clone() }, words);
    matrix.places.truncate(MAX_SIDE);
    let (Some(x), Some(by), Some(y)) = (columns.x, columns.series, columns.y.first()) else { return Drawn::default() };
    let mut rows: Vec<String> = Vec::new();
    let mut cells: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    let places: BTreeMap<&String, usize> = matrix.places.iter().enumerate().map(|(at, place)| (place, at)).collect();
    for row in 0..frame.rows.len() {
        let (place, side) = (words.say(&frame.label(row, x)).to_owned(), words.say(&frame.label(row, by)).to_owned());
        let Some(across) = places.get(&place) else { continue };
        let up = rows.iter().position(|own| *own == side).unwrap_or_else(|| {
            rows.push(side);
            rows.len() - 1
        });
        if let Some(value) = frame.number(row, *y).filter(|_| up < MAX_SIDE) {
            *cells.entry((*across, up)).or_default() += value;
        }
    }
    rows.truncate(MAX_SIDE);
    let data: Vec<Value> =
        cells.iter().map(|((across, up), value)| json!([across, up, number(Some(*value))])).collect();
    let mut option = base(false);
    option.insert("grid".into(), json!({ "left": 4, "right": 72, "top": 8, "bottom": 4, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel" }));
    option.insert("xAxis".into(), axes::category(&matrix.places));
    let mut up = axes::category(&rows);
    up["inverse"] = json!(true);
    option.insert("yAxis".into(), up);
    scale(&mut option, cells.values().copied(), json!({ "right": 0, "top": "middle", "orient": "vertical" }));
    let style = json!({ "borderColor": "role:surface", "borderWidth": 2, "borderRadius": 3 });
    option.insert("series".into(), json!([{ "type": "heatmap", "data": data, "itemStyle": style }]));
    option["tooltip"]["trigger"] = json!("item");
    let along = if matrix.timed { Axis::Time } else { Axis::Category };
    Drawn { option: Some(option), axes: Axes { x: along, y: Axis::Category }, single: None }
}

/// A value for each day.
pub(super) fn calendar(frame: &Frame, columns: &Columns) -> Drawn {
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return Drawn::default() };
    let mut days: BTreeMap<String, f64> = BTreeMap::new();
    for row in 0..frame.rows.len() {
        let label = frame.label(row, x);
        let day: Option<jiff::civil::Date> = label.get(..10).and_then(|day| day.parse().ok());
        if let (Some(day), Some(value)) = (day, frame.number(row, *y)) {
            *days.entry(day.to_string()).or_default() += value;
        }
    }
    let (Some(first), Some(last)) = (days.keys().next().cloned(), days.keys().next_back().cloned()) else {
        return Drawn::default();
    };
    let data: Vec<Value> = days.iter().map(|(day, value)| json!([day, number(Some(*value))])).collect();
    let mut option = base(false);
    scale(
        &mut option,
        days.values().copied(),
        json!({ "orient": "horizontal", "left": "center", "bottom": 0, "itemHeight": 120, "itemWidth": 9 }),
    );
    option.insert(
        "calendar".into(),
        json!({
            "range": [first, last], "left": 44, "right": 8, "top": 26, "bottom": 44, "cellSize": ["auto", "auto"], "splitLine": { "show": false },
            "itemStyle": { "color": "role:sunken", "borderColor": "role:surface", "borderWidth": 3 }, "yearLabel": { "show": false },
            "dayLabel": { "color": "role:ink-soft", "firstDay": 1 }, "monthLabel": { "color": "role:ink-soft" },
        }),
    );
    option.insert("series".into(), json!([{ "type": "heatmap", "coordinateSystem": "calendar", "data": data, "itemStyle": { "borderRadius": 3 } }]));
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), axes: Axes { x: Axis::Time, y: Axis::None }, single: None }
}

/// A value for each country, by its two letters (ISO 3166-1).
pub(super) fn map(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Drawn {
    let (Some(x), Some(y)) = (columns.x, columns.y.first()) else { return Drawn::default() };
    let mut places: BTreeMap<String, f64> = BTreeMap::new();
    for row in 0..frame.rows.len() {
        if let Some(value) = frame.number(row, *y) {
            *places.entry(frame.label(row, x)).or_default() += value;
        }
    }
    let data: Vec<Value> =
        places.iter().map(|(name, value)| json!({ "name": name, "value": number(Some(*value)) })).collect();
    let mut option = base(false);
    scale(&mut option, places.values().copied(), json!({ "left": 0, "bottom": 0, "orient": "vertical" }));
    option.insert(
        "series".into(),
        json!([{
            "type": "map", "map": "world", "name": words.say(&frame.names[*y]), "data": data, "roam": false, "left": 0, "right": 0, "top": 4, "bottom": 4,
            "itemStyle": { "areaColor": "role:sunken", "borderColor": "role:line-strong", "borderWidth": 0.5 }, "label": { "show": false },
            "emphasis": { "label": { "show": false }, "itemStyle": { "areaColor": "role:tone-2" } }, "select": { "disabled": true },
        }]),
    );
    option["tooltip"]["trigger"] = json!("item");
    Drawn { option: Some(option), ..Drawn::default() }
}
