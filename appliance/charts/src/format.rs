//! What numbers are, and how they are said in English. Pages say them in their own language.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// What the numbers of a chart are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Format {
    /// Their unit.
    #[serde(skip_serializing_if = "Unit::is_default")]
    pub unit: Unit,
    /// Digits behind the point; as many as make sense without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 6))]
    pub decimals: Option<u8>,
    /// Of amounts of money (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 3))]
    pub currency: Option<String>,
}

/// A unit of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A count, or a number without one.
    #[default]
    Number,
    /// Bytes.
    Bytes,
    /// A time in milliseconds.
    Milliseconds,
    /// A share: 0.25 is 25 %.
    Share,
    /// Money in millionths of the currency's unit.
    Micros,
}

impl Unit {
    fn is_default(&self) -> bool {
        *self == Unit::default()
    }
}

impl Format {
    pub(crate) fn is_default(&self) -> bool {
        *self == Format::default()
    }

    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.decimals.is_some_and(|digits| digits > 6) {
            return Err(Fault::new("/decimals", "must be 0 to 6"));
        }
        let known = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if self.currency.as_ref().is_some_and(|code| !known(code)) {
            return Err(Fault::new("/currency", "must be three capitals like `EUR`"));
        }
        Ok(())
    }

    /// A number as English says it.
    pub fn say(&self, value: f64) -> String {
        let digits = |most: u8| self.decimals.unwrap_or(most);
        match self.unit {
            Unit::Number => number(value, digits(if value.fract() == 0.0 { 0 } else { 2 })),
            Unit::Share => format!("{}%", number(value * 100.0, digits(1))),
            Unit::Micros => {
                let code = self.currency.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
                format!("{}{code}", number(value / 1e6, digits(2)))
            }
            Unit::Bytes => {
                const STEPS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
                let (mut value, mut step) = (value, 0);
                while value.abs() >= 1000.0 && step + 1 < STEPS.len() {
                    value /= 1000.0;
                    step += 1;
                }
                format!("{} {}", number(value, digits(if step == 0 { 0 } else { 1 })), STEPS[step])
            }
            Unit::Milliseconds => {
                const STEPS: [(f64, &str); 4] =
                    [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1_000.0, "s")];
                let step = STEPS.iter().find(|(size, _)| value.abs() >= *size);
                match step {
                    Some((size, name)) => format!("{} {name}", number(value / size, digits(1))),
                    None => format!("{} ms", number(value, digits(0))),
                }
            }
        }
    }
}

/// `1234567.5` is `1,234,567.5`; zeros at the end are left out.
fn number(value: f64, digits: u8) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", usize::from(digits), value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::with_capacity(text.len() + text.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let part = part.trim_end_matches('0');
    if !part.is_empty() {
        grouped.push('.');
        grouped.push_str(part);
    }
    if value < 0.0 && grouped != "0" { format!("-{grouped}") } else { grouped }
}
