//! The fast series against the golden digests.

mod common;

use common::{golden, hexadecimal};
use num_bigint::BigUint;
use pi_spigot::pi::{Algorithm, DigitCount, Digits, Schedule, verify};
use sha2::{Digest, Sha256};

fn digest(digits: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(&digits[..1]);
    if digits.len() > 1 {
        hash.update(b".");
        hash.update(&digits[1..]);
    }
    hexadecimal(&hash)
}

fn count(digits: usize) -> DigitCount {
    DigitCount::new(digits as u64).unwrap()
}

/// The first digits of a stream.
fn take(algorithm: Algorithm, schedule: Schedule, digits: usize) -> Vec<u8> {
    let mut text = vec![0; digits];
    Digits::scheduled(algorithm, schedule).fill_ascii(&mut text);
    text
}

/// The first digits by the Chudnovskys' series in one block.
fn chudnovsky_digits(digits: u64) -> Vec<u8> {
    let digits = digits as usize;
    take(Algorithm::Chudnovsky, Schedule::AtOnce(count(digits)), digits)
}

/// Gibbons' spigot on Gosper's series (2006, section 6), digit by digit: it
/// shares nothing with the engine but the answer.
fn gibbons(digits: usize) -> Vec<u8> {
    let (mut q, mut r, mut t, mut i) = (BigUint::from(1u8), BigUint::from(180u8), BigUint::from(60u8), 2u64);
    let mut text = Vec::new();
    while text.len() < digits {
        let u = 3 * (3 * i + 1) * (3 * i + 2);
        let y = (&q * (27 * i - 12) + &r * 5u8) / (&t * 5u8);
        r = (&q * (5 * i - 2) + &r - &y * &t) * (10 * u);
        q *= 10 * i * (2 * i - 1);
        t *= u;
        i += 1;
        text.push(b'0' + u8::try_from(&y).expect("a digit"));
    }
    text
}

#[test]
fn one_block_and_streams_agree_with_the_spigot() {
    let expected = gibbons(1500);
    assert_eq!(chudnovsky_digits(1500), expected);
    assert_eq!(take(Algorithm::Chudnovsky, Schedule::Unbounded, 1500), expected);
    assert_eq!(take(Algorithm::Gosper, Schedule::Unbounded, 1500), expected);
}

#[test]
fn chudnovsky_in_one_block() {
    for entry in golden(1_000_001) {
        let digits = chudnovsky_digits(entry.digits);
        assert_eq!(digest(&digits), entry.sha256, "{} digits", entry.digits);
        assert!(entry.digits < 21 || digits.ends_with(entry.end.as_bytes()), "{} digits", entry.digits);
    }
}

#[test]
fn streams_with_a_known_end() {
    let all = chudnovsky_digits(20_000);
    for digits in [1, 2, 3, 10, 999, 1000, 1001, 3999, 4000, 4001, 4002, 16_001, 16_004, 20_000] {
        let text = take(Algorithm::Chudnovsky, Schedule::Early(count(digits)), digits);
        assert!(text == all[..digits], "{digits} digits");
    }
    assert!(take(Algorithm::Gosper, Schedule::Early(count(20_000)), 20_000) == all);
}

/// Decimals 762 to 767 are nines (the "Feynman point"): ends around them.
#[test]
fn ends_within_a_run_of_nines() {
    let all = chudnovsky_digits(1000);
    assert_eq!(&all[762..768], b"999999");
    for digits in 755..775 {
        assert_eq!(chudnovsky_digits(digits), all[..digits as usize]);
    }
}

/// `make test-long`. The table says that the digits are right, and the formula says it without a
/// table.
#[test]
#[ignore = "long: a hundred million digits, a minute and a gigabyte"]
fn a_hundred_million_digits() {
    let entry = golden(100_000_000).last().expect("a line");
    let digits = chudnovsky_digits(entry.digits);
    assert_eq!(digest(&digits), entry.sha256, "{} digits", entry.digits);
    let verdict = verify::check_digits(&digits, 2);
    assert!(verdict.agrees(), "{verdict:x?}");
}
