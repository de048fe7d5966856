//! The part of PromQL that is understood, as a tree.
//!
//! Selectors with matchers and `offset`, functions over a range, aggregations with `by` and `without`, and arithmetic and comparisons with
//! numbers. What is beyond it is refused by name: a question is never answered as another one.

use super::{fault::PromError, parser::Parser};

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    /// A number.
    Number(f64),
    /// What series are at a moment.
    Select(Selector),
    /// What a function makes of the time before each moment.
    Over {
        /// The function.
        function: Function,
        /// Of which series.
        of: Selector,
        /// How much time, in milliseconds.
        range: i64,
    },
    /// Series put together.
    Aggregate {
        /// How.
        how: Aggregation,
        /// Which labels they are put together by.
        grouping: Grouping,
        /// Which series.
        of: Box<Expr>,
    },
    /// Two sides, of which one is a number.
    Binary {
        /// What is done.
        operator: Operator,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
}

/// Which series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Selector {
    /// What their labels must be, that of the metric's name (`__name__`) among them.
    pub(crate) matchers: Vec<Matcher>,
    /// How long ago, in milliseconds.
    pub(crate) offset: i64,
}

/// What a label must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matcher {
    /// The label.
    pub(crate) label: String,
    /// How it is compared.
    pub(crate) test: Test,
    /// With what.
    pub(crate) value: String,
}

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `=~`
    Like,
    /// `!~`
    Unlike,
}

/// A function over a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// By how much a counter grew.
    Increase,
    /// The same a second.
    Rate,
    /// The sum of the samples.
    Sum,
    /// Their number.
    Count,
    /// Their mean.
    Average,
}

/// The functions by their names.
pub(crate) const FUNCTIONS: &[(&str, Function)] = &[
    ("increase", Function::Increase),
    ("rate", Function::Rate),
    ("sum_over_time", Function::Sum),
    ("count_over_time", Function::Count),
    ("avg_over_time", Function::Average),
];

/// How series are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregation {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The smallest.
    Least,
    /// The largest.
    Most,
    /// How many there are.
    Count,
    /// The so many largest, as they are.
    Top(usize),
    /// The so many smallest, as they are.
    Bottom(usize),
}

/// By which labels series are put together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Grouping {
    /// Whether all but the labels count.
    pub(crate) without: bool,
    /// The labels.
    pub(crate) labels: Vec<String>,
}

/// What is done with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `^`
    Power,
    /// `==`, as a filter.
    Equal,
    /// `!=`
    Unequal,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

impl Operator {
    /// Whether it leaves out what does not compare so.
    pub(crate) const fn filters(self) -> bool {
        matches!(
            self,
            Operator::Equal
                | Operator::Unequal
                | Operator::Above
                | Operator::Below
                | Operator::AtLeast
                | Operator::AtMost
        )
    }
}

impl Expr {
    /// Reads a question.
    ///
    /// # Errors
    /// What is not understood, by name.
    pub(crate) fn read(query: &str) -> Result<Self, PromError> {
        Parser::new(query)?.whole()
    }

    /// Whether it is one number rather than series.
    pub(crate) fn is_scalar(&self) -> bool {
        match self {
            Expr::Number(_) => true,
            Expr::Binary { left, right, .. } => left.is_scalar() && right.is_scalar(),
            Expr::Select(_) | Expr::Over { .. } | Expr::Aggregate { .. } => false,
        }
    }
}

impl Selector {
    /// Reads a selector that stands by itself, as `match[]` has it.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn read(text: &str) -> Result<Self, PromError> {
        match Expr::read(text)? {
            Expr::Select(selector) if selector.offset == 0 => Ok(selector),
            _ => {
                Err(PromError::bad("match[] must be a selector like audiagram_usage_total{meter=\"audiagram.video\"}"))
            }
        }
    }
}
