//! `$apply`: a filter, then groups and what they come to.

use super::{fault::ODataError, filter, lexer::is_name};

/// The most columns and aggregates of a group.
const MAX_PARTS: usize = 32;
/// Methods of aggregation: OData's name, and SQL with the column in its place.
const METHODS: &[(&str, &str, &str)] = &[
    ("sum", "sum(", ")"),
    ("min", "min(", ")"),
    ("max", "max(", ")"),
    ("average", "avg(", ")"),
    ("countdistinct", "count(DISTINCT ", ")"),
];

/// What is made of rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Apply {
    /// Which rows, as SQL.
    pub(super) filter: Option<String>,
    /// The columns that a group has alike.
    pub(super) by: Vec<String>,
    /// What the rest comes to, as SQL, with a name for each.
    pub(super) aggregates: Vec<(String, String)>,
}

impl Apply {
    /// Reads transformations, as far as they are understood: `filter(…)/groupby((…),aggregate(…))`, `groupby` or `aggregate` alone.
    ///
    /// # Errors
    /// What is not understood, by name.
    pub(super) fn read(text: &str) -> Result<Self, ODataError> {
        let mut apply = Apply::default();
        let steps = split(text.trim(), '/')?;
        for (at, step) in steps.iter().enumerate() {
            let (name, inner) = call(step)?;
            match name {
                "filter" if at == 0 && steps.len() == 2 => apply.filter = Some(filter::sql(inner)?),
                "groupby" if at + 1 == steps.len() => apply.group(inner)?,
                "aggregate" if at + 1 == steps.len() => apply.aggregate(inner)?,
                _ => {
                    return Err(ODataError::invalid(
                        "of $apply these are understood: filter(…)/groupby((…),aggregate(…)), groupby((…),aggregate(…)), groupby((…)) and aggregate(…)",
                    ));
                }
            }
        }
        Ok(apply)
    }

    fn group(&mut self, inner: &str) -> Result<(), ODataError> {
        let parts = split(inner, ',')?;
        let (columns, aggregate) = match parts.as_slice() {
            [columns] => (columns, None),
            [columns, aggregate] => (columns, Some(aggregate)),
            _ => return Err(ODataError::invalid("groupby takes columns in brackets, and aggregate(…)")),
        };
        let columns = columns.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        let columns =
            columns.ok_or_else(|| ODataError::invalid("the columns of groupby stand in brackets of their own"))?;
        for column in columns.split(',') {
            self.by.push(named(column)?.to_owned());
        }
        if self.by.len() > MAX_PARTS {
            return Err(ODataError::invalid(format!("groupby names more than {MAX_PARTS} columns")));
        }
        match aggregate.map(|aggregate| call(aggregate)).transpose()? {
            None => Ok(()),
            Some(("aggregate", inner)) => self.aggregate(inner),
            Some(_) => Err(ODataError::invalid("behind the columns of groupby stands aggregate(…)")),
        }
    }

    fn aggregate(&mut self, inner: &str) -> Result<(), ODataError> {
        for part in split(inner, ',')? {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (sql, alias) = match words.as_slice() {
                ["$count", "as", alias] => ("count(*)".to_owned(), *alias),
                [column, "with", method, "as", alias] => {
                    let known = METHODS.iter().find(|(name, ..)| name == method);
                    let (_, before, behind) = known.ok_or_else(|| {
                        ODataError::invalid(
                            "of aggregation methods sum, min, max, average and countdistinct are understood",
                        )
                    })?;
                    (format!("{before}\"{}\"{behind}", named(column)?), *alias)
                }
                _ => {
                    return Err(ODataError::invalid(
                        "aggregates are like `quantity with sum as total` or `$count as rows`",
                    ));
                }
            };
            self.aggregates.push((sql, named(alias)?.to_owned()));
        }
        if self.aggregates.len() > MAX_PARTS {
            return Err(ODataError::invalid(format!("aggregate has more than {MAX_PARTS} parts")));
        }
        Ok(())
    }
}

/// The name and the inside of `name(inside)`.
fn call(text: &str) -> Result<(&str, &str), ODataError> {
    let (name, rest) = text.trim().split_once('(').ok_or_else(|| ODataError::invalid("$apply has no brackets"))?;
    let inner = rest.strip_suffix(')').ok_or_else(|| ODataError::invalid("$apply does not end with a bracket"))?;
    Ok((name.trim(), inner.trim()))
}

fn named(text: &str) -> Result<&str, ODataError> {
    let text = text.trim();
    if is_name(text) { Ok(text) } else { Err(ODataError::invalid("$apply names something that is no column")) }
}

/// Parts between separators that stand in no brackets and no quotes.
fn split(text: &str, by: char) -> Result<Vec<&str>, ODataError> {
    let (mut depth, mut quoted, mut from, mut found) = (0usize, false, 0, Vec::new());
    for (at, sign) in text.char_indices() {
        match sign {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth =
                    depth.checked_sub(1).ok_or_else(|| ODataError::invalid("a bracket closes that was not opened"))?;
            }
            sign if sign == by && depth == 0 && !quoted => {
                found.push(text[from..at].trim());
                from = at + sign.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        return Err(ODataError::invalid("a bracket or quote is not closed"));
    }
    found.push(text[from..].trim());
    Ok(found)
}
