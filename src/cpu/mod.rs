//! Processor levels and vector lanes; with [`crate::memory`] the only floor that contains `unsafe`.
//!
//! A kernel is written once, generic over [`Simd`], and compiled once per
//! level: [`Level::run`] enters a `#[target_feature]` function with a token
//! that only detection can make, and everything `#[inline(always)]` below it
//! becomes code of that level. [`Simd::call`] does the same for a part that
//! should stay a function of its own, which keeps the machine code small.
//!
//! Vectors are ordinary values: whoever holds one proves that the level
//! exists, because only a token makes the first one. Buffers are slices of
//! [`Complex`] vectors, so loads and stores are plain safe indexing.
//!
//! | level | lanes | needs |
//! |---|---|---|
//! | `avx512` | 8 | AVX-512 F, DQ, BW, VL and FMA |
//! | `avx2` | 4 | AVX2 and FMA |
//! | `neon` | 2 | any `AArch64` |
//! | `baseline` | 2 | SSE2 on x86-64, NEON on `AArch64`; elsewhere the portable lanes |
//! | `scalar` | 2 | nothing: plain Rust, the yardstick of tests |
//!
//! Release builds for x86-64 and `AArch64` leave `scalar` out: SSE2 and NEON are always there,
//! and on `AArch64` the plain code would be half of all kernels' bytes.
#![allow(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("limbs are read as little-endian bytes: big-endian targets are not supported");

mod basecase;
mod lanes;
mod level;
#[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod features;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

pub use basecase::{BASECASE_MAX, Basecase, multiply_basecase};
pub use lanes::{Complex, DigitSpec, Kernel, Lanes, Simd, Task};
pub use level::{Level, LevelError};

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
            let results =
                [v.add_bits(w), v.sub_bits(w), v.and_bits(w), v.or_bits(w), v.shl_bits(9), v.shr_bits(33)];
            for (k, &x) in limbs.iter().enumerate().take(S::LANES) {
                let y = 0xF0F0_1234_5678_9999_u64;
                let plain = [x.wrapping_add(y), x.wrapping_sub(y), x & y, x | y, x << 9, x >> 33];
                assert_eq!(results.map(|r| bits(r)[k]), plain);
            }
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

    #[test]
    fn levels_have_names_and_errors_name_the_remedy() {
        for level in Level::available() {
            assert_eq!(Level::from_name(level.name()), Ok(level));
        }
        let unknown = Level::from_name("mmx").unwrap_err().to_string();
        assert!(unknown.contains("mmx") && unknown.contains("baseline"), "{unknown}");
        for name in Level::unavailable() {
            assert!(Level::from_name(name).unwrap_err().to_string().contains("use one of"));
        }
    }
}
