//! From rows to an option of ECharts, and to what there is to say about them.

mod axes;
mod columns;
mod leads;
mod parts;
mod plane;
mod series;
mod single;
mod spread;
mod summary;
mod ways;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::columns::Columns;
pub use self::{
    axes::{Axes, Axis},
    leads::{Lead, Leads},
    single::Single,
    summary::{Extreme, Summary},
};
use crate::{
    fault::Fault,
    format::Format,
    frame::Frame,
    palette::SERIES,
    spec::{ChartKind, ChartSpec},
    table::Grid,
    words::Words,
};

/// A chart with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Drawing {
    /// What is drawn.
    #[serde(flatten)]
    pub drawn: Drawn,
    /// The same numbers as a table.
    pub table: Grid,
    /// What there is to say about them.
    pub summary: Summary,
    /// The same in one English sentence.
    pub sentence: String,
    /// The currency of amounts: that of the format, or what a column `currency` of the answer says all over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whether there were more rows than are drawn.
    pub cut: bool,
}

/// What is drawn; nothing where the table is the drawing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Drawn {
    /// The option of ECharts: data only, with `role:NAME` for colours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<Map<String, Value>>,
    /// What its axes hold, so that a page can write it in its own language.
    pub axes: Axes,
    /// The one number that stands above it, or in its middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single: Option<Single>,
}

/// Draws a chart of rows.
///
/// # Errors
/// When the rows lack a column that the chart names or needs.
pub fn draw(spec: &ChartSpec, frame: &Frame, words: &Words<'_>) -> Result<Drawing, Fault> {
    use ChartKind as K;
    let columns = Columns::of(spec, frame)?;
    let drawn = match spec.kind {
        _ if frame.rows.is_empty() => Drawn::default(),
        K::Table | K::Pivot => Drawn::default(),
        K::Line | K::Area | K::Bar | K::StackedBar => plane::lines_and_bars(spec, frame, &columns, words),
        K::Waterfall => plane::waterfall(spec, frame, &columns, words),
        K::Histogram => spread::histogram(frame, &columns, words),
        K::BoxPlot => spread::boxes(frame, &columns, words),
        K::Candlestick => spread::candles(frame, &columns),
        K::Scatter | K::Bubble => spread::points(spec, frame, &columns, words),
        K::HeatMap => spread::heat(frame, &columns, words),
        K::Calendar => spread::calendar(frame, &columns),
        K::Map => spread::map(frame, &columns, words),
        K::Pie | K::Donut => parts::pie(spec, frame, &columns, words),
        K::Funnel => parts::funnel(frame, &columns, words),
        K::Treemap | K::Sunburst => parts::nested(spec.kind, frame, &columns, words),
        K::Sankey | K::Graph => ways::links(spec.kind, frame, &columns, words),
        K::Radar => parts::radar(frame, &columns, words),
        K::Gauge => single::gauge(spec, frame, &columns),
        K::Value => single::value(spec, frame, &columns),
    };
    let table = match (spec.kind, &columns) {
        (K::Pivot, Columns { x: Some(across), y, series: Some(down), .. }) if !y.is_empty() => {
            Grid::pivot(frame, *down, *across, y[0], words)
        }
        _ => Grid::of(frame, &columns.formatted(), words),
    };
    let summary = Summary::of(frame, &columns, words);
    let currency = spec.format.currency.clone().or_else(|| one_currency(frame));
    let format = Format { currency: currency.clone(), ..spec.format.clone() };
    let sentence = summary.sentence(&spec.title, &format);
    Ok(Drawing { drawn, table, summary, sentence, currency, cut: frame.cut })
}

/// The currency that a column of this name has in all rows.
fn one_currency(frame: &Frame) -> Option<String> {
    let column = frame.column("currency")?;
    let mut found: Vec<&str> = frame.rows.iter().filter_map(|row| row[column].as_str()).collect();
    found.sort_unstable();
    found.dedup();
    let [one] = found[..] else { return None };
    let is_code = one.len() == 3 && one.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| one.to_owned())
}

/// What all drawings share. `mixed` where several colours mean several things: then each has a pattern too.
fn base(mixed: bool) -> Map<String, Value> {
    let quiet = json!({ "color": "role:ink-soft" });
    let mut option = Map::new();
    option.insert("color".into(), json!(SERIES));
    option.insert("textStyle".into(), json!({ "color": "role:ink-soft", "fontSize": 12 }));
    option.insert(
        "tooltip".into(),
        json!({ "confine": true, "borderWidth": 0, "padding": 0, "backgroundColor": "transparent" }),
    );
    option.insert("animationDuration".into(), json!(260));
    option.insert("animationDurationUpdate".into(), json!(260));
    option.insert("animationEasing".into(), json!("cubicOut"));
    if mixed {
        option.insert(
            "aria".into(),
            json!({ "enabled": true, "label": { "enabled": false }, "decal": { "show": true, "decals": decals() } }),
        );
        option.insert(
            "legend".into(),
            json!({
                "type": "scroll", "top": 0, "left": 0, "itemWidth": 12, "itemHeight": 12, "itemGap": 14, "icon": "roundRect",
                "textStyle": quiet, "pageTextStyle": quiet, "pageIconColor": "role:ink-soft", "pageIconSize": 10,
            }),
        );
    }
    option
}

/// Patterns in the order of series: the first is plain. They are faint, for they are read beside a colour.
fn decals() -> Value {
    let faint = "rgba(255,255,255,0.34)";
    let line = |rotation: f64, gap: u32| json!({ "symbol": "line", "color": faint, "symbolSize": 1, "dashArrayX": [1, 0], "dashArrayY": [2, gap], "rotation": rotation });
    json!([
        { "symbol": "none" },
        line(0.785, 6),
        { "symbol": "circle", "color": faint, "symbolSize": 0.55, "dashArrayX": [[6, 6], [0, 6, 6, 0]], "dashArrayY": [6, 0] },
        line(-0.785, 6),
        line(0.0, 5),
        { "symbol": "rect", "color": faint, "symbolSize": 0.6, "dashArrayX": [5, 7], "dashArrayY": [5, 7] },
        line(1.571, 5),
    ])
}

/// The colour of a series by its place.
fn tone(place: usize) -> &'static str {
    SERIES[place % SERIES.len()]
}
