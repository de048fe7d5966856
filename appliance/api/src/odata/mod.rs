//! OData v4 over the caller's tables: what a request asks for as one statement of SQL, and what the tables are.
//!
//! Names are quoted, and every value is a literal that the appliance writes. What is not understood is refused by name.

mod apply;
mod fault;
mod filter;
mod lexer;
mod metadata;
mod options;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    fault::ODataError,
    metadata::{COLUMNS, Property, metadata, properties},
    options::{HIDDEN, Options},
};

/// A table as an entity set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set {
    /// Its name, here and in SQL.
    pub(crate) name: &'static str,
    /// The column that no two rows have alike.
    pub(crate) key: &'static str,
    /// What rows are put in order by to be numbered, where no column is a key.
    order: Option<&'static str>,
}

const fn keyed(name: &'static str, key: &'static str) -> Set {
    Set { name, key, order: None }
}

const FOCUS_ORDER: &str = "\"ChargePeriodStart\", \"BillingPeriodStart\", \"SkuMeter\", \"ConsumedUnit\", \"SkuPriceId\", \"ResourceId\", \"Tags\", \"ConsumedQuantity\"";

/// The entity sets that there can be. Rows of views are numbered in `line`.
pub(crate) const SETS: &[Set] = &[
    keyed("usage", "number"),
    keyed("projects", "project_id"),
    keyed("recordings", "recording_id"),
    keyed("transcripts", "transcript_id"),
    keyed("videos", "video_id"),
    keyed("jobs", "job_id"),
    keyed("users", "user_id"),
    keyed("audit", "row"),
    Set { name: "prices", key: "line", order: Some("version, meter") },
    Set {
        name: "charges",
        key: "line",
        order: Some(
            "period_start, billed_in, meter, unit, source, user_id, project_id, job_id, resource, is_correction, rate_version",
        ),
    },
    Set { name: "cost_focus", key: "line", order: Some(FOCUS_ORDER) },
    Set { name: "cost_focus_1_2", key: "line", order: Some(FOCUS_ORDER) },
];

impl Set {
    /// The set of this name.
    pub(crate) fn find(name: &str) -> Option<Set> {
        SETS.iter().find(|set| set.name == name).copied()
    }

    /// Where its rows come from in SQL.
    fn source(self) -> String {
        match self.order {
            None => format!("\"{}\"", self.name),
            Some(order) => {
                format!(
                    "(SELECT row_number() OVER (ORDER BY {order}) AS line, rows.* FROM \"{}\" AS rows) AS lines",
                    self.name
                )
            }
        }
    }
}
