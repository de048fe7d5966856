//! Costs in the form of FOCUS, which tools for the bills of clouds read: version 1.4, and 1.2 for those that know no later one.
//!
//! What is billed is the ledger's, rounded once for each line. List and contracted costs are the exact product of unit price and
//! quantity that FOCUS asks for, so they may differ from it by half a millionth.

use std::sync::Arc;

use arrow::{
    array::{AsArray as _, StringViewBuilder},
    datatypes::{DataType, Int64Type},
};
use datafusion::{
    common::{Result, exec_err},
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
    prelude::SessionContext,
};

use crate::charges::{divided, of_numbers};

/// The charges with the columns of FOCUS 1.4.
pub(crate) const FOCUS: &str = "cost_focus";
/// The same with those of FOCUS 1.2.
pub(crate) const FOCUS_1_2: &str = "cost_focus_1_2";

/// What FOCUS calls decimal numbers.
const DECIMAL: DataType = DataType::Decimal128(38, 12);
/// One, in the last of their places.
const ONE: i128 = 1_000_000_000_000;

/// The mandatory columns of FOCUS 1.4 and those that the ledger can fill. What no card prices has the price 0 of a card 0.
const FOCUS_SQL: &str = r#"
SELECT
  list_cost(amount_micros, 1, 1) AS "BilledCost", '{tenant}' AS "BillingAccountId", '{account}' AS "BillingAccountName",
  'Tenant' AS "BillingAccountType", billing_currency AS "BillingCurrency",
  billed_in + INTERVAL '1 month' AS "BillingPeriodEnd", billed_in AS "BillingPeriodStart",
  'Usage' AS "ChargeCategory", CASE WHEN billed_in > date_trunc('month', period_start) THEN 'Correction' END AS "ChargeClass",
  concat(coalesce(service, meter), ': ', meter) AS "ChargeDescription", 'Usage-Based' AS "ChargeFrequency",
  period_end AS "ChargePeriodEnd", period_start AS "ChargePeriodStart", CAST(NULL AS VARCHAR) AS "CommitmentDiscountStatus",
  CAST(quantity AS DECIMAL(38, 12)) AS "ConsumedQuantity", pricing_unit(unit, 1) AS "ConsumedUnit",
  list_cost(quantity, price, per_block) AS "ContractedCost", list_cost(1, price, 1) AS "ContractedUnitPrice",
  list_cost(amount_micros, 1, 1) AS "EffectiveCost",
  CAST(NULL AS VARCHAR) AS "InvoiceId", 'Audiagram' AS "InvoiceIssuerName",
  list_cost(quantity, price, per_block) AS "ListCost", list_cost(1, price, 1) AS "ListUnitPrice",
  'Standard' AS "PricingCategory", billing_currency AS "PricingCurrency",
  list_cost(1, price, 1) AS "PricingCurrencyContractedUnitPrice", list_cost(amount_micros, 1, 1) AS "PricingCurrencyEffectiveCost",
  list_cost(1, price, 1) AS "PricingCurrencyListUnitPrice",
  pricing_quantity(quantity, 0, per_block) AS "PricingQuantity", pricing_unit(unit, per_block) AS "PricingUnit",
  coalesce(job_id, resource) AS "ResourceId", CAST(NULL AS VARCHAR) AS "ResourceName",
  CASE WHEN job_id IS NOT NULL THEN 'Job' WHEN resource IS NOT NULL THEN 'Resource' END AS "ResourceType",
  coalesce(service_category, 'Other') AS "ServiceCategory", coalesce(service, meter) AS "ServiceName",
  {providers}, coalesce(service_subcategory, 'Other (Other)') AS "ServiceSubcategory",
  meter AS "SkuId", meter AS "SkuMeter", concat('{"x_Block":', per_block, ',"x_RateCard":', card, '}') AS "SkuPriceDetails",
  concat(meter, '/', card) AS "SkuPriceId",
  '{tenant}' AS "SubAccountId", '{account}' AS "SubAccountName", 'Tenant' AS "SubAccountType",
  CASE WHEN project_id IS NOT NULL THEN concat('{"audiagram/project":"', project_id, '"}') END AS "Tags"
FROM (
  SELECT *, coalesce(currency, '{currency}') AS billing_currency, coalesce(price_micros, 0) AS price, coalesce(block, 1) AS per_block,
    coalesce(rate_version, 0) AS card
  FROM charges
) AS priced"#;

/// FOCUS 1.4 says who serves and who hosts.
const PROVIDERS: &str = r#"'on-premises' AS "HostProviderName", 'Audiagram' AS "ServiceProviderName""#;
/// FOCUS 1.2 has one provider, and who made what it provides.
const PROVIDERS_1_2: &str = r#"'Audiagram' AS "ProviderName", 'Audiagram' AS "PublisherName""#;

/// The views by their names, for a tenant that is called so and whose newest card has this currency.
pub(crate) fn views(tenant: &str, account: &str, currency: &str) -> [(&'static str, String); 2] {
    let sql = FOCUS_SQL.replace("{tenant}", tenant).replace("{currency}", currency);
    // Last, so that nothing in a name is taken for one of these places; its quotes are doubled.
    let account = account.replace('\0', "").replace('\'', "''");
    let view = |providers: &str| sql.replace("{providers}", providers).replace("{account}", &account);
    [(FOCUS, view(PROVIDERS)), (FOCUS_1_2, view(PROVIDERS_1_2))]
}

/// Gives a session the functions of the views.
pub(crate) fn register(session: &SessionContext) {
    session.register_udf(of_numbers("pricing_quantity", DECIMAL, |quantity, _, block| priced(quantity, block)));
    session.register_udf(of_numbers("list_cost", DECIMAL, list_cost));
    session.register_udf(pricing_unit());
}

/// How many blocks a quantity is, in twelve places.
fn priced(quantity: i64, block: i64) -> Option<i128> {
    divided(i128::from(quantity) * ONE, block)
}

/// The price of a block in millionths, times the blocks as [`priced`] says them.
fn list_cost(quantity: i64, price: i64, block: i64) -> Option<i128> {
    divided(priced(quantity, block)?.checked_mul(i128::from(price))?, 1_000_000)
}

/// `pricing_unit(unit, block)`: what a block is, as FOCUS writes units.
fn pricing_unit() -> ScalarUDF {
    let run = |given: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(given)?;
        let [unit, block] = &arrays[..] else { return exec_err!("pricing_unit takes a text and a number") };
        let (units, blocks) = (unit.as_string_view(), block.as_primitive::<Int64Type>());
        let mut found = StringViewBuilder::new();
        for (unit, block) in units.iter().zip(blocks) {
            found.append_option(unit.zip(block).map(|(unit, block)| unit_of(unit, block)));
        }
        Ok(ColumnarValue::Array(Arc::new(found.finish())))
    };
    let kinds = vec![DataType::Utf8View, DataType::Int64];
    create_udf("pricing_unit", kinds, DataType::Utf8View, Volatility::Immutable, Arc::new(run))
}

/// A block of a unit in the words of FOCUS: `Hours`, `GB-Hours`, `1000 Frames`.
fn unit_of(unit: &str, block: i64) -> String {
    let whole = match (unit, block) {
        ("ms", 1_000) => "Seconds",
        ("ms", 60_000) | ("s", 60) => "Minutes",
        ("ms", 3_600_000) | ("s", 3_600) => "Hours",
        ("ms", 86_400_000) | ("s", 86_400) => "Days",
        ("byte", 1_000_000) => "MB",
        ("byte", 1_000_000_000) => "GB",
        ("byte", 1_000_000_000_000) => "TB",
        ("byte", 0x4000_0000) => "GiB",
        ("byte_hour", 1_000) => "KB-Hours",
        ("byte_hour", 1_000_000) => "MB-Hours",
        ("byte_hour", 1_000_000_000) => "GB-Hours",
        ("byte_hour", 1_000_000_000_000) => "TB-Hours",
        ("byte_hour", 0x400) => "KiB-Hours",
        ("byte_hour", 0x10_0000) => "MiB-Hours",
        ("byte_hour", 0x4000_0000) => "GiB-Hours",
        ("byte_hour", 0x100_0000_0000) => "TiB-Hours",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let name = match unit {
        "" | "1" => "Units".to_owned(),
        "ms" => "Milliseconds".to_owned(),
        "s" => "Seconds".to_owned(),
        "min" => "Minutes".to_owned(),
        "h" => "Hours".to_owned(),
        "d" => "Days".to_owned(),
        "By" | "byte" => "B".to_owned(),
        "frame" => "Frames".to_owned(),
        "call" => "Calls".to_owned(),
        "message" => "Messages".to_owned(),
        "byte_hour" => "B-Hours".to_owned(),
        "seat_day" => "Seat-Days".to_owned(),
        own => words(own),
    };
    // Only plain units may have a number before them.
    if block == 1 { name } else { format!("{block} {}", name.replace('-', " ")) }
}

/// A customer's own unit without signs that FOCUS does not know: `{order}` of OpenTelemetry is `order`.
fn words(unit: &str) -> String {
    let words = unit.split(|sign: char| !sign.is_alphanumeric()).filter(|word| word.starts_with(char::is_alphabetic));
    let words: Vec<&str> = words.collect();
    if words.is_empty() { "Units".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::{ONE, list_cost, priced, unit_of};

    #[test]
    fn a_price_times_a_quantity_is_the_cost() {
        for (quantity, price, block) in [
            (7, 10_000, 3),
            (-7, 10_000, 3),
            (1, 3_000_000, 3_600_000),
            (i64::MAX, 1, 1_000_000_000),
            (123_456_789_012_345, 30_000, 1_000_000_000),
            (0, 0, 1),
        ] {
            let (blocks, cost) = (priced(quantity, block).unwrap(), list_cost(quantity, price, block).unwrap());
            // Both validators allow a thousand millionth of the cost, and as much of one.
            let allowed = (cost.abs() / 1_000_000_000).max(ONE / 1_000_000_000);
            assert!(
                (blocks * i128::from(price) / 1_000_000 - cost).abs() <= allowed,
                "{quantity} at {price} for {block}"
            );
            let billed = crate::charges::charge(quantity, price, block).unwrap();
            assert!(
                (cost - i128::from(billed) * 1_000_000).abs() <= 500_000 + allowed,
                "{quantity} at {price} for {block}"
            );
        }
        assert_eq!(list_cost(1, 1, 0), None);
    }

    #[test]
    fn units_as_focus_writes_them() {
        for (unit, block, expected) in [
            ("ms", 1, "Milliseconds"),
            ("ms", 3_600_000, "Hours"),
            ("ms", 7, "7 Milliseconds"),
            ("byte_hour", 1_000_000_000, "GB-Hours"),
            ("byte_hour", 1 << 30, "GiB-Hours"),
            ("byte_hour", 720, "720 B Hours"),
            ("seat_day", 1, "Seat-Days"),
            ("seat_day", 30, "30 Seat Days"),
            ("frame", 1_000, "1000 Frames"),
            ("1", 1, "Units"),
            ("{order}", 100, "100 order"),
            ("GB/s", 1, "GB s"),
            ("4 %", 1, "Units"),
        ] {
            assert_eq!(unit_of(unit, block), expected, "{unit} {block}");
        }
    }
}
