//! Tables of a tenant as an engine sees them: columns with comments, and rows as plain values.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// A moment, in UTC.
    Time,
    /// Yes or no.
    Flag,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One line about it.
    pub about: &'static str,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Milliseconds since 1970.
    Time(u64),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A text, or nothing.
    pub fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Cell::Null, |text| Cell::Text(text.to_string()))
    }

    /// A number, as large as it may be.
    pub fn number(number: u64) -> Self {
        Cell::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Rows of a table, and where the next ones begin.
pub type Rows = (Vec<Vec<Cell>>, Option<Vec<u8>>);

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be read: {0}")]
pub struct TableError(pub String);

/// A table that is read when a question needs it. It holds what the one who asks may see, and nothing else.
pub trait Table: Send + Sync + std::fmt::Debug {
    /// Its name.
    fn name(&self) -> &'static str;
    /// One line about it.
    fn about(&self) -> &'static str;
    /// Its columns.
    fn columns(&self) -> &'static [Column];
    /// The rows from `from` on, at most some thousand; where the next ones begin, while there are any.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&self, from: Option<Vec<u8>>) -> Result<Rows, TableError>;
}
