//! Pi as one integer, for programs that go on computing with it: no conversion to text and back.
//!
//! ```text
//! binary    floor(2^bits pi)             the fraction of a series before its conversion
//! decimal   floor(10^(n - 1) pi)         that fraction times a power of ten
//! ```
//! **Finality.** A fraction is a lower bound by less than two units. Its bits below the wanted ones decide
//! whether the floor is certain; if it is not, the fraction is computed again with more bits.

use super::algorithm::Method;
use super::stream::fraction_of;
use super::{Algorithm, DigitCount};
use crate::bigint::{Natural, radix};
use crate::fft::with_threads;

/// Bits that are computed beyond the wanted ones: a further try is needed once in `2^60` numbers.
const GUARD_BITS: u64 = 64;

impl Algorithm {
    /// `floor(2^bits pi)`, computed by up to `threads` threads: pi with `bits` bits behind the point.
    ///
    /// Cheaper than the digits of the same precision by their conversion. Gibbons' spigot has decimal
    /// digits only, which are converted.
    ///
    /// ```
    /// use pi_spigot::pi::Algorithm;
    ///
    /// // pi = 3.243F6A88 85A308D3...
    /// assert_eq!(Algorithm::Chudnovsky.binary(32, 1).to_str_radix(16), "3243f6a88");
    /// ```
    ///
    /// # Panics
    /// If `bits` takes more digits than [`Algorithm::max_digits`].
    #[must_use]
    pub fn binary(self, bits: u64, threads: usize) -> Natural {
        let floor = |guard| {
            let (pi, error) = self.fixed_point(bits + guard, threads);
            certain_floor(&pi, &(&pi + error), guard)
        };
        first_certain(floor)
    }

    /// `floor(10^(n - 1) pi)`, computed by up to `threads` threads: the integer of the first `n` digits.
    ///
    /// ```
    /// use pi_spigot::pi::{Algorithm, DigitCount};
    ///
    /// let n = DigitCount::new(5).unwrap();
    /// assert_eq!(Algorithm::Chudnovsky.decimal(n, 1).to_string(), "31415");
    /// ```
    ///
    /// # Panics
    /// If `n` is above [`Algorithm::max_digits`].
    #[must_use]
    pub fn decimal(self, n: DigitCount, threads: usize) -> Natural {
        let decimals = n.get() - 1;
        if matches!(self.method(), Method::Spigot) {
            return integer_of(&self.digits(n));
        }
        // log2(10), cut above.
        let bits = (u128::from(decimals) * 3_321_928_094_888 / 1_000_000_000_000) as u64 + 1;
        first_certain(|guard| {
            let (pi, error) = self.fixed_point(bits + guard, threads);
            with_threads(threads, || {
                let power = power_of_five(decimals);
                let scaled = &pi * &power;
                // 10^d = 5^d 2^d.
                certain_floor(&scaled, &(&scaled + power * error), bits + guard - decimals)
            })
        })
    }

    /// A lower bound of `2^bits pi`, and an upper bound of its error.
    fn fixed_point(self, bits: u64, threads: usize) -> (Natural, u64) {
        match self.method() {
            Method::Series(series) => {
                let (fraction, len) = fraction_of(series, bits, threads);
                let pi = (Natural::from(3u8) << len) + fraction;
                (pi >> (len - bits), 2)
            }
            Method::Spigot => {
                let digits = DigitCount::new(bits * 30_103 / 100_000 + 2).unwrap_or(DigitCount::MAX);
                let (pi, decimals) = (integer_of(&self.digits(digits)), digits.get() - 1);
                ((pi << (bits - decimals)) / power_of_five(decimals), 2)
            }
        }
    }
}

/// The result of the first try that is certain.
fn first_certain(floor: impl Fn(u64) -> Option<Natural>) -> Natural {
    let mut guard = GUARD_BITS;
    loop {
        if let Some(floor) = floor(guard) {
            return floor;
        }
        guard *= 2;
    }
}

/// `floor(x / 2^bits)` for any x from `low` to `high`, if it is the same for all of them.
fn certain_floor(low: &Natural, high: &Natural, bits: u64) -> Option<Natural> {
    let floor = low >> bits;
    (floor == high >> bits).then_some(floor)
}

fn power_of_five(exponent: u64) -> Natural {
    let exponent = usize::try_from(exponent).expect("the digits fit into this machine's addresses");
    Natural::from_words(radix::power_of_five(exponent))
}

/// The integer of the digits of a text "3.14...".
fn integer_of(text: &str) -> Natural {
    text.replacen('.', "", 1).parse().expect("digits of pi are digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(n: u64) -> DigitCount {
        DigitCount::new(n).unwrap()
    }

    #[test]
    fn decimal_integers_are_the_digits() {
        for &algorithm in Algorithm::ALL {
            for n in (1..70).chain([100, 761, 762, 763, 767, 768, 769, 1000, 2500]) {
                let expected = Algorithm::Gibbons.digits(count(n)).replace('.', "");
                assert_eq!(algorithm.decimal(count(n), 1).to_string(), expected, "{algorithm} {n}");
            }
        }
        let expected = Algorithm::Chudnovsky.digits(count(60_000)).replace('.', "");
        assert!(Algorithm::Chudnovsky.decimal(count(60_000), 2).to_string() == expected);
    }

    #[test]
    fn binary_integers_agree_with_each_other_and_with_the_hexadecimal_digits() {
        use crate::pi::hex::{Formula, hex_digits};
        for bits in (0..130).chain([1000, 4096, 20_000]) {
            let expected = Algorithm::Gibbons.binary(bits, 1);
            assert_eq!(Algorithm::Chudnovsky.binary(bits, 1), expected, "{bits}");
            assert_eq!(Algorithm::Gosper.binary(bits, 1), expected, "{bits}");
        }
        for position in [1, 9, 1000, 50_000] {
            let digits = hex_digits(Formula::Bellard, position, 8, 1).unwrap().to_lowercase();
            let pi = Algorithm::Chudnovsky.binary(4 * (position + 7), 1).to_str_radix(16);
            assert!(pi.ends_with(&digits), "{position}");
        }
    }

    #[test]
    fn an_uncertain_floor_is_none() {
        let [low, high] = [0x4fff_u32, 0x5001].map(Natural::from);
        assert_eq!(certain_floor(&low, &high, 12), None);
        assert_eq!(certain_floor(&low, &high, 16), Some(Natural::from(0u8)));
        let tries = std::cell::Cell::new(0);
        let second = first_certain(|guard| {
            tries.set(tries.get() + 1);
            (guard > GUARD_BITS).then(|| Natural::from(guard))
        });
        assert_eq!((second, tries.get()), (Natural::from(2 * GUARD_BITS), 2));
    }
}
