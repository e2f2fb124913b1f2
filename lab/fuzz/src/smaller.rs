//! The smallest operands that still break a law.

use crate::guard::caught;
use crate::integers::Law;
use crate::operands::Operands;
use std::time::{Duration, Instant};

/// Shortens and simplifies `operands` while `law` stays broken, for a limited time.
#[must_use]
pub fn smallest(law: Law, mut operands: Operands, patience: Duration) -> Operands {
    let start = Instant::now();
    let broken = |candidate: &Operands| caught(|| law.1(candidate)).is_err();
    while start.elapsed() < patience {
        let simpler = candidates(&operands).take_while(|_| start.elapsed() < patience).find(broken);
        match simpler {
            Some(simpler) => operands = simpler,
            None => break,
        }
    }
    operands
}

/// Simpler operands, the boldest steps first.
fn candidates(x: &Operands) -> impl Iterator<Item = Operands> + '_ {
    let of_a = simpler(&x.a).map(|a| Operands { a, ..x.clone() });
    let of_b = simpler(&x.b).map(|b| Operands { b, ..x.clone() });
    let of_both = simpler(&x.a)
        .zip(simpler(&x.b))
        .filter(|_| x.a.len() == x.b.len())
        .map(|(a, b)| Operands { a, b, bits: x.bits });
    let bits = [0, x.bits / 2, x.bits.saturating_sub(1)];
    let of_bits = bits.into_iter().filter(|&bits| bits < x.bits).map(|bits| Operands { bits, ..x.clone() });
    of_both.chain(of_a).chain(of_b).chain(of_bits)
}

fn simpler(limbs: &[u64]) -> impl Iterator<Item = Vec<u64>> + '_ {
    let n = limbs.len();
    let steps = [n / 2, n / 4, n / 16, 1];
    let cuts = steps
        .into_iter()
        .filter(|&cut| cut > 0)
        .flat_map(move |cut| [limbs[cut..].to_vec(), limbs[..n - cut].to_vec()]);
    let plainer = (0..n).flat_map(move |at| {
        [0, 1, u64::MAX].into_iter().filter(move |&value| rank(value) < rank(limbs[at])).map(move |value| {
            let mut limbs = limbs.to_vec();
            limbs[at] = value;
            limbs
        })
    });
    cuts.chain(plainer)
}

/// Complexity of a limb; it falls with every step, so that simplifying ends.
fn rank(limb: u64) -> u8 {
    match limb {
        0 => 0,
        1 => 1,
        u64::MAX => 2,
        _ => 3,
    }
}

/// The operands as a line of Rust, with runs of equal limbs as repeats.
#[must_use]
pub fn as_rust(x: &Operands) -> String {
    format!("a = {}; b = {}; bits = {}", literal(&x.a), literal(&x.b), x.bits)
}

fn literal(limbs: &[u64]) -> String {
    let runs: Vec<String> = limbs
        .chunk_by(|x, y| x == y)
        .map(|run| match run.len() {
            len if len > 3 => format!("&[{:#x}; {len}][..]", run[0]),
            _ => format!("&{run:#x?}[..]").replace([' ', '\n'], ""),
        })
        .collect();
    format!("[{}].concat()", runs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_law_is_shown_on_its_smallest_operands() {
        let law: Law = ("no limb is 7", |x| if x.a.contains(&7) { Err("7".into()) } else { Ok(()) });
        let x = Operands { a: vec![3, 9, 7, 1, 0, 5], b: vec![1; 20], bits: 99 };
        let least = smallest(law, x, Duration::from_secs(5));
        assert_eq!((least.a, least.b, least.bits), (vec![7], vec![], 0));
    }
}
