//! What clients of PostgreSQL say in words of their own, said in those of the engine: names with `pg_catalog` before them, types that only
//! the system's tables have, operators on arrays, and the names of columns that were given none.

use std::ops::ControlFlow;

use datafusion::sql::{
    parser::Statement,
    sqlparser::ast::{
        Array, ArrayElemTypeDef, BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg,
        FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart, Query, SelectItem,
        SetExpr, Statement as Sql, TableFactor, TimezoneInfo, UnaryOperator, Value, VisitMut as _, VisitorMut,
    },
};

use super::{data::TABLES, facts::CATALOG};
use crate::wire::{
    kind::{PgType, Scalar, Shape},
    parameter::text_list,
};

/// What stands in the name of a column that has another one for the client.
const HIDDEN: char = '\u{1}';

/// The name of a column as the client is to see it.
pub(in crate::wire) fn shown(name: &str) -> &str {
    name.split(HIDDEN).next().unwrap_or(name)
}

/// Says a statement in the engine's words.
pub(super) fn rewrite(statement: &mut Statement, database: &str, named: &[u32]) {
    let mut words = Words { database, named };
    match statement {
        Statement::Statement(sql) => {
            let _ = sql.visit(&mut words);
            if let Sql::Query(query) = &mut **sql {
                name_columns(query);
            }
        }
        Statement::Explain(explain) => rewrite(&mut explain.statement, database, named),
        _ => {}
    }
}

struct Words<'a> {
    database: &'a str,
    named: &'a [u32],
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

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        one_row(query);
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
                match (&function.args, &function.name.0[..]) {
                    (FunctionArguments::Subquery(query), [ObjectNamePart::Identifier(name)]) if same(name, "array") => {
                        collected(query)
                    }
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
            Expr::Collate { expr, .. } => *expr,
            Expr::Cast { kind, expr, data_type, array, format } => match cast(*expr, &data_type) {
                Ok(said) => said,
                Err(expr) => Expr::Cast { kind, expr: Box::new(expr), data_type, array, format },
            },
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } if !is_query(&right) => {
                call("array_has", vec![items(*right), *left])
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } if !is_query(&right) => {
                let has = call("array_has", vec![items(*right), *left]);
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

    /// The type that the client named for a parameter, where it says something: texts are what is not known, too.
    fn named_type(&mut self, name: &str) -> Option<DataType> {
        let number: usize = name.strip_prefix('$')?.parse().ok()?;
        let oid = *self.named.get(number.checked_sub(1)?)?;
        let kind = PgType::of_oid(oid).filter(|kind| kind.shape == Shape::One)?;
        Some(match kind.scalar {
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
            _ => return None,
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

fn call(name: &str, args: Vec<Expr>) -> Expr {
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

/// `ARRAY(SELECT x …)` as an aggregate over the query.
fn collected(query: &Query) -> Expr {
    let mut query = query.clone();
    if let SetExpr::Select(select) = &mut *query.body
        && let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
            &mut select.projection[..]
        && query.order_by.is_none()
        && query.limit_clause.is_none()
    {
        let plain = std::mem::replace(item, Expr::Value(Value::Null.into()));
        *item = call("array_agg", vec![plain]);
    }
    Expr::Subquery(Box::new(query))
}

/// A cast to a type that the engine does not know, said otherwise; the operand where there is nothing to say.
fn cast(expr: Expr, to: &DataType) -> Result<Expr, Expr> {
    let simple =
        string(&expr).is_some() || matches!(&expr, Expr::Value(value) if matches!(value.value, Value::Placeholder(_)));
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
fn list_cast(expr: Expr, to: &DataType) -> Result<Expr, Expr> {
    let DataType::Array(ArrayElemTypeDef::SquareBracket(item, size)) = to else { return Err(expr) };
    let known = special(item).map(|name| plain_type(&name));
    if known.is_none() && string(&expr).is_none() {
        return Err(expr);
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

/// A query within an expression that reads system tables by a key gives one row, which the engine cannot know: it is told so.
fn one_row(query: &mut Query) {
    let SetExpr::Select(select) = &mut *query.body else { return };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = expr.visit(&mut Within);
        }
    }
}

/// Looks for queries within an expression.
struct Within;

impl VisitorMut for Within {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Subquery(query) = expr
            && let SetExpr::Select(select) = &mut *query.body
            && select.from.first().is_some_and(|table| is_system(&table.relation))
            && query.limit_clause.is_none()
            && let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
                &mut select.projection[..]
            && !is_aggregate(item)
        {
            let plain = std::mem::replace(item, Expr::Value(Value::Null.into()));
            *item = call("max", vec![plain]);
        }
        ControlFlow::Continue(())
    }
}

fn is_system(table: &TableFactor) -> bool {
    let TableFactor::Table { name, .. } = table else { return false };
    let last = name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|ident| TABLES.contains_key(&("pg_catalog", ident.value.to_lowercase().as_str())))
}

fn is_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            matches!(
                name.as_str(),
                "max" | "min" | "count" | "sum" | "avg" | "array_agg" | "string_agg" | "bool_or" | "bool_and"
            )
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_aggregate(inner),
        _ => false,
    }
}

/// Gives columns without a name those that PostgreSQL gives them, and columns of the same name different ones within.
fn name_columns(query: &mut Query) {
    if let Some(with) = &mut query.with {
        with.cte_tables.iter_mut().for_each(|table| name_columns(&mut table.query));
    }
    name_body(&mut query.body);
}

fn name_body(body: &mut SetExpr) {
    match body {
        SetExpr::Query(query) => name_columns(query),
        SetExpr::SetOperation { left, right, .. } => {
            name_body(left);
            name_body(right);
        }
        SetExpr::Select(select) => {
            for table in &mut select.from {
                let joined = table.joins.iter_mut().map(|join| &mut join.relation);
                for factor in std::iter::once(&mut table.relation).chain(joined) {
                    if let TableFactor::Derived { subquery, .. } = factor {
                        name_columns(subquery);
                    }
                }
            }
            let mut taken = Vec::new();
            for item in &mut select.projection {
                name_item(item, &mut taken);
            }
        }
        _ => {}
    }
}

fn name_item(item: &mut SelectItem, taken: &mut Vec<String>) {
    let (name, free) = match &*item {
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => (folded(ident), true),
        // Two columns of one name and different tables are different to the engine.
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(_)) => return,
        SelectItem::UnnamedExpr(expr) => (name_of(expr), false),
        SelectItem::ExprWithAlias { alias, .. } => (folded(alias), true),
        _ => return,
    };
    let again = taken.iter().filter(|known| **known == name).count();
    taken.push(name.clone());
    if free && again == 0 {
        return;
    }
    // A cast of a column has its name, and `GROUP BY` means the column.
    let hides = again > 0 || matches!(&*item, SelectItem::UnnamedExpr(Expr::Cast { .. }));
    let alias = if hides { format!("{name}{HIDDEN}{again}") } else { name };
    let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { return };
    let expr = std::mem::replace(expr, Expr::Value(Value::Null.into()));
    *item = SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', alias) };
}

fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// The name that PostgreSQL gives a column.
fn name_of(expr: &Expr) -> String {
    let name = match expr {
        Expr::Identifier(ident) => return folded(ident),
        Expr::CompoundIdentifier(idents) => return idents.last().map_or_else(String::new, folded),
        Expr::Function(function) => {
            let last = function.name.0.last().and_then(ObjectNamePart::as_ident);
            return last.map_or_else(|| "?column?".to_owned(), folded);
        }
        Expr::Nested(inner) => return name_of(inner),
        Expr::Cast { expr, data_type, .. } => {
            let inner = name_of(expr);
            if inner != "?column?" {
                return inner;
            }
            let kind = data_type.to_string().to_lowercase();
            return match kind.split(['(', ' ', '[']).next().unwrap_or_default() {
                "int" | "integer" => "int4".to_owned(),
                "bigint" => "int8".to_owned(),
                "smallint" => "int2".to_owned(),
                "double" => "float8".to_owned(),
                "real" => "float4".to_owned(),
                "boolean" => "bool".to_owned(),
                "decimal" => "numeric".to_owned(),
                "timestamp" if kind.contains("with time zone") => "timestamptz".to_owned(),
                other => other.to_owned(),
            };
        }
        Expr::Case { else_result, .. } => {
            let name = else_result.as_deref().map(name_of).filter(|name| name != "?column?");
            return name.unwrap_or_else(|| "case".to_owned());
        }
        Expr::Subquery(query) => {
            let SetExpr::Select(select) = &*query.body else { return "?column?".to_owned() };
            return match select.projection.first() {
                Some(SelectItem::UnnamedExpr(expr)) => name_of(expr),
                Some(SelectItem::ExprWithAlias { alias, .. }) => folded(alias),
                _ => "?column?".to_owned(),
            };
        }
        Expr::Extract { .. } => "extract",
        Expr::Exists { .. } => "exists",
        Expr::Array(_) => "array",
        Expr::Position { .. } => "position",
        Expr::Substring { .. } => "substring",
        Expr::Trim { .. } => "btrim",
        Expr::Ceil { .. } => "ceil",
        Expr::Floor { .. } => "floor",
        Expr::Interval(_) => "interval",
        _ => "?column?",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

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
                "SELECT (SELECT d.adbin FROM pg_attrdef d WHERE d.adrelid = 1) AS x",
                "SELECT (SELECT max(d.adbin) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = 1) AS x",
            ),
            ("SELECT (SELECT meter FROM usage) AS x", "SELECT (SELECT meter FROM usage) AS x"),
        ] {
            assert_eq!(said(sql), expected, "{sql}");
        }
        assert_eq!(shown("count\u{1}1"), "count");
    }
}
