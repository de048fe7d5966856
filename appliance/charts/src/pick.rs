//! Questions chosen from lists, for people who write no SQL.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ask::{identifier, literal},
    fault::{Fault, line, name},
};

/// The most measures, and the most conditions.
const MOST: usize = 8;
/// The most rows that can be asked for.
const MAX_LIMIT: u32 = 10_000;

/// A question chosen from lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// The table.
    #[schemars(length(min = 1, max = 128))]
    pub table: String,
    /// What is counted.
    #[schemars(length(min = 1, max = 8))]
    pub measures: Vec<Measure>,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// And by what else: a series each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<By>,
    /// Which rows count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub conditions: Vec<Condition>,
    /// The column that must lie in the dashboard's time range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub time: Option<String>,
    /// Only so many, the largest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub limit: Option<u32>,
}

/// A number made of the rows of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// How.
    pub aggregate: Aggregate,
    /// Of which column; counting needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub column: Option<String>,
}

/// How one number is made of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many rows.
    Count,
    /// How many different values.
    CountDistinct,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The one in the middle.
    Median,
}

/// A column by which rows are put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The column.
    #[schemars(length(min = 1, max = 128))]
    pub column: String,
    /// Of times, the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// A step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// What fits the time range.
    Auto,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
}

/// A condition on rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    #[schemars(length(min = 1, max = 128))]
    pub column: String,
    /// What must hold.
    pub test: Test,
    /// With what it is compared; a variable of the dashboard as `$name`, which lets all rows pass while it is not set.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub value: String,
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The same.
    Is,
    /// Something else.
    IsNot,
    /// Has it in it.
    Contains,
    /// More, as a number.
    Above,
    /// Less, as a number.
    Below,
    /// There is something.
    IsThere,
}

impl Measure {
    /// The name of its column in the answer.
    fn name(&self) -> String {
        let aggregate = match self.aggregate {
            Aggregate::Count | Aggregate::CountDistinct => "count",
            Aggregate::Sum => "sum",
            Aggregate::Mean => "mean",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Median => "median",
        };
        self.column.as_ref().map_or_else(|| aggregate.to_owned(), |column| format!("{aggregate}_{column}"))
    }

    fn sql(&self) -> String {
        let column = self.column.as_deref().map_or_else(|| "*".to_owned(), identifier);
        let call = match self.aggregate {
            Aggregate::Count => format!("count({column})"),
            Aggregate::CountDistinct => format!("count(DISTINCT {column})"),
            Aggregate::Sum => format!("sum({column})"),
            Aggregate::Mean => format!("avg({column})"),
            Aggregate::Min => format!("min({column})"),
            Aggregate::Max => format!("max({column})"),
            Aggregate::Median => format!("median({column})"),
        };
        format!("{call} AS {}", identifier(&self.name()))
    }
}

impl By {
    fn sql(&self) -> String {
        let column = identifier(&self.column);
        let step = match self.step {
            None => return column,
            Some(Step::Auto) => "$bucket",
            Some(Step::Hour) => "'hour'",
            Some(Step::Day) => "'day'",
            Some(Step::Week) => "'week'",
            Some(Step::Month) => "'month'",
        };
        format!("date_trunc({step}, {column})")
    }
}

impl Condition {
    fn sql(&self) -> String {
        let column = identifier(&self.column);
        let variable = self.value.strip_prefix('$').filter(|variable| name("", variable).is_ok());
        let value = variable.map_or_else(|| literal(&self.value), |variable| format!("${variable}"));
        let holds = match self.test {
            Test::Is => format!("CAST({column} AS VARCHAR) = {value}"),
            Test::IsNot => format!("CAST({column} AS VARCHAR) <> {value}"),
            Test::Contains => format!("strpos(CAST({column} AS VARCHAR), {value}) > 0"),
            Test::Above => format!("CAST({column} AS DOUBLE) > CAST({value} AS DOUBLE)"),
            Test::Below => format!("CAST({column} AS DOUBLE) < CAST({value} AS DOUBLE)"),
            Test::IsThere => return format!("{column} IS NOT NULL"),
        };
        if variable.is_some() { format!("({value} IS NULL OR {holds})") } else { holds }
    }
}

impl Pick {
    /// Whether it is within all bounds.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        line("/table", &self.table, 128, false)?;
        if self.measures.is_empty() || self.measures.len() > MOST {
            return Err(Fault::new("/measures", format!("must be 1 to {MOST}")));
        }
        for (at, measure) in self.measures.iter().enumerate() {
            let place = format!("/measures/{at}");
            match (&measure.column, measure.aggregate) {
                (None, Aggregate::Count) => {}
                (None, _) => return Err(Fault::new(place, "needs a column")),
                (Some(column), _) => line(&place, column, 128, false)?,
            }
        }
        if self.conditions.len() > MOST {
            return Err(Fault::new("/conditions", format!("are more than {MOST}")));
        }
        for (at, condition) in self.conditions.iter().enumerate() {
            let place = format!("/conditions/{at}");
            line(&place, &condition.column, 128, false)?;
            line(&place, &condition.value, 200, true)?;
            let is_number =
                condition.value.starts_with('$') || condition.value.parse::<f64>().is_ok_and(f64::is_finite);
            if matches!(condition.test, Test::Above | Test::Below) && !is_number {
                return Err(Fault::new(place, "compares with a number"));
            }
        }
        for column in [self.by.as_ref(), self.split.as_ref()].into_iter().flatten() {
            line("/by", &column.column, 128, false)?;
        }
        if let Some(time) = &self.time {
            line("/time", time, 128, false)?;
        }
        if self.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
            return Err(Fault::new("/limit", format!("must be 1 to {MAX_LIMIT}")));
        }
        Ok(())
    }

    /// It as SQL, with `$from`, `$to`, `$bucket` and variables still in it.
    pub(crate) fn sql(&self) -> String {
        let groups: Vec<&By> = [self.by.as_ref(), self.split.as_ref()].into_iter().flatten().collect();
        let mut columns: Vec<String> =
            groups.iter().map(|by| format!("{} AS {}", by.sql(), identifier(&by.column))).collect();
        columns.extend(self.measures.iter().map(Measure::sql));
        let mut sql = format!("SELECT {} FROM {}", columns.join(", "), identifier(&self.table));
        let mut conditions: Vec<String> = self.conditions.iter().map(Condition::sql).collect();
        if let Some(time) = &self.time {
            let time = identifier(time);
            conditions.push(format!("{time} >= $from AND {time} < $to"));
        }
        if !conditions.is_empty() {
            sql += &format!(" WHERE {}", conditions.join(" AND "));
        }
        if !groups.is_empty() {
            let places: Vec<String> = (1..=groups.len()).map(|place| place.to_string()).collect();
            sql += &format!(" GROUP BY {}", places.join(", "));
            // A time goes from left to right, everything else from large to small.
            let timed = self.by.as_ref().is_some_and(|by| by.step.is_some());
            sql += &if timed { " ORDER BY 1".to_owned() } else { format!(" ORDER BY {} DESC, 1", groups.len() + 1) };
        }
        sql += &format!(" LIMIT {}", self.limit.unwrap_or(MAX_LIMIT));
        sql
    }
}
