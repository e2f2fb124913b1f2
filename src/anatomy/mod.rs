//! The anatomy of a computation: time, products and memory of each of its parts.
//!
//! ```text
//! part(name, level, work)   attributes what `work` does to a part; parts may be nested
//! timed(Kernel, work)       attributes the time of `work` to a kernel of the current part
//! short(a, b, work)         counts and times a product of so many limbs without transforms
//! numbers, transforms, allocated, freed      count
//! record(clock, work)       the table, of what this thread did in `work`
//! ```
//!
//! Only the feature `internals` compiles the recorder, which `cargo bench --bench pi -- anatomy`
//! prints. Without the feature all functions here are empty and inlined. With it they cost a
//! nanosecond while nothing is recorded. Threads that a computation starts are not recorded.

#[cfg(feature = "internals")]
mod record;

#[cfg(feature = "internals")]
pub use record::{Clock, Row, record};
#[cfg(feature = "internals")]
pub(crate) use record::{allocated, freed, numbers, part, short, timed, transforms};

/// Work that is timed apart from the part around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Transforms and everything else between the limbs of operands and product.
    Transforms,
    /// Products too short for transforms, from 48 limbs up. Shorter ones take less than the clock.
    #[cfg(feature = "internals")]
    Short,
    /// Residues of long operands and products.
    Residues,
}

/// Functions without effect, for builds without a recorder.
#[cfg(not(feature = "internals"))]
mod empty {
    #[inline(always)]
    pub(crate) fn part<R>(_name: &'static str, _level: u32, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    pub(crate) fn timed<R>(_kernel: super::Kernel, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    pub(crate) fn numbers(_limbs: [usize; 3]) {}

    #[inline(always)]
    pub(crate) fn transforms(_count: u64, _points: usize) {}

    #[inline(always)]
    pub(crate) fn short<R>(_a: usize, _b: usize, multiply: impl FnOnce() -> R) -> R {
        multiply()
    }

    #[inline(always)]
    pub(crate) fn allocated(_words: usize) {}

    #[inline(always)]
    pub(crate) fn freed(_words: usize) {}
}

#[cfg(not(feature = "internals"))]
pub(crate) use empty::*;
