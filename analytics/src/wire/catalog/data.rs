//! What stands in files: columns of system tables, types, functions of types.

use std::{collections::BTreeMap, sync::LazyLock};

/// The columns of a system table: name and type.
pub(super) type Columns = Vec<(&'static str, &'static str)>;

/// System tables by schema and name.
pub(super) static TABLES: LazyLock<BTreeMap<(&str, &str), Columns>> = LazyLock::new(|| {
    include_str!("columns.txt")
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let name = words.next()?.split_once('.')?;
            Some((name, words.filter_map(|word| word.split_once(':')).collect()))
        })
        .collect()
});

/// A line of `pg_type`.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) oid: i64,
    pub(super) name: &'static str,
    pub(super) length: i64,
    pub(super) by_value: bool,
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) preferred: bool,
    pub(super) delimiter: &'static str,
    pub(super) element: i64,
    pub(super) array: i64,
    /// Input, output, receive, send.
    pub(super) functions: [&'static str; 4],
    pub(super) align: &'static str,
    pub(super) storage: &'static str,
    pub(super) base: i64,
    pub(super) collation: i64,
    /// Its name in SQL.
    pub(super) words: &'static str,
}

/// The types.
pub(super) static TYPES: LazyLock<Vec<Type>> =
    LazyLock::new(|| include_str!("types.txt").lines().filter_map(type_of).collect());

fn type_of(line: &'static str) -> Option<Type> {
    let words: Vec<&'static str> = line.splitn(19, ' ').collect();
    let [
        oid,
        name,
        length,
        by_value,
        kind,
        category,
        preferred,
        delimiter,
        element,
        array,
        input,
        output,
        receive,
        send,
        align,
        storage,
        base,
        collation,
        text,
    ] = words[..]
    else {
        return None;
    };
    let number = |text: &str| text.parse().ok();
    Some(Type {
        oid: number(oid)?,
        name,
        length: number(length)?,
        by_value: by_value == "t",
        kind,
        category,
        preferred: preferred == "t",
        delimiter,
        element: number(element)?,
        array: number(array)?,
        functions: [input, output, receive, send],
        align,
        storage,
        base: number(base)?,
        collation: number(collation)?,
        words: text,
    })
}

/// Functions by name.
pub(super) static PROCS: LazyLock<BTreeMap<&str, i64>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (oid, name) = line.split_once(' ')?;
        Some((name, oid.parse().ok()?))
    };
    include_str!("procs.txt").lines().filter_map(line).collect()
});

/// Functions by number.
static PROC_NAMES: LazyLock<BTreeMap<i64, &str>> =
    LazyLock::new(|| PROCS.iter().map(|(name, oid)| (*oid, *name)).collect());

/// The name of the function with this number; a dash for none.
pub(in crate::wire) fn proc_name(oid: i64) -> Option<&'static str> {
    if oid == 0 { Some("-") } else { PROC_NAMES.get(&oid).copied() }
}

/// The type with this number.
pub(super) fn type_by_oid(oid: i64) -> Option<&'static Type> {
    TYPES.iter().find(|kind| kind.oid == oid)
}

/// The type of this name, as SQL or `pg_type` has it.
pub(super) fn type_by_name(name: &str) -> Option<&'static Type> {
    let name = name.trim().trim_start_matches("pg_catalog.");
    let plain = name.trim_matches('"');
    let known = match plain.to_ascii_lowercase().as_str() {
        "int" => "int4".to_owned(),
        "float" => "float8".to_owned(),
        "decimal" => "numeric".to_owned(),
        other => other.to_owned(),
    };
    TYPES.iter().find(|kind| kind.words == known || kind.name == known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn the_files_are_read_as_wholes() {
        assert_eq!(TABLES.len(), include_str!("columns.txt").lines().count());
        assert_eq!(TYPES.len(), include_str!("types.txt").lines().count());
        assert_eq!(PROCS.len(), include_str!("procs.txt").lines().count());
        let class = &TABLES[&("pg_catalog", "pg_class")];
        assert_eq!(class[..2], [("oid", "oid"), ("relname", "name")]);
        for kind in &*TYPES {
            for function in kind.functions.into_iter().filter(|name| *name != "-") {
                assert!(PROCS.contains_key(function), "{}: {function}", kind.name);
            }
        }
        assert_eq!(type_by_name("timestamp with time zone").unwrap().oid, 1184);
        assert_eq!(type_by_name("INT").unwrap().oid, 23);
        assert_eq!(type_by_oid(1009).unwrap().words, "text[]");
    }
}
