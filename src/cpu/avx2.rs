//! Four lanes: AVX2, FMA and BMI2.
//!
//! One intrinsic per operation. Longer: `transpose` (unpack pairs, then exchange halves), `store_rows` (a
//! transposition of the three words and one to spare), and `digits8` (both halves of the window in one
//! register, a byte shuffle that puts digit `l` in lane `l`, two shifts that cut out its field: see
//! [`DigitSpec`]).

use std::arch::x86_64::*;

use super::lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming, rows_fit};

/// The token: proof that the processor has the features.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

/// 4 doubles in a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct F64x4(__m256d);

impl F64x4 {
    #[inline(always)]
    fn bits(self) -> __m256i {
        // SAFETY: a value of this type exists only where its level does.
        unsafe { _mm256_castpd_si256(self.0) }
    }
    #[inline(always)]
    fn of(bits: __m256i) -> Self {
        // SAFETY: as above; callers hold a value or a token.
        Self(unsafe { _mm256_castsi256_pd(bits) })
    }
}

/// Methods of one instruction each, or two.
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

impl Lanes for F64x4 {
    // Zen, up to the third: two units multiply, two others add, and a multiply-add needs one of each.
    const SUMS_APART: bool = true;
    instructions! {
        add(self, o: Self) Self(_mm256_add_pd(self.0, o.0));
        sub(self, o: Self) Self(_mm256_sub_pd(self.0, o.0));
        mul(self, o: Self) Self(_mm256_mul_pd(self.0, o.0));
        mul_add(self, b: Self, c: Self) Self(_mm256_fmadd_pd(self.0, b.0, c.0));
        neg_mul_add(self, b: Self, c: Self) Self(_mm256_fnmadd_pd(self.0, b.0, c.0));
        abs(self) Self(_mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0));
        max(self, o: Self) Self(_mm256_max_pd(self.0, o.0));
        add_bits(self, o: Self) Self::of(_mm256_add_epi64(self.bits(), o.bits()));
        sub_bits(self, o: Self) Self::of(_mm256_sub_epi64(self.bits(), o.bits()));
        mul_lower(self, o: Self) Self::of(_mm256_mul_epu32(self.bits(), o.bits()));
        and_bits(self, o: Self) Self(_mm256_and_pd(self.0, o.0));
        or_bits(self, o: Self) Self(_mm256_or_pd(self.0, o.0));
        shl_bits(self, n: u32) Self::of(_mm256_sllv_epi64(self.bits(), _mm256_set1_epi64x(i64::from(n))));
        shr_bits(self, n: u32) Self::of(_mm256_srlv_epi64(self.bits(), _mm256_set1_epi64x(i64::from(n))));
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let r: &mut [Self; 4] = rows.try_into().expect("four rows");
        // SAFETY: a value of this type exists only where its level does.
        unsafe {
            let a = _mm256_unpacklo_pd(r[0].0, r[1].0);
            let b = _mm256_unpackhi_pd(r[0].0, r[1].0);
            let c = _mm256_unpacklo_pd(r[2].0, r[3].0);
            let d = _mm256_unpackhi_pd(r[2].0, r[3].0);
            r[0].0 = _mm256_permute2f128_pd::<0x20>(a, c);
            r[1].0 = _mm256_permute2f128_pd::<0x20>(b, d);
            r[2].0 = _mm256_permute2f128_pd::<0x31>(a, c);
            r[3].0 = _mm256_permute2f128_pd::<0x31>(b, d);
        }
    }
    #[inline(always)]
    fn store(self, out: &mut [f64]) {
        let out = &mut out[..4];
        // SAFETY: 4 doubles are in bounds; unaligned stores.
        unsafe { _mm256_storeu_pd(out.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn store_bits(self, out: &mut [u64]) {
        let out = &mut out[..4];
        // SAFETY: 4 limbs are in bounds; unaligned stores.
        unsafe { _mm256_storeu_pd(out.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn store_rows([a, b, c]: [Self; 3], out: &mut [u8], pitch: usize, count: usize) {
        assert!(count <= 4 && rows_fit(out, pitch, count), "rows lie outside of the slice");
        let mut rows = [a, b, c, c];
        Self::transpose(&mut rows);
        for (l, row) in rows.into_iter().enumerate().take(count) {
            // SAFETY: a value of this type exists only where its level does; the
            // 32 bytes of each lane are in bounds, as asserted.
            unsafe { _mm256_storeu_pd(out.as_mut_ptr().add(l * pitch).cast(), row.0) }
        }
    }
    #[inline(always)]
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, _: &Streaming<S>) {
        // SAFETY: `dst` is a valid, aligned vector; the guard's end is the fence that the store needs.
        unsafe { _mm256_stream_pd((&raw mut dst.0).cast(), self.0) }
    }
}

impl Avx2 {
    /// # Safety
    /// The processor has the features named in [`enter`].
    #[inline(always)]
    pub(super) unsafe fn new_unchecked() -> Self {
        Self(())
    }
}

impl Simd for Avx2 {
    type F = F64x4;
    const LANES: usize = 4;
    const FUSED: bool = true;
    #[inline(always)]
    fn splat(self, x: f64) -> F64x4 {
        // SAFETY: the token proves the features.
        F64x4(unsafe { _mm256_set1_pd(x) })
    }
    #[inline(always)]
    fn splat_bits(self, x: u64) -> F64x4 {
        self.splat(f64::from_bits(x))
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> F64x4 {
        let x = &x[..4];
        // SAFETY: the token proves the features; 4 doubles are in bounds.
        F64x4(unsafe { _mm256_loadu_pd(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_bits(self, x: &[u64]) -> F64x4 {
        let x = &x[..4];
        // SAFETY: the token proves the features; 4 limbs are in bounds.
        F64x4(unsafe { _mm256_loadu_pd(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn load_bytes(self, x: &[u8]) -> F64x4 {
        let x = &x[..32];
        // SAFETY: the token proves the features; 32 bytes are in bounds.
        F64x4(unsafe { _mm256_loadu_pd(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn view(self, x: &[f64]) -> &[Complex<F64x4>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view(x) }
    }
    #[inline(always)]
    fn view_mut(self, x: &mut [f64]) -> &mut [Complex<F64x4>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view_mut(x) }
    }
    #[inline(always)]
    fn digits8(self, src: &[u8; 32], spec: &DigitSpec, out: &mut [F64x4; 4]) {
        debug_assert!(spec.half + 16 <= 32);
        // SAFETY: the token proves the features; both halves lie in the window
        // (`half` is at most 11, a property of DigitSpec::new).
        unsafe {
            let lo = _mm_loadu_si128(src.as_ptr().cast());
            let hi = _mm_loadu_si128(src.as_ptr().add(spec.half).cast());
            let words = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(lo), hi);
            let words = _mm256_shuffle_epi8(words, _mm256_loadu_si256(spec.shuffle.as_ptr().cast()));
            let field = _mm256_sllv_epi32(words, _mm256_loadu_si256(spec.left.as_ptr().cast()));
            let field = _mm256_sra_epi32(field, _mm_cvtsi32_si128(31 - spec.bits as i32));
            let digit = _mm256_srai_epi32::<1>(_mm256_add_epi32(field, _mm256_set1_epi32(1)));
            out[0] = F64x4(_mm256_cvtepi32_pd(_mm256_castsi256_si128(digit)));
            out[1] = F64x4(_mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(digit)));
        }
    }
    #[inline(always)]
    fn prefetch<T>(self, x: &[T], byte: usize) {
        // SAFETY: SSE is part of x86-64; a hint touches no memory, wherever it points.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(x.as_ptr().cast::<i8>().wrapping_add(byte)) }
    }
    #[inline(always)]
    fn fence(self) {
        // SAFETY: SSE is part of x86-64.
        unsafe { _mm_sfence() }
    }
    #[inline(always)]
    fn call<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        // SAFETY: the token proves the features.
        unsafe { outlined(self, kernel) }
    }
}

/// Runs a task in code compiled for this level.
///
/// # Safety
/// The processor has the features; the token says so.
#[target_feature(enable = "avx2,fma,bmi2")]
pub(super) unsafe fn enter<T: super::lanes::Task>(simd: Avx2, task: T) -> T::Output {
    task.run(simd)
}

/// Runs a kernel as a function of its own.
///
/// # Safety
/// As for [`enter`].
#[inline(never)]
#[target_feature(enable = "avx2,fma,bmi2")]
unsafe fn outlined<K: Kernel<Avx2>>(simd: Avx2, kernel: K) -> K::Output {
    kernel.run(simd)
}
