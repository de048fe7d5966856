//! The options of a request for rows, and the statement that they come to.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use super::{Set, apply::Apply, fault::ODataError, filter, lexer::is_name};
use crate::query::literal;

/// The rows of an answer where no fewer are asked for.
const PAGE: usize = 2_000;
/// The most columns that are named.
const MAX_COLUMNS: usize = 100;
/// The column of the key where it was not asked for.
pub(crate) const HIDDEN: &str = "__key";

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    filter: Option<String>,
    select: Option<Vec<String>>,
    /// Columns and whether the largest come first.
    order: Vec<(String, bool)>,
    apply: Option<Apply>,
    top: Option<usize>,
    skip: usize,
    place: Option<Place>,
    /// Whether all rows are to be counted.
    pub(crate) count: bool,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// Behind the row with this key.
    Behind(Json),
    /// Behind so many rows.
    Rows(usize),
}

impl Place {
    /// As a client sends it back.
    pub(crate) fn token(&self) -> String {
        let text = match self {
            Place::Behind(key) => format!("k{key}"),
            Place::Rows(rows) => format!("r{rows}"),
        };
        URL_SAFE_NO_PAD.encode(text)
    }

    fn read(token: &str) -> Result<Self, ODataError> {
        let wrong = || ODataError::invalid("$skiptoken is not that of a next link");
        let text = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() <= 300);
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
        if let Some(rows) = text.strip_prefix('r') {
            return rows.parse().map(Place::Rows).map_err(|_| wrong());
        }
        let key = text.strip_prefix('k').and_then(|key| serde_json::from_str::<Json>(key).ok());
        key.filter(|key| key.is_string() || key.is_i64()).map(Place::Behind).ok_or_else(wrong)
    }
}

impl Options {
    /// Reads the options of a request. What does not begin with `$` is nobody's.
    ///
    /// # Errors
    /// What is not understood, by name.
    pub(crate) fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, ODataError> {
        let mut options = Options::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs.filter(|(name, _)| name.starts_with('$')) {
            if seen.contains(&name) {
                return Err(ODataError::invalid("an option stands twice"));
            }
            seen.push(name);
            match name {
                "$filter" => options.filter = Some(filter::sql(value)?),
                "$select" if value.trim() == "*" => {}
                "$select" => options.select = Some(columns(value)?),
                "$orderby" => options.order = order(value)?,
                "$apply" => options.apply = Some(Apply::read(value)?),
                "$top" => options.top = Some(number("$top", value)?),
                "$skip" => options.skip = number("$skip", value)?,
                "$skiptoken" => options.place = Some(Place::read(value)?),
                "$count" => {
                    options.count = value.parse().map_err(|_| ODataError::invalid("$count must be true or false"))?;
                }
                "$format" if ["json", "application/json"].contains(&value.split(';').next().unwrap_or_default()) => {}
                "$format" => return Err(ODataError::invalid("$format must be json")),
                _ => {
                    return Err(ODataError::invalid(
                        "of options $filter, $select, $orderby, $top, $skip, $skiptoken, $count, $apply and $format are understood",
                    ));
                }
            }
        }
        Ok(options)
    }

    /// How many rows an answer has: what is left to the top, or a page.
    pub(crate) fn page(&self, preferred: Option<usize>) -> usize {
        let page = preferred.filter(|rows| *rows > 0).map_or(PAGE, |rows| rows.min(PAGE));
        self.top.map_or(page, |top| top.min(page))
    }

    /// What is left of `$top` behind a page, where there is one.
    pub(crate) fn left(&self, page: usize) -> Option<usize> {
        self.top.map(|top| top.saturating_sub(page))
    }

    /// Whether pages go by the key: nothing else puts rows in order.
    fn by_key(&self) -> bool {
        self.order.is_empty() && self.apply.is_none() && self.skip == 0 && !matches!(self.place, Some(Place::Rows(_)))
    }

    /// Where the page behind `rows` rows begins, of which the last has this key.
    pub(crate) fn next(&self, rows: usize, key: Option<Json>) -> Place {
        let before = if let Some(Place::Rows(before)) = self.place { before } else { self.skip };
        match key {
            Some(key) if self.by_key() => Place::Behind(key),
            _ => Place::Rows(before + rows),
        }
    }

    /// The statement for at most `rows` rows. Where pages go by the key, it stands first, as [`HIDDEN`].
    pub(crate) fn sql(&self, set: Set, rows: usize) -> String {
        let by_key = self.by_key();
        let mut conditions: Vec<String> = self.filter.iter().cloned().collect();
        if let Some(Place::Behind(key)) = &self.place {
            let key = key.as_str().map_or_else(|| key.to_string(), literal);
            conditions.push(format!("\"{}\" > {key}", set.key));
        }
        let mut selected = match &self.select {
            None => "*".to_owned(),
            Some(columns) => columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", "),
        };
        if by_key {
            selected = format!("\"{}\" AS {HIDDEN}, {selected}", set.key);
        }
        let mut order: Vec<String> = self
            .order
            .iter()
            .map(|(column, falls)| {
                // Nothing comes before all else, as OData has it.
                format!("\"{column}\"{}", if *falls { " DESC NULLS LAST" } else { " ASC NULLS FIRST" })
            })
            .collect();
        match &self.apply {
            None => order.push(format!("\"{}\"", set.key)),
            Some(apply) => order.extend(apply.by.iter().map(|column| format!("\"{column}\""))),
        }
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let skip = if let Some(Place::Rows(skip)) = self.place { skip } else { self.skip };
        let skip = if skip > 0 { format!(" OFFSET {skip}") } else { String::new() };
        format!("SELECT {selected} FROM {}{}{order} LIMIT {rows}{skip}", self.source(set), when(&conditions))
    }

    /// The statement that counts all rows, whatever page is asked for.
    pub(crate) fn count_sql(&self, set: Set) -> String {
        let conditions: Vec<String> = self.filter.iter().cloned().collect();
        format!("SELECT count(*) FROM {}{}", self.source(set), when(&conditions))
    }

    fn source(&self, set: Set) -> String {
        let Some(apply) = &self.apply else { return set.source() };
        let mut columns: Vec<String> = apply.by.iter().map(|column| format!("\"{column}\"")).collect();
        columns.extend(apply.aggregates.iter().map(|(sql, alias)| format!("{sql} AS \"{alias}\"")));
        let places: Vec<String> = (1..=apply.by.len()).map(|place| place.to_string()).collect();
        let groups = if places.is_empty() { String::new() } else { format!(" GROUP BY {}", places.join(", ")) };
        let conditions: Vec<String> = apply.filter.iter().cloned().collect();
        format!("(SELECT {} FROM {}{}{groups}) AS applied", columns.join(", "), set.source(), when(&conditions))
    }
}

fn when(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

fn number(name: &str, value: &str) -> Result<usize, ODataError> {
    // What is more than this is more than there is.
    let number = value.parse::<u32>().map_err(|_| ODataError::invalid(format!("{name} must be a whole number")))?;
    Ok(number as usize)
}

fn columns(value: &str) -> Result<Vec<String>, ODataError> {
    let mut found: Vec<String> = Vec::new();
    for column in value.split(',').map(str::trim) {
        if !is_name(column) {
            return Err(ODataError::invalid("$select names something that is no column"));
        }
        if !found.iter().any(|known| known == column) {
            found.push(column.to_owned());
        }
    }
    if found.len() > MAX_COLUMNS {
        return Err(ODataError::invalid(format!("$select names more than {MAX_COLUMNS} columns")));
    }
    Ok(found)
}

fn order(value: &str) -> Result<Vec<(String, bool)>, ODataError> {
    let parts: Vec<&str> = value.split(',').collect();
    if parts.len() > MAX_COLUMNS {
        return Err(ODataError::invalid(format!("$orderby names more than {MAX_COLUMNS} columns")));
    }
    let part = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.as_slice() {
            [column] | [column, "asc"] if is_name(column) => Ok(((*column).to_owned(), false)),
            [column, "desc"] if is_name(column) => Ok(((*column).to_owned(), true)),
            _ => Err(ODataError::invalid("$orderby has columns, each with asc or desc behind it")),
        }
    };
    parts.into_iter().map(part).collect()
}
