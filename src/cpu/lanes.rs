//! The operations that every level offers. Kernels use these and nothing else.

/// A complex vector: real parts of `LANES` points, then their imaginary parts.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Complex<F> {
    /// Real parts.
    pub(crate) re: F,
    /// Imaginary parts.
    pub(crate) im: F,
}

/// A vector of doubles. The `_bits` operations work on the bit patterns, as 64-bit integers. Most
/// operations are one instruction.
pub(crate) trait Lanes: Copy + Send + Sync {
    /// Set where most processors of the level add in units that do not multiply, or where a multiply-add is a
    /// product and a sum: sums beside products then cost less than more multiply-adds.
    const SUMS_APART: bool;
    /// `self + o`
    fn add(self, o: Self) -> Self;
    /// `self - o`
    fn sub(self, o: Self) -> Self;
    /// `self * o`
    fn mul(self, o: Self) -> Self;
    /// `self * b + c`, fused where the level can; else it rounds twice.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `c - self * b`, fused where the level can; else it rounds twice.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;
    /// `|self|`
    fn abs(self) -> Self;
    /// The larger of both, lane by lane. With a NaN either operand may be the result.
    fn max(self, o: Self) -> Self;
    /// Wrapping integer sum of the bit patterns.
    fn add_bits(self, o: Self) -> Self;
    /// Wrapping difference of bit patterns, as `u64`.
    fn sub_bits(self, o: Self) -> Self;
    /// The product of the lower halves of the bit patterns, as `u32`, in 64 bits.
    fn mul_lower(self, o: Self) -> Self;
    /// Bitwise and.
    fn and_bits(self, o: Self) -> Self;
    /// Bitwise or.
    fn or_bits(self, o: Self) -> Self;
    /// Logical shift left by `n < 64`.
    fn shl_bits(self, n: u32) -> Self;
    /// Logical shift right by `n < 64`.
    fn shr_bits(self, n: u32) -> Self;
    /// Transposes a square of `LANES` vectors in place.
    fn transpose(rows: &mut [Self]);
    /// Writes the lanes, as doubles, to the front of `out`.
    fn store(self, out: &mut [f64]);
    /// Writes the lanes, as integers, to the front of `out`.
    fn store_bits(self, out: &mut [u64]);
    /// Writes three words of each of the first `count` lanes, as 24 bytes from byte `pitch * lane`
    /// on; up to 32 bytes are overwritten there.
    ///
    /// # Panics
    /// If `count` is not in `1..=LANES`, or if the 32 bytes of the last lane lie outside of `out`.
    #[inline(always)]
    fn store_rows(words: [Self; 3], out: &mut [u8], pitch: usize, count: usize) {
        assert!(rows_fit(out, pitch, count), "rows lie outside of the slice");
        let mut lanes = [[0u64; 8]; 3];
        for (word, lanes) in words.into_iter().zip(&mut lanes) {
            word.store_bits(lanes);
        }
        for l in 0..count {
            let out = &mut out[l * pitch..][..32];
            for (lanes, out) in lanes.iter().zip(out.chunks_exact_mut(8)) {
                out.copy_from_slice(&lanes[l].to_le_bytes());
            }
        }
    }
    /// Stores past the caches where the level can. The guard orders the store before its end.
    fn stream<S: Simd<F = Self>>(self, dst: &mut Self, guard: &Streaming<S>);
}

/// The proof that a level exists, and the source of its vectors.
pub(crate) trait Simd: Copy + Send + Sync {
    /// The vector type.
    type F: Lanes;
    /// Doubles in a vector: 2, 4 or 8.
    const LANES: usize;
    /// Set if [`Lanes::mul_add`] and [`Lanes::neg_mul_add`] round once.
    const FUSED: bool;
    /// All lanes equal to `x`.
    fn splat(self, x: f64) -> Self::F;
    /// All lanes with the bits `x`.
    fn splat_bits(self, x: u64) -> Self::F;
    /// The first `LANES` doubles of `x`.
    fn load(self, x: &[f64]) -> Self::F;
    /// The first `LANES` limbs of `x`.
    fn load_bits(self, x: &[u64]) -> Self::F;
    /// The first `8 * LANES` bytes of `x`, little-endian.
    fn load_bytes(self, x: &[u8]) -> Self::F;
    /// Doubles as complex vectors; `x` is aligned to 64 bytes and a multiple of `2 * LANES` long.
    fn view(self, x: &[f64]) -> &[Complex<Self::F>];
    /// [`Simd::view`] for writing.
    fn view_mut(self, x: &mut [f64]) -> &mut [Complex<Self::F>];
    /// Eight consecutive balanced digits, into the first `8 / LANES` vectors of `out`.
    /// `src` starts one byte before the byte of the first digit.
    fn digits8(self, src: &[u8; 32], spec: &DigitSpec, out: &mut [Self::F; 4]);
    /// Prefetches the cache line `byte` bytes from the start of `x`, which may lie outside of `x`.
    #[inline(always)]
    fn prefetch<T>(self, _x: &[T], _byte: usize) {}
    /// Orders streaming stores before all later accesses; [`Streaming`] calls it.
    fn fence(self);
    /// Runs `kernel` as a separate function, compiled for this level.
    fn call<K: Kernel<Self>>(self, kernel: K) -> K::Output;
}

/// A batch of streaming stores; its end is the fence that such stores need.
pub(crate) struct Streaming<S: Simd>(S);

impl<S: Simd> Streaming<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S) -> Self {
        Self(simd)
    }
}

impl<S: Simd> Drop for Streaming<S> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.fence();
    }
}

/// Tells whether `count` rows of 32 bytes, `pitch` bytes apart, lie within `out`.
#[inline(always)]
pub(super) fn rows_fit(out: &[u8], pitch: usize, count: usize) -> bool {
    let (last, wraps) = count.wrapping_sub(1).overflowing_mul(pitch);
    count > 0 && !wraps && out.len() >= 32 && last <= out.len() - 32
}

/// A part of a computation for one level, outlined by [`Simd::call`].
/// Its `run` must be `#[inline(always)]`, to become code of the level.
pub(crate) trait Kernel<S: Simd> {
    /// The result.
    type Output;
    /// The body.
    fn run(self, simd: S) -> Self::Output;
}

/// A computation for any level, entered by [`super::Level::run`].
/// Its `run` must be `#[inline(always)]`, to become code of the level.
pub(crate) trait Task {
    /// The result.
    type Output;
    /// The body.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// How eight digits of `bits` bits lie in `bits` bytes.
///
/// A balanced digit is the plain digit, minus `2^bits` if its top bit is set, plus the top bit of
/// the digit below (its carry). There is no carry chain, because the carry out of a digit is its own
/// top bit:
/// ```text
/// field(l) = the bits + 1 bits from bit l * bits - 1 on, as a signed number
///          = 2 (digit l, minus 2^bits if its top bit is set) + (top bit of digit l - 1)
/// digit(l) = (field(l) + 1) >> 1
/// ```
/// The window begins one byte before digit 0, so `field(l)` starts at bit `l * bits + 7` of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DigitSpec {
    pub(super) bits: u32,
    /// Start of the second 16-byte half (digits 4 to 7) within the window.
    pub(super) half: usize,
    /// Byte shuffle of each half that puts digit `l`'s four bytes in 32-bit lane `l`.
    pub(super) shuffle: [u8; 32],
    /// Shift that brings the field's top bit to bit 31.
    pub(super) left: [i32; 8],
}

impl DigitSpec {
    /// The narrowest digits that the three words of [`Lanes::store_rows`] can be packed from.
    pub(crate) const MIN_BITS: u32 = 11;
    /// The widest digits: three of them fit in a word.
    pub(crate) const MAX_BITS: u32 = 21;

    /// The layout of digits of `bits` bits.
    ///
    /// # Panics
    /// If `bits` is not in `11..=21`.
    #[must_use]
    pub(crate) fn new(bits: u32) -> Self {
        let widths = Self::MIN_BITS..=Self::MAX_BITS;
        assert!(widths.contains(&bits), "digit width {bits} is outside {widths:?}");
        let byte = |l: usize| (l * bits as usize).div_ceil(8);
        let half = byte(4);
        let mut shuffle = [0; 32];
        let mut left = [0; 8];
        for l in 0..8 {
            let start = if l < 4 { byte(l) } else { byte(l) - half };
            for k in 0..4 {
                shuffle[4 * l + k] = (start + k) as u8;
            }
            left[l] = 31 - bits as i32 - ((l * bits as usize + 7) % 8) as i32;
        }
        Self { bits, half, shuffle, left }
    }

    /// The digits in plain code: the reference for `digits8` of every level.
    #[must_use]
    pub(crate) fn digits8(&self, src: &[u8; 32]) -> [f64; 8] {
        let mut out = [0.0; 8];
        for (l, out) in out.iter_mut().enumerate() {
            let byte = (l * self.bits as usize).div_ceil(8);
            let word = i32::from_le_bytes([src[byte], src[byte + 1], src[byte + 2], src[byte + 3]]);
            let field = (word << self.left[l]) >> (31 - self.bits);
            *out = f64::from((field + 1) >> 1);
        }
        out
    }
}

/// Doubles as complex vectors.
///
/// # Safety
/// `F` is a vector of doubles for which the caller holds the level's token.
#[inline(always)]
pub(super) unsafe fn view<F>(x: &[f64]) -> &[Complex<F>] {
    let n = size_of::<Complex<F>>() / 8;
    assert!(x.as_ptr().cast::<Complex<F>>().is_aligned() && x.len().is_multiple_of(n));
    // SAFETY: aligned and in bounds as asserted; doubles are valid in `F` by contract.
    unsafe { std::slice::from_raw_parts(x.as_ptr().cast(), x.len() / n) }
}

/// [`view`] for writing.
///
/// # Safety
/// As for [`view`].
#[inline(always)]
pub(super) unsafe fn view_mut<F>(x: &mut [f64]) -> &mut [Complex<F>] {
    let n = size_of::<Complex<F>>() / 8;
    assert!(x.as_ptr().cast::<Complex<F>>().is_aligned() && x.len().is_multiple_of(n));
    // SAFETY: as in `view`, and `x` is borrowed mutably.
    unsafe { std::slice::from_raw_parts_mut(x.as_mut_ptr().cast(), x.len() / n) }
}
