//! What an x86 processor and its system can do, by two CPUID instructions.
//!
//! A virtual machine leaves to its host for each of them: 1 to 12 microseconds. The standard library's macro
//! takes eight, which was half of the time of a process's first thousand digits.
//! Source: Intel, "Software Developer's Manual" 1, 13.3 and 14.3; 2A, CPUID.

use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use std::sync::OnceLock;

/// What [`super::Level`] depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// AVX2, FMA and BMI2.
    pub(super) avx2: bool,
    /// That, and AVX-512 F, DQ, BW and VL.
    pub(super) avx512: bool,
    /// That, and AVX-512 IFMA.
    pub(super) ifma: bool,
}

impl Features {
    /// Of this machine, asked once.
    #[inline]
    pub(super) fn get() -> Self {
        static FEATURES: OnceLock<Features> = OnceLock::new();
        *FEATURES.get_or_init(Self::detect)
    }

    fn detect() -> Self {
        const FMA: u32 = 1 << 12 | 1 << 27 | 1 << 28; // FMA, OSXSAVE, AVX
        const AVX2: u32 = 1 << 5 | 1 << 8; // AVX2, BMI2
        const AVX512: u32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31; // F, DQ, BW, VL
        const IFMA: u32 = 1 << 21;
        // Miri knows no CPUID.
        if cfg!(miri) || __cpuid(1).ecx & FMA != FMA {
            return Self::default();
        }
        // SAFETY: OSXSAVE says that the instruction may be used.
        let saved = unsafe { _xgetbv(0) };
        // With XSAVE there is leaf 13, and so leaf 7.
        let leaf = __cpuid_count(7, 0).ebx;
        let has =
            |features: u32, registers: u64| leaf & features == features && saved & registers == registers;
        let avx2 = has(AVX2, 0b110);
        let avx512 = avx2 && has(AVX512, 0b1110_0110);
        Self { avx2, avx512, ifma: avx512 && has(IFMA, 0) }
    }
}

#[cfg(all(test, not(miri)))]
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
