//! Rows as series over shared places of the x axis.

use crate::{
    frame::{Frame, Kind},
    words::Words,
};

use super::columns::Columns;

/// The most series; the smallest of more become one.
pub(super) const MAX_SERIES: usize = 10;

/// Series over shared places.
#[derive(Debug)]
pub(super) struct Matrix {
    /// The places: names, or moments as the answer writes them.
    pub(super) places: Vec<String>,
    /// Whether the places are moments.
    pub(super) timed: bool,
    /// The series: what each is called, and a value at each place where it has one.
    pub(super) series: Vec<(String, Vec<Option<f64>>)>,
}

impl Matrix {
    pub(super) fn of(frame: &Frame, columns: &Columns, words: &Words<'_>) -> Matrix {
        let x = columns.x.unwrap_or(0);
        let timed = columns.x.is_some() && frame.kinds[x] == Kind::Time;
        let mut places: Vec<String> = Vec::new();
        let mut found = std::collections::BTreeMap::new();
        for row in 0..frame.rows.len() {
            let place = frame.label(row, x);
            found.entry(place.clone()).or_insert_with(|| {
                places.push(place);
                places.len() - 1
            });
        }
        let numbered = !timed && places.iter().all(|place| place.parse::<f64>().is_ok());
        if numbered {
            places.sort_by(|a, b| a.parse().unwrap_or(0.0f64).total_cmp(&b.parse().unwrap_or(0.0)));
        }
        if timed {
            places.sort();
        }
        if timed || numbered {
            found = places.iter().enumerate().map(|(at, place)| (place.clone(), at)).collect();
        }
        let mut series: Vec<(String, Vec<Option<f64>>)> = Vec::new();
        let mut of_name = std::collections::BTreeMap::new();
        let mut named = |name: String, series: &mut Vec<(String, Vec<Option<f64>>)>| {
            *of_name.entry(name.clone()).or_insert_with(|| {
                series.push((name, vec![None; places.len()]));
                series.len() - 1
            })
        };
        for row in 0..frame.rows.len() {
            let place = found[&frame.label(row, x)];
            match columns.series {
                Some(by) => {
                    let own = named(words.say(&frame.label(row, by)).to_owned(), &mut series);
                    add(&mut series[own].1[place], columns.y.first().and_then(|y| frame.number(row, *y)));
                }
                None => {
                    for y in &columns.y {
                        let own = named(words.say(&frame.names[*y]).to_owned(), &mut series);
                        add(&mut series[own].1[place], frame.number(row, *y));
                    }
                }
            }
        }
        if columns.series.is_some() {
            merge_smallest(&mut series, words.other());
        }
        if !timed {
            for place in &mut places {
                *place = words.say(place).to_owned();
            }
        }
        Matrix { places, timed, series }
    }
}

fn add(sum: &mut Option<f64>, value: Option<f64>) {
    if let Some(value) = value {
        *sum.get_or_insert(0.0) += value;
    }
}

/// Largest first; what is beyond the most becomes one.
fn merge_smallest(series: &mut Vec<(String, Vec<Option<f64>>)>, other: &str) {
    let size = |values: &[Option<f64>]| values.iter().flatten().map(|value| value.abs()).sum::<f64>();
    series.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)).then_with(|| a.0.cmp(&b.0)));
    if series.len() <= MAX_SERIES {
        return;
    }
    let rest = series.split_off(MAX_SERIES - 1);
    let mut sums = vec![None; rest[0].1.len()];
    for (_, values) in &rest {
        for (sum, value) in sums.iter_mut().zip(values) {
            add(sum, *value);
        }
    }
    series.push((other.to_owned(), sums));
}
