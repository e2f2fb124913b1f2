//! Faults put into arithmetic on purpose, so that tests see them found.

use std::cell::Cell;

/// The fault to come.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// Results that are still right.
    right: u64,
    /// Bit to flip, modulo the length of the result.
    bit: u64,
    /// Results that go wrong after those. A single one has a flipped bit; of several, each has a limb
    /// of any value, as two flipped bits a multiple of 61 apart may have one residue.
    wrong: u64,
    /// How a limb is changed.
    pattern: u64,
}

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    static RESULTS: Cell<u64> = const { Cell::new(0) };
}

/// Damages `wrong` results of this thread after `right` results, at this bit.
pub(super) fn inject(right: u64, wrong: u64, bit: u64) {
    let pattern = if wrong == 1 { 1 << (bit % 64) } else { 0x9e37_79b9_7f4a_7c15 };
    PLAN.set(Some(Plan { right, bit, wrong, pattern }));
}

/// Ends all faults; tells how many were still to come.
pub(super) fn end() -> u64 {
    PLAN.take().map_or(0, |plan| plan.wrong)
}

/// Results that `compute` passes through [`limbs`] and [`bytes`].
pub(super) fn results(compute: impl FnOnce()) -> u64 {
    let before = RESULTS.get();
    compute();
    RESULTS.get() - before
}

/// A result that a fault may befall.
pub(super) fn limbs(result: &mut [u64]) {
    if let Some((at, pattern)) = next(result.len()) {
        result[at] ^= pattern;
    }
}

/// Digits that a fault may befall; a flipped bit turns a digit into another one.
pub(super) fn bytes(digits: &mut [u8]) {
    if let Some((at, _)) = next(digits.len()) {
        digits[at] ^= 1;
    }
}

/// The place of the fault in a result of this length, if there is one, and how it changes a limb.
fn next(len: usize) -> Option<(usize, u64)> {
    RESULTS.set(RESULTS.get() + 1);
    let mut plan = PLAN.get()?;
    if plan.right > 0 {
        plan.right -= 1;
        PLAN.set(Some(plan));
        return None;
    }
    if len == 0 {
        return None;
    }
    let fault = ((plan.bit / 64) as usize % len, plan.pattern);
    plan.wrong -= 1;
    plan.pattern = plan.pattern.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    PLAN.set((plan.wrong > 0).then_some(plan));
    Some(fault)
}
