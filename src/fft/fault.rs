//! Faults put into products on purpose, so that tests see the certificate work.

use std::cell::Cell;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A coefficient is off by one: the rounding error does not show it.
    Coefficient,
    /// The carry out of a row is lost.
    Carry,
    /// A coefficient has drifted to the middle between two integers.
    Rounding,
    /// A bit of the result flips.
    Bit,
}

thread_local! {
    static NEXT: Cell<Option<(Fault, u32)>> = const { Cell::new(None) };
}

/// The next `times` products of this thread go wrong.
pub(super) fn inject(fault: Fault, times: u32) {
    NEXT.set(Some((fault, times)));
}

/// Faults still to come.
pub(super) fn left() -> u32 {
    NEXT.get().map_or(0, |n| n.1)
}

/// The fault of the present product.
pub(super) fn take() -> Option<Fault> {
    let (fault, times) = NEXT.get()?;
    NEXT.set((times > 1).then_some((fault, times - 1)));
    Some(fault)
}
