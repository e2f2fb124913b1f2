use super::*;
use crate::bigint::Natural;
use crate::cpu::Level;
use crate::pi::{Algorithm, DigitCount};

/// Hexadecimal digits behind the point, from our own decimal digits.
fn from_decimals(count: usize) -> String {
    let decimals = count * 5 / 4 + 20;
    let text = Algorithm::default().digits(DigitCount::new(decimals as u64 + 1).unwrap());
    let fraction: Natural = text[2..].parse().unwrap();
    let scaled = &(fraction << (4 * count as u64)) / &power_of_ten(decimals);
    let limbs: Vec<String> = scaled.limbs().iter().rev().map(|limb| format!("{limb:016X}")).collect();
    let text = limbs.concat();
    format!("{:0>count$}", text.trim_start_matches('0'))
}

fn power_of_ten(exponent: usize) -> Natural {
    format!("1{}", "0".repeat(exponent)).parse().unwrap()
}

#[test]
fn small_positions_are_our_own_decimal_digits() {
    let expected = from_decimals(3000);
    assert!(expected.starts_with("243F6A8885A308D313198A2E03707344A4093822299F31D0"));
    for formula in Formula::ALL {
        for position in (1..200).chain([499, 500, 501, 1000, 2047, 2900]) {
            let found = hex_digits(formula, position, 24, 1).unwrap();
            let at = position as usize - 1;
            assert_eq!(found, expected[at..at + 24], "{formula} at {position}");
        }
    }
}

#[test]
fn long_answers_join_several_sums() {
    let expected = from_decimals(1500);
    assert_eq!(hex_digits(Formula::Bellard, 101, 1000, 2).unwrap(), expected[100..1100]);
}

#[test]
fn published_digits() {
    // Bailey's table of the formula's paper; PiHex-style positions count from 1.
    for (position, digits) in [(1_000_000, "26C65E52CB4593"), (10_000_000, "17AF5863EFED8D")] {
        assert_eq!(hex_digits(Formula::Bellard, position, 14, 2).unwrap(), digits);
    }
    assert_eq!(hex_digits(Formula::Bbp, 1_000_000, 14, 2).unwrap(), "26C65E52CB4593");
}

/// Minutes of one core: `cargo test --release --lib hex -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn published_digits_of_far_positions() {
    for (position, digits) in [
        (100_000_000, "ECB840E21926EC"),
        (1_000_000_000, "85895585A0428B"),
        (10_000_000_000, "921C73C6838FB2"),
    ] {
        assert_eq!(hex_digits(Formula::Bellard, position, 14, 2).unwrap(), digits);
    }
}

#[test]
fn all_levels_threads_and_splittings_agree() {
    for formula in Formula::ALL {
        for bit in [0, 1, 4000, 30_011, 123_457] {
            let whole = Part::whole(formula, bit).unwrap();
            let expected = whole.sum(1);
            for level in Level::available() {
                for threads in [1, 2, 5] {
                    assert_eq!(whole.sum_on(level, threads), expected, "{formula}, bit {bit}, {level}");
                }
            }
            let mut sums: Vec<_> = split(&whole, 7).iter().map(|part| part.sum(1)).collect();
            sums.reverse();
            let (merged, at_once) = (Sum::merge(&sums).unwrap(), Sum::merge(&[expected]).unwrap());
            assert_eq!(merged, at_once);
        }
    }
}

#[test]
fn both_formulas_agree_within_their_errors() {
    for bit in [5, 1003, 77_777, 1_000_001] {
        let [a, b] =
            Formula::ALL.map(|formula| Sum::merge(&[Part::whole(formula, bit).unwrap().sum(2)]).unwrap());
        let difference = a.value().wrapping_sub(b.value());
        assert!(difference.min(difference.wrapping_neg()) < a.error() + b.error(), "bit {bit}");
        assert!(a.certain_digits() >= 24, "{}", a.certain_digits());
    }
}

#[test]
fn sixteen_digits_are_certain_at_the_last_position() {
    // The error bound alone, without a computation of years: 2^60 / 10 terms of seven fractions.
    let error = u128::from(Formula::Bellard.terms(Part::MAX_BIT)) * 7 + 1;
    assert!(128 - (u128::BITS - error.leading_zeros()) >= 64 + 3);
}

#[test]
fn parts_beyond_vectors_are_computed_by_words() {
    // Positions of published runs: moduli of 53 and 59 bits, which no vector holds.
    for bit in [4 * 2_000_000_000_000_000, Part::MAX_BIT] {
        let middle = Formula::Bellard.terms(bit) / 2;
        let part = Part::new(Formula::Bellard, bit, middle..middle + 40).unwrap();
        let expected: u128 =
            split(&part, 40).iter().map(|part| part.sum(1).sum()).fold(0, u128::wrapping_add);
        assert_eq!(part.sum(3).sum(), expected);
    }
}

#[test]
fn gaps_overlaps_and_mixtures_are_refused() {
    let parts: Vec<PartialSum> =
        split(&Part::whole(Formula::Bellard, 1000).unwrap(), 4).iter().map(|part| part.sum(1)).collect();
    let refused = |parts: &[PartialSum]| Sum::merge(parts).unwrap_err().to_string();
    assert_eq!(Sum::merge(&[]), Err(MergeError::Empty));
    for left_out in 0..4 {
        let mut parts = parts.clone();
        let lost = parts.remove(left_out).part().terms();
        assert_eq!(Sum::merge(&parts), Err(MergeError::Missing(lost)));
    }
    // Consecutive parts of the middle are no sum yet, and can be merged further.
    let middle = PartialSum::merge(&parts[1..3]).unwrap();
    assert_eq!(middle.part().terms(), parts[1].part().terms().start..parts[2].part().terms().end);
    assert_eq!(
        Sum::merge(std::slice::from_ref(&middle)),
        Err(MergeError::Missing(0..middle.part().terms().start))
    );
    let again = [parts[3].clone(), middle, parts[0].clone()];
    assert_eq!(Sum::merge(&again), Sum::merge(&parts));
    assert_eq!(PartialSum::merge(&[]), Err(MergeError::Empty));
    let mut twice = parts.clone();
    twice.push(parts[1].clone());
    assert!(refused(&twice).contains("twice"), "{}", refused(&twice));
    let mut mixed = parts.clone();
    mixed[2] = Part::new(Formula::Bellard, 1001, mixed[2].part().terms()).unwrap().sum(1);
    assert!(refused(&mixed).contains("bit 1001"), "{}", refused(&mixed));
    // A stranger behind a gap is named, and not the gap.
    mixed.remove(1);
    assert!(refused(&mixed).contains("parts of two sums"), "{}", refused(&mixed));
}

#[test]
fn refusals_say_what_is_allowed() {
    let message = |position, count| hex_digits(Formula::Bellard, position, count, 1).unwrap_err().to_string();
    assert!(message(0, 1).contains("use 1, the digit behind the point, to 288230376151711744"));
    assert!(message(1 << 60, 1).contains("no hexadecimal position"));
    assert!(message(u64::MAX, 10).contains("no hexadecimal position"));
    assert!(message(1, 0).contains("use 1 to 10000"));
    let beyond = Part::new(Formula::Bbp, 100, 0..1000).unwrap_err().to_string();
    assert_eq!(beyond, "the terms 0..1000 are not a range of the sum: use a range within 0..60");
    assert!(Part::new(Formula::Bbp, 100, 5..5).is_err());
    assert!(Part::whole(Formula::Bbp, u64::MAX).unwrap_err().to_string().contains("too far"));
}

#[test]
fn certainty_ends_where_the_error_could_carry() {
    let sum = |value, error| Sum { bit: 0, value, error };
    assert_eq!(sum(0x1234 << 112, 1).certain_digits(), 4 - 1);
    assert_eq!(sum(0x1234 << 112 | 5, 1).certain_digits(), 31);
    assert_eq!(sum(1 << 127, 1 << 60).certain_digits(), 0);
    assert_eq!(sum(u128::MAX, 1).certain_digits(), 0);
}

#[test]
fn a_cancelled_sum_unwinds() {
    use crate::cancel::{Cancelled, Token};
    let token = Token::default();
    token.cancel();
    let part = Part::whole(Formula::Bellard, 1 << 40).unwrap();
    let run = std::panic::AssertUnwindSafe(|| token.run(|| part.sum(1)));
    assert!(std::panic::catch_unwind(run).unwrap_err().is::<Cancelled>());
}

#[test]
fn positions_are_read_in_every_notation() {
    assert_eq!(parse_position("1e17"), Ok(100_000_000_000_000_000));
    assert_eq!(parse_position("1_000"), Ok(1000));
    let message = |text| parse_position(text).unwrap_err().to_string();
    assert!(message("0").contains("use 1, the digit behind the point"));
    assert!(message("1e18").contains("no hexadecimal position 1000000000000000000"));
    assert!(message("ten").contains("only the digits 0 to 9"));
}
