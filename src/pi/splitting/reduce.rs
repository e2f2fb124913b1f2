//! Common factors of P and Q, removed where they meet.
//!
//! ```text
//! merge with g | P1 and g | Q2:   P = (P1/g) P2   Q = Q1 (Q2/g)   T = T1 (Q2/g) + (P1/g) T2
//! ```
//! [`crate::pi::series`] knows `g` without a greatest common divisor. A node of L terms loses about
//! `3 log2 L - 11` bits of P and of Q per term, where terms of the Chudnovskys' series have 48 and
//! 95. Every pair of : in the merge that separates its two terms, or in the
//! leaf that holds both. In a larger node, or where a number was cut and is not divisible any more,
//! the pair stays.
//!
//! Quotients are exact, from the lowest limb up. Each is checked by residues at once, as the residue
//! of a quotient does not follow from that of its operands.
//!
//! Source: the fully factored splitting of `gmp-chudnovsky` by Hanhong Xue (2002).

use super::Wanted;
use crate::anatomy;
use crate::bigint::div::div_exact_in_place;
use crate::bigint::residue::residue;
use crate::pi::pqt::{Pqt, Scaled};
use crate::pi::series::Series;

/// Terms of the largest node whose factors are removed, within the reach of the table of prime powers.
/// In a larger one the division, which takes `L^2` steps, costs more than it saves: read from
/// `cargo bench --bench pi -- anatomy`.
const MOST_TERMS: u64 = 1 << 10;

/// Terms of a whole sum from which on removing factors pays: the more levels a tree has above the
/// largest node, the more products become shorter.
const REDUCE_FROM: u64 = 1 << 18;

/// Tells whether it pays to remove factors in a sum of so many terms.
pub(crate) fn pays_to_reduce(terms: u64) -> bool {
    terms >= if cfg!(test) { 64 } else { REDUCE_FROM }
}

/// The nodes `[a,m)` and `[m,b)` without the common factors of P of the first and Q of the second.
pub(crate) fn reduced(
    series: &Series,
    mut left: Pqt,
    mut right: Pqt,
    (a, m, b): (u64, u64, u64),
    wanted: Wanted,
) -> (Pqt, Pqt) {
    if wanted.reduce && b - a <= MOST_TERMS && !left.p.is_cut && !right.q.is_cut {
        anatomy::part("reduce", super::level(a, b), || {
            divide(&(series.common)(a, m, b), [&mut left.p, &mut right.q]);
        });
    }
    (left, right)
}

/// Divides numbers by a common divisor.
///
/// # Panics
/// If a quotient times the divisor has not the residue of the number.
fn divide<const N: usize>(divisor: &[u64], numbers: [&mut Scaled; N]) {
    if divisor == [1] {
        return;
    }
    let of_divisor = residue(divisor);
    for number in numbers {
        div_exact_in_place(&mut number.limbs, divisor);
        number.be_quotient(of_divisor);
    }
}
