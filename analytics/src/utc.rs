//! Functions of moments that know that UTC has neither summer nor winter.
//!
//! By itself the engine asks a zone's rules for each row, of UTC too, and that takes longer than all else in most questions about usage.
//! For moments without a zone it does not, and in UTC both come to the same: so the zone is taken off before and put on again behind.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, TimestampMicrosecondArray, UInt32Array},
    compute::take,
    datatypes::{DataType, FieldRef, TimeUnit, TimestampMicrosecondType},
};
use datafusion::{
    common::Result,
    functions::datetime::{date_part, date_trunc},
    logical_expr::{
        ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        expr::ScalarFunction,
        planner::{ExprPlanner, PlannerResult},
        preimage::PreimageResult,
        simplify::SimplifyContext,
        sort_properties::{ExprProperties, SortProperties},
    },
    prelude::SessionContext,
};

/// A function of the engine, over moments without their zone where that is UTC.
#[derive(Debug, PartialEq, Eq, Hash)]
struct InUtc(Arc<ScalarUDF>);

static TRUNC: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(InUtc(date_trunc()))));
static PART: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(InUtc(date_part()))));

/// Has a session work out dates in UTC without a look at zones, but for [`Extract`].
pub(crate) fn register(session: &SessionContext) {
    session.register_udf(TRUNC.as_ref().clone());
    session.register_udf(PART.as_ref().clone());
}

/// Parts of dates, and steps of time, that are the same for all moments of an hour.
const OF_AN_HOUR: &[&str] = &["hour", "day", "dow", "isodow", "doy", "week", "month", "quarter", "year", "isoyear"];

fn is_of_an_hour(unit: &ColumnarValue) -> bool {
    matches!(unit, ColumnarValue::Scalar(unit) if unit.try_as_str().flatten().is_some_and(|unit| OF_AN_HOUR.contains(&unit)))
}

/// The moments at which stretches of rows in the same hour begin, without a zone, and for each row its stretch: rows of files are in the order
/// of time, and working a date out takes longer than comparing. Nothing where some moments are unknown.
fn hours(moments: &TimestampMicrosecondArray) -> Option<(TimestampMicrosecondArray, UInt32Array)> {
    const HOUR: i64 = 3_600_000_000;
    if moments.null_count() > 0 {
        return None;
    }
    let (mut firsts, mut rows, mut own) = (Vec::new(), Vec::with_capacity(moments.len()), 0..0);
    for &moment in moments.values() {
        if !own.contains(&moment) || firsts.is_empty() {
            let begins = moment.div_euclid(HOUR).saturating_mul(HOUR);
            own = begins..begins.saturating_add(HOUR);
            firsts.push(moment);
        }
        rows.push(firsts.len() as u32 - 1);
    }
    Some((firsts.into(), rows.into()))
}

/// A column of moments in UTC, and how the zone is called.
fn in_utc(value: &ColumnarValue) -> Option<(ArrayRef, Arc<str>)> {
    let ColumnarValue::Array(moments) = value else { return None };
    match moments.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if ["UTC", "+00:00"].contains(&zone.as_ref()) => {
            Some((moments.clone(), zone.clone()))
        }
        _ => None,
    }
}

fn with_zone(array: &ArrayRef, zone: Option<Arc<str>>) -> ArrayRef {
    Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(zone))
}

impl ScalarUDFImpl for InUtc {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.0.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.0.return_field_from_args(args)
    }

    fn preimage(&self, args: &[Expr], literal: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        self.0.preimage(args, literal, info)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.0.output_ordering(inputs)
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        // Not by way of the function around it, which would see that what comes back has no zone.
        let inner = self.0.inner();
        let Some((moments, zone)) = args.args.get(1).and_then(in_utc) else { return inner.invoke_with_args(args) };
        let stretches =
            args.args.first().filter(|unit| is_of_an_hour(unit)).and_then(|_| hours(moments.as_primitive()));
        let (moments, rows) = match stretches {
            Some((firsts, rows)) => (Arc::new(firsts) as ArrayRef, Some(rows)),
            None => (with_zone(&moments, None), None),
        };
        args.number_rows = moments.len();
        args.args[1] = ColumnarValue::Array(moments);
        let mut found = match inner.invoke_with_args(args)? {
            ColumnarValue::Array(found) => found,
            one => return Ok(one),
        };
        if *found.data_type() == DataType::Timestamp(TimeUnit::Microsecond, None) {
            found = with_zone(&found, Some(zone));
        }
        Ok(ColumnarValue::Array(match rows {
            Some(rows) => take(&found, &rows, None)?,
            None => found,
        }))
    }
}

/// Has `extract` be planned as the same function.
#[derive(Debug)]
pub(crate) struct Extract;

impl ExprPlanner for Extract {
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(PART.clone(), args))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use arrow::{
        array::{RecordBatch, TimestampMicrosecondArray},
        util::pretty::pretty_format_batches,
    };
    use datafusion::execution::SessionStateBuilder;

    use super::*;

    /// What a session says of moments from 1815 to 2100, one of which is unknown, in two zones.
    async fn said(session: &SessionContext) -> String {
        let moments = (0..500i64).map(|at| (at % 50 != 7).then_some((at * 7_919 % 9_000 - 4_890) * 1_000_000_000_003));
        let moments = TimestampMicrosecondArray::from(moments.collect::<Vec<_>>());
        let column = |zone: &str| Arc::new(moments.clone().with_timezone(zone)) as ArrayRef;
        // In runs of up to three an hour, across the beginning of 1970.
        let runs: TimestampMicrosecondArray = (-250..250i64).map(|at| Some(at * 1_300_000_007)).collect();
        let runs = Arc::new(runs.with_timezone("UTC")) as ArrayRef;
        let columns = [("at", column("UTC")), ("tokyo", column("Asia/Tokyo")), ("runs", runs)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        session.register_batch("moments", batch).unwrap();
        let units = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
        let parts = ["dow", "doy", "isodow", "isoyear", "epoch"];
        let mut columns = Vec::new();
        for column in ["at", "tokyo", "runs"] {
            columns.extend(units.iter().map(|unit| format!("date_trunc('{unit}', {column})")));
            columns.extend(units.iter().chain(&parts).map(|part| format!("extract({part} FROM {column})")));
            columns.extend(units.iter().map(|part| format!("date_part('{part}', {column})")));
        }
        columns.push("date_trunc('day', TIMESTAMPTZ '2026-03-04T05:06:07Z')".to_owned());
        let answer = session.sql(&format!("SELECT {} FROM moments", columns.join(", "))).await.unwrap();
        pretty_format_batches(&answer.collect().await.unwrap()).unwrap().to_string()
    }

    #[tokio::test]
    async fn dates_are_those_of_the_engine() {
        let theirs = SessionContext::new();
        let planners = SessionStateBuilder::new().with_expr_planners(vec![Arc::new(Extract)]);
        let ours = SessionContext::new_with_state(planners.with_default_features().build());
        register(&ours);
        let said_by_us = said(&ours).await;
        assert_eq!(said_by_us, said(&theirs).await);
        assert!(said_by_us.lines().count() > 500);
    }
}
