//! The rows of system tables. Tables that are not here are there and empty.

use std::collections::BTreeMap;

use super::{
    data::{PROCS, TYPES, type_by_oid},
    facts::{DATABASE, Facts, INFORMATION, PUBLIC, Relation, SYSTEM, USER},
};
use crate::wire::kind::{PgType, modifier};

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Null,
    Flag(bool),
    Number(i64),
    Text(String),
}

/// A row: what it says of its columns.
pub(super) type Line = BTreeMap<&'static str, Cell>;

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn maybe(text: Option<impl Into<String>>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.into()))
}

fn number(number: i64) -> Cell {
    Cell::Number(number)
}

fn flag(flag: bool) -> Cell {
    Cell::Flag(flag)
}

macro_rules! line {
    ($($name:ident: $value:expr),* $(,)?) => { Line::from([$((stringify!($name), $value)),*]) };
}

/// The tables of `pg_catalog` that have rows. All others are always empty.
const FILLED: [&str; 21] = [
    "pg_am",
    "pg_attribute",
    "pg_class",
    "pg_database",
    "pg_description",
    "pg_language",
    "pg_namespace",
    "pg_proc",
    "pg_range",
    "pg_roles",
    "pg_settings",
    "pg_stat_activity",
    "pg_stat_all_tables",
    "pg_stat_user_tables",
    "pg_statio_user_tables",
    "pg_tables",
    "pg_tablespace",
    "pg_timezone_names",
    "pg_type",
    "pg_user",
    "pg_views",
];

/// Whether a table of `pg_catalog` never has a row.
pub(super) fn is_empty(table: &str) -> bool {
    !FILLED.contains(&table)
}

/// The rows of a system table.
pub(super) fn of(schema: &str, table: &str, facts: &Facts) -> Vec<Line> {
    match (schema, table) {
        ("pg_catalog", table) => catalog(table, facts),
        (_, table) => information(table, facts),
    }
}

fn catalog(table: &str, facts: &Facts) -> Vec<Line> {
    match table {
        "pg_namespace" => {
            let names = [(SYSTEM, "pg_catalog"), (PUBLIC.1, PUBLIC.0), (INFORMATION, "information_schema")];
            names
                .into_iter()
                .map(|(oid, name)| line! { oid: number(oid), nspname: text(name), nspowner: number(USER), nspacl: Cell::Null })
                .collect()
        }
        "pg_class" => facts.relations.iter().map(class).collect(),
        "pg_attribute" => facts.relations.iter().flat_map(attributes).collect(),
        "pg_type" => TYPES.iter().map(kind).collect(),
        "pg_proc" => PROCS
            .iter()
            .map(|(name, oid)| {
                line! {
                    oid: number(*oid), proname: text(*name), pronamespace: number(SYSTEM), proowner: number(USER),
                    prokind: text("f"), provolatile: text("i"), prosrc: text(*name), proconfig: Cell::Null,
                }
            })
            .collect(),
        "pg_range" => [(3904, 23), (3906, 1700), (3908, 1114), (3910, 1184), (3912, 1082), (3926, 20)]
            .into_iter()
            .map(|(range, of)| line! { rngtypid: number(range), rngsubtype: number(of) })
            .collect(),
        "pg_description" => facts.relations.iter().flat_map(descriptions).collect(),
        "pg_database" => vec![line! {
            oid: number(DATABASE), datname: text(&facts.database), datdba: number(USER), encoding: number(6),
            datallowconn: flag(true), datconnlimit: number(-1), datcollate: text("C"), datctype: text("C"),
            dattablespace: number(1663), datlocprovider: text("c"),
        }],
        "pg_tablespace" => vec![line! { oid: number(1663), spcname: text("pg_default"), spcowner: number(USER) }],
        "pg_roles" => vec![line! {
            oid: number(USER), rolname: text(&facts.user), rolcanlogin: flag(true), rolinherit: flag(true),
            rolconnlimit: number(-1), rolpassword: text("********"), rolvaliduntil: Cell::Null,
        }],
        "pg_user" => vec![line! {
            usesysid: number(USER), usename: text(&facts.user), passwd: text("********"), valuntil: Cell::Null,
        }],
        "pg_am" => vec![line! { oid: number(2), amname: text("heap"), amtype: text("t") }],
        "pg_language" => vec![line! { oid: number(14), lanname: text("sql"), lanowner: number(USER) }],
        "pg_settings" => facts
            .settings
            .iter()
            .map(|(name, value)| {
                line! {
                    name: text(name), setting: text(value), unit: Cell::Null, category: text("Session"),
                    context: text("user"), vartype: text("string"), source: text("session"), boot_val: text(value),
                    reset_val: text(value), enumvals: Cell::Null, sourcefile: Cell::Null, sourceline: Cell::Null,
                }
            })
            .collect(),
        "pg_tables" => tables(facts)
            .map(|table| {
                line! {
                    schemaname: text(PUBLIC.0), tablename: text(&table.name), tableowner: text(&facts.user),
                    tablespace: Cell::Null,
                }
            })
            .collect(),
        "pg_views" => views(facts)
            .map(|view| {
                line! {
                    schemaname: text(PUBLIC.0), viewname: text(&view.name), viewowner: text(&facts.user), definition: Cell::Null,
                }
            })
            .collect(),
        "pg_stat_user_tables" | "pg_stat_all_tables" | "pg_statio_user_tables" => tables(facts)
            .map(|table| line! { relid: number(table.oid), schemaname: text(PUBLIC.0), relname: text(&table.name) })
            .collect(),
        "pg_stat_activity" => vec![line! {
            datid: number(DATABASE), datname: text(&facts.database), pid: number(i64::from(facts.process)),
            usesysid: number(USER), usename: text(&facts.user), state: text("active"),
        }],
        "pg_timezone_names" => vec![line! { name: text("UTC"), abbrev: text("UTC") }],
        _ => Vec::new(),
    }
}

fn tables(facts: &Facts) -> impl Iterator<Item = &Relation> {
    facts.relations.iter().filter(|relation| !relation.is_view)
}

fn views(facts: &Facts) -> impl Iterator<Item = &Relation> {
    facts.relations.iter().filter(|relation| relation.is_view)
}

fn count(of: &[impl Sized]) -> i64 {
    i64::try_from(of.len()).unwrap_or(i64::MAX)
}

fn class(relation: &Relation) -> Line {
    line! {
        oid: number(relation.oid), relname: text(&relation.name), relnamespace: number(PUBLIC.1), relowner: number(USER),
        relam: number(if relation.is_view { 0 } else { 2 }), relkind: text(if relation.is_view { "v" } else { "r" }),
        relnatts: number(count(relation.schema.fields())), relpersistence: text("p"), relispopulated: flag(true),
        relreplident: text("n"), reltuples: number(-1), relhasrules: flag(relation.is_view), relacl: Cell::Null,
    }
}

fn attributes(relation: &Relation) -> impl Iterator<Item = Line> {
    relation.schema.fields().iter().zip(1..).map(|(field, place)| {
        let kind = PgType::of(field);
        let known = type_by_oid(i64::from(kind.oid()));
        line! {
            attrelid: number(relation.oid), attname: text(field.name()), atttypid: number(kind.oid().into()),
            attstattarget: number(-1), attlen: number(kind.size().into()), attnum: number(place), attcacheoff: number(-1),
            atttypmod: number(modifier(field.data_type()).into()), attnotnull: flag(!field.is_nullable()),
            attbyval: flag(known.is_some_and(|kind| kind.by_value)), attalign: text(known.map_or("i", |kind| kind.align)),
            attstorage: text(known.map_or("x", |kind| kind.storage)), attislocal: flag(true),
            attcollation: number(known.map_or(0, |kind| kind.collation)), attacl: Cell::Null,
        }
    })
}

fn descriptions(relation: &Relation) -> Vec<Line> {
    let about = |place: i64, text: &str| {
        // `pg_class` has the number 1259.
        line! { objoid: number(relation.oid), classoid: number(1259), objsubid: number(place), description: Cell::Text(text.to_owned()) }
    };
    let columns = relation.columns_about.iter().zip(1..).filter_map(|(text, place)| Some(about(place, (*text)?)));
    relation.about.map(|text| about(0, text)).into_iter().chain(columns).collect()
}

fn kind(kind: &super::data::Type) -> Line {
    let function = |at: usize| number(PROCS.get(kind.functions[at]).copied().unwrap_or_default());
    let system = kind.words.starts_with("information_schema.");
    line! {
        oid: number(kind.oid), typname: text(kind.name), typnamespace: number(if system { INFORMATION } else { SYSTEM }),
        typowner: number(USER), typlen: number(kind.length), typbyval: flag(kind.by_value), typtype: text(kind.kind),
        typcategory: text(kind.category), typispreferred: flag(kind.preferred), typisdefined: flag(true),
        typdelim: text(kind.delimiter), typelem: number(kind.element), typarray: number(kind.array), typinput: function(0),
        typoutput: function(1), typreceive: function(2), typsend: function(3), typalign: text(kind.align),
        typstorage: text(kind.storage), typbasetype: number(kind.base), typtypmod: number(-1),
        typcollation: number(kind.collation), typdefault: Cell::Null, typdefaultbin: Cell::Null, typacl: Cell::Null,
    }
}

fn information(table: &str, facts: &Facts) -> Vec<Line> {
    let database = || text(&facts.database);
    match table {
        "schemata" => ["information_schema", "pg_catalog", "public"]
            .into_iter()
            .map(|name| line! { catalog_name: database(), schema_name: text(name), schema_owner: text(&facts.user) })
            .collect(),
        "tables" => facts
            .relations
            .iter()
            .map(|relation| {
                line! {
                    table_catalog: database(), table_schema: text(PUBLIC.0), table_name: text(&relation.name),
                    table_type: text(if relation.is_view { "VIEW" } else { "BASE TABLE" }), is_insertable_into: text("NO"),
                    is_typed: text("NO"), self_referencing_column_name: Cell::Null, reference_generation: Cell::Null,
                    user_defined_type_catalog: Cell::Null, user_defined_type_schema: Cell::Null,
                    user_defined_type_name: Cell::Null, commit_action: Cell::Null,
                }
            })
            .collect(),
        "views" => views(facts)
            .map(|view| {
                line! {
                    table_catalog: database(), table_schema: text(PUBLIC.0), table_name: text(&view.name),
                    view_definition: Cell::Null, check_option: text("NONE"), is_updatable: text("NO"),
                    is_insertable_into: text("NO"),
                }
            })
            .collect(),
        "columns" => facts.relations.iter().flat_map(|relation| columns(relation, &facts.database)).collect(),
        "table_privileges" | "role_table_grants" => facts
            .relations
            .iter()
            .map(|relation| {
                line! {
                    grantor: text(&facts.user), grantee: text(&facts.user), table_catalog: database(),
                    table_schema: text(PUBLIC.0), table_name: text(&relation.name), privilege_type: text("SELECT"),
                    is_grantable: text("NO"), with_hierarchy: text("YES"),
                }
            })
            .collect(),
        "enabled_roles" => vec![line! { role_name: text(&facts.user) }],
        "information_schema_catalog_name" => vec![line! { catalog_name: database() }],
        "character_sets" => vec![line! {
            character_set_catalog: Cell::Null, character_set_schema: Cell::Null, character_set_name: text("UTF8"),
            character_repertoire: text("UCS"), form_of_use: text("UTF8"), default_collate_catalog: database(),
            default_collate_schema: text("pg_catalog"), default_collate_name: text("C"),
        }],
        _ => Vec::new(),
    }
}

fn columns<'a>(relation: &'a Relation, database: &'a str) -> impl Iterator<Item = Line> {
    relation.schema.fields().iter().zip(1..).map(move |(field, place)| {
        let kind = PgType::of(field);
        let known = type_by_oid(i64::from(kind.oid()));
        let words = known.map_or("text", |kind| if kind.category == "A" { "ARRAY" } else { kind.words });
        let name = known.map_or("text", |kind| kind.name);
        let digits = match name {
            "int2" => Some((16, 2, Some(0))),
            "int4" => Some((32, 2, Some(0))),
            "int8" => Some((64, 2, Some(0))),
            "float4" => Some((24, 2, None)),
            "float8" => Some((53, 2, None)),
            "numeric" => match modifier(field.data_type()) {
                -1 => None,
                packed => Some((i64::from((packed - 4) >> 16), 10, Some(i64::from((packed - 4) & 0xffff)))),
            },
            _ => None,
        };
        let digit = |number: Option<i64>| number.map_or(Cell::Null, Cell::Number);
        let moment = matches!(name, "timestamp" | "timestamptz" | "time" | "interval").then_some(6);
        let moment = if name == "date" { Some(0) } else { moment };
        line! {
            table_catalog: text(database), table_schema: text(PUBLIC.0), table_name: text(&relation.name),
            column_name: text(field.name()), ordinal_position: number(place), column_default: Cell::Null,
            is_nullable: text(if field.is_nullable() { "YES" } else { "NO" }), data_type: text(words),
            character_maximum_length: Cell::Null,
            character_octet_length: digit((name == "text").then_some(1 << 30)),
            numeric_precision: digit(digits.map(|(precision, ..)| precision)),
            numeric_precision_radix: digit(digits.map(|(_, radix, _)| radix)),
            numeric_scale: digit(digits.and_then(|(.., scale)| scale)),
            datetime_precision: digit(moment),
            interval_type: Cell::Null, interval_precision: Cell::Null, character_set_catalog: Cell::Null,
            character_set_schema: Cell::Null, character_set_name: Cell::Null, collation_catalog: Cell::Null,
            collation_schema: Cell::Null, collation_name: Cell::Null, domain_catalog: Cell::Null, domain_schema: Cell::Null,
            domain_name: Cell::Null, udt_catalog: text(database), udt_schema: text("pg_catalog"), udt_name: text(name),
            scope_catalog: Cell::Null, scope_schema: Cell::Null, scope_name: Cell::Null, maximum_cardinality: Cell::Null,
            dtd_identifier: maybe(Some(place.to_string())), is_self_referencing: text("NO"), is_identity: text("NO"),
            identity_generation: Cell::Null, identity_start: Cell::Null, identity_increment: Cell::Null,
            identity_maximum: Cell::Null, identity_minimum: Cell::Null, identity_cycle: text("NO"),
            is_generated: text("NEVER"), generation_expression: Cell::Null, is_updatable: text("NO"),
        }
    })
}
