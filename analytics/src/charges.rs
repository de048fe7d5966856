//! What things cost: the prices as a table, the charge of an amount as a function, and the views that put both together.

use std::sync::Arc;

use arrow::{
    array::{
        Array as _, ArrayRef, AsArray as _, Decimal128Array, Int64Array, Int64Builder, RecordBatch, StringViewBuilder,
        TimestampMicrosecondBuilder,
    },
    datatypes::{DataType, Field, Int64Type, Schema},
};
use datafusion::{
    catalog::{MemTable, TableProvider},
    common::{Result, exec_err},
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
};
use metering::{Meter, rate::RateCard};

use crate::rows::{micros, moment_type};

/// Prices: a line for each meter of each card, with the time in which it holds.
pub(crate) const PRICES: &str = "prices";
/// What was used in an hour and what it costs.
pub(crate) const CHARGES: &str = "charges";

/// Columns of the prices, with a line about each.
pub(crate) const PRICE_COLUMNS: &[(&str, &str)] = &[
    ("version", "the rate card"),
    ("meter", "what is charged"),
    ("valid_from", "from when on the price holds"),
    ("valid_to", "until when, exclusive; nothing for the present card"),
    ("currency", "the currency (ISO 4217)"),
    ("price_micros", "millionths of the currency's unit for a block"),
    ("block", "how many of the meter's units a block is"),
    ("service_category", "the service category of FOCUS"),
    ("service_subcategory", "the subcategory in it"),
    ("service", "the service"),
];

/// An hour's charges. Rounded once, for the whole line: half a millionth goes away from zero. A month's bill is closed three days
/// after its end; what comes to be known later is billed in the month in which it came, so that a closed month stays as it was.
pub(crate) const CHARGES_SQL: &str = "
SELECT period_start, period_start + INTERVAL '1 hour' AS period_end, billed_in, meter, unit, source, user_id, project_id, job_id, resource,
  is_correction, quantity, version AS rate_version, currency, price_micros, block,
  coalesce(charge_micros(quantity, price_micros, block), 0) AS amount_micros, service_category, service_subcategory, service
FROM (
  SELECT period_start, billed_in, u.meter, u.unit, u.source, u.user_id, u.project_id, u.job_id, u.resource, is_correction,
    sum(u.quantity) AS quantity,
    p.version, p.currency, p.price_micros, p.block, p.service_category, p.service_subcategory, p.service
  FROM (
    SELECT *, date_trunc('hour', at) AS period_start, (corrects IS NOT NULL OR quantity < 0) AS is_correction,
      CASE WHEN received_at < at + INTERVAL '3 days'
          OR received_at < date_trunc('month', at) + INTERVAL '1 month' + INTERVAL '3 days' THEN date_trunc('month', at)
        ELSE date_trunc('month', received_at) END AS billed_in
    FROM usage
  ) AS u LEFT JOIN prices p ON u.meter = p.meter AND u.at >= p.valid_from AND (p.valid_to IS NULL OR u.at < p.valid_to)
  GROUP BY period_start, billed_in, u.meter, u.unit, u.source, u.user_id, u.project_id, u.job_id, u.resource, is_correction,
    p.version, p.currency, p.price_micros, p.block, p.service_category, p.service_subcategory, p.service
) AS hours";

/// The prices of a tenant as a table.
pub(crate) fn prices(cards: &[RateCard]) -> Result<Arc<dyn TableProvider>> {
    let kinds = |name: &str| match name {
        "version" | "price_micros" | "block" => DataType::Int64,
        "valid_from" | "valid_to" => moment_type(),
        _ => DataType::Utf8View,
    };
    let field = |(name, _): &(&str, &str)| Field::new(*name, kinds(name), true);
    let schema = Arc::new(Schema::new(PRICE_COLUMNS.iter().map(field).collect::<Vec<_>>()));
    let (mut version, mut price, mut block) = (Int64Builder::new(), Int64Builder::new(), Int64Builder::new());
    let time = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
    let (mut from, mut to) = (time(), time());
    let text = StringViewBuilder::new;
    let (mut meter, mut currency, mut category, mut subcategory, mut service) =
        (text(), text(), text(), text(), text());
    for (place, card) in cards.iter().enumerate() {
        for line in &card.lines {
            let own = Meter::ALL.iter().find(|meter| meter.name() == line.meter).map(|meter| meter.service());
            version.append_value(i64::try_from(card.version).unwrap_or(i64::MAX));
            meter.append_value(&line.meter);
            from.append_value(micros(card.from));
            to.append_option(cards.get(place + 1).map(|next| micros(next.from)));
            currency.append_value(&card.currency);
            price.append_value(line.price_micros);
            block.append_value(line.block);
            category.append_value(own.map_or("Other", |own| own.category));
            subcategory.append_value(own.map_or("Other (Other)", |own| own.subcategory));
            service.append_value(own.map_or(line.meter.as_str(), |own| own.name));
        }
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(version.finish()),
        Arc::new(meter.finish()),
        Arc::new(from.finish()),
        Arc::new(to.finish()),
        Arc::new(currency.finish()),
        Arc::new(price.finish()),
        Arc::new(block.finish()),
        Arc::new(category.finish()),
        Arc::new(subcategory.finish()),
        Arc::new(service.finish()),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}

/// `charge_micros(quantity, price_micros, block)`: what an amount costs, in millionths, without a float on the way.
pub(crate) fn charge_micros() -> ScalarUDF {
    let work = |quantity, price, block| charge(quantity, price, block).map(i128::from);
    of_numbers("charge_micros", DataType::Int64, work)
}

/// A function of a quantity, a price in millionths and a block, each a whole number; nothing where one of them is nothing.
pub(crate) fn of_numbers(
    name: &'static str,
    gives: DataType,
    work: impl Fn(i64, i64, i64) -> Option<i128> + Send + Sync + 'static,
) -> ScalarUDF {
    let kind = gives.clone();
    let run = move |given: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(given)?;
        let [quantity, price, block] = &arrays[..] else { return exec_err!("{name} takes three numbers") };
        let columns = [quantity, price, block].map(|array| array.as_primitive::<Int64Type>());
        let mut found = Vec::with_capacity(quantity.len());
        for row in 0..quantity.len() {
            if columns.iter().any(|column| column.is_null(row)) {
                found.push(None);
                continue;
            }
            match work(columns[0].value(row), columns[1].value(row), columns[2].value(row)) {
                Some(number) => found.push(Some(number)),
                None => return exec_err!("{name}: the charge is no number of 64 bits"),
            }
        }
        let array: ArrayRef = match kind {
            DataType::Decimal128(precision, scale) => {
                Arc::new(Decimal128Array::from(found).with_precision_and_scale(precision, scale)?)
            }
            _ => Arc::new(found.into_iter().map(|n| n.and_then(|n| i64::try_from(n).ok())).collect::<Int64Array>()),
        };
        Ok(ColumnarValue::Array(array))
    };
    let kinds = vec![DataType::Int64, DataType::Int64, DataType::Int64];
    create_udf(name, kinds, gives, Volatility::Immutable, Arc::new(run))
}

/// What a quantity costs: half a millionth goes away from zero. Nothing where the block is none or the charge is too large.
pub(crate) fn charge(quantity: i64, price: i64, block: i64) -> Option<i64> {
    i64::try_from(divided(i128::from(quantity) * i128::from(price), block)?).ok()
}

/// A quotient; half of one goes away from zero. Nothing where the divisor is not above zero.
pub(crate) fn divided(product: i128, by: i64) -> Option<i128> {
    if by <= 0 {
        return None;
    }
    let by = i128::from(by);
    let half = if product < 0 { -(by / 2) } else { by / 2 };
    // An odd divisor has no exact half: what is left then is less than one.
    Some(product.checked_add(half)? / by)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::charge;

    #[test]
    fn charges_are_rounded_once() {
        for (quantity, price, block, expected) in [
            (0, 5, 3, 0),
            (1, 1, 2, 1),
            (-1, 1, 2, -1),
            (1, 1, 3, 0),
            (2, 1, 3, 1),
            (-2, 1, 3, -1),
            (5, 7, 1, 35),
            (3_600_000, 240_000, 3_600_000, 240_000),
            (i64::MAX, 1_000_000, 1_000_000, i64::MAX),
        ] {
            assert_eq!(charge(quantity, price, block), Some(expected), "{quantity} at {price} for {block}");
        }
        assert_eq!(charge(i64::MAX, 2, 1), None);
        assert_eq!(charge(1, 1, 0), None);
    }
}
