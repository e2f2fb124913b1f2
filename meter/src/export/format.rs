//! Numbers for people, with significant digits only.

use crate::statistics::{Interval, Ratio};

/// A time in milliseconds with four digits and a unit: `31.60 us`, `133.2 ms`, `5.312 s`.
#[must_use]
pub fn millis(ms: f64) -> String {
    let (value, unit) = match ms {
        _ if ms == 0.0 => return "0 ms".to_owned(),
        ..0.9995 => (ms * 1e3, "us"),
        ..999.95 => (ms, "ms"),
        _ => (ms / 1e3, "s"),
    };
    format!("{} {unit}", plain_number(value))
}

/// A number with four digits and no exponent.
#[must_use]
pub fn plain_number(value: f64) -> String {
    let decimals = match value.abs() {
        999.95.. => 0,
        99.995.. => 1,
        9.9995.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// An interval in one unit: `131.0 .. 135.2 ms`.
#[must_use]
pub fn interval(interval: &Interval) -> String {
    let (low, high) = (millis(interval.low), millis(interval.high));
    match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((number, low_unit)), Some((_, high_unit))) if low_unit == high_unit => {
            format!("{number} .. {high}")
        }
        _ => format!("{low} .. {high}"),
    }
}

/// A ratio and its interval: `1.52 [1.48 .. 1.57]`.
#[must_use]
pub fn ratio(ratio: &Ratio) -> String {
    plain_ratio(ratio.value, Some(&ratio.interval))
}

/// A ratio, with its interval if there is one.
#[must_use]
pub fn plain_ratio(value: f64, interval: Option<&Interval>) -> String {
    let number = |value: f64| match value {
        ..0.0995 => usd(value),
        ..9.995 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    };
    match interval {
        Some(Interval { low, high }) => format!("{} [{} .. {}]", number(value), number(*low), number(*high)),
        None => number(value),
    }
}

/// USD, and other small numbers: cents from 10 USD on, three or four digits below.
#[must_use]
pub fn usd(usd: f64) -> String {
    match usd {
        _ if usd == 0.0 => "0".to_owned(),
        9.995.. => format!("{usd:.2}"),
        0.9995.. => format!("{usd:.3}"),
        0.0995.. => format!("{usd:.4}"),
        _ => {
            let zeros = (-usd.log10()).floor().clamp(0.0, 15.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
            let decimals = zeros as usize + 3;
            format!("{usd:.decimals$}")
        }
    }
}

/// At most three decimals, without trailing zeros.
#[must_use]
pub fn short_number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_four_digits() {
        let shown =
            [0.0, 0.000_4, 0.0316, 0.999_6, 1.0, 9.999_6, 133.204, 999.96, 5_312.0, 61_234.0].map(millis);
        let expected = [
            "0 ms", "0.400 us", "31.60 us", "1.000 ms", "1.000 ms", "10.00 ms", "133.2 ms", "1.000 s",
            "5.312 s", "61.23 s",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn intervals_share_their_unit_if_they_can() {
        assert_eq!(interval(&Interval { low: 131.0, high: 135.2 }), "131.0 .. 135.2 ms");
        assert_eq!(interval(&Interval { low: 999.0, high: 1_001.0 }), "999.0 ms .. 1.001 s");
    }

    #[test]
    fn prices_keep_their_digits() {
        let shown = [0.0, 12.345, 0.2, 0.478_123, 0.012_345, 0.000_000_2, 1e-30].map(usd);
        assert_eq!(
            shown,
            ["0", "12.35", "0.2000", "0.4781", "0.0123", "0.000000200", "0.000000000000000000"]
        );
    }
}
