//! From the sum of a series to the fraction of pi.
//!
//! ```text
//! ratio      N / D, two numbers of the sum; pi is N / (D sqrt(d)), or N / D
//! root       1 / sqrt(d), to half of the limbs
//! fraction   pi, by a step from half of its limbs
//! ```

mod fraction;
mod ratio;
mod root;

pub(super) use fraction::{fraction_of_pi, root_limbs};
pub(super) use ratio::Ratio;
pub(super) use root::extended_root;
