//! What things cost: the prices as a table, the charge of an amount as a function, and the views that put both together.

use std::sync::Arc;

use arrow::{
    array::{
        Array as _, ArrayRef, AsArray as _, Int64Array, Int64Builder, RecordBatch, StringViewBuilder,
        TimestampMicrosecondBuilder,
    },
    datatypes::{DataType, Field, Int64Type, Schema},
};
use datafusion::{
    catalog::{MemTable, TableProvider},
    common::{Result, exec_err},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
};
use metering::{Meter, rate::RateCard};

use crate::rows::{micros, moment_type};

/// Prices: a line for each meter of each card, with the time in which it holds.
pub(crate) const PRICES: &str = "prices";
/// What was used in an hour and what it costs.
pub(crate) const CHARGES: &str = "charges";
/// The same with the columns of FOCUS 1.4.
pub(crate) const FOCUS: &str = "cost_focus";

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
    ("service", "the service"),
];

/// An hour's charges. Rounded once, for the whole line: half a millionth goes away from zero.
pub(crate) const CHARGES_SQL: &str = "
SELECT period_start, period_start + INTERVAL '1 hour' AS period_end, meter, unit, source, user_id, project_id, job_id, resource,
  is_correction, quantity, version AS rate_version, currency, price_micros, block,
  coalesce(charge_micros(quantity, price_micros, block), 0) AS amount_micros, service_category, service
FROM (
  SELECT date_trunc('hour', u.at) AS period_start, u.meter, u.unit, u.source, u.user_id, u.project_id, u.job_id, u.resource,
    (u.corrects IS NOT NULL OR u.quantity < 0) AS is_correction, sum(u.quantity) AS quantity,
    p.version, p.currency, p.price_micros, p.block, p.service_category, p.service
  FROM usage u LEFT JOIN prices p ON u.meter = p.meter AND u.at >= p.valid_from AND (p.valid_to IS NULL OR u.at < p.valid_to)
  GROUP BY date_trunc('hour', u.at), u.meter, u.unit, u.source, u.user_id, u.project_id, u.job_id, u.resource,
    (u.corrects IS NOT NULL OR u.quantity < 0), p.version, p.currency, p.price_micros, p.block, p.service_category, p.service
) AS hours";

/// The mandatory columns of FOCUS 1.4 and those that the ledger can fill.
pub(crate) const FOCUS_SQL: &str = r#"
SELECT
  micros_as_decimal(amount_micros) AS "BilledCost", '{tenant}' AS "BillingAccountId", '{tenant}' AS "BillingAccountName",
  coalesce(currency, '{currency}') AS "BillingCurrency",
  date_trunc('month', period_start) + INTERVAL '1 month' AS "BillingPeriodEnd",
  date_trunc('month', period_start) AS "BillingPeriodStart",
  CASE WHEN is_correction THEN 'Adjustment' ELSE 'Usage' END AS "ChargeCategory",
  CASE WHEN is_correction THEN 'Correction' END AS "ChargeClass",
  concat(coalesce(service, meter), ': ', meter) AS "ChargeDescription",
  'Usage-Based' AS "ChargeFrequency",
  period_end AS "ChargePeriodEnd", period_start AS "ChargePeriodStart",
  quantity AS "ConsumedQuantity", unit AS "ConsumedUnit",
  micros_as_decimal(amount_micros) AS "ContractedCost", micros_as_decimal(amount_micros) AS "EffectiveCost",
  'on-premises' AS "HostProviderName", 'Audiagram' AS "InvoiceIssuerName",
  micros_as_decimal(amount_micros) AS "ListCost", micros_as_decimal(price_micros) AS "ListUnitPrice",
  quantity AS "PricingQuantity", unit AS "PricingUnit",
  coalesce(job_id, resource) AS "ResourceId", coalesce(service_category, 'Other') AS "ServiceCategory",
  coalesce(service, meter) AS "ServiceName", 'Audiagram' AS "ServiceProviderName",
  meter AS "SkuMeter", CASE WHEN rate_version IS NOT NULL THEN concat(meter, '/', rate_version) END AS "SkuPriceId",
  '{tenant}' AS "SubAccountId", 'Tenant' AS "SubAccountType", CASE WHEN project_id IS NOT NULL THEN concat('{"project":"', project_id, '"}') END AS "Tags"
FROM charges"#;

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
    let (mut meter, mut currency, mut category, mut service) = (text(), text(), text(), text());
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
            category.append_value(own.map_or("Other", |(category, _)| category));
            service.append_value(own.map_or(line.meter.as_str(), |(_, service)| service));
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
        Arc::new(service.finish()),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}

/// `charge_micros(quantity, price_micros, block)`: what an amount costs, in millionths, without a float on the way.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChargeMicros(Signature);

impl ChargeMicros {
    pub(crate) fn function() -> ScalarUDF {
        let kinds = vec![DataType::Int64, DataType::Int64, DataType::Int64];
        ScalarUDF::from(ChargeMicros(Signature::exact(kinds, Volatility::Immutable)))
    }
}

impl ScalarUDFImpl for ChargeMicros {
    fn name(&self) -> &str {
        "charge_micros"
    }
    fn signature(&self) -> &Signature {
        &self.0
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [quantity, price, block] = &arrays[..] else { return exec_err!("charge_micros takes three numbers") };
        let (quantity, price, block) = (
            quantity.as_primitive::<Int64Type>(),
            price.as_primitive::<Int64Type>(),
            block.as_primitive::<Int64Type>(),
        );
        let mut charges = Int64Builder::with_capacity(quantity.len());
        for at in 0..quantity.len() {
            let value = |array: &Int64Array| array.is_valid(at).then(|| array.value(at));
            let (Some(quantity), Some(price), Some(block)) = (value(quantity), value(price), value(block)) else {
                charges.append_null();
                continue;
            };
            match charge(quantity, price, block) {
                Some(charge) => charges.append_value(charge),
                None => return exec_err!("charge_micros: the charge is no number of 64 bits"),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(charges.finish())))
    }
}

/// What a quantity costs: half a millionth goes away from zero. Nothing where the block is none or the charge is too large.
pub(crate) fn charge(quantity: i64, price: i64, block: i64) -> Option<i64> {
    if block <= 0 {
        return None;
    }
    let (product, block) = (i128::from(quantity) * i128::from(price), i128::from(block));
    let half = if product < 0 { -(block / 2) } else { block / 2 };
    // An odd block has no exact half: what is left then is less than one.
    i64::try_from((product + half) / block).ok()
}

/// `micros_as_decimal(micros)`: millionths as a decimal with twelve places, as FOCUS has it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct MicrosAsDecimal(Signature);

impl MicrosAsDecimal {
    pub(crate) fn function() -> ScalarUDF {
        ScalarUDF::from(MicrosAsDecimal(Signature::exact(vec![DataType::Int64], Volatility::Immutable)))
    }
}

impl ScalarUDFImpl for MicrosAsDecimal {
    fn name(&self) -> &str {
        "micros_as_decimal"
    }
    fn signature(&self) -> &Signature {
        &self.0
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(38, 12))
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [micros] = &arrays[..] else { return exec_err!("micros_as_decimal takes one number") };
        let micros = micros.as_primitive::<Int64Type>();
        let decimals: arrow::array::Decimal128Array =
            micros.iter().map(|micros| micros.map(|micros| i128::from(micros) * 1_000_000)).collect();
        Ok(ColumnarValue::Array(Arc::new(decimals.with_precision_and_scale(38, 12)?)))
    }
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
