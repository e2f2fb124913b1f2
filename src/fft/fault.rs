//! Faults injected into products, so that tests see the certificates work.

use std::cell::Cell;

/// The kind of a fault, in the order of a product's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A bit of a value flips between the top pass and the rows.
    Split,
    /// A bit of a value flips between the rows and the join.
    Rows,
    /// A value becomes a NaN before the join.
    NotANumber,
    /// A carry between rows is off by one: the rounding error does not show it.
    Coefficient,
    /// A carry between rows is lost.
    Carry,
    /// Two equal errors, as far apart as a prime of a certificate could ignore.
    Pair,
    /// A coefficient has drifted to the middle between two integers.
    Rounding,
    /// A bit of the result flips.
    Bit,
}

pub(super) const ALL: [Fault; 8] = [
    Fault::Split,
    Fault::Rows,
    Fault::NotANumber,
    Fault::Coefficient,
    Fault::Carry,
    Fault::Pair,
    Fault::Rounding,
    Fault::Bit,
];

#[derive(Clone, Copy)]
struct Injection {
    fault: Fault,
    times: u32,
    /// It selects the place.
    seed: u64,
}

thread_local! {
    static NEXT: Cell<Option<Injection>> = const { Cell::new(None) };
}

/// Makes the next `times` products of this thread go wrong.
pub(super) fn inject(fault: Fault, times: u32) {
    inject_at(fault, times, 0);
}

/// [`inject`] at a place that `seed` selects.
pub(super) fn inject_at(fault: Fault, times: u32, seed: u64) {
    NEXT.set(Some(Injection { fault, times, seed }));
}

/// Faults that have not happened yet.
pub(super) fn left() -> u32 {
    NEXT.get().map_or(0, |n| n.times)
}

/// Takes the seed of the next fault if its kind is one of `kinds`.
fn take(kinds: &[Fault]) -> Option<(Fault, usize)> {
    let next = NEXT.get().filter(|next| kinds.contains(&next.fault))?;
    NEXT.set((next.times > 1).then_some(Injection { times: next.times - 1, ..next }));
    Some((next.fault, next.seed as usize))
}

/// Injects a fault between the top pass and the rows.
pub(super) fn after_split(x: &mut [f64]) {
    if let Some((_, seed)) = take(&[Fault::Split]) {
        flip(x, seed);
    }
}

/// Injects a fault between the rows and the join.
pub(super) fn before_join(x: &mut [f64]) {
    match take(&[Fault::Rows, Fault::NotANumber]) {
        Some((Fault::Rows, seed)) => flip(x, seed),
        Some((_, seed)) => x[seed % x.len()] = f64::NAN,
        None => {}
    }
}

/// Flips a bit of a value; a high one, so that rounding cannot hide the fault.
fn flip(x: &mut [f64], seed: usize) {
    let value = &mut x[seed / 64 % x.len()];
    *value = f64::from_bits(value.to_bits() ^ 1 << (40 + seed % 24));
}

/// Injects a fault into the results of the join.
pub(super) fn after_join(error: &mut f64, carries: &mut [(usize, i64)], out: &mut [u64]) {
    use Fault::{Bit, Carry, Coefficient, Pair, Rounding};
    let Some((fault, seed)) = take(&[Bit, Carry, Coefficient, Pair, Rounding]) else { return };
    let (rows, limbs) = (carries.len(), out.len());
    match fault {
        Coefficient => carries[seed % rows].1 += if seed / rows % 2 == 0 { 1 } else { -1 },
        Carry => {
            let start = seed % rows;
            let at = (start..rows).chain(0..start).find(|&k| carries[k].1 != 0).expect("a carry");
            carries[at].1 = 0;
        }
        Rounding => *error = 0.49,
        // 2^n d bits apart for each d that divides the modulus.
        Pair => {
            let part = rows / [1, 2, 3, 4, 6, 8][seed % 6].min(rows);
            let at = seed / 6 % rows;
            carries[at].1 += 1;
            carries[(at + part) % rows].1 += 1;
        }
        _ => out[seed / 64 % limbs] ^= 1 << (seed % 64),
    }
}
