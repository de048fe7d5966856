//! What an option of ECharts draws, for drawing on paper: the same series and places as on the screen.

mod kinds;

use charts::{Axis, Drawing};
use jiff::civil::Date;
use serde_json::{Map, Value};

/// A drawing that can be made on paper; tables and pivots, which are their own drawing, are none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plot {
    /// Lines, areas and bars over shared places.
    Plane(Plane),
    /// Shares of a whole: names and values.
    Shares { parts: Vec<(String, f64)>, donut: bool },
    /// Points: what x is called, and of each series its name, and x, y and diameter of each point.
    Points { across: String, series: Vec<Cloud> },
    /// A value for each pair: the names across and down, and cells of both places and a value.
    Heat { across: Vec<String>, timed: bool, down: Vec<String>, cells: Vec<(usize, usize, f64)> },
    /// A share of the way between two ends, a mark on it, and the role of its colour.
    Gauge { value: f64, min: f64, max: f64, mark: Option<f64>, tone: String },
    /// How a single value came about.
    Spark(Vec<f64>),
    /// Smallest, lower quarter, middle, upper quarter and largest of each place.
    Boxes(Spread<5>),
    /// First, last, lowest and highest of each place.
    Candles(Spread<4>),
    /// A value for each of some days, in their order.
    Days(Vec<(Date, f64)>),
    /// A value for each of some countries, by their two letters.
    World(Vec<(String, f64)>),
    /// How many are left at each step.
    Steps(Vec<(String, f64)>),
    /// Parts of parts: as rings, or as areas.
    Nested { rings: bool, parts: Vec<Branch> },
    /// What flows from where to where, never in a circle.
    Flow(Ways),
    /// Who is linked with whom.
    Links(Ways),
    /// What the corners are called, how much reaches the rim, and of each shape its name and its value at each corner.
    Radar { corners: Vec<String>, most: f64, shapes: Vec<(String, Vec<f64>)> },
}

/// Several numbers of each place; none where a number is missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread<const N: usize> {
    pub(crate) timed: bool,
    pub(crate) places: Vec<String>,
    pub(crate) rows: Vec<Option<[f64; N]>>,
}

/// A part with its parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) parts: Vec<Branch>,
}

/// Things, and what goes from one of them to another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ways {
    pub(crate) names: Vec<String>,
    pub(crate) links: Vec<(usize, usize, f64)>,
}

/// What a series of points is called, and x, y and diameter of each.
pub(crate) type Cloud = (String, Vec<(f64, f64, f64)>);

/// Series over shared places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub(crate) timed: bool,
    pub(crate) lying: bool,
    /// Whether values have the chart's format.
    pub(crate) formatted: bool,
    pub(crate) places: Vec<String>,
    pub(crate) series: Vec<Series>,
}

/// A series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) stacked: bool,
    /// Only there to lift what is stacked upon it.
    pub(crate) hidden: bool,
    /// The role of its colour.
    pub(crate) tone: String,
    pub(crate) values: Vec<Option<f64>>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Line,
    Area,
    Bar,
    /// Along the corners around a middle.
    Around,
}

impl Plot {
    /// What a drawing draws, if that can be drawn on paper.
    pub(crate) fn of(drawing: &Drawing) -> Option<Plot> {
        let option = drawing.drawn.option.as_ref()?;
        let series = option.get("series")?.as_array()?;
        match series.first()?.get("type")?.as_str()? {
            "line" if drawing.drawn.single.is_some() => {
                Some(Plot::Spark(values(&series[0], None).into_iter().flatten().collect()))
            }
            "line" | "bar" => plane(option, series, drawing).map(Plot::Plane),
            "pie" => Some(Plot::Shares { parts: kinds::named(&series[0])?, donut: drawing.drawn.single.is_some() }),
            "scatter" => {
                let across = option.get("xAxis").and_then(|axis| axis.get("name")).and_then(Value::as_str);
                let across = across.unwrap_or_default().to_owned();
                Some(Plot::Points { across, series: series.iter().map(points).collect() })
            }
            "heatmap" if option.contains_key("xAxis") => heat(option, &series[0], drawing),
            "heatmap" => kinds::days(&series[0]),
            "gauge" => gauge(series, drawing),
            "boxplot" => kinds::spread(option, &series[0], drawing).map(Plot::Boxes),
            "candlestick" => kinds::spread(option, &series[0], drawing).map(Plot::Candles),
            "map" => Some(Plot::World(kinds::named(&series[0])?)),
            "funnel" => Some(Plot::Steps(kinds::named(&series[0])?)),
            kind @ ("treemap" | "sunburst") => {
                let parts = series[0].get("data").map(kinds::branches)?;
                Some(Plot::Nested { rings: kind == "sunburst", parts })
            }
            "sankey" => kinds::ways(&series[0]).map(Plot::Flow),
            "graph" => kinds::ways(&series[0]).map(Plot::Links),
            "radar" => kinds::radar(option, &series[0]),
            _ => None,
        }
    }
}

fn texts(axis: Option<&Value>) -> Vec<String> {
    let data = axis.and_then(|axis| axis.get("data")).and_then(Value::as_array);
    data.map(|data| data.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()).unwrap_or_default()
}

/// The values of a series: plain, or the second of pairs.
fn values(series: &Value, places: Option<&mut Vec<String>>) -> Vec<Option<f64>> {
    let empty = Vec::new();
    let data = series.get("data").and_then(Value::as_array).unwrap_or(&empty);
    if let Some(places) = places {
        let place = |own: &Value| own.get(0).and_then(Value::as_str).unwrap_or_default().to_owned();
        *places = data.iter().map(place).collect();
    }
    data.iter().map(|own| own.get(1).unwrap_or(own).as_f64()).collect()
}

fn plane(option: &Map<String, Value>, series: &[Value], drawing: &Drawing) -> Option<Plane> {
    let axes = drawing.drawn.axes;
    let lying = axes.x == Axis::Value && axes.y == Axis::Category;
    let along = option.get(if lying { "yAxis" } else { "xAxis" })?;
    let timed = along.get("type").and_then(Value::as_str) == Some("time");
    let mut places = texts(Some(along));
    let one = |(at, own): (usize, &Value)| {
        let values = values(own, (timed && at == 0).then_some(&mut places));
        let colour = own.pointer("/itemStyle/color").and_then(Value::as_str);
        let tone = colour.map_or_else(|| format!("role:tone-{}", at % 6), str::to_owned);
        let shape = match own.get("type").and_then(Value::as_str) {
            Some("bar") => Shape::Bar,
            _ if own.get("areaStyle").is_some() => Shape::Area,
            _ => Shape::Line,
        };
        Series {
            name: own.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            shape,
            stacked: own.get("stack").is_some(),
            hidden: tone == "transparent",
            tone,
            values,
        }
    };
    let series: Vec<Series> = series.iter().enumerate().map(one).collect();
    let formatted = axes.y != Axis::Plain;
    Some(Plane { timed: timed || axes.x == Axis::Time, lying, formatted, places, series })
}

fn points(series: &Value) -> Cloud {
    let name = series.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let empty = Vec::new();
    let data = series.get("data").and_then(Value::as_array).unwrap_or(&empty);
    let point = |own: &Value| {
        let at = |place: usize| own.get("value").and_then(|value| value.get(place)).and_then(Value::as_f64);
        let size = own.get("symbolSize").and_then(Value::as_f64).unwrap_or(7.0);
        Some((at(0)?, at(1)?, size))
    };
    (name, data.iter().filter_map(point).collect())
}

fn heat(option: &Map<String, Value>, series: &Value, drawing: &Drawing) -> Option<Plot> {
    let cell = |cell: &Value| {
        let place = |at: usize| cell.get(at).and_then(Value::as_u64).and_then(|own| usize::try_from(own).ok());
        Some((place(0)?, place(1)?, cell.get(2)?.as_f64()?))
    };
    Some(Plot::Heat {
        across: texts(option.get("xAxis")),
        timed: drawing.drawn.axes.x == Axis::Time,
        down: texts(option.get("yAxis")),
        cells: series.get("data")?.as_array()?.iter().filter_map(cell).collect(),
    })
}

fn gauge(series: &[Value], drawing: &Drawing) -> Option<Plot> {
    let main = &series[0];
    let number = |own: &Value, name: &str| own.get(name).and_then(Value::as_f64);
    let tone = main.pointer("/progress/itemStyle/color").and_then(Value::as_str).unwrap_or("role:tone-0");
    Some(Plot::Gauge {
        value: drawing.drawn.single.and_then(|single| single.value)?,
        min: number(main, "min")?,
        max: number(main, "max")?,
        mark: series.get(1).and_then(|mark| mark.pointer("/data/0/value")).and_then(Value::as_f64),
        tone: tone.to_owned(),
    })
}
