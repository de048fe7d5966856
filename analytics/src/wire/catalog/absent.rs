//! Queries within expressions over system tables. The engine can only do those that are put together by keys, and most of these ask for
//! what is not here at all: keys, rules, inheritance. Those give nothing whatever stands beside them, and so are not asked.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, GroupByExpr, ObjectNamePart, OrderByKind, Query, Select, SelectItem, SetExpr,
    TableFactor, Value, VisitMut as _, VisitorMut,
};

use super::{
    data::TABLES,
    names::name_of,
    rewrite::{call, none_of_texts},
    rows,
};

/// A query that gives one value.
pub(super) fn scalar(mut query: Box<Query>) -> Expr {
    if is_nothing(&query) && !counts(&query) {
        return Expr::Value(Value::Null.into());
    }
    // One that reads system tables by a key gives one row, which the engine cannot know: it is told so.
    if reads_system(&query)
        && query.limit_clause.is_none()
        && let Some(item) = single(&mut query)
        && !is_aggregate(item)
    {
        let alias = name_of(item);
        let plain = std::mem::replace(item, Expr::Value(Value::Null.into()));
        *item = call("max", vec![plain]);
        if let SetExpr::Select(select) = &mut *query.body
            && let [item @ SelectItem::UnnamedExpr(_)] = &mut select.projection[..]
            && let SelectItem::UnnamedExpr(expr) =
                std::mem::replace(item, SelectItem::UnnamedExpr(Expr::Value(Value::Null.into())))
        {
            *item = SelectItem::ExprWithAlias {
                expr,
                alias: datafusion::sql::sqlparser::ast::Ident::with_quote('"', alias),
            };
        }
    }
    Expr::Subquery(query)
}

/// `ARRAY(SELECT x …)` as an aggregate over the query.
pub(super) fn array(mut query: Box<Query>) -> Expr {
    if is_nothing(&query) {
        return none_of_texts();
    }
    let sorted = query.order_by.take().is_some_and(|order| matches!(order.kind, OrderByKind::Expressions(_)));
    if query.limit_clause.is_none()
        && let Some(item) = single(&mut query)
    {
        let plain = std::mem::replace(item, Expr::Value(Value::Null.into()));
        let all = call("array_agg", vec![plain]);
        *item = if sorted { call("array_sort", vec![all]) } else { all };
    }
    Expr::Subquery(query)
}

/// Takes queries out of the columns of a selection that has no rows.
pub(super) fn hollow(select: &mut Select) {
    if !has_nothing(select) || has_count(select) {
        return;
    }
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = expr.visit(&mut Hollow);
        }
    }
}

struct Hollow;

impl VisitorMut for Hollow {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Subquery(query) = expr {
            let is_array = single(query).is_some_and(|item| name_of(item).starts_with("array_"));
            *expr = if is_array { none_of_texts() } else { Expr::Value(Value::Null.into()) };
        }
        ControlFlow::Continue(())
    }
}

/// The one column of a query.
fn single(query: &mut Query) -> Option<&mut Expr> {
    let SetExpr::Select(select) = &mut *query.body else { return None };
    match &mut select.projection[..] {
        [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] => Some(item),
        _ => None,
    }
}

/// Whether a query has no rows whatever else it reads: its first table, or one beside it, is always empty.
fn is_nothing(query: &Query) -> bool {
    matches!(&*query.body, SetExpr::Select(select) if has_nothing(select))
}

fn has_nothing(select: &Select) -> bool {
    select.from.iter().any(|table| match &table.relation {
        TableFactor::Table { name, args: None, .. } => {
            let table = last(&name.0);
            TABLES.contains_key(&("pg_catalog", table.as_str())) && rows::is_empty(&table)
        }
        // An array of the system's tables; none of them has one.
        TableFactor::Table { name, args: Some(given), .. } if last(&name.0) == "unnest" => match &given.args[..] {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::CompoundIdentifier(idents)))] => {
                let column = idents.last().map(|ident| ident.value.to_lowercase()).unwrap_or_default();
                let columns =
                    TABLES.iter().filter(|((schema, _), _)| *schema == "pg_catalog").flat_map(|(_, columns)| columns);
                columns.into_iter().any(|(name, kind)| *name == column && kind.starts_with('_'))
            }
            _ => false,
        },
        _ => false,
    })
}

fn reads_system(query: &Query) -> bool {
    let SetExpr::Select(select) = &*query.body else { return false };
    select.from.first().is_some_and(|table| match &table.relation {
        TableFactor::Table { name, .. } => TABLES.contains_key(&("pg_catalog", last(&name.0).as_str())),
        _ => false,
    })
}

fn last(parts: &[ObjectNamePart]) -> String {
    parts.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

/// Whether a query gives a row even where there are none.
fn counts(query: &Query) -> bool {
    !matches!(&*query.body, SetExpr::Select(select) if !has_count(select))
}

fn has_count(select: &Select) -> bool {
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let counting = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => name_of(expr) == "count",
        _ => false,
    };
    !grouped && select.projection.iter().any(counting)
}

fn is_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            matches!(
                name.as_str(),
                "max"
                    | "min"
                    | "count"
                    | "sum"
                    | "avg"
                    | "array_agg"
                    | "array_sort"
                    | "string_agg"
                    | "bool_or"
                    | "bool_and"
            )
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_aggregate(inner),
        _ => false,
    }
}
