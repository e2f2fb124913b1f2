//! Detection of vector instructions on x86-64, by two CPUID instructions.
//!
//! In a virtual machine each CPUID exits to the host and takes 1 to 12 microseconds. The standard
//! library's macro executes eight of them, which was half of the time of a process's first
//! thousand digits.
//!
//! Source: Intel, "Software Developer's Manual" 1, 13.3 and 14.3; 2A, CPUID.

use std::sync::OnceLock;

/// The instructions that [`super::Level`] depends on. None of them exists outside of x86-64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// AVX2, FMA and BMI2.
    pub(super) avx2: bool,
    /// The above, and AVX-512 F, DQ, BW and VL.
    pub(super) avx512: bool,
    /// The above, and AVX-512 IFMA.
    pub(super) ifma: bool,
}

impl Features {
    /// The features of this processor and operating system, detected once per process.
    #[inline]
    pub(super) fn get() -> Self {
        static FEATURES: OnceLock<Features> = OnceLock::new();
        *FEATURES.get_or_init(Self::detect)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn detect() -> Self {
        Self::default()
    }

    #[cfg(target_arch = "x86_64")]
    fn detect() -> Self {
        use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
        const FMA: u32 = 1 << 12 | 1 << 27 | 1 << 28; // FMA, OSXSAVE, AVX
        const AVX2: u32 = 1 << 5 | 1 << 8; // AVX2, BMI2
        const AVX512: u32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31; // F, DQ, BW, VL
        const IFMA: u32 = 1 << 21;
        // Miri has no CPUID.
        if cfg!(miri) || __cpuid(1).ecx & FMA != FMA {
            return Self::default();
        }
        // SAFETY: the flag OSXSAVE says that XGETBV may be executed.
        let saved = unsafe { _xgetbv(0) };
        // A processor with XSAVE has leaf 13, and so leaf 7.
        let leaf = __cpuid_count(7, 0).ebx;
        // The operating system must save the registers, not only the processor have them.
        let has =
            |features: u32, registers: u64| leaf & features == features && saved & registers == registers;
        let avx2 = has(AVX2, 0b110);
        let avx512 = avx2 && has(AVX512, 0b1110_0110);
        Self { avx2, avx512, ifma: avx512 && has(IFMA, 0) }
    }
}

#[cfg(all(test, target_arch = "x86_64", not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        let avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("bmi2");
        let avx512 = avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        let ifma = avx512 && is_x86_feature_detected!("avx512ifma");
        assert_eq!(Features::get(), Features { avx2, avx512, ifma });
    }
}
