//! Vector lanes, the choice of an instruction set, and threads that wait for work. `unsafe` stands here and
//! in `memory` only.
//!
//! ```text
//! kernel    written once, generic over Simd and Lanes
//! Level     the instruction set, chosen at run time; possession is proof that the processor has it
//! token     Avx512, Avx2, Neon, Sse2, Portable: made by Level::run, the source of all vectors
//! ```
//! [`Level::run`] enters a `#[target_feature]` function with a token; everything
//! `#[inline(always)]` below that function becomes code of the level. [`Simd::call`] does the same
//! for a part that stays a function of its own, which keeps the machine code small.
//!
//! Vectors are ordinary values. Only a token makes the first one, so a vector proves that its level
//! exists, and its operations are safe. Transforms are slices of [`Complex`] vectors: loads and
//! stores are plain indexing.
//!
//! | level | lanes | needs |
//! |---|---|---|
//! | `avx512` | 8 | AVX-512 F, DQ, BW and VL, and all of `avx2` |
//! | `avx2` | 4 | AVX2, FMA and BMI2 |
//! | `neon` | 2 | any AArch64 |
//! | `baseline` | 2 | SSE2 on x86-64, NEON on AArch64; portable lanes elsewhere |
//! | `scalar` | 2 | nothing: plain Rust, the reference of tests; not in release builds with vectors |
#![allow(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("limbs are read as little-endian bytes: big-endian targets are not supported");

mod basecase;
mod features;
mod horner;
mod lanes;
mod level;
mod native;
#[cfg_attr(
    not(debug_assertions),
    allow(dead_code, reason = "targets with vectors need it in debug builds only")
)]
mod portable;
mod team;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

pub(crate) use basecase::{BASECASE_MAX, Basecase, multiply_basecase};
pub(crate) use horner::{DIGIT, Horner, LANES, Row, Step, Sums};
pub(crate) use lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Streaming, Task};
pub use level::{Level, LevelError};
pub(crate) use team::{Job, Team};

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares every operation with plain arithmetic.
    struct Operations;

    impl Task for Operations {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let (mut x, mut y) = ([0.0; 8], [0.0; 8]);
            for k in 0..8 {
                (x[k], y[k]) = (k as f64 - 3.0, 7.0 - 2.0 * k as f64);
            }
            let (a, b) = (simd.load(&x), simd.load(&y));
            let get = |v: S::F| {
                let mut out = [0.0; 8];
                v.store(&mut out);
                out
            };
            let (sum, product, fused, rest) =
                (get(a.add(b)), get(a.mul(b)), get(a.mul_add(b, b)), get(a.neg_mul_add(b, a)));
            let (least, most, size) = (get(a.sub(b)), get(a.max(b)), get(a.abs()));
            for k in 0..S::LANES {
                let (x, y) = (x[k], y[k]);
                assert_eq!([sum[k], product[k], least[k]], [x + y, x * y, x - y]);
                assert_eq!([fused[k], rest[k]], [x * y + y, x - x * y]);
                assert_eq!([most[k], size[k]], [x.max(y), x.abs()]);
            }
            let limbs: [u64; 8] =
                std::array::from_fn(|k| 0x0123_4567_89AB_CDEF_u64.rotate_left(7 * k as u32));
            let v = simd.load_bits(&limbs);
            let w = simd.splat_bits(0xF0F0_1234_5678_9999);
            let bits = |v: S::F| {
                let mut out = [0; 8];
                v.store_bits(&mut out);
                out
            };
            let sums = [v.add_bits(w), v.sub_bits(w), v.mul_lower(w)];
            let others = [v.and_bits(w), v.or_bits(w), v.shl_bits(9), v.shr_bits(33)];
            for (k, &x) in limbs.iter().enumerate().take(S::LANES) {
                let y = 0xF0F0_1234_5678_9999_u64;
                let low = |x: u64| x & 0xffff_ffff;
                let plain = [x.wrapping_add(y), x.wrapping_sub(y), low(x) * low(y)];
                assert_eq!(sums.map(|r| bits(r)[k]), plain);
                assert_eq!(others.map(|r| bits(r)[k]), [x & y, x | y, x << 9, x >> 33]);
            }
            let bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
            assert_eq!(bits(simd.load_bytes(&bytes))[..S::LANES], limbs[..S::LANES]);
            let words = [v, w, v.add_bits(w)];
            for count in 1..=S::LANES {
                let mut found = [0x55; 41 * 7 + 33];
                simd.prefetch(&found, 5000);
                S::F::store_rows(words, &mut found, 41, count);
                for l in 0..count {
                    let plain = words.map(|w| bits(w)[l].to_le_bytes()).concat();
                    assert_eq!(found[41 * l..][..24], plain, "lane {l} of {count}");
                }
                assert!(found[41 * (count - 1) + 32..].iter().all(|&x| x == 0x55));
            }
            let mut rows = [a; 8];
            for (r, row) in rows.iter_mut().enumerate() {
                let line: [f64; 8] = std::array::from_fn(|k| (10 * r + k) as f64);
                *row = simd.load(&line);
            }
            S::F::transpose(&mut rows[..S::LANES]);
            for (r, row) in rows[..S::LANES].iter().enumerate() {
                let expected: Vec<f64> = (0..S::LANES).map(|k| (10 * k + r) as f64).collect();
                assert_eq!(get(*row)[..S::LANES], expected);
            }
            for width in 11..=21 {
                let spec = DigitSpec::new(width);
                for seed in 0..50u64 {
                    let src: [u8; 32] = std::array::from_fn(|k| {
                        ((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(11 * k as u32) >> 17)
                            as u8
                    });
                    let mut out = [simd.splat(0.0); 4];
                    simd.digits8(&src, &spec, &mut out);
                    let found: Vec<f64> =
                        out.iter().flat_map(|&v| get(v)[..S::LANES].to_vec()).take(8).collect();
                    assert_eq!(found, spec.digits8(&src), "{width} bits");
                }
            }
        }
    }

    /// Asks for rows that end beyond `out`: the place of the last one overflows.
    struct RowsOutside {
        pitch: usize,
        count: usize,
        len: usize,
    }

    impl Task for RowsOutside {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let words = [simd.splat_bits(0x3333_3333_3333_3333); 3];
            S::F::store_rows(words, &mut vec![0; self.len], self.pitch, self.count.min(S::LANES));
        }
    }

    #[test]
    fn rows_outside_of_the_slice_are_refused() {
        let outside =
            [(1 << (usize::BITS - 1), 3, 32), (usize::MAX, 2, 64), (40, 2, 71), (1, 1, 31), (0, 0, 32)];
        for level in Level::available() {
            for (pitch, count, len) in outside {
                let task = RowsOutside { pitch, count, len };
                let unwound = std::panic::catch_unwind(|| level.run(task)).unwrap_err();
                let message = unwound.downcast_ref::<&str>().copied().unwrap_or_default();
                assert!(message.contains("rows lie outside"), "{level}, {count} rows: {message}");
            }
            level.run(RowsOutside { pitch: 40, count: 2, len: 72 });
        }
    }

    #[test]
    fn every_level_does_the_same_arithmetic() {
        for name in Level::unavailable() {
            eprintln!("not run here: level {name}");
        }
        for level in Level::available() {
            eprintln!("level {level}");
            level.run(Operations);
        }
    }

    #[test]
    fn balanced_digits_sum_to_the_number() {
        for width in 11..=21u32 {
            let mut src = [0u8; 32];
            let number = 0xFEDC_BA98_7654_3210_0123_4567_89AB_CDEF_u128;
            src[1..17].copy_from_slice(&number.to_le_bytes());
            let digits = DigitSpec::new(width).digits8(&src);
            let bits = 8 * width;
            let sum = digits.iter().rev().fold(0i128, |s, &d| (s << width).wrapping_add(d as i128));
            let cut = if bits >= 128 { number } else { number & ((1 << bits) - 1) };
            let cut = cut as i128;
            // The top digit owes its carry to the next eight.
            let owed = if bits < 128 && cut >> (bits - 1) & 1 == 1 { 1 << bits } else { 0 };
            assert_eq!(sum, cut.wrapping_sub(owed), "{width} bits");
            assert!(digits.iter().all(|d| d.abs() <= f64::from(1 << (width - 1))));
        }
    }
}
