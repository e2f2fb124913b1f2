//! Two lanes: SSE2, which every x86-64 has. There is no fused multiply-add, so products of sums
//! round twice.

use std::arch::x86_64::*;

use super::lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming};

/// The token: proof that the processor has the features.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sse2(());

/// 2 doubles in a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct F64x2(__m128d);

impl F64x2 {
    #[inline(always)]
    fn bits(self) -> __m128i {
        // SAFETY: a value of this type exists only where its level does.
        unsafe { _mm_castpd_si128(self.0) }
    }
    #[inline(always)]
    fn of(bits: __m128i) -> Self {
        // SAFETY: as above; callers hold a value or a token.
        Self(unsafe { _mm_castsi128_pd(bits) })
    }
}

/// Methods of one instruction each.
macro_rules! instructions {
    ($($name:ident($self:ident $(, $arg:ident: $ty:ty)*) $body:expr;)*) => {
        $(
            #[inline(always)]
            fn $name($self $(, $arg: $ty)*) -> Self {
                // SAFETY: a value of this type exists only where its level does.
                unsafe { $body }
            }
        )*
    };
}

impl Lanes for F64x2 {
    const SUMS_APART: bool = true;
    instructions! {
        add(self, o: Self) Self(_mm_add_pd(self.0, o.0));
        sub(self, o: Self) Self(_mm_sub_pd(self.0, o.0));
        mul(self, o: Self) Self(_mm_mul_pd(self.0, o.0));
        abs(self) Self(_mm_andnot_pd(_mm_set1_pd(-0.0), self.0));
        max(self, o: Self) Self(_mm_max_pd(self.0, o.0));
        add_bits(self, o: Self) Self::of(_mm_add_epi64(self.bits(), o.bits()));
        sub_bits(self, o: Self) Self::of(_mm_sub_epi64(self.bits(), o.bits()));
        mul_lower(self, o: Self) Self::of(_mm_mul_epu32(self.bits(), o.bits()));
        and_bits(self, o: Self) Self(_mm_and_pd(self.0, o.0));
        or_bits(self, o: Self) Self(_mm_or_pd(self.0, o.0));
        shl_bits(self, n: u32) Self::of(_mm_sll_epi64(self.bits(), _mm_cvtsi32_si128(n as i32)));
        shr_bits(self, n: u32) Self::of(_mm_srl_epi64(self.bits(), _mm_cvtsi32_si128(n as i32)));
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        self.mul(b).add(c)
    }
    #[inline(always)]
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        c.sub(self.mul(b))
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let [a, b] = rows else { panic!("two rows") };
        // SAFETY: SSE2 is part of x86-64.
        let (lo, hi) = unsafe { (_mm_unpacklo_pd(a.0, b.0), _mm_unpackhi_pd(a.0, b.0)) };
        (a.0, b.0) = (lo, hi);
    }
    #[inline(always)]
    fn store(self, out: &mut [f64]) {
        let out = &mut out[..2];
        // SAFETY: 2 doubles are in bounds; unaligned stores.
        unsafe { _mm_storeu_pd(out.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn store_bits(self, out: &mut [u64]) {
        let out = &mut out[..2];
        // SAFETY: 2 limbs are in bounds; unaligned stores.
        unsafe { _mm_storeu_pd(out.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, _: &Streaming<S>) {
        // SAFETY: `dst` is a valid, aligned vector; the guard's end is the fence that the store needs.
        unsafe { _mm_stream_pd((&raw mut dst.0).cast(), self.0) }
    }
}

impl Sse2 {
    pub(super) fn new() -> Self {
        Self(())
    }
}

impl Simd for Sse2 {
    type F = F64x2;
    const LANES: usize = 2;
    const FUSED: bool = false;
    #[inline(always)]
    fn splat(self, x: f64) -> F64x2 {
        // SAFETY: the token proves the features.
        F64x2(unsafe { _mm_set1_pd(x) })
    }
    #[inline(always)]
    fn splat_bits(self, x: u64) -> F64x2 {
        self.splat(f64::from_bits(x))
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> F64x2 {
        let x = &x[..2];
        // SAFETY: the token proves the features; 2 doubles are in bounds.
        F64x2(unsafe { _mm_loadu_pd(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_bits(self, x: &[u64]) -> F64x2 {
        let x = &x[..2];
        // SAFETY: the token proves the features; 2 limbs are in bounds.
        F64x2(unsafe { _mm_loadu_pd(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn load_bytes(self, x: &[u8]) -> F64x2 {
        let x = &x[..16];
        // SAFETY: the token proves the features; 16 bytes are in bounds.
        F64x2(unsafe { _mm_loadu_pd(x.as_ptr().cast()) })
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
        let d = spec.digits8(src);
        for (out, d) in out.iter_mut().zip(d.chunks_exact(2)) {
            *out = self.load(d);
        }
    }
    #[inline(always)]
    fn fence(self) {
        // SAFETY: SSE is part of x86-64.
        unsafe { _mm_sfence() }
    }
    #[inline(never)]
    fn call<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
