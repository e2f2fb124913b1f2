//! The lanes of the levels `baseline` and `scalar`, chosen by target and build.

#[cfg(target_arch = "aarch64")]
pub(super) use super::neon::Neon as Baseline;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use super::portable::Portable as Baseline;
#[cfg(target_arch = "x86_64")]
pub(super) use super::sse2::Sse2 as Baseline;

/// Set if the build has the level `scalar`. Release builds with vectors leave it out: nothing
/// would select it, and on arm64 its code is half of the bytes of all kernels.
pub(super) const HAS_SCALAR: bool =
    cfg!(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))));

#[cfg(debug_assertions)]
pub(super) use super::portable::Portable as Scalar;
/// Stands in where [`HAS_SCALAR`] is false, so that no further code is generated.
#[cfg(not(debug_assertions))]
pub(super) use Baseline as Scalar;
