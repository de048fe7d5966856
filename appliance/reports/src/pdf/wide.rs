//! Tables as people read them: what is divided into series has a column a series, and what all rows say is left out.

use charts::{Drawing, Grid, GridColumn, Kind};
use serde_json::{Number, Value};

use crate::plot::{Plane, Plot};

/// The most columns of a table on a page.
const MAX_COLUMNS: usize = 13;

/// The table of a drawing for a page: the same numbers as the answer has.
pub(super) fn grid(drawing: &Drawing, plot: Option<&Plot>) -> Grid {
    let table = &drawing.table;
    let found = match plot {
        // A row for each pair of place and series is as many rows as nobody reads.
        Some(Plot::Plane(plane)) if divided(plane, table) => Some(of_plane(plane, table)),
        Some(Plot::Heat { across, down, cells, .. }) => Some(of_pairs(across, down, cells, table)),
        _ => None,
    };
    found.filter(|grid| grid.columns.len() <= MAX_COLUMNS).unwrap_or_else(|| plain(drawing))
}

/// Whether the answer has a row for each place and series, and the plot all of them.
fn divided(plane: &Plane, table: &Grid) -> bool {
    let numbers = table.columns.iter().filter(|column| column.kind == Kind::Number).count();
    let values = plane.series.iter().flat_map(|own| &own.values);
    plane.series.len() > 1
        && numbers == 1
        && plane.series.iter().all(|own| !own.hidden)
        && values.count() >= table.rows.len()
}

fn of_plane(plane: &Plane, table: &Grid) -> Grid {
    let head = table.columns.first().map_or_else(String::new, |column| column.title.clone());
    let kind = if plane.timed { Kind::Time } else { Kind::Text };
    let mut columns = vec![column(&head, kind, false)];
    columns.extend(plane.series.iter().map(|own| column(&own.name, Kind::Number, plane.formatted)));
    let row = |(at, place): (usize, &String)| {
        let values = plane.series.iter().map(|own| own.values.get(at).copied().flatten());
        [Value::String(place.clone())].into_iter().chain(values.map(number)).collect()
    };
    Grid { columns, rows: plane.places.iter().enumerate().map(row).collect() }
}

/// Rows by whichever side is longer.
fn of_pairs(across: &[String], down: &[String], cells: &[(usize, usize, f64)], table: &Grid) -> Grid {
    let formatted = table.columns.iter().any(|column| column.formatted);
    let turned = across.len() > down.len();
    let (rows, heads) = if turned { (across, down) } else { (down, across) };
    let mut columns = vec![column("", Kind::Text, false)];
    columns.extend(heads.iter().map(|name| column(name, Kind::Number, formatted)));
    let mut grid: Vec<Vec<Value>> = rows
        .iter()
        .map(|name| [Value::String(name.clone())].into_iter().chain(heads.iter().map(|_| Value::Null)).collect())
        .collect();
    for (x, y, value) in cells {
        let (row, column) = if turned { (*x, *y) } else { (*y, *x) };
        if let Some(cell) = grid.get_mut(row).and_then(|row| row.get_mut(column + 1)) {
            *cell = number(Some(*value));
        }
    }
    Grid { columns, rows: grid }
}

/// As the answer is, without the currency where each amount says it.
fn plain(drawing: &Drawing) -> Grid {
    let Grid { columns, rows } = &drawing.table;
    let said = drawing.currency.is_some() && columns.iter().any(|column| column.formatted);
    let kept: Vec<usize> = (0..columns.len()).filter(|at| !said || columns[*at].name != "currency").collect();
    Grid {
        columns: kept.iter().map(|at| columns[*at].clone()).collect(),
        rows: rows.iter().map(|row| kept.iter().map(|at| row[*at].clone()).collect()).collect(),
    }
}

fn column(title: &str, kind: Kind, formatted: bool) -> GridColumn {
    GridColumn { name: title.to_owned(), title: title.to_owned(), kind, formatted }
}

fn number(value: Option<f64>) -> Value {
    value.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}
