//! The options of kinds that have neither lines nor bars.

use charts::{Axis, Drawing};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{Branch, Plot, Spread, Ways, texts};

fn data(series: &Value) -> Option<&Vec<Value>> {
    series.get("data")?.as_array()
}

/// Names with a value each.
pub(super) fn named(series: &Value) -> Option<Vec<(String, f64)>> {
    let pair = |own: &Value| Some((own.get("name")?.as_str()?.to_owned(), own.get("value")?.as_f64()?));
    Some(data(series)?.iter().filter_map(pair).collect())
}

pub(super) fn days(series: &Value) -> Option<Plot> {
    let day = |own: &Value| Some((own.get(0)?.as_str()?.parse::<Date>().ok()?, own.get(1)?.as_f64()?));
    Some(Plot::Days(data(series)?.iter().filter_map(day).collect()))
}

pub(super) fn spread<const N: usize>(
    option: &Map<String, Value>,
    series: &Value,
    drawing: &Drawing,
) -> Option<Spread<N>> {
    let row = |own: &Value| {
        let numbers: Vec<f64> = own.as_array()?.iter().filter_map(Value::as_f64).collect();
        numbers.try_into().ok()
    };
    Some(Spread {
        timed: drawing.drawn.axes.x == Axis::Time,
        places: texts(option.get("xAxis")),
        rows: data(series)?.iter().map(row).collect(),
    })
}

pub(super) fn branches(data: &Value) -> Vec<Branch> {
    let branch = |own: &Value| {
        Some(Branch {
            name: own.get("name")?.as_str()?.to_owned(),
            value: own.get("value")?.as_f64()?,
            parts: own.get("children").map(branches).unwrap_or_default(),
        })
    };
    data.as_array().map(|parts| parts.iter().filter_map(branch).collect()).unwrap_or_default()
}

pub(super) fn ways(series: &Value) -> Option<Ways> {
    let name = |own: &Value| Some(own.get("name")?.as_str()?.to_owned());
    let names: Vec<String> = data(series)?.iter().filter_map(name).collect();
    let place = |own: Option<&Value>| names.iter().position(|name| own.and_then(Value::as_str) == Some(name));
    let link = |own: &Value| Some((place(own.get("source"))?, place(own.get("target"))?, own.get("value")?.as_f64()?));
    let links = series.get("links")?.as_array()?.iter().filter_map(link).collect();
    Some(Ways { names, links })
}

pub(super) fn radar(option: &Map<String, Value>, series: &Value) -> Option<Plot> {
    let indicator = option.get("radar")?.get("indicator")?.as_array()?;
    let name = |own: &Value| own.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let shape = |own: &Value| {
        let values = own.get("value")?.as_array()?;
        Some((name(own), values.iter().map(|value| value.as_f64().unwrap_or(0.0)).collect()))
    };
    Some(Plot::Radar {
        corners: indicator.iter().map(name).collect(),
        most: indicator.first()?.get("max")?.as_f64()?,
        shapes: data(series)?.iter().filter_map(shape).collect(),
    })
}
