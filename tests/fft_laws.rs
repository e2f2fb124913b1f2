//! Laws of the convolution floor, through its public face, on every level that this processor has.

use pi_spigot::cpu::Level;
use pi_spigot::fft::{self, Plan, Sign};

/// The naive product that all others answer to.
fn schoolbook(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0u64; a.len() + b.len()];
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0u128;
        for (j, &y) in b.iter().enumerate() {
            let t = u128::from(x) * u128::from(y) + u128::from(out[i + j]) + carry;
            out[i + j] = t as u64;
            carry = t >> 64;
        }
        out[i + b.len()] = carry as u64;
    }
    out
}

fn random(n: usize, seed: u64) -> Vec<u64> {
    let mut s = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            s.wrapping_mul(0x2545_F491_4F6C_DD1D)
        })
        .collect()
}

/// Operands that are hard on a floating-point FFT: their digits repeat.
fn patterns(n: usize) -> Vec<Vec<u64>> {
    let mut list = vec![
        random(n, n as u64),
        vec![u64::MAX; n],
        vec![0x5555_5555_5555_5555; n],
        vec![0x1234_5678_9ABC_DEF1; n],
        vec![1 << 63; n],
        vec![0; n],
    ];
    let mut one = vec![0; n];
    one[0] = 1;
    let mut top = vec![0; n];
    top[n - 1] = 1 << 63;
    // The digits of 1/7 and of a repunit, in binary.
    let repunit = (0..n).map(|k| [0x1111_1111_1111_1111, 0x2222_2222_2222_2222][k % 2]).collect();
    list.extend([one, top, vec![0x9249_2492_4924_9249; n], repunit]);
    list
}

fn levels() -> Vec<Level> {
    for name in Level::unavailable() {
        eprintln!("not run here: level {name}");
    }
    Level::available()
}

/// `x mod 2^(64 k) + 1`, into `k + 1` limbs.
fn reduce(x: &[u64], k: usize) -> Vec<u64> {
    let mut sum = vec![0i128; k + 1];
    for (i, block) in x.chunks(k).enumerate() {
        for (s, &limb) in sum.iter_mut().zip(block) {
            *s += if i % 2 == 0 { i128::from(limb) } else { -i128::from(limb) };
        }
    }
    let mut out = vec![0u64; k + 1];
    let mut carry = 0i128;
    for (o, s) in out.iter_mut().zip(&sum[..k]) {
        let t = s + carry;
        *o = t as u64;
        carry = t >> 64;
    }
    // carry * 2^K = -carry
    while carry != 0 {
        let mut c = -carry;
        carry = 0;
        for o in &mut out[..k] {
            let t = i128::from(*o) + c;
            *o = t as u64;
            c = t >> 64;
        }
        if c == 1 && out[..k].iter().all(|&o| o == 0) {
            out[k] = 1;
        } else {
            carry = c;
        }
    }
    out
}

#[test]
fn full_products() {
    for level in levels() {
        for n in [1, 2, 5, 17, 64, 100, 149, 150, 151, 333, 600] {
            for a in patterns(n) {
                for m in [1, n / 2 + 1, n] {
                    let b = patterns(m).swap_remove(n % 10);
                    let plan = Plan::for_product(n, m).with_level(level);
                    let (x, y) = (plan.transform(&a), plan.transform(&b));
                    let expected = schoolbook(&a, &b);
                    let mut out = vec![0xABCD; n + m];
                    fft::multiply_transformed(&mut out, &x, &y);
                    assert!(out == expected, "{level} {n} x {m} transformed");
                    out.fill(u64::MAX);
                    fft::multiply_cached(&mut out, &x, &b);
                    assert!(out == expected, "{level} {n} x {m} cached");
                }
            }
        }
    }
}

#[test]
fn multiply_and_square_at_all_small_sizes() {
    for n in 1..130 {
        let a = random(n, 3);
        let mut out = vec![7; 2 * n];
        fft::square(&mut out, &a);
        assert!(out == schoolbook(&a, &a), "square {n}");
        for m in [1, 2, n / 3 + 1, n / 2 + 1, n] {
            let b = random(m, 4);
            let mut out = vec![7; n + m];
            fft::multiply(&mut out, &a, &b);
            assert!(out == schoolbook(&a, &b), "{n} x {m}");
            fft::multiply(&mut out, &b, &a);
            assert!(out == schoolbook(&a, &b), "{m} x {n}");
        }
    }
}

#[test]
fn unbalanced_products_in_slices() {
    for (n, m) in [(1000, 30), (999, 150), (2000, 333), (1501, 7), (700, 699)] {
        for (a, b) in patterns(n).into_iter().zip(patterns(m)) {
            let mut out = vec![9; n + m];
            fft::multiply(&mut out, &a, &b);
            assert!(out == schoolbook(&a, &b), "{n} x {m}");
        }
    }
}

#[test]
fn sums_of_products_have_a_sign() {
    for level in levels() {
        for n in [3, 40, 160, 400] {
            let all = patterns(n);
            let plan = Plan::for_sum_of_products(n, n, 2).with_level(level);
            for (i, a) in all.iter().enumerate() {
                let (b, c, d) = (&all[(i + 1) % 10], &all[(i + 2) % 10], &all[(i + 5) % 10]);
                let [ta, tb, tc, td] = [a, b, c, d].map(|x| plan.transform(x));
                let (ab, cd) = (schoolbook(a, b), schoolbook(c, d));
                let mut out = vec![3; 2 * n + 1];
                let sign = fft::multiply_add(&mut out, &[(&ta, &tb, Sign::Plus), (&tc, &td, Sign::Minus)]);
                let bigger = ab.iter().rev().ge(cd.iter().rev());
                let (x, y) = if bigger { (&ab, &cd) } else { (&cd, &ab) };
                assert_eq!(sign, if bigger { Sign::Plus } else { Sign::Minus }, "{level} {n} {i}");
                let mut borrow = false;
                for ((&x, &y), &o) in x.iter().zip(y).zip(&out) {
                    let (s, c) = x.overflowing_sub(y);
                    let (s, d) = s.overflowing_sub(u64::from(borrow));
                    assert_eq!(s, o, "{level} {n} {i}");
                    borrow = c | d;
                }
                assert_eq!(out[2 * n], 0);
                let sign = fft::multiply_add(&mut out, &[(&ta, &tb, Sign::Plus), (&tc, &td, Sign::Plus)]);
                assert_eq!(sign, Sign::Plus);
                let mut carry = 0;
                for ((&x, &y), &o) in ab.iter().zip(&cd).zip(&out) {
                    let s = u128::from(x) + u128::from(y) + carry;
                    assert_eq!(s as u64, o, "{level} {n} {i}");
                    carry = s >> 64;
                }
                assert_eq!(out[2 * n], carry as u64);
            }
        }
    }
}

#[test]
fn products_wrap_around() {
    for level in levels() {
        for min in [1, 5, 30, 150, 200, 401, 700] {
            let plan = Plan::for_wraparound(min).with_level(level);
            let k = plan.modulus_limbs();
            assert!(k >= min);
            for (i, a) in patterns(k).into_iter().enumerate() {
                for b in [random(k / 2, 5), patterns(k).swap_remove(i), patterns(k).swap_remove(9 - i)] {
                    let expected = reduce(&schoolbook(&a, &b), k);
                    let mut out = vec![1; k + 1];
                    fft::multiply_wraparound(&mut out, &plan, &a, &b);
                    assert!(out == expected, "{level} {k} pattern {i}");
                    let (x, y) = (plan.transform(&a), plan.transform(&b));
                    out.fill(2);
                    fft::multiply_wraparound_cached(&mut out, &x, &b);
                    assert!(out == expected, "{level} {k} pattern {i} cached");
                    out.fill(3);
                    fft::multiply_wraparound_transformed(&mut out, &x, &y);
                    assert!(out == expected, "{level} {k} pattern {i} transformed");
                }
            }
        }
    }
}

/// Every kind of product of two operands, with plans for this level.
fn all_products(level: Level, a: &[u64], b: &[u64]) -> Vec<Vec<u64>> {
    let n = a.len();
    let plan = Plan::for_sum_of_products(n, n, 2).with_level(level);
    let ring = Plan::for_wraparound(n + n / 2).with_level(level);
    let (x, y) = (plan.transform(a), plan.transform(b));
    let mut outs = vec![vec![1; 2 * n]; 4];
    fft::multiply_cached(&mut outs[0], &x, b);
    fft::multiply_transformed(&mut outs[1], &x, &y);
    assert_eq!(fft::multiply_add(&mut outs[2], &[(&x, &x, Sign::Minus), (&x, &y, Sign::Plus)]), {
        // a b - a^2 has the sign of b - a.
        if b.iter().rev().ge(a.iter().rev()) { Sign::Plus } else { Sign::Minus }
    });
    fft::square(&mut outs[3], a);
    outs.push(vec![1; ring.modulus_limbs() + 1]);
    fft::multiply_wraparound(&mut outs[4], &ring, a, b);
    outs
}

#[test]
fn any_number_of_threads_gives_the_same_products() {
    for n in [30_000, 45_001] {
        let (a, b) = (random(n, 5), random(n, 6));
        for level in levels() {
            let one = all_products(level, &a, &b);
            for threads in [2, 3, 8] {
                let found = fft::with_threads(threads, || all_products(level, &a, &b));
                assert!(found == one, "{level} {n} limbs, {threads} threads");
            }
        }
    }
}

#[test]
fn long_residues_are_shared_out_too() {
    let n = 300_000;
    let (a, b) = (random(n, 5), vec![u64::MAX; n]);
    let (mut one, mut three) = (vec![0; 2 * n], vec![0; 2 * n]);
    fft::multiply(&mut one, &a, &b);
    fft::with_threads(3, || fft::multiply(&mut three, &a, &b));
    assert!(one == three);
    // a (B^n - 1) = (a - 1) B^n + (B^n - a)
    assert!(one[0] == a[0].wrapping_neg() && one[n] == a[0].wrapping_sub(1));
}

/// The message of a call that panics.
fn refused(call: impl FnOnce()) -> String {
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).expect_err("it is refused");
    let text = unwound.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| (*unwound.downcast_ref::<&str>().unwrap()).to_owned())
}

#[test]
fn operands_beyond_the_plan_are_refused() {
    for n in [20, 60, 200, 3000] {
        let plan = Plan::for_product(n, n);
        let most = plan.modulus_limbs();
        let (a, b) = (random(most, 1), random(n, 2));
        let (x, y) = (plan.transform(&a), plan.transform(&b));
        let mut out = vec![0; most + n];
        for (first, second) in [(&x, &x), (&x, &y), (&y, &x)] {
            let message = refused(|| fft::multiply_transformed(&mut out, first, second));
            assert!(message.contains("too long for this plan"), "{message}");
        }
        assert!(refused(|| fft::multiply_cached(&mut out, &x, &b)).contains("too long for this plan"));
        // The longest operand that the plan takes beside b.
        let mut expected = vec![0; most];
        fft::multiply(&mut expected, &a[..most - n], &b);
        fft::multiply_transformed(&mut out, &plan.transform(&a[..most - n]), &y);
        assert!(out[..most] == expected && out[most..].iter().all(|&limb| limb == 0), "{n} limbs");
    }
}

#[test]
fn a_result_that_is_too_short_is_refused() {
    for n in [20, 60, 100, 3000] {
        let (a, b) = (random(n, 1), random(n, 2));
        let plan = Plan::for_sum_of_products(n, n, 2);
        let (x, y) = (plan.transform(&a), plan.transform(&b));
        let mut out = vec![0; 2 * n - 1];
        assert!(refused(|| fft::multiply_cached(&mut out, &x, &b)).contains("limbs need"));
        assert!(refused(|| fft::multiply_transformed(&mut out, &x, &y)).contains("limbs need"));
        // The sum of two products has one bit more than 2 n limbs.
        let ones = plan.transform(&vec![u64::MAX; n]);
        let mut out = vec![0; 2 * n];
        for signs in [[Sign::Plus; 2], [Sign::Minus; 2]] {
            let terms = signs.map(|sign| (&ones, &ones, sign));
            let message = refused(|| assert_eq!(fft::multiply_add(&mut out, &terms), signs[0]));
            assert!(message.contains("does not fit"), "{message}");
            assert_eq!(fft::multiply_add(&mut vec![0; 2 * n + 1], &terms), signs[0]);
        }
    }
}

#[test]
fn more_terms_than_planned_are_refused() {
    let a = random(50, 1);
    for terms in [1, 2, 3, 40] {
        let plan = Plan::for_sum_of_products(50, 50, terms);
        let x = plan.transform(&a);
        let mut out = vec![0; 101];
        let planned = vec![(&x, &x, Sign::Plus); terms];
        assert_eq!(fft::multiply_add(&mut out, &planned), Sign::Plus);
        let more = vec![(&x, &x, Sign::Plus); terms + 1];
        let message = refused(|| assert_eq!(fft::multiply_add(&mut out, &more), Sign::Plus));
        assert!(message.contains("the plan is for"), "{message}");
    }
}

#[test]
fn lengths_that_overflow_are_refused() {
    for (la, lb) in [(1 << 58, 1 << 58), (usize::MAX, 1), (1 << 60, 0), (usize::MAX / 256, 1)] {
        assert!(refused(|| drop(Plan::for_product(la, lb))).contains("too long"));
        assert!(refused(|| drop(Plan::for_wraparound(la.saturating_add(lb)))).contains("too long"));
    }
}
