//! Charts as data: what is asked, how it is drawn, and what it says in words; and dashboards, which are charts on a grid.
//!
//! A [`ChartSpec`] and the rows that answer its query make a [`Drawing`]: the option that ECharts draws (in a page, or in whatever
//! writes reports), the same numbers as a table, and what there is to say about them. Pure: same input, same bytes, no clock and no disk.
//! Options are data and nothing else: no functions, no markup, and colours by their role in the product's tokens.

mod ask;
mod board;
mod draw;
pub mod fault;
mod format;
mod frame;
mod palette;
mod pick;
mod spec;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use ask::{Bindings, MAX_SQL, bind};
pub use board::{Board, COLUMNS, Link, MAX_BYTES, Range, Select, Tile, Variable};
pub use draw::{Axes, Axis, Drawing, Drawn, Extreme, Lead, Leads, Single, Summary, draw};
pub use fault::Fault;
pub use format::{Format, Unit};
pub use frame::{Frame, Kind, MAX_ROWS};
pub use palette::colour;
pub use pick::{Aggregate, By, Condition, Measure, Pick, Step, Test};
pub use spec::{ChartKind, ChartSpec, Encoding, Options, Query, Total};
pub use table::{Grid, GridColumn};
pub use words::Words;
