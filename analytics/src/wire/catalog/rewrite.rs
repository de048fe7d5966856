//! What clients of PostgreSQL say in words of their own, said in those of the engine: names with `pg_catalog` before them, types that only
//! the system's tables have, operators on arrays, and the names of columns that were given none.

use std::{collections::BTreeMap, ops::ControlFlow};

use datafusion::sql::{
    parser::Statement,
    sqlparser::ast::{
        AccessExpr, Array, ArrayElemTypeDef, BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function,
        FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart,
        Select, Statement as Sql, TimezoneInfo, UnaryOperator, Value, VisitMut as _, VisitorMut,
    },
};

use super::{absent, data::TABLES, facts::CATALOG, names::name_columns};
use crate::wire::{
    kind::{PgType, Scalar, Shape},
    parameter::text_list,
};

/// Says a statement in the engine's words; the parameters that are cast to arrays.
pub(super) fn rewrite(
    statement: &mut Statement,
    database: &str,
    named: &[u32],
) -> BTreeMap<usize, arrow::datatypes::DataType> {
    let mut words = Words { database, named, lists: BTreeMap::new() };
    match statement {
        Statement::Statement(sql) => {
            let _ = sql.visit(&mut words);
            if let Sql::Query(query) = &mut **sql {
                name_columns(query);
            }
        }
        Statement::Explain(explain) => return rewrite(&mut explain.statement, database, named),
        _ => {}
    }
    words.lists
}

struct Words<'a> {
    database: &'a str,
    named: &'a [u32],
    /// Parameters that are cast to arrays.
    lists: BTreeMap<usize, arrow::datatypes::DataType>,
}

impl VisitorMut for Words<'_> {
    type Break = ();

    fn post_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        let parts = &mut relation.0;
        let is = |part: &ObjectNamePart, name: &str| part.as_ident().is_some_and(|ident| same(ident, name));
        if parts.len() == 3 && (is(&parts[0], self.database) || is(&parts[0], CATALOG)) {
            parts.remove(0);
        }
        let known = |part: &ObjectNamePart| {
            let ident = part.as_ident();
            ident.is_some_and(|ident| TABLES.contains_key(&("pg_catalog", ident.value.to_lowercase().as_str())))
        };
        match &parts[..] {
            // Functions that stand where tables do.
            [schema, name] if is(schema, "pg_catalog") && !known(name) => drop(parts.remove(0)),
            [name] if known(name) => parts.insert(0, ObjectNamePart::Identifier(Ident::new("pg_catalog"))),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        absent::hollow(select);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let plain = std::mem::replace(expr, Expr::Value(Value::Null.into()));
        *expr = self.said(plain);
        ControlFlow::Continue(())
    }
}

/// Whether a name that was written is this one.
fn same(ident: &Ident, name: &str) -> bool {
    if ident.quote_style.is_some() { ident.value == name } else { ident.value.eq_ignore_ascii_case(name) }
}

impl Words<'_> {
    fn said(&mut self, expr: Expr) -> Expr {
        match expr {
            Expr::Function(mut function) => {
                let qualified = function.name.0.len() > 1;
                let system = |part: &ObjectNamePart| {
                    part.as_ident().is_some_and(|ident| same(ident, "pg_catalog") || same(ident, "information_schema"))
                };
                if qualified && function.name.0.first().is_some_and(system) {
                    function.name.0.remove(0);
                }
                let is_array =
                    function.name.0.last().and_then(ObjectNamePart::as_ident).is_some_and(|name| same(name, "array"));
                let upper = function.name.0.last().and_then(ObjectNamePart::as_ident);
                if upper.is_some_and(|name| same(name, "array_upper")) {
                    function.name = ObjectName::from(vec![Ident::new("array_length")]);
                    return cast_to(Expr::Function(function), DataType::BigInt(None));
                }
                match function.args {
                    FunctionArguments::Subquery(query) if is_array => absent::array(query),
                    _ => Expr::Function(function),
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::PGCustomBinaryOperator(names), right } => {
                let op = match names.last().map(String::as_str) {
                    Some("~") => BinaryOperator::PGRegexMatch,
                    Some("~*") => BinaryOperator::PGRegexIMatch,
                    Some("!~") => BinaryOperator::PGRegexNotMatch,
                    Some("!~*") => BinaryOperator::PGRegexNotIMatch,
                    Some("=") => BinaryOperator::Eq,
                    Some("<>" | "!=") => BinaryOperator::NotEq,
                    Some("<") => BinaryOperator::Lt,
                    Some(">") => BinaryOperator::Gt,
                    Some("<=") => BinaryOperator::LtEq,
                    Some(">=") => BinaryOperator::GtEq,
                    Some("||") => BinaryOperator::StringConcat,
                    _ => BinaryOperator::PGCustomBinaryOperator(names),
                };
                Expr::BinaryOp { left, op, right }
            }
            // The arrays of system tables hold nothing, and nothing is equal to it.
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right }
                if is_system_column(&left, |kind| kind.starts_with('_')) && string(&right).is_some() =>
            {
                cast_to(Expr::Value(Value::Null.into()), DataType::Boolean)
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right }
                if is_system_column(&left, |kind| kind == "bool") =>
            {
                // The flags of system tables are held against texts.
                let said = match string(&right) {
                    Some("t" | "true") => Some(true),
                    Some("f" | "false") => Some(false),
                    _ => None,
                };
                let right = said.map_or(right, |said| Box::new(Expr::Value(Value::Boolean(said).into())));
                Expr::BinaryOp { left, op: BinaryOperator::Eq, right }
            }
            Expr::Collate { expr, .. } => *expr,
            Expr::Subquery(query) => absent::scalar(query),
            // `(pair).x`
            Expr::CompoundFieldAccess { root, mut access_chain }
                if matches!(&access_chain[..], [AccessExpr::Dot(Expr::Identifier(_))]) =>
            {
                let Some(AccessExpr::Dot(Expr::Identifier(field))) = access_chain.pop() else { return *root };
                call("get_field", vec![*root, Expr::Value(Value::SingleQuotedString(field.value).into())])
            }
            Expr::Interval(mut interval) if interval.leading_field.is_none() => {
                if let Some(text) = string(&interval.value).and_then(clock) {
                    interval.value = Box::new(Expr::Value(Value::SingleQuotedString(text).into()));
                }
                Expr::Interval(interval)
            }
            Expr::Cast { kind, expr, data_type, array, format } => {
                match cast(self.noted(*expr, &data_type), &data_type) {
                    Ok(said) => said,
                    Err(expr) => Expr::Cast { kind, expr, data_type, array, format },
                }
            }
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } if !is_query(&right) => {
                call("array_has", vec![self.texts_at_least(items(*right)), *left])
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } if !is_query(&right) => {
                let has = call("array_has", vec![self.texts_at_least(items(*right)), *left]);
                Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(has) }
            }
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) => match self.named_type(name) {
                    Some(data_type) => cast_to(Expr::Value(value), data_type),
                    None => Expr::Value(value),
                },
                _ => Expr::Value(value),
            },
            other => other,
        }
    }

    /// A parameter that nobody has named the type of is an array of texts, where an array must stand.
    fn texts_at_least(&mut self, expr: Expr) -> Expr {
        match &expr {
            Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => {
                let texts = DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None));
                cast_to(self.noted(expr, &texts), texts)
            }
            _ => expr,
        }
    }

    /// Notes a parameter that is cast to an array.
    fn noted(&mut self, expr: Expr, to: &DataType) -> Expr {
        let number = match &expr {
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) => name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()),
                _ => None,
            },
            _ => None,
        };
        if let Some(number) = number
            && let DataType::Array(ArrayElemTypeDef::SquareBracket(item, _)) = to
        {
            let scalar = match special(item).map_or_else(|| (**item).clone(), |name| plain_type(&name)) {
                DataType::BigInt(_) => Scalar::Int8,
                DataType::Int(_) | DataType::Integer(_) => Scalar::Int4,
                DataType::SmallInt(_) => Scalar::Int2,
                DataType::DoublePrecision => Scalar::Float8,
                DataType::Real => Scalar::Float4,
                DataType::Boolean | DataType::Bool => Scalar::Bool,
                _ => Scalar::Text,
            };
            self.lists.insert(number, PgType { scalar, shape: Shape::Array }.engine());
        }
        expr
    }

    /// The type that the client named for a parameter, where it says something: texts are what is not known, too.
    fn named_type(&mut self, name: &str) -> Option<DataType> {
        let number: usize = name.strip_prefix('$')?.parse().ok()?;
        let oid = *self.named.get(number.checked_sub(1)?)?;
        let kind = PgType::of_oid(oid)?;
        let one = match kind.scalar {
            Scalar::Bool => DataType::Boolean,
            Scalar::Int2 => DataType::SmallInt(None),
            Scalar::Int4 => DataType::Integer(None),
            Scalar::Int8 | Scalar::Oid => DataType::BigInt(None),
            Scalar::Float4 => DataType::Real,
            Scalar::Float8 => DataType::DoublePrecision,
            Scalar::Numeric => DataType::Numeric(ExactNumberInfo::PrecisionAndScale(38, 16)),
            Scalar::Date => DataType::Date,
            Scalar::Timestamp => DataType::Timestamp(None, TimezoneInfo::None),
            Scalar::Timestamptz => DataType::Timestamp(None, TimezoneInfo::Tz),
            _ if kind.shape == Shape::Array => DataType::Text,
            _ => return None,
        };
        Some(match kind.shape {
            Shape::One => one,
            Shape::Array | Shape::Vector => DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(one), None)),
        })
    }
}

fn is_query(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(_) => true,
        Expr::Nested(inner) => is_query(inner),
        _ => false,
    }
}

pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// An array of no texts.
pub(super) fn none_of_texts() -> Expr {
    let texts = DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None));
    cast_to(Expr::Array(Array { elem: Vec::new(), named: true }), texts)
}

fn cast_to(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::DoubleColon, expr: Box::new(expr), data_type, array: false, format: None }
}

fn string(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Nested(inner) => string(inner),
        _ => None,
    }
}

/// An array: what stands as a text in braces becomes one.
fn items(expr: Expr) -> Expr {
    match string(&expr).and_then(text_list) {
        Some(found) => {
            let item = |item: Option<String>| Expr::Value(item.map_or(Value::Null, Value::SingleQuotedString).into());
            Expr::Array(Array { elem: found.into_iter().map(item).collect(), named: true })
        }
        None => match expr {
            Expr::Nested(inner) => items(*inner),
            other => other,
        },
    }
}

/// Whether an expression is a column of a system table of such a type.
fn is_system_column(expr: &Expr, of: impl Fn(&str) -> bool) -> bool {
    let name = match expr {
        Expr::Identifier(ident) => ident,
        Expr::CompoundIdentifier(idents) => match idents.last() {
            Some(ident) => ident,
            None => return false,
        },
        _ => return false,
    };
    let name = name.value.to_lowercase();
    let system = TABLES.iter().filter(|((schema, _), _)| *schema == "pg_catalog").flat_map(|(_, columns)| columns);
    system.into_iter().any(|(known, kind)| *known == name && of(kind))
}

/// A span with a time of day at its end, which the engine wants in words.
fn clock(text: &str) -> Option<String> {
    let (before, last) = text.trim().rsplit_once(' ').unwrap_or(("", text.trim()));
    let (sign, bare) = last.strip_prefix('-').map_or(("", last), |rest| ("-", rest));
    let parts: Vec<&str> = bare.split(':').collect();
    let [hours, minutes, rest @ ..] = &parts[..] else { return None };
    let seconds = rest.first().copied().unwrap_or("0");
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if rest.len() > 1 || ![*hours, *minutes, seconds].into_iter().all(number) {
        return None;
    }
    Some(
        format!("{before} {sign}{hours} hours {sign}{minutes} minutes {sign}{seconds} seconds").trim_start().to_owned(),
    )
}

/// A cast to a type that the engine does not know, said otherwise; the operand where there is nothing to say.
fn cast(expr: Expr, to: &DataType) -> Result<Expr, Box<Expr>> {
    let simple =
        string(&expr).is_some() || matches!(&expr, Expr::Value(value) if matches!(value.value, Value::Placeholder(_)));
    let to_text = matches!(to, DataType::Text | DataType::Varchar(_)) || special(to).is_some_and(|name| name == "text");
    if to_text && is_system_column(&expr, |kind| kind == "regproc") {
        return Ok(call("pg_regproc_name", vec![expr]));
    }
    let Some(name) = special(to) else { return list_cast(expr, to) };
    let number_or_name = |number: &str, name: &str, expr| call(if simple { number } else { name }, vec![expr]);
    Ok(match name.as_str() {
        "regclass" => number_or_name("pg_regclass", "pg_regclass_name", expr),
        "regtype" => number_or_name("pg_regtype", "pg_regtype_name", expr),
        "regproc" | "regprocedure" => number_or_name("pg_regproc", "pg_regproc_name", expr),
        "regnamespace" => call("pg_regnamespace", vec![expr]),
        "regrole" => call("pg_regrole", vec![expr]),
        "int2vector" | "oidvector" | "anyarray" => expr,
        name => cast_to(expr, plain_type(name)),
    })
}

/// Casts of texts in braces to arrays, and of arrays to arrays of a type that the engine does not know.
fn list_cast(expr: Expr, to: &DataType) -> Result<Expr, Box<Expr>> {
    let DataType::Array(ArrayElemTypeDef::SquareBracket(item, size)) = to else { return Err(Box::new(expr)) };
    let known = special(item).map(|name| plain_type(&name));
    if known.is_none() && string(&expr).is_none() {
        return Err(Box::new(expr));
    }
    let item = known.unwrap_or_else(|| (**item).clone());
    Ok(cast_to(items(expr), DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(item), *size))))
}

/// The name of a type that the engine does not know by it.
fn special(kind: &DataType) -> Option<String> {
    match kind {
        DataType::Regclass => Some("regclass".to_owned()),
        DataType::JSON | DataType::JSONB | DataType::Uuid => Some("text".to_owned()),
        DataType::Custom(name, _) => name.0.last()?.as_ident().map(|ident| ident.value.to_lowercase()),
        _ => None,
    }
}

fn plain_type(name: &str) -> DataType {
    match name {
        "oid" | "xid" | "cid" | "int8" | "bigint" => DataType::BigInt(None),
        "int4" | "integer" | "int" | "cardinal_number" => DataType::Integer(None),
        "int2" | "smallint" => DataType::SmallInt(None),
        "bool" | "boolean" => DataType::Boolean,
        "float4" => DataType::Real,
        "float8" => DataType::DoublePrecision,
        "numeric" => DataType::Numeric(ExactNumberInfo::PrecisionAndScale(38, 16)),
        "timestamptz" => DataType::Timestamp(None, TimezoneInfo::Tz),
        "timestamp" => DataType::Timestamp(None, TimezoneInfo::None),
        "date" => DataType::Date,
        "bytea" => DataType::Bytea,
        _ => DataType::Text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::wire::catalog::names::{HIDDEN, shown};

    fn said(sql: &str) -> String {
        let mut statement = crate::statement::parse(sql).unwrap();
        rewrite(&mut statement, "acme", &[23, 0, 1184]);
        statement.to_string().replace(HIDDEN, "#")
    }

    #[test]
    fn words_of_postgresql_in_those_of_the_engine() {
        for (sql, expected) in [
            ("SELECT meter FROM acme.public.usage", "SELECT meter FROM public.usage"),
            ("SELECT relname FROM pg_class", "SELECT relname FROM pg_catalog.pg_class"),
            ("SELECT pg_catalog.version()", "SELECT version() AS \"version\""),
            ("SELECT count(*), count(*) FROM t", "SELECT count(*) AS \"count\", count(*) AS \"count#1\" FROM t"),
            ("SELECT 1, 'a'", "SELECT 1 AS \"?column?\", 'a' AS \"?column?#1\""),
            ("SELECT at::date FROM t GROUP BY at", "SELECT at::DATE AS \"at#0\" FROM t GROUP BY at"),
            (
                "SELECT a FROM t WHERE a OPERATOR(pg_catalog.~) '^(x)$' COLLATE pg_catalog.default",
                "SELECT a FROM t WHERE a ~ '^(x)$'",
            ),
            ("SELECT a FROM t WHERE o = 'usage'::regclass", "SELECT a FROM t WHERE o = pg_regclass('usage')"),
            ("SELECT a FROM t WHERE o = '1'::pg_catalog.oid", "SELECT a FROM t WHERE o = '1'::BIGINT"),
            ("SELECT a FROM t WHERE k = ANY('{r,v}')", "SELECT a FROM t WHERE array_has(ARRAY['r', 'v'], k)"),
            ("SELECT a FROM t WHERE k <> ALL (ARRAY[1])", "SELECT a FROM t WHERE NOT array_has(ARRAY[1], k)"),
            ("SELECT a FROM t WHERE x = $1 AND y = $2", "SELECT a FROM t WHERE x = $1::INTEGER AND y = $2"),
            (
                "SELECT (SELECT c.relname FROM pg_class c WHERE c.oid = 1) AS x",
                "SELECT (SELECT max(c.relname) AS \"relname\" FROM pg_catalog.pg_class c WHERE c.oid = 1) AS x",
            ),
            ("SELECT (SELECT d.adbin FROM pg_attrdef d WHERE d.adrelid = 1) AS x", "SELECT NULL AS x"),
            ("SELECT ARRAY(SELECT polname FROM pg_policy) AS x", "SELECT ARRAY[]::TEXT[] AS x"),
            (
                "SELECT INTERVAL '1 day 02:03:04.5' AS x",
                "SELECT INTERVAL '1 day 02 hours 03 minutes 04.5 seconds' AS x",
            ),
            ("SELECT a FROM t WHERE k = ANY($2)", "SELECT a FROM t WHERE array_has($2::TEXT[], k)"),
            (
                "SELECT i.indexrelid FROM pg_index i WHERE i.indisprimary = 't'",
                "SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indisprimary = true",
            ),
            ("SELECT (SELECT meter FROM usage) AS x", "SELECT (SELECT meter FROM usage) AS x"),
        ] {
            assert_eq!(said(sql), expected, "{sql}");
        }
        assert_eq!(shown("count\u{1}1"), "count");
    }
}
