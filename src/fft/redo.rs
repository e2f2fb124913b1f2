//! Repetition of products that failed their certificate, with narrower digits.

use super::attempt::{add_to, attempt, magnitude, negate};
use super::certify;
use super::modulus::Moduli;
use super::operand::Transformed;
use super::plan::{self, Design, Need};
use super::run::Operands;
use super::sign::Sign;

/// Repeats a full product with narrower and narrower digits until the certificate holds.
#[cold]
pub(super) fn redo(out: &mut [u64], a: &[u64], b: &[u64], failed: &Design) {
    let (product, rest) = out.split_at_mut((a.len() + b.len()).min(out.len()));
    rest.fill(0);
    let mut full = vec![0; a.len() + b.len()];
    let level = failed.level;
    let residue = |x: &[u64]| certify::residue(x, &Moduli::MERSENNE, level);
    let expected = Moduli::MERSENNE.times(residue(a), residue(b));
    for max_width in narrower(failed.bits, a, b) {
        let need = Need { max_width, ..Need::product(a.len(), b.len(), 1) };
        let design = Design::new(&need, level);
        if attempt(&design, Operands::Pair(a, b), &mut full, expected) {
            let n = product.len();
            assert!(full[n..].iter().all(|&x| x == 0), "the product does not fit in {n} limbs");
            product.copy_from_slice(&full[..n]);
            return;
        }
    }
    panic!("a product of {} by {} limbs failed its certificate at every digit width", a.len(), b.len());
}

/// Digit widths to try after a failure with `failed` bits.
fn narrower(failed: u32, a: &[u64], b: &[u64]) -> impl Iterator<Item = u32> {
    // If all n digits have one sign and size, they sum to n 2^(2 bits - 2). Below 2^48 even such a
    // sum is rounded with certainty.
    let digits = 64 * a.len().min(b.len()) / 16 + 1;
    let safe = (50 - digits.ilog2().min(26)) / 2;
    let first = safe.clamp(plan::MIN_BITS, failed.max(plan::MIN_BITS));
    [first, (first - 1).max(plan::MIN_BITS), plan::MIN_BITS].into_iter()
}

/// Repeats a sum after a failure, product by product.
#[cold]
pub(super) fn add_up(out: &mut [u64], terms: &[(&Transformed, &Transformed, Sign)]) -> Sign {
    let longest = terms.iter().map(|(a, b, _)| a.limbs + b.limbs).max().unwrap_or(0);
    let n = longest.max(out.len()) + 2;
    let mut sum = vec![0; n];
    for (a, b, sign) in terms {
        let mut product = vec![0; n];
        let (x, y) = (a.recover(), b.recover());
        redo(&mut product[..x.len() + y.len()], &x, &y, &a.plan.0);
        if *sign == Sign::Minus {
            negate(&mut product);
        }
        add_to(&mut sum, &product);
    }
    let sign = magnitude(&mut sum);
    let (low, high) = sum.split_at(out.len());
    assert!(high.iter().all(|&x| x == 0), "the sum does not fit in {} limbs", out.len());
    out.copy_from_slice(low);
    sign
}
