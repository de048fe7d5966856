//! Columns of Parquet: of which type the values of a table's column are, and their bytes.

use std::collections::BTreeSet;

use charts::{Format, Grid, GridColumn, Kind, Unit};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::thrift::{Struct, varint};

/// A column with its values; where there is none, nothing.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) values: Values,
}

/// Values, all of one type.
pub(super) enum Values {
    /// Whole numbers.
    Wholes(Vec<Option<i64>>),
    /// Amounts of money in millionths: decimals with six digits behind the point.
    Amounts(Vec<Option<i64>>),
    /// Other numbers.
    Numbers(Vec<Option<f64>>),
    /// Moments in microseconds since 1970 (UTC).
    Moments(Vec<Option<i64>>),
    /// Days since 1970.
    Days(Vec<Option<i32>>),
    Flags(Vec<Option<bool>>),
    Texts(Vec<Option<String>>),
}

/// The columns of a table, each with a name of its own.
pub(super) fn all(grid: &Grid, format: &Format) -> Vec<Column> {
    let mut taken = BTreeSet::new();
    let column = |(at, column): (usize, &GridColumn)| {
        let own = if column.name.is_empty() { &column.title } else { &column.name };
        let mut name = own.clone();
        while name.is_empty() || !taken.insert(name.clone()) {
            name = format!("{own}_{}", taken.len() + 1);
        }
        let cells: Vec<&Value> = grid.rows.iter().map(|row| &row[at]).collect();
        Column { name, values: values(column, &cells, format) }
    };
    grid.columns.iter().enumerate().map(column).collect()
}

/// Values of the narrowest type that holds all of them as they are.
fn values(column: &GridColumn, cells: &[&Value], format: &Format) -> Values {
    let kinds = [of_numbers, of_times, of_flags];
    kinds.iter().find_map(|kind| kind(column, cells, format)).unwrap_or_else(|| {
        Values::Texts(
            each(cells, |cell| Some(cell.as_str().map_or_else(|| cell.to_string(), str::to_owned))).unwrap_or_default(),
        )
    })
}

/// What each cell is, nothing where it is nothing; none where one of them is no such thing.
fn each<T>(cells: &[&Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<Option<T>>> {
    cells.iter().map(|cell| if cell.is_null() { Some(None) } else { read(cell).map(Some) }).collect()
}

fn of_numbers(column: &GridColumn, cells: &[&Value], format: &Format) -> Option<Values> {
    if column.kind != Kind::Number {
        return None;
    }
    let money = column.formatted && format.unit == Unit::Micros;
    // What has more than eighteen digits is no such decimal.
    let few = |amounts: &[Option<i64>]| amounts.iter().flatten().all(|amount| amount.unsigned_abs() < 10u64.pow(18));
    match each(cells, Value::as_i64) {
        Some(wholes) if money && few(&wholes) => Some(Values::Amounts(wholes)),
        Some(wholes) if !money => Some(Values::Wholes(wholes)),
        _ => {
            let size = if money { 1e6 } else { 1.0 };
            Some(Values::Numbers(each(cells, |cell| Some(cell.as_f64()? / size))?))
        }
    }
}

fn of_times(column: &GridColumn, cells: &[&Value], _: &Format) -> Option<Values> {
    if column.kind != Kind::Time {
        return None;
    }
    let days = each(cells, |cell| {
        let day: Date = cell.as_str()?.parse().ok().filter(|_| cell.as_str().is_some_and(|text| text.len() == 10))?;
        let since = day.since(Date::constant(1970, 1, 1)).ok()?;
        Some(since.get_days())
    });
    days.map(Values::Days).or_else(|| {
        each(cells, |cell| Some(cell.as_str()?.parse::<Timestamp>().ok()?.as_microsecond())).map(Values::Moments)
    })
}

fn of_flags(_: &GridColumn, cells: &[&Value], _: &Format) -> Option<Values> {
    let flags = each(cells, Value::as_bool)?;
    flags.iter().any(Option::is_some).then_some(Values::Flags(flags))
}

impl Column {
    /// `SchemaElement`: the type as it lies there, that it may lack values, its name, and what it means.
    pub(super) fn element(&self) -> Struct {
        let start = Struct::default().i32(1, self.values.physical()).i32(3, 1).text(4, &self.name);
        let empty = Struct::default;
        match &self.values {
            Values::Wholes(_) | Values::Numbers(_) | Values::Flags(_) => start,
            Values::Texts(_) => start.i32(6, 0).inner(10, empty().inner(1, empty())),
            Values::Days(_) => start.i32(6, 6).inner(10, empty().inner(6, empty())),
            Values::Amounts(_) => {
                start.i32(6, 5).i32(7, 6).i32(8, 18).inner(10, empty().inner(5, empty().i32(1, 6).i32(2, 18)))
            }
            Values::Moments(_) => {
                let micros = empty().inner(2, empty());
                start.i32(6, 10).inner(10, empty().inner(8, empty().flag(1, true).inner(2, micros)))
            }
        }
    }

    /// The bytes of its page: which values there are, and these.
    pub(super) fn page(&self) -> Vec<u8> {
        match &self.values {
            Values::Wholes(values) | Values::Amounts(values) | Values::Moments(values) => {
                page(values, |out, value| out.extend(value.to_le_bytes()))
            }
            Values::Numbers(values) => page(values, |out, value| out.extend(value.to_le_bytes())),
            Values::Days(values) => page(values, |out, value| out.extend(value.to_le_bytes())),
            Values::Texts(values) => page(values, |out, value| {
                out.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
                out.extend(value.as_bytes());
            }),
            Values::Flags(values) => {
                let mut out = page(values, |_, _| {});
                out.extend(bits(values.iter().flatten().copied()));
                out
            }
        }
    }
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Values::Wholes(values) | Values::Amounts(values) | Values::Moments(values) => values.len(),
            Values::Numbers(values) => values.len(),
            Values::Days(values) => values.len(),
            Values::Flags(values) => values.len(),
            Values::Texts(values) => values.len(),
        }
    }

    /// The number of the type as it lies there.
    pub(super) fn physical(&self) -> usize {
        match self {
            Values::Flags(_) => 0,
            Values::Days(_) => 1,
            Values::Wholes(_) | Values::Amounts(_) | Values::Moments(_) => 2,
            Values::Numbers(_) => 5,
            Values::Texts(_) => 6,
        }
    }
}

fn page<T>(values: &[Option<T>], write: impl Fn(&mut Vec<u8>, &T)) -> Vec<u8> {
    // One run of packed bits, eight values a byte.
    let mut levels = Vec::new();
    varint(&mut levels, (values.len().div_ceil(8) as u64) << 1 | 1);
    levels.extend(bits(values.iter().map(Option::is_some)));
    let mut out = u32::try_from(levels.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    out.extend(levels);
    values.iter().flatten().for_each(|value| write(&mut out, value));
    out
}

/// Eight a byte, the first in the lowest bit.
fn bits(flags: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, flag) in flags.enumerate() {
        if at % 8 == 0 {
            out.push(0);
        }
        if let Some(last) = out.last_mut() {
            *last |= u8::from(flag) << (at % 8);
        }
    }
    out
}
