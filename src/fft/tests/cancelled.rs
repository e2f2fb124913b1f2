//! Cancellation in the middle of a product.

use super::{random, right_by_residues};
use crate::cancel::testing::cancelled_at;
use crate::cancel::{Cancelled, Token, check};
use crate::fft::{Job, all, multiply, with_threads};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::Duration;

/// Limbs of a factor, such that the product is long enough to be cancelled within.
const LIMBS: usize = 40_000;

#[test]
fn a_long_product_has_many_checks_and_each_may_unwind() {
    let (a, b) = (random(LIMBS, 1), random(LIMBS, 2));
    for threads in [1, 2] {
        let mut out = vec![0; 2 * LIMBS];
        let mut product = |at| cancelled_at(at, || with_threads(threads, || multiply(&mut out, &a, &b)));
        let checks = (1..).find(|at| product(1 + 7 * at).is_some()).expect("an end of the checks");
        assert!(7 * checks > 100, "{checks} times 7 checks on this thread");
        // An interrupted product leaves nothing behind that a later one could find.
        assert!(right_by_residues(&out, &a, &b), "{threads} threads");
    }
}

#[test]
fn threads_work_under_the_token_of_the_thread_that_starts_them() {
    let token = Token::default();
    let waiting = || {
        for _ in 0..60_000 {
            check();
            sleep(Duration::from_millis(1));
        }
        panic!("a minute, and no cancellation");
    };
    let jobs: Vec<Job<'_>> = vec![Box::new(|| token.cancel()), Box::new(waiting)];
    let caught = catch_unwind(AssertUnwindSafe(|| token.run(|| all(jobs))));
    assert!(caught.expect_err("the second job unwinds").is::<Cancelled>());
}
