//! What a chart is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ask::MAX_SQL,
    fault::{Fault, line},
    format::Format,
    pick::Pick,
};

/// The longest title, in characters.
const MAX_TITLE: usize = 120;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 400;
/// The most columns that one chart names for one purpose.
const MAX_NAMED: usize = 12;

/// A chart: what is asked, and how the answer is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// How it is drawn.
    #[serde(rename = "type")]
    pub kind: ChartKind,
    /// What it is called.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// What it shows, for who looks closer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 400))]
    pub description: String,
    /// What is asked.
    pub query: Query,
    /// Which columns of the answer are drawn as what. What is absent is taken from the order of the columns.
    #[serde(default, skip_serializing_if = "Encoding::is_default")]
    pub encoding: Encoding,
    /// What its numbers are.
    #[serde(default, skip_serializing_if = "Format::is_default")]
    pub format: Format,
    /// What else can be said about the drawing.
    #[serde(default, skip_serializing_if = "Options::is_default")]
    pub options: Options,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// How a chart is drawn.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum ChartKind { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl ChartKind {
            /// Every kind.
            pub const ALL: &[ChartKind] = &[$(ChartKind::$name,)*];

            /// Its name in documents.
            pub const fn code(self) -> &'static str { match self { $(ChartKind::$name => $code,)* } }
        }
    };
}

kinds! {
    /// Values over time or an order; a line a series.
    Line "line";
    /// The same with what lies below filled.
    Area "area";
    /// Values by category, side by side.
    Bar "bar";
    /// Values by category, one upon the other.
    StackedBar "stacked_bar";
    /// Shares of a whole.
    Pie "pie";
    /// Shares of a whole, which stands in the middle.
    Donut "donut";
    /// Two numbers of each thing.
    Scatter "scatter";
    /// Two numbers of each thing, and a third as its size.
    Bubble "bubble";
    /// A value for each pair of two categories.
    HeatMap "heat_map";
    /// How often numbers of each size are.
    Histogram "histogram";
    /// Smallest, lower quarter, middle, upper quarter, largest.
    BoxPlot "box_plot";
    /// One number between two ends.
    Gauge "gauge";
    /// One number, with how it came about.
    Value "value";
    /// Rows.
    Table "table";
    /// Rows by one category, columns by another.
    Pivot "pivot";
    /// Parts of parts, as areas.
    Treemap "treemap";
    /// Parts of parts, as rings.
    Sunburst "sunburst";
    /// What flows from where to where.
    Sankey "sankey";
    /// How many are left, step by step.
    Funnel "funnel";
    /// How a sum comes about, step by step.
    Waterfall "waterfall";
    /// Several numbers of each thing, around a middle.
    Radar "radar";
    /// A value for each day.
    Calendar "calendar";
    /// First, last, lowest and highest of each time.
    Candlestick "candlestick";
    /// Who is linked with whom.
    Graph "graph";
    /// A value for each country.
    Map "map";
}

/// What a chart asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// In SQL, with `$from`, `$to`, `$bucket` and the dashboard's variables.
    Sql(#[schemars(length(min = 1, max = 16384))] String),
    /// Chosen from lists.
    Pick(Pick),
}

/// Which columns are drawn as what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Encoding {
    /// The category, time or first number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub x: Option<String>,
    /// The values. A box plot takes five (smallest, lower quarter, middle, upper quarter, largest), a candlestick four (first, last,
    /// lowest, highest); a single value takes what was before as its second, a gauge its target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 12))]
    pub y: Vec<String>,
    /// What divides the values into series; the rows of a heat map and of a pivot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub series: Option<String>,
    /// The size of a bubble.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub size: Option<String>,
    /// From the whole to its parts, or from where to where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6))]
    pub path: Vec<String>,
}

impl Encoding {
    fn is_default(&self) -> bool {
        *self == Encoding::default()
    }
}

/// What else can be said about a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Bars lie instead of standing: for long names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub horizontal: bool,
    /// The lower end of a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The upper end of a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Which number a single value shows.
    #[serde(skip_serializing_if = "Total::is_default")]
    pub total: Total,
    /// Whether less is better, so that a rise is drawn as bad.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub less_is_better: bool,
}

impl Options {
    fn is_default(&self) -> bool {
        *self == Options::default()
    }
}

/// Which number stands for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Total {
    /// Their sum.
    #[default]
    Sum,
    /// The last one.
    Last,
    /// Their mean.
    Mean,
    /// The largest.
    Max,
}

impl Total {
    fn is_default(&self) -> bool {
        *self == Total::default()
    }
}

impl ChartSpec {
    /// Whether it is within all bounds.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&self) -> Result<(), Fault> {
        line("/title", &self.title, MAX_TITLE, false)?;
        line("/description", &self.description, MAX_DESCRIPTION, true)?;
        match &self.query {
            Query::Sql(sql) => {
                if sql.trim().is_empty() || sql.len() > MAX_SQL {
                    return Err(Fault::new("/query/sql", format!("must have 1 to {MAX_SQL} bytes")));
                }
            }
            Query::Pick(pick) => pick.check().map_err(|fault| fault.inside("/query/pick"))?,
        }
        let Encoding { x, y, series, size, path } = &self.encoding;
        if y.len() > MAX_NAMED || path.len() > MAX_NAMED / 2 {
            return Err(Fault::new("/encoding", "names too many columns"));
        }
        for column in [x, series, size].into_iter().flatten().chain(y).chain(path) {
            line("/encoding", column, 128, false)?;
        }
        self.format.check().map_err(|fault| fault.inside("/format"))?;
        let ends = [self.options.min, self.options.max];
        if ends.into_iter().flatten().any(|end| !end.is_finite()) {
            return Err(Fault::new("/options", "has an end that is no number"));
        }
        if let [Some(min), Some(max)] = ends
            && min >= max
        {
            return Err(Fault::new("/options/max", "must be above the lower end"));
        }
        Ok(())
    }
}
