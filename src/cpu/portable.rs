//! Two lanes in plain Rust, for any processor: the reference for all other levels.

use super::lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming};

/// The token of the portable lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable(());

impl Portable {
    pub(super) fn new() -> Self {
        Self(())
    }
}

/// Two doubles.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct F64x2(f64, f64);

impl F64x2 {
    #[inline(always)]
    fn zip(self, o: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self(f(self.0, o.0), f(self.1, o.1))
    }
    #[inline(always)]
    fn zip_bits(self, o: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        self.zip(o, |a, b| f64::from_bits(f(a.to_bits(), b.to_bits())))
    }
}

impl Lanes for F64x2 {
    const SUMS_APART: bool = true;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        self.zip(o, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, |a, b| a * b)
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
    fn abs(self) -> Self {
        Self(self.0.abs(), self.1.abs())
    }
    #[inline(always)]
    fn max(self, o: Self) -> Self {
        self.zip(o, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn add_bits(self, o: Self) -> Self {
        self.zip_bits(o, u64::wrapping_add)
    }
    #[inline(always)]
    fn sub_bits(self, o: Self) -> Self {
        self.zip_bits(o, u64::wrapping_sub)
    }
    #[inline(always)]
    fn mul_lower(self, o: Self) -> Self {
        self.zip_bits(o, |a, b| u64::from(a as u32) * u64::from(b as u32))
    }
    #[inline(always)]
    fn and_bits(self, o: Self) -> Self {
        self.zip_bits(o, |a, b| a & b)
    }
    #[inline(always)]
    fn or_bits(self, o: Self) -> Self {
        self.zip_bits(o, |a, b| a | b)
    }
    #[inline(always)]
    fn shl_bits(self, n: u32) -> Self {
        self.zip_bits(self, |a, _| a << n)
    }
    #[inline(always)]
    fn shr_bits(self, n: u32) -> Self {
        self.zip_bits(self, |a, _| a >> n)
    }
    #[inline(always)]
    fn transpose(rows: &mut [Self]) {
        let [a, b] = rows else { panic!("two rows") };
        std::mem::swap(&mut a.1, &mut b.0);
    }
    #[inline(always)]
    fn store(self, out: &mut [f64]) {
        out[..2].copy_from_slice(&[self.0, self.1]);
    }
    #[inline(always)]
    fn store_bits(self, out: &mut [u64]) {
        out[..2].copy_from_slice(&[self.0.to_bits(), self.1.to_bits()]);
    }
    #[inline(always)]
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, _: &Streaming<S>) {
        *dst = self;
    }
}

impl Simd for Portable {
    type F = F64x2;
    const LANES: usize = 2;
    const FUSED: bool = false;
    #[inline(always)]
    fn splat(self, x: f64) -> F64x2 {
        F64x2(x, x)
    }
    #[inline(always)]
    fn splat_bits(self, x: u64) -> F64x2 {
        self.splat(f64::from_bits(x))
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> F64x2 {
        F64x2(x[0], x[1])
    }
    #[inline(always)]
    fn load_bits(self, x: &[u64]) -> F64x2 {
        F64x2(f64::from_bits(x[0]), f64::from_bits(x[1]))
    }
    #[inline(always)]
    fn load_bytes(self, x: &[u8]) -> F64x2 {
        let word = |k: usize| u64::from_le_bytes(std::array::from_fn(|byte| x[8 * k + byte]));
        self.load_bits(&[word(0), word(1)])
    }
    #[inline(always)]
    fn view(self, x: &[f64]) -> &[Complex<F64x2>] {
        // SAFETY: any doubles are valid lanes.
        unsafe { super::lanes::view(x) }
    }
    #[inline(always)]
    fn view_mut(self, x: &mut [f64]) -> &mut [Complex<F64x2>] {
        // SAFETY: any doubles are valid lanes, and the other way round.
        unsafe { super::lanes::view_mut(x) }
    }
    #[inline(always)]
    fn digits8(self, src: &[u8; 32], spec: &DigitSpec, out: &mut [F64x2; 4]) {
        let d = spec.digits8(src);
        for (out, d) in out.iter_mut().zip(d.chunks_exact(2)) {
            *out = F64x2(d[0], d[1]);
        }
    }
    #[inline(always)]
    fn fence(self) {}
    #[inline(never)]
    fn call<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
