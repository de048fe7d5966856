//! Columns of Parquet: of which type the values of a table's column are.

use std::{collections::BTreeSet, sync::Arc};

use ::parquet::{
    basic::{LogicalType, Repetition, TimeUnit, Type},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::SerializedColumnWriter,
    schema::types::{Type as SchemaType, TypePtr},
};
use charts::{Format, Grid, GridColumn, Kind, Unit};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

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
    /// Its type in the schema: as it lies there, that it may lack values, its name, and what it means.
    pub(super) fn shape(&self) -> Result<TypePtr, ParquetError> {
        let (physical, meaning) = match &self.values {
            Values::Wholes(_) => (Type::INT64, None),
            Values::Amounts(_) => (Type::INT64, Some(LogicalType::decimal(SCALE, DIGITS))),
            Values::Numbers(_) => (Type::DOUBLE, None),
            Values::Moments(_) => (Type::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Values::Days(_) => (Type::INT32, Some(LogicalType::Date)),
            Values::Flags(_) => (Type::BOOLEAN, None),
            Values::Texts(_) => (Type::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let mut shape = SchemaType::primitive_type_builder(&self.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(meaning);
        if matches!(self.values, Values::Amounts(_)) {
            shape = shape.with_scale(SCALE).with_precision(DIGITS);
        }
        Ok(Arc::new(shape.build()?))
    }

    /// Writes its values.
    pub(super) fn write(&self, out: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match &self.values {
            Values::Wholes(values) | Values::Amounts(values) | Values::Moments(values) => {
                put::<Int64Type>(out, values.iter().copied())
            }
            Values::Numbers(values) => put::<DoubleType>(out, values.iter().copied()),
            Values::Days(values) => put::<Int32Type>(out, values.iter().copied()),
            Values::Flags(values) => put::<BoolType>(out, values.iter().copied()),
            Values::Texts(values) => {
                put::<ByteArrayType>(out, values.iter().map(|text| text.as_deref().map(ByteArray::from)))
            }
        }
    }
}

/// Digits of an amount of money, and those behind its point.
const DIGITS: i32 = 18;
const SCALE: i32 = 6;

/// Writes the values that there are, and where there are none.
fn put<T: DataType>(
    out: &mut SerializedColumnWriter<'_>,
    values: impl Iterator<Item = Option<T::T>> + Clone,
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.clone().map(|value| i16::from(value.is_some())).collect();
    let there: Vec<T::T> = values.flatten().collect();
    out.typed::<T>().write_batch(&there, Some(&levels), None)?;
    Ok(())
}
