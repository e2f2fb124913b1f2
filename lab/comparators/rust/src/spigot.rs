//! One digit from every term, without end; Gibbons (2006), Gosper's series.

#[cfg(feature = "dashu")]
use dashu_int::UBig as Integer;
#[cfg(not(feature = "dashu"))]
use num_bigint::BigUint as Integer;

/// "3." and `digits` - 1 decimals.
pub(crate) fn text(digits: usize) -> String {
    let mut text: String = DigitsOfPi::new().take(digits).map(|digit| digit.to_string()).collect();
    if digits > 1 {
        text.insert(1, '.');
    }
    text
}

struct DigitsOfPi {
    q: Integer,
    r: Integer,
    t: Integer,
    i: u64,
}

impl DigitsOfPi {
    fn new() -> Self {
        Self { q: 1_u8.into(), r: 180_u8.into(), t: 60_u8.into(), i: 2 }
    }
}

impl Iterator for DigitsOfPi {
    type Item = Integer;

    fn next(&mut self) -> Option<Integer> {
        let Self { q, r, t, i } = self;
        let u = 3 * (3 * *i + 1) * (3 * *i + 2);
        let y = (&*q * (27 * *i - 12) + &*r * 5_u8) / (&*t * 5_u8);
        *r = (&*q * (5 * *i - 2) + &*r - &y * &*t) * (10 * u);
        *q *= 10 * *i * (2 * *i - 1);
        *t *= u;
        *i += 1;
        Some(y)
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_first_digits() {
        assert_eq!(text(1), "3");
        assert_eq!(text(20), "3.1415926535897932384");
        assert!(text(1_000).ends_with("216420198"));
    }
}
