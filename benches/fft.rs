//! Products by the FFT, per level and size: ids like `mul/fft/avx512/4096` (limbs of each operand).
//!
//! ```text
//! cargo bench --bench fft                      all
//! cargo bench --bench fft -- fft/avx512/       one level
//! ```
//! The time divided by the limbs is the figure to compare: 15 to 25 ns per
//! limb from 1e3 to 1e4 limbs, about 35 at 1e5 on a quiet AVX-512 machine.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pi_spigot::cpu::Level;
use pi_spigot::fft::{self, Plan};

const SIZES: [usize; 8] = [64, 128, 256, 1024, 4096, 16_384, 65_536, 262_144];

fn limbs(n: usize, mut seed: u64) -> Vec<u64> {
    (0..n)
        .map(|_| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed.wrapping_mul(0x2545_F491_4F6C_DD1D)
        })
        .collect()
}

/// One operand transformed beforehand would hide a third: here both are, in every round.
fn products(c: &mut Criterion) {
    for (kind, run) in [("mul", multiply as fn(&mut [u64], &Plan, &[u64], &[u64])), ("mul_cached", cached)] {
        let mut group = c.benchmark_group(format!("{kind}/fft"));
        for level in Level::available() {
            for n in SIZES {
                let (a, b) = (limbs(n, 1), limbs(n, 2));
                let plan = Plan::for_product(n, n).with_level(level);
                let mut out = vec![0; 2 * n];
                group.throughput(Throughput::Elements(n as u64));
                group.bench_function(BenchmarkId::new(level.name(), n), |bench| {
                    bench.iter(|| run(black_box(&mut out), &plan, black_box(&a), black_box(&b)));
                });
            }
        }
        group.finish();
    }
}

fn multiply(out: &mut [u64], plan: &Plan, a: &[u64], b: &[u64]) {
    fft::multiply_cached(out, &plan.transform(a), b);
}

fn cached(out: &mut [u64], plan: &Plan, a: &[u64], b: &[u64]) {
    use std::cell::RefCell;
    thread_local!(static LAST: RefCell<Option<fft::Transformed>> = const { RefCell::new(None) });
    LAST.with_borrow_mut(|last| {
        let kept = last.take().filter(|t| t.plan() == plan);
        let kept = last.insert(kept.unwrap_or_else(|| plan.transform(a)));
        fft::multiply_cached(out, kept, b);
    });
}

/// The two steps of a product on their own.
fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("fft/steps");
    for n in [1024, 16_384, 262_144] {
        let (a, b) = (limbs(n, 1), limbs(n, 2));
        let plan = Plan::for_product(n, n);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new("transform", n), |bench| {
            bench.iter(|| plan.transform(black_box(&a)));
        });
        let (x, y) = (plan.transform(&a), plan.transform(&b));
        let mut out = vec![0; 2 * n];
        group.bench_function(BenchmarkId::new("inverse", n), |bench| {
            bench.iter(|| fft::multiply_transformed(&mut out, black_box(&x), black_box(&y)));
        });
        group.bench_function(BenchmarkId::new("plan", n), |bench| {
            bench.iter(|| Plan::for_product(black_box(n), n));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = products, steps
}
criterion_main!(benches);
