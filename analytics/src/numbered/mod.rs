//! Groups of texts are found by number. Comparing texts of more than twelve bytes row by row is most of what `GROUP BY meter` costs; in a
//! file each text of a column stands once in its dictionary, and all rows with it point to the same place. So texts get numbers below
//! an aggregate over rows of files, the aggregate groups by these, and texts come back above it, once for each group.
//!
//! Numbers that are written as texts (`CAST(extract(hour FROM at) AS VARCHAR)`) are grouped by as the numbers that they are.
//!
//! [`NumberTexts`] rewrites `Aggregate by text` over rows as `NumbersToTexts` over `Aggregate by number` over `TextsToNumbers` over rows.

mod nodes;
mod numbers;

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::{
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    datasource::source::DataSourceExec,
    physical_expr::expressions::{CastExpr, Column},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, InputOrderMode,
        aggregates::{AggregateExec, AggregateInputMode, PhysicalGroupBy},
        filter::FilterExec,
        projection::ProjectionExec,
        repartition::RepartitionExec,
        union::UnionExec,
    },
};

use crate::rows::SHARED;
use nodes::{Back, How, Recode};

/// The rule that rewrites aggregates.
#[derive(Debug)]
pub(crate) struct NumberTexts;

impl PhysicalOptimizerRule for NumberTexts {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| match node.downcast_ref::<AggregateExec>().map(numbered) {
            Some(changed) => Ok(changed?.map_or_else(|| Transformed::no(node), Transformed::yes)),
            None => Ok(Transformed::no(node)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "number_texts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The aggregate by numbers, where it groups rows of files by a text column.
fn numbered(aggregate: &AggregateExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let (input, groups) = (aggregate.input(), aggregate.group_expr());
    let plain = aggregate.mode().input_mode() == AggregateInputMode::Raw
        && *aggregate.input_order_mode() == InputOrderMode::Linear
        && aggregate.limit_options().is_none()
        && groups.is_single();
    if !plain {
        return Ok(None);
    }
    let rows = input.schema();
    let mut expressions = groups.expr().to_vec();
    let mut written = Vec::new();
    // Where the groups' texts are: among the groups, and in the rows.
    let mut texts: Vec<(usize, usize)> = Vec::new();
    for (place, (expression, _)) in groups.expr().iter().enumerate() {
        if let Some(cast) = expression.downcast_ref::<CastExpr>()
            && cast.cast_type().is_string()
            && cast.expr().data_type(&rows)?.is_integer()
        {
            expressions[place].0 = cast.expr().clone();
            written.push(Back { place, how: How::Written(cast.cast_type().clone()) });
        }
        if let Some(column) = expression.downcast_ref::<Column>()
            && *rows.field(column.index()).data_type() == DataType::Utf8View
            // Where nearly each row has a text of its own, numbers would only be one more thing to find.
            && column_of_files(input, column.index()).is_some_and(|name| SHARED.contains(&name.as_str()))
        {
            texts.push((place, column.index()));
        }
    }
    if texts.is_empty() && written.is_empty() {
        return Ok(None);
    }
    let numbers = Arc::new(Recode::to_numbers(input.clone(), texts.iter().map(|(_, column)| *column).collect()));
    let rows_and_numbers = numbers.schema();
    for (number, (place, _)) in texts.iter().enumerate() {
        let at = rows.fields().len() + number;
        expressions[*place].0 = Arc::new(Column::new(rows_and_numbers.field(at).name(), at));
        written.push(Back { place: *place, how: How::Named(number) });
    }
    let by_number = AggregateExec::try_new(
        *aggregate.mode(),
        PhysicalGroupBy::new_single(expressions),
        aggregate.aggr_expr().to_vec(),
        aggregate.filter_expr().to_vec(),
        numbers.clone(),
        rows_and_numbers,
    )?;
    Ok(Some(Arc::new(numbers.back(Arc::new(by_number), written, aggregate.schema()))))
}

/// The name that a column has in files, where it comes from there as it is, so that equal texts lie at equal places.
fn column_of_files(plan: &Arc<dyn ExecutionPlan>, column: usize) -> Option<String> {
    if plan.is::<DataSourceExec>() {
        return Some(plan.schema().field(column).name().clone());
    }
    let input = plan.children().first().copied()?;
    let below = if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        projection.expr().get(column)?.expr.downcast_ref::<Column>()?.index()
    } else if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        filter.projection().as_ref().map_or(Some(column), |kept| kept.get(column).copied())?
    } else if plan.is::<RepartitionExec>() || plan.is::<UnionExec>() {
        column
    } else {
        return None;
    };
    column_of_files(input, below)
}
