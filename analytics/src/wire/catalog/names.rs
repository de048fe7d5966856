//! Names of columns: those that PostgreSQL gives where a statement gives none, and different ones within for columns of the same name.

use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectNamePart, Query, SelectItem, SetExpr, TableFactor, Value};

/// What stands in the name of a column that has another one for the client.
pub(super) const HIDDEN: char = '\u{1}';

/// The name of a column as the client is to see it.
pub(in crate::wire) fn shown(name: &str) -> &str {
    name.split(HIDDEN).next().unwrap_or(name)
}

/// Gives columns without a name those that PostgreSQL gives them, and columns of the same name different ones within.
pub(super) fn name_columns(query: &mut Query) {
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
            // All columns of a table may hold any of those that are named, too.
            let has_all =
                |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
            let beside_all = select.projection.iter().any(has_all);
            let mut taken = Vec::new();
            for item in &mut select.projection {
                name_item(item, beside_all, &mut taken);
            }
        }
        _ => {}
    }
}

fn name_item(item: &mut SelectItem, beside_all: bool, taken: &mut Vec<String>) {
    let (name, free) = match &*item {
        SelectItem::UnnamedExpr(expr @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) if beside_all => {
            (name_of(expr), false)
        }
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
    let hides = again > 0
        || matches!(
            &*item,
            SelectItem::UnnamedExpr(Expr::Cast { .. } | Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        );
    let alias = if hides { format!("{name}{HIDDEN}{again}") } else { name };
    let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { return };
    let expr = std::mem::replace(expr, Expr::Value(Value::Null.into()));
    *item = SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', alias) };
}

fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// The name that PostgreSQL gives a column.
pub(super) fn name_of(expr: &Expr) -> String {
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
            return type_name(&data_type.to_string());
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
        Expr::Substring { shorthand: true, .. } => "substr",
        Expr::Substring { .. } => "substring",
        Expr::TypedString(typed) => return type_name(&typed.data_type.to_string()),
        Expr::Trim { .. } => "btrim",
        Expr::Ceil { .. } => "ceil",
        Expr::Floor { .. } => "floor",
        Expr::Interval(_) => "interval",
        _ => "?column?",
    };
    name.to_owned()
}

/// The name of a type in `pg_type`.
fn type_name(words: &str) -> String {
    let words = words.to_lowercase();
    let name = match words.split(['(', ' ', '[']).next().unwrap_or_default() {
        "int" | "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "double" => "float8",
        "real" => "float4",
        "boolean" => "bool",
        "decimal" => "numeric",
        "timestamp" if words.contains("with time zone") => "timestamptz",
        other => other,
    };
    name.to_owned()
}
