//! Two lanes: NEON, which every AArch64 has.

use std::arch::aarch64::*;

use super::lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming};

/// The token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neon(());

impl Neon {
    pub(super) fn new() -> Self {
        Self(())
    }
}

/// Two doubles in a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct F64x2(float64x2_t);

impl F64x2 {
    #[inline(always)]
    fn bits(self) -> uint64x2_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vreinterpretq_u64_f64(self.0) }
    }
    #[inline(always)]
    fn of(bits: uint64x2_t) -> Self {
        // SAFETY: NEON is part of AArch64.
        Self(unsafe { vreinterpretq_f64_u64(bits) })
    }
}

/// Methods of one instruction each.
macro_rules! instructions {
    ($($name:ident($self:ident $(, $arg:ident: $ty:ty)*) $body:expr;)*) => {
        $(
            #[inline(always)]
            fn $name($self $(, $arg: $ty)*) -> Self {
                // SAFETY: NEON is part of AArch64.
                unsafe { $body }
            }
        )*
    };
}

impl Lanes for F64x2 {
    const SUMS_APART: bool = false;
    instructions! {
        add(self, o: Self) Self(vaddq_f64(self.0, o.0));
        sub(self, o: Self) Self(vsubq_f64(self.0, o.0));
        mul(self, o: Self) Self(vmulq_f64(self.0, o.0));
        mul_add(self, b: Self, c: Self) Self(vfmaq_f64(c.0, self.0, b.0));
        neg_mul_add(self, b: Self, c: Self) Self(vfmsq_f64(c.0, self.0, b.0));
        abs(self) Self(vabsq_f64(self.0));
        max(self, o: Self) Self(vmaxq_f64(self.0, o.0));
        add_bits(self, o: Self) Self::of(vaddq_u64(self.bits(), o.bits()));
        sub_bits(self, o: Self) Self::of(vsubq_u64(self.bits(), o.bits()));
        mul_lower(self, o: Self) Self::of(vmull_u32(vmovn_u64(self.bits()), vmovn_u64(o.bits())));
        and_bits(self, o: Self) Self::of(vandq_u64(self.bits(), o.bits()));
        or_bits(self, o: Self) Self::of(vorrq_u64(self.bits(), o.bits()));
        shl_bits(self, n: u32) Self::of(vshlq_u64(self.bits(), vdupq_n_s64(i64::from(n))));
        shr_bits(self, n: u32) Self::of(vshlq_u64(self.bits(), vdupq_n_s64(-i64::from(n))));
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let [a, b] = rows else { panic!("two rows") };
        // SAFETY: NEON is part of AArch64.
        let (lo, hi) = unsafe { (vtrn1q_f64(a.0, b.0), vtrn2q_f64(a.0, b.0)) };
        (a.0, b.0) = (lo, hi);
    }
    #[inline(always)]
    fn store(self, out: &mut [f64]) {
        let out = &mut out[..2];
        // SAFETY: two doubles are in bounds.
        unsafe { vst1q_f64(out.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn store_bits(self, out: &mut [u64]) {
        let out = &mut out[..2];
        // SAFETY: two limbs are in bounds.
        unsafe { vst1q_u64(out.as_mut_ptr(), self.bits()) }
    }
    #[inline(always)]
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, _: &Streaming<S>) {
        *dst = self;
    }
}

impl Simd for Neon {
    type F = F64x2;
    const LANES: usize = 2;
    const FUSED: bool = true;
    #[inline(always)]
    fn splat(self, x: f64) -> F64x2 {
        // SAFETY: NEON is part of AArch64.
        F64x2(unsafe { vdupq_n_f64(x) })
    }
    #[inline(always)]
    fn splat_bits(self, x: u64) -> F64x2 {
        self.splat(f64::from_bits(x))
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> F64x2 {
        let x = &x[..2];
        // SAFETY: two doubles are in bounds.
        F64x2(unsafe { vld1q_f64(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_bits(self, x: &[u64]) -> F64x2 {
        let x = &x[..2];
        // SAFETY: two limbs are in bounds.
        F64x2::of(unsafe { vld1q_u64(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_bytes(self, x: &[u8]) -> F64x2 {
        let x = &x[..16];
        // SAFETY: 16 bytes are in bounds.
        F64x2(unsafe { vreinterpretq_f64_u8(vld1q_u8(x.as_ptr())) })
    }
    #[inline(always)]
    fn view(self, x: &[f64]) -> &[Complex<F64x2>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view(x) }
    }
    #[inline(always)]
    fn view_mut(self, x: &mut [f64]) -> &mut [Complex<F64x2>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view_mut(x) }
    }
    #[inline(always)]
    fn digits8(self, src: &[u8; 32], spec: &DigitSpec, out: &mut [F64x2; 4]) {
        debug_assert!(spec.half + 16 <= 32);
        for h in 0..2 {
            // SAFETY: NEON is part of AArch64; both halves lie in the window
            // (`half` is at most 11, a property of DigitSpec::new), and the
            // shuffle and the shifts have 16 bytes for each half.
            unsafe {
                let bytes = vld1q_u8(src.as_ptr().add(h * spec.half));
                let words = vqtbl1q_u8(bytes, vld1q_u8(spec.shuffle.as_ptr().add(16 * h)));
                let words = vreinterpretq_s32_u8(words);
                let field = vshlq_s32(words, vld1q_s32(spec.left.as_ptr().add(4 * h)));
                let field = vshlq_s32(field, vdupq_n_s32(spec.bits as i32 - 31));
                // Halving with rounding: (field + 1) >> 1.
                let digit = vrshrq_n_s32::<1>(field);
                out[2 * h] = F64x2(vcvtq_f64_s64(vmovl_s32(vget_low_s32(digit))));
                out[2 * h + 1] = F64x2(vcvtq_f64_s64(vmovl_high_s32(digit)));
            }
        }
    }
    #[inline(always)]
    fn fence(self) {}
    #[inline(never)]
    fn call<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
