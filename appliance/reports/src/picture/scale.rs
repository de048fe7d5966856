//! Axes of numbers: ends and steps that are round in their unit.

use charts::Unit;

/// Steps of times, in milliseconds.
const TIMES: [f64; 22] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 5e3, 15e3, 60e3, 120e3, 300e3, 600e3, 1.8e6, 3.6e6,
    7.2e6, 2.16e7, 4.32e7, 8.64e7,
];

/// An axis of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// One that has both ends in it, with some four steps. It begins at zero unless `free`.
    pub(super) fn of(low: f64, high: f64, unit: Unit, free: bool) -> Scale {
        let (low, high) = if free { (low, high) } else { (low.min(0.0), high.max(0.0)) };
        // What is as good as one number has no steps of its own.
        let high = if high - low > 1e-9 { high } else { low + 1.0 };
        let wanted = (high - low) / 4.0;
        let step = match unit {
            Unit::Milliseconds => {
                TIMES.into_iter().find(|step| *step >= wanted).unwrap_or_else(|| 8.64e7 * round(wanted / 8.64e7))
            }
            _ => round(wanted),
        };
        Scale { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where a value is, from 0 to 1.
    pub(super) fn at(&self, value: f64) -> f32 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) as f32
    }

    /// The values that are written at it.
    pub(super) fn steps(&self) -> impl Iterator<Item = f64> {
        let Scale { low, high, step } = *self;
        let count = ((high - low) / step).round().clamp(1.0, 40.0) as usize;
        // Whatever a float makes of 0.1 + 0.2 is not written.
        (0..=count).map(move |at| ((low + step * at as f64) / step).round() * step)
    }
}

/// 1, 2 or 5 with zeros, at or above a number.
fn round(value: f64) -> f64 {
    if value.is_nan() || value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= value * 0.999_999)
        .unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        let check = |low: f64, high: f64, unit, expected: &[f64]| {
            let steps: Vec<f64> = Scale::of(low, high, unit, false).steps().collect();
            assert_eq!(steps, expected, "{low} to {high}");
        };
        check(0.0, 90.0, Unit::Number, &[0.0, 50.0, 100.0]);
        check(3.0, 7.0, Unit::Number, &[0.0, 2.0, 4.0, 6.0, 8.0]);
        check(-5.0, 12.0, Unit::Number, &[-5.0, 0.0, 5.0, 10.0, 15.0]);
        check(0.0, 0.0, Unit::Number, &[0.0, 0.5, 1.0]);
        check(0.0, 5.4e6, Unit::Milliseconds, &[0.0, 1.8e6, 3.6e6, 5.4e6]);
        check(0.0, f64::MIN_POSITIVE, Unit::Number, &[0.0, 0.5, 1.0]);
    }
}
