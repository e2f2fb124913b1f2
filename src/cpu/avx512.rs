//! Eight lanes: AVX-512 F, DQ, BW and VL, and all of AVX2.
//!
//! One intrinsic per operation. Longer: `transpose` (pairs, then quarters, then halves),
//! `store_rows` (two lanes per permutation of the three words), and `digits8` as in `avx2`.

use std::arch::x86_64::*;

use super::lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming, rows_fit};

/// The token: proof that the processor has the features.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512(());

/// 8 doubles in a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct F64x8(__m512d);

impl F64x8 {
    #[inline(always)]
    fn bits(self) -> __m512i {
        // SAFETY: a value of this type exists only where its level does.
        unsafe { _mm512_castpd_si512(self.0) }
    }
    #[inline(always)]
    fn of(bits: __m512i) -> Self {
        // SAFETY: as above; callers hold a value or a token.
        Self(unsafe { _mm512_castsi512_pd(bits) })
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

impl Lanes for F64x8 {
    const SUMS_APART: bool = false;
    instructions! {
        add(self, o: Self) Self(_mm512_add_pd(self.0, o.0));
        sub(self, o: Self) Self(_mm512_sub_pd(self.0, o.0));
        mul(self, o: Self) Self(_mm512_mul_pd(self.0, o.0));
        mul_add(self, b: Self, c: Self) Self(_mm512_fmadd_pd(self.0, b.0, c.0));
        neg_mul_add(self, b: Self, c: Self) Self(_mm512_fnmadd_pd(self.0, b.0, c.0));
        abs(self) Self(_mm512_abs_pd(self.0));
        max(self, o: Self) Self(_mm512_max_pd(self.0, o.0));
        add_bits(self, o: Self) Self::of(_mm512_add_epi64(self.bits(), o.bits()));
        sub_bits(self, o: Self) Self::of(_mm512_sub_epi64(self.bits(), o.bits()));
        mul_lower(self, o: Self) Self::of(_mm512_mul_epu32(self.bits(), o.bits()));
        and_bits(self, o: Self) Self::of(_mm512_and_si512(self.bits(), o.bits()));
        or_bits(self, o: Self) Self::of(_mm512_or_si512(self.bits(), o.bits()));
        shl_bits(self, n: u32) Self::of(_mm512_sllv_epi64(self.bits(), _mm512_set1_epi64(i64::from(n))));
        shr_bits(self, n: u32) Self::of(_mm512_srlv_epi64(self.bits(), _mm512_set1_epi64(i64::from(n))));
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let r: &mut [Self; 8] = rows.try_into().expect("eight rows");
        // SAFETY: a value of this type exists only where its level does.
        unsafe {
            let mut t = [r[0].0; 8];
            for k in 0..4 {
                t[2 * k] = _mm512_unpacklo_pd(r[2 * k].0, r[2 * k + 1].0);
                t[2 * k + 1] = _mm512_unpackhi_pd(r[2 * k].0, r[2 * k + 1].0);
            }
            let mut u = t;
            for k in 0..2 {
                u[4 * k] = _mm512_shuffle_f64x2::<0x88>(t[4 * k], t[4 * k + 2]);
                u[4 * k + 1] = _mm512_shuffle_f64x2::<0x88>(t[4 * k + 1], t[4 * k + 3]);
                u[4 * k + 2] = _mm512_shuffle_f64x2::<0xDD>(t[4 * k], t[4 * k + 2]);
                u[4 * k + 3] = _mm512_shuffle_f64x2::<0xDD>(t[4 * k + 1], t[4 * k + 3]);
            }
            for k in 0..4 {
                r[k].0 = _mm512_shuffle_f64x2::<0x88>(u[k], u[k + 4]);
                r[k + 4].0 = _mm512_shuffle_f64x2::<0xDD>(u[k], u[k + 4]);
            }
        }
    }
    #[inline(always)]
    fn store(self, out: &mut [f64]) {
        let out = &mut out[..8];
        // SAFETY: 8 doubles are in bounds; unaligned stores.
        unsafe { _mm512_storeu_pd(out.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn store_bits(self, out: &mut [u64]) {
        let out = &mut out[..8];
        // SAFETY: 8 limbs are in bounds; unaligned stores.
        unsafe { _mm512_storeu_pd(out.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn store_rows([a, b, c]: [Self; 3], out: &mut [u8], pitch: usize, count: usize) {
        assert!(count <= 8 && rows_fit(out, pitch, count), "rows lie outside of the slice");
        // SAFETY: a value of this type exists only where its level does; the
        // 32 bytes of each lane are in bounds, as asserted.
        unsafe {
            let even = _mm512_unpacklo_pd(a.0, b.0);
            let odd = _mm512_unpackhi_pd(a.0, b.0);
            // Two lanes each: their pairs of `a` and `b`, then their `c` twice.
            let pairs = [
                _mm512_permutex2var_pd(even, _mm512_setr_epi64(0, 1, 8, 8, 2, 3, 10, 10), c.0),
                _mm512_permutex2var_pd(odd, _mm512_setr_epi64(0, 1, 9, 9, 2, 3, 11, 11), c.0),
                _mm512_permutex2var_pd(even, _mm512_setr_epi64(4, 5, 12, 12, 6, 7, 14, 14), c.0),
                _mm512_permutex2var_pd(odd, _mm512_setr_epi64(4, 5, 13, 13, 6, 7, 15, 15), c.0),
            ];
            for (k, pair) in pairs.into_iter().enumerate() {
                let lane = 4 * (k / 2) + k % 2;
                if lane < count {
                    _mm256_storeu_pd(out.as_mut_ptr().add(lane * pitch).cast(), _mm512_castpd512_pd256(pair));
                }
                if lane + 2 < count {
                    let upper = _mm512_extractf64x4_pd::<1>(pair);
                    _mm256_storeu_pd(out.as_mut_ptr().add((lane + 2) * pitch).cast(), upper);
                }
            }
        }
    }
    #[inline(always)]
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, _: &Streaming<S>) {
        // SAFETY: `dst` is a valid, aligned vector; the guard's end is the fence that the store needs.
        unsafe { _mm512_stream_pd((&raw mut dst.0).cast(), self.0) }
    }
}

impl Avx512 {
    /// # Safety
    /// The processor has the features named in [`enter`].
    #[inline(always)]
    pub(super) unsafe fn new_unchecked() -> Self {
        Self(())
    }
}

impl Simd for Avx512 {
    type F = F64x8;
    const LANES: usize = 8;
    const FUSED: bool = true;
    #[inline(always)]
    fn splat(self, x: f64) -> F64x8 {
        // SAFETY: the token proves the features.
        F64x8(unsafe { _mm512_set1_pd(x) })
    }
    #[inline(always)]
    fn splat_bits(self, x: u64) -> F64x8 {
        self.splat(f64::from_bits(x))
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> F64x8 {
        let x = &x[..8];
        // SAFETY: the token proves the features; 8 doubles are in bounds.
        F64x8(unsafe { _mm512_loadu_pd(x.as_ptr()) })
    }
    #[inline(always)]
    fn load_bits(self, x: &[u64]) -> F64x8 {
        let x = &x[..8];
        // SAFETY: the token proves the features; 8 limbs are in bounds.
        F64x8(unsafe { _mm512_loadu_pd(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn load_bytes(self, x: &[u8]) -> F64x8 {
        let x = &x[..64];
        // SAFETY: the token proves the features; 64 bytes are in bounds.
        F64x8(unsafe { _mm512_loadu_pd(x.as_ptr().cast()) })
    }
    #[inline(always)]
    fn view(self, x: &[f64]) -> &[Complex<F64x8>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view(x) }
    }
    #[inline(always)]
    fn view_mut(self, x: &mut [f64]) -> &mut [Complex<F64x8>] {
        // SAFETY: the token proves the level.
        unsafe { super::lanes::view_mut(x) }
    }
    #[inline(always)]
    fn digits8(self, src: &[u8; 32], spec: &DigitSpec, out: &mut [F64x8; 4]) {
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
            out[0] = F64x8(_mm512_cvtepi32_pd(digit));
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
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,bmi2")]
pub(super) unsafe fn enter<T: super::lanes::Task>(simd: Avx512, task: T) -> T::Output {
    task.run(simd)
}

/// Runs a kernel as a function of its own.
///
/// # Safety
/// As for [`enter`].
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,bmi2")]
unsafe fn outlined<K: Kernel<Avx512>>(simd: Avx512, kernel: K) -> K::Output {
    kernel.run(simd)
}
