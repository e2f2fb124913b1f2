//! The laws of `pi_spigot::bigint`, each computed by another method than the library's.

use crate::operands::Operands;
use crate::residues::product_agrees;
use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{One, Pow, Zero};
use pi_spigot::bigint::{Integer, Natural};
use pi_spigot::cpu::Level;
use pi_spigot::fft::Plan;

/// A law: its name and its check.
pub type Law = (&'static str, fn(&Operands) -> Result<(), String>);

/// All laws of integers, for operands that num-bigint can follow.
pub const LAWS: &[Law] = &[
    ("add_sub_cmp", add_sub_cmp),
    ("product", product),
    ("product_on_every_level", product_on_every_level),
    ("square", square),
    ("div_rem", div_rem),
    ("div_rem_of_products", div_rem_of_products),
    ("sqrt", sqrt),
    ("sqrt_of_squares", sqrt_of_squares),
    ("to_decimal", to_decimal),
    ("from_decimal", from_decimal),
    ("powers_of_ten", powers_of_ten),
    ("shifts", shifts),
    ("signs", signs),
];

/// The laws that need no second opinion, for operands of any length.
pub const LONG_LAWS: &[Law] = &[("product_mod_primes", |x| {
    let (a, b) = ours(x);
    product_agrees(&x.a, &x.b, &(&a * &b))?;
    product_agrees(&x.a, &x.a, &a.square())
})];

fn big(limbs: &[u64]) -> BigUint {
    BigUint::new(limbs.iter().flat_map(|&x| [x as u32, (x >> 32) as u32]).collect())
}

fn ours(x: &Operands) -> (Natural, Natural) {
    (Natural::from_limbs(x.a.clone()), Natural::from_limbs(x.b.clone()))
}

fn theirs(x: &Operands) -> (BigUint, BigUint) {
    (big(&x.a), big(&x.b))
}

fn natural(n: &BigUint) -> Natural {
    Natural::from_limbs(n.to_u64_digits())
}

fn same(what: &str, found: &Natural, expected: &BigUint) -> Result<(), String> {
    let (found, expected) = (found.limbs(), &expected.to_u64_digits()[..]);
    if found == expected {
        return Ok(());
    }
    let at = found.iter().zip(expected).position(|(f, e)| f != e).unwrap_or(found.len().min(expected.len()));
    Err(format!(
        "{what}: limb {at} is {:x?}, expected {:x?} (lengths {} and {})",
        found.get(at),
        expected.get(at),
        found.len(),
        expected.len()
    ))
}

fn holds(what: &str, law: bool) -> Result<(), String> {
    law.then_some(()).ok_or_else(|| what.to_owned())
}

fn add_sub_cmp(x: &Operands) -> Result<(), String> {
    let ((a, b), (big_a, big_b)) = (ours(x), theirs(x));
    same("a + b", &(&a + &b), &(&big_a + &big_b))?;
    holds("a cmp b", a.cmp(&b) == big_a.cmp(&big_b))?;
    holds("bits", a.bits() == big_a.bits())?;
    match a.checked_sub(&b) {
        Some(difference) => same("a - b", &difference, &(&big_a - &big_b)),
        None => holds("a - b refused", big_a < big_b),
    }
}

fn product(x: &Operands) -> Result<(), String> {
    let ((a, b), (big_a, big_b)) = (ours(x), theirs(x));
    let expected = big_a * big_b;
    same("a b", &(&a * &b), &expected)?;
    same("b a", &(&b * &a), &expected)
}

/// The convolution alone, also at lengths where multiplication does without it, on each
/// level that this processor has.
fn product_on_every_level(x: &Operands) -> Result<(), String> {
    if x.a.is_empty() || x.b.is_empty() {
        return Ok(());
    }
    let (big_a, big_b) = theirs(x);
    let expected = big_a * big_b;
    for level in Level::available() {
        let plan = Plan::for_product(x.a.len(), x.b.len()).with_level(level);
        let mut out = vec![0xdead_beef; x.a.len() + x.b.len()];
        pi_spigot::fft::multiply_cached(&mut out, &plan.transform(&x.a), &x.b);
        same(level.name(), &Natural::from_limbs(out), &expected)?;
    }
    Ok(())
}

fn square(x: &Operands) -> Result<(), String> {
    let ((a, _), (big_a, _)) = (ours(x), theirs(x));
    same("a^2", &a.square(), &(&big_a * &big_a))
}

fn div_rem(x: &Operands) -> Result<(), String> {
    let ((a, b), (big_a, big_b)) = (ours(x), theirs(x));
    if b.is_zero() {
        return Ok(());
    }
    let ((q, r), (big_q, big_r)) = (a.div_rem(&b), big_a.div_rem(&big_b));
    same("a / b", &q, &big_q)?;
    same("a % b", &r, &big_r)
}

/// Dividends just below, at and just above a multiple: an estimated quotient is off by
/// one there.
fn div_rem_of_products(x: &Operands) -> Result<(), String> {
    let ((a, b), (big_a, big_b)) = (ours(x), theirs(x));
    if a.is_zero() || b.is_zero() {
        return Ok(());
    }
    let (exact, one) = (&big_a * &big_b, BigUint::one());
    let (q, r) = natural(&exact).div_rem(&b);
    same("ab / b", &q, &big_a)?;
    same("ab % b", &r, &BigUint::zero())?;
    let (q, r) = natural(&(&exact - &one)).div_rem(&b);
    same("(ab - 1) / b", &q, &(&big_a - &one))?;
    same("(ab - 1) % b", &r, &(&big_b - &one))?;
    let (q, r) = natural(&(&exact + &big_b - &one)).div_rem(&b);
    same("(ab + b - 1) / b", &q, &big_a)?;
    same("(ab + b - 1) % b", &r, &(&big_b - &one))
}

fn sqrt(x: &Operands) -> Result<(), String> {
    let ((a, _), (big_a, _)) = (ours(x), theirs(x));
    let root = big(a.sqrt().limbs());
    let next = &root + BigUint::one();
    holds("root^2 is above a", &root * &root <= big_a)?;
    holds("(root + 1)^2 is not above a", &next * &next > big_a)
}

fn sqrt_of_squares(x: &Operands) -> Result<(), String> {
    let (big_a, _) = theirs(x);
    if big_a.is_zero() {
        return Ok(());
    }
    let (square, one) = (&big_a * &big_a, BigUint::one());
    same("sqrt(a^2)", &natural(&square).sqrt(), &big_a)?;
    same("sqrt(a^2 - 1)", &natural(&(&square - &one)).sqrt(), &(&big_a - &one))?;
    same("sqrt(a^2 + 2a)", &natural(&(&square + &big_a + &big_a)).sqrt(), &big_a)
}

fn to_decimal(x: &Operands) -> Result<(), String> {
    let ((a, _), (big_a, _)) = (ours(x), theirs(x));
    let (found, expected) = (a.to_string(), big_a.to_string());
    let at = found.bytes().zip(expected.bytes()).position(|(f, e)| f != e);
    holds(&format!("decimal text: differs from digit {at:?} on"), found == expected)?;
    let back = found.parse::<Natural>().map_err(|error| error.to_string())?;
    same("text and back", &back, &big_a)
}

/// Digits drawn from the limbs, with leading zeros and with runs of nines and zeros that
/// a conversion must carry across.
fn from_decimal(x: &Operands) -> Result<(), String> {
    let digit = |&limb: &u64| (0..16).map(move |i| b'0' + ((limb >> (4 * i) & 15) as u8).min(9));
    let text: Vec<u8> = x.a.iter().flat_map(digit).collect();
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    if text.is_empty() {
        return holds("an empty text was read", text.parse::<Natural>().is_err());
    }
    let found = text.parse::<Natural>().map_err(|error| error.to_string())?;
    let expected = text.parse::<BigUint>().map_err(|error| error.to_string())?;
    same("from decimal", &found, &expected)?;
    let trimmed = text.trim_start_matches('0');
    holds("text of a text", found.to_string() == if trimmed.is_empty() { "0" } else { trimmed })
}

/// 10^k and its neighbours, times a short number: digits overflow there.
fn powers_of_ten(x: &Operands) -> Result<(), String> {
    let exponent = (x.bits % 60_000) as u32;
    let factor = x.a.first().copied().unwrap_or(1).max(1);
    let power = Natural::from(10u8).pow(exponent) * Natural::from(factor);
    let text = format!("{factor}{}", "0".repeat(exponent as usize));
    holds(&format!("{factor} * 10^{exponent} as text"), power.to_string() == text)?;
    let below = power.clone() - Natural::from(1u8);
    let digits = match factor - 1 {
        0 if exponent > 0 => String::new(),
        head => head.to_string(),
    };
    let nines = format!("{digits}{}", "9".repeat(exponent as usize));
    holds(&format!("{factor} * 10^{exponent} - 1 as text"), below.to_string() == nines)?;
    holds("text of nines and back", nines.parse::<Natural>().as_ref() == Ok(&below))?;
    holds("text of zeros and back", text.parse::<Natural>() == Ok(power))
}

fn shifts(x: &Operands) -> Result<(), String> {
    let ((a, _), (big_a, _)) = (ours(x), theirs(x));
    same(&format!("a << {}", x.bits), &(a.clone() << x.bits), &(&big_a << x.bits))?;
    same(&format!("a >> {}", x.bits), &(a.clone() >> x.bits), &(&big_a >> x.bits))?;
    let limb = x.bits | 1;
    holds("a mod limb", BigUint::from(a.rem_u64(limb)) == &big_a % limb)?;
    if x.a.len() < 40 {
        let exponent = (x.bits % 9) as u32;
        return same(&format!("a^{exponent}"), &a.pow(exponent), &Pow::pow(&big_a, exponent));
    }
    Ok(())
}

fn signs(x: &Operands) -> Result<(), String> {
    let ((a, b), (big_a, big_b)) = (ours(x), theirs(x));
    for (minus_a, minus_b) in [(false, false), (false, true), (true, false), (true, true)] {
        let (p, q) = (Integer::new(minus_a, a.clone()), Integer::new(minus_b, b.clone()));
        let signed =
            |minus: bool, n: &BigUint| if minus { -BigInt::from(n.clone()) } else { n.clone().into() };
        let (big_p, big_q) = (signed(minus_a, &big_a), signed(minus_b, &big_b));
        signed_same("p + q", &(&p + &q), &(&big_p + &big_q))?;
        signed_same("p - q", &(&p - &q), &(&big_p - &big_q))?;
        signed_same("p q", &(&p * &q), &(&big_p * &big_q))?;
        holds("p cmp q", p.cmp(&q) == big_p.cmp(&big_q))?;
        if !b.is_zero() {
            let (quotient, rest) = p.div_rem(&q);
            signed_same("p / q", &quotient, &(&big_p / &big_q))?;
            signed_same("p % q", &rest, &(&big_p % &big_q))?;
        }
    }
    Ok(())
}

fn signed_same(what: &str, found: &Integer, expected: &BigInt) -> Result<(), String> {
    holds(&format!("{what}: sign"), found.is_negative() == (expected.sign() == num_bigint::Sign::Minus))?;
    same(what, found.magnitude(), expected.magnitude())
}
