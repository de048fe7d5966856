//! Functions of the system. They say little and cost little: each looks at one row of texts.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{
        Array as _, ArrayRef, AsArray as _, BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder,
        new_null_array,
    },
    compute::cast,
    datatypes::{DataType, Field},
};
use datafusion::{
    common::{Result, exec_datafusion_err},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility},
    prelude::SessionContext,
};

use super::{
    data::{PROCS, proc_name, type_by_name, type_by_oid},
    facts::{Facts, PUBLIC, SYSTEM, USER},
};
use crate::wire::settings::SERVER_VERSION;

/// The arguments of a call: texts, or nothing.
type Given<'a> = &'a [Option<&'a str>];
/// What a function says of them.
type Says = fn(&Facts, Given<'_>) -> std::result::Result<Option<String>, String>;

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Gives {
    Text,
    Flag,
    Number,
    /// Names, between commas.
    Names,
    /// Nothing, where PostgreSQL has a pair of numbers `x` and `n`.
    Pair,
}

/// A function of the system.
struct Function {
    name: &'static str,
    gives: Gives,
    says: Says,
    facts: Arc<Facts>,
    signature: Signature,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.facts, &other.facts)
    }
}
impl Eq for Function {}
impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.gives {
            Gives::Text => DataType::Utf8,
            Gives::Flag => DataType::Boolean,
            Gives::Number => DataType::Int64,
            Gives::Names => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            Gives::Pair => pair(),
        })
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays: Result<Vec<ArrayRef>> = args
            .args
            .iter()
            .map(|value| {
                let values = value.to_array(rows)?;
                // What is no text says nothing.
                if values.data_type().is_nested() {
                    return Ok(new_null_array(&DataType::Utf8, rows));
                }
                Ok(cast(&values, &DataType::Utf8)?)
            })
            .collect();
        let arrays = arrays?;
        let texts: Vec<&StringArray> = arrays.iter().map(|array| array.as_string::<i32>()).collect();
        let mut said = Vec::with_capacity(rows);
        let mut given = Vec::with_capacity(texts.len());
        for row in 0..rows {
            given.clear();
            given.extend(texts.iter().map(|texts| texts.is_valid(row).then(|| texts.value(row))));
            said.push((self.says)(&self.facts, &given).map_err(|text| exec_datafusion_err!("{text}"))?);
        }
        let values: ArrayRef = match self.gives {
            Gives::Text => Arc::new(said.into_iter().collect::<StringArray>()),
            Gives::Flag => {
                Arc::new(said.iter().map(|said| said.as_ref().map(|said| said == "t")).collect::<BooleanArray>())
            }
            Gives::Number => Arc::new(
                said.iter().map(|said| said.as_ref().and_then(|said| said.parse().ok())).collect::<Int64Array>(),
            ),
            Gives::Pair => new_null_array(&pair(), rows),
            Gives::Names => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                for said in said {
                    said.iter().flat_map(|said| said.split(',')).for_each(|name| lists.values().append_value(name));
                    lists.append(true);
                }
                Arc::new(lists.finish())
            }
        };
        Ok(ColumnarValue::Array(values))
    }
}

/// What stands in place of an array with the places of its values.
fn pair() -> DataType {
    let number = |name| Field::new(name, DataType::Int64, true);
    DataType::Struct(vec![number("x"), number("n")].into())
}

/// Gives a session the functions of the system.
pub(super) fn register(session: &SessionContext, facts: &Arc<Facts>) {
    for (names, gives, says) in FUNCTIONS {
        for name in names.split_whitespace() {
            let any = Signature::one_of(vec![TypeSignature::Nullary, TypeSignature::VariadicAny], Volatility::Stable);
            let function = Function { name, gives: *gives, says: *says, facts: facts.clone(), signature: any };
            session.register_udf(ScalarUDF::from(function));
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "numbers and texts are given as they come")]
fn some(text: impl ToString) -> std::result::Result<Option<String>, String> {
    Ok(Some(text.to_string()))
}

fn number(given: Given<'_>, at: usize) -> Option<i64> {
    given.get(at).copied().flatten()?.trim().parse().ok()
}

fn said<'a>(given: Given<'a>, at: usize) -> Option<&'a str> {
    given.get(at).copied().flatten()
}

/// Whether the last argument names rights that one has to what can only be read.
fn may(_: &Facts, given: Given<'_>) -> std::result::Result<Option<String>, String> {
    let Some(rights) = given.last().copied().flatten() else { return Ok(None) };
    let read = |right: &str| {
        matches!(right.trim().to_ascii_uppercase().as_str(), "SELECT" | "USAGE" | "CONNECT" | "EXECUTE" | "MEMBER")
    };
    some(if rights.split(',').any(read) { "t" } else { "f" })
}

fn relation_number(facts: &Facts, given: Given<'_>) -> Option<i64> {
    let name = said(given, 0)?;
    // A number is one already.
    name.parse().ok().or_else(|| system_table(name)).or_else(|| Some(facts.relation(name)?.oid))
}

/// The numbers of the system's own tables that clients write down.
fn system_table(name: &str) -> Option<i64> {
    Some(match name.trim_start_matches("pg_catalog.") {
        "pg_class" => 1_259,
        "pg_type" => 1_247,
        "pg_attribute" => 1_249,
        "pg_proc" => 1_255,
        "pg_namespace" => 2_615,
        "pg_database" => 1_262,
        "pg_constraint" => 2_606,
        "pg_attrdef" => 2_604,
        "pg_index" => 2_610,
        "pg_trigger" => 2_620,
        "pg_rewrite" => 2_618,
        "pg_am" => 2_601,
        "pg_authid" => 1_260,
        "pg_tablespace" => 1_213,
        "pg_extension" => 3_079,
        "pg_language" => 2_612,
        "pg_opclass" => 2_616,
        "pg_collation" => 3_456,
        "pg_event_trigger" => 3_466,
        "pg_foreign_server" => 1_417,
        "pg_foreign_data_wrapper" => 2_328,
        "pg_policy" => 3_256,
        "pg_publication" => 6_104,
        "pg_enum" => 3_501,
        _ => return None,
    })
}

fn quoted_name(name: &str) -> String {
    let plain = name
        .bytes()
        .enumerate()
        .all(|(at, byte)| byte == b'_' || byte.is_ascii_lowercase() || (at > 0 && byte.is_ascii_digit()));
    if plain && !name.is_empty() { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn format_type(_: &Facts, given: Given<'_>) -> std::result::Result<Option<String>, String> {
    let Some(oid) = number(given, 0) else { return Ok(None) };
    let Some(kind) = type_by_oid(oid) else { return some(if oid == 0 { "-" } else { "???" }) };
    match number(given, 1) {
        Some(packed) if packed >= 4 && kind.name == "numeric" => {
            some(format!("numeric({},{})", (packed - 4) >> 16, (packed - 4) & 0xffff))
        }
        _ => some(kind.words),
    }
}

fn size(bytes: i64) -> String {
    let mut left = bytes;
    for unit in ["bytes", "kB", "MB", "GB", "TB"] {
        if left.abs() < 10_240 || unit == "TB" {
            return format!("{left} {unit}");
        }
        left = (left + 512) / 1_024;
    }
    format!("{left} TB")
}

/// Names of functions, what they give, and what they say.
const FUNCTIONS: &[(&str, Gives, Says)] = &[
    ("version", Gives::Text, |_, _| some(format!("PostgreSQL {SERVER_VERSION} (Audiagram, for reading only)"))),
    ("current_database current_catalog", Gives::Text, |facts, _| some(&facts.database)),
    ("current_user session_user user current_role", Gives::Text, |facts, _| some(&facts.user)),
    ("current_schema", Gives::Text, |_, _| some(PUBLIC.0)),
    ("current_schemas", Gives::Names, |_, given| {
        some(if said(given, 0) == Some("true") { "pg_catalog,public" } else { "public" })
    }),
    ("current_setting", Gives::Text, |facts, given| {
        let Some(name) = said(given, 0) else { return Ok(None) };
        let known = facts.settings.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known {
            Some((_, value)) => some(value),
            None if said(given, 1) == Some("true") => Ok(None),
            None => Err(format!("unrecognized configuration parameter \"{name}\"")),
        }
    }),
    ("set_config", Gives::Text, |_, given| Ok(said(given, 1).map(str::to_owned))),
    ("pg_backend_pid", Gives::Number, |facts, _| some(facts.process)),
    ("txid_current pg_current_xact_id", Gives::Number, |_, _| some(1)),
    ("pg_is_in_recovery pg_is_other_temp_schema pg_relation_is_publishable", Gives::Flag, |_, _| some("f")),
    ("pg_my_temp_schema pg_trigger_depth", Gives::Number, |_, _| some(0)),
    (
        "pg_table_is_visible pg_type_is_visible pg_function_is_visible pg_operator_is_visible pg_opclass_is_visible \
         pg_collation_is_visible pg_conversion_is_visible pg_ts_config_is_visible pg_statistics_obj_is_visible \
         pg_advisory_unlock pg_advisory_unlock_all pg_try_advisory_lock",
        Gives::Flag,
        |_, _| some("t"),
    ),
    (
        "has_table_privilege has_schema_privilege has_database_privilege has_column_privilege has_any_column_privilege \
         has_function_privilege has_sequence_privilege has_type_privilege has_language_privilege pg_has_role",
        Gives::Flag,
        may,
    ),
    ("pg_encoding_to_char", Gives::Text, |_, given| some(if number(given, 0) == Some(6) { "UTF8" } else { "" })),
    ("getdatabaseencoding pg_client_encoding", Gives::Text, |_, _| some("UTF8")),
    ("format_type pg_regtype_name", Gives::Text, format_type),
    ("pg_get_userbyid", Gives::Text, |facts, given| {
        Ok(number(given, 0).map(|oid| if oid == USER { facts.user.clone() } else { format!("unknown (OID={oid})") }))
    }),
    (
        "pg_get_expr pg_get_indexdef pg_get_constraintdef pg_get_viewdef pg_get_ruledef pg_get_triggerdef pg_get_partkeydef \
         pg_get_functiondef pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result \
         pg_get_serial_sequence pg_get_statisticsobjdef_columns pg_get_function_sqlbody shobj_description \
         pg_tablespace_location inet_server_addr inet_client_addr pg_sequence_last_value pg_get_partition_constraintdef",
        Gives::Text,
        |_, _| Ok(None),
    ),
    ("obj_description", Gives::Text, |facts, given| {
        let relation = number(given, 0).and_then(|oid| facts.by_oid(oid));
        Ok(relation.and_then(|relation| relation.about).map(str::to_owned))
    }),
    ("col_description", Gives::Text, |facts, given| {
        let relation = number(given, 0).and_then(|oid| facts.by_oid(oid));
        let place = number(given, 1).and_then(|place| usize::try_from(place - 1).ok());
        let about =
            relation.zip(place).and_then(|(relation, place)| relation.columns_about.get(place).copied().flatten());
        Ok(about.map(str::to_owned))
    }),
    (
        "pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size pg_database_size pg_stat_get_numscans \
         pg_relation_filenode pg_char_to_encoding",
        Gives::Number,
        |_, _| some(0),
    ),
    ("pg_size_pretty", Gives::Text, |_, given| Ok(number(given, 0).map(size))),
    ("quote_ident", Gives::Text, |_, given| Ok(said(given, 0).map(quoted_name))),
    ("quote_literal", Gives::Text, |_, given| Ok(said(given, 0).map(|text| format!("'{}'", text.replace('\'', "''"))))),
    ("to_regclass", Gives::Number, |facts, given| Ok(relation_number(facts, given).map(|oid| oid.to_string()))),
    ("to_regtype", Gives::Number, |_, given| {
        Ok(said(given, 0).and_then(type_by_name).map(|kind| kind.oid.to_string()))
    }),
    ("pg_regclass", Gives::Number, |facts, given| match (relation_number(facts, given), said(given, 0)) {
        (Some(oid), _) => some(oid),
        (None, Some(name)) => Err(format!("table '{name}' not found")),
        (None, None) => Ok(None),
    }),
    ("pg_regclass_name", Gives::Text, |facts, given| {
        let Some(oid) = number(given, 0) else { return Ok(said(given, 0).map(str::to_owned)) };
        match facts.by_oid(oid) {
            Some(relation) => some(quoted_name(&relation.name)),
            None => some(if oid == 0 { "-".to_owned() } else { oid.to_string() }),
        }
    }),
    ("pg_regtype", Gives::Number, |_, given| match (said(given, 0), number(given, 0)) {
        (_, Some(oid)) => some(oid),
        (Some(name), None) => {
            type_by_name(name).map(|kind| Some(kind.oid.to_string())).ok_or(format!("type \"{name}\" does not exist"))
        }
        (None, None) => Ok(None),
    }),
    ("pg_regproc", Gives::Number, |_, given| match (said(given, 0), number(given, 0)) {
        (_, Some(oid)) => some(oid),
        (Some(name), None) => {
            let bare = name.trim_start_matches("pg_catalog.");
            PROCS.get(bare).map(|oid| Some(oid.to_string())).ok_or(format!("function \"{name}\" does not exist"))
        }
        (None, None) => Ok(None),
    }),
    ("pg_regproc_name", Gives::Text, |_, given| {
        let Some(oid) = number(given, 0) else { return Ok(said(given, 0).map(str::to_owned)) };
        some(proc_name(oid).map_or_else(|| oid.to_string(), str::to_owned))
    }),
    ("pg_regnamespace", Gives::Number, |_, given| {
        Ok(match (said(given, 0), number(given, 0)) {
            (_, Some(oid)) => Some(oid.to_string()),
            (Some("public"), None) => Some(PUBLIC.1.to_string()),
            (Some("pg_catalog"), None) => Some(SYSTEM.to_string()),
            _ => None,
        })
    }),
    // It is asked about keys and indexes, of which there are none.
    ("_pg_expandarray", Gives::Pair, |_, _| Ok(None)),
    ("pg_regrole", Gives::Number, |_, _| some(USER)),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn sizes_and_names() {
        assert_eq!((size(0).as_str(), size(20_480).as_str()), ("0 bytes", "20 kB"));
        assert_eq!(
            (quoted_name("usage"), quoted_name("Billed\"Cost")),
            ("usage".to_owned(), "\"Billed\"\"Cost\"".to_owned())
        );
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names: Vec<&str> = FUNCTIONS.iter().flat_map(|(names, ..)| names.split_whitespace()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
