//! Modular squarings of `pi::hex` beside a plain program with 128-bit remainders.
//!
//! `cargo bench --bench hex`; `PI_SIMD=avx2 cargo bench --bench hex` for another level. Elements are
//! modular squarings, so that the throughputs are comparable. `clock` is the frequency on x86-64. The
//! arithmetic limit of a vector's squaring is 2.25 cycles to `2^46` (4.5 instructions for two units
//! that multiply), 2.75 to `2^51.5` and 3.5 beyond.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pi_spigot::pi::hex::{Formula, Part, squarings};
use std::hint::black_box;
use std::time::Duration;

/// Terms in a measurement: a few milliseconds.
const TERMS: u64 = 8192;

fn part(formula: Formula, position: u64) -> Part {
    let bit = 4 * position;
    let middle = formula.terms(bit) / 2;
    Part::new(formula, bit, middle..middle + TERMS).expect("a range in the middle of the sum")
}

/// Multiplications that wait for each other, three cycles each on x86-64.
fn chain(mut x: u64, count: u64) -> u64 {
    for _ in 0..count {
        x = x.wrapping_mul(x);
    }
    x
}

/// `2^exponent` modulo `m` as the first program of anyone who tries.
fn plain(exponent: u64, m: u64) -> u64 {
    let m = u128::from(m);
    let mut power = 1u128;
    for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
        power = power * power % m;
        if exponent >> bit & 1 == 1 {
            power = power * 2 % m;
        }
    }
    power as u64
}

fn hex(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hex");
    group.sample_size(20).measurement_time(Duration::from_secs(2));
    // Moduli of 32, 42, 49 and 51 or 52 bits in vectors, and of 59 bits in words.
    for (name, position) in [
        ("1e9", 1_000_000_000),
        ("1e12", 1_000_000_000_000),
        ("1e14", 100_000_000_000_000),
        ("1e15", 1_000_000_000_000_000),
        ("1e17", 100_000_000_000_000_000),
    ] {
        for formula in Formula::ALL {
            let part = part(formula, position);
            group.throughput(Throughput::Elements(squarings(&part) as u64));
            group.bench_function(format!("{formula}/{name}"), |b| b.iter(|| black_box(&part).sum(1)));
        }
    }
    group.throughput(Throughput::Elements(3 * TERMS));
    group.bench_function("clock", |b| b.iter(|| chain(black_box(3), TERMS)));
    for (name, position) in [("1e9", 1_000_000_000u64), ("1e12", 1_000_000_000_000)] {
        let exponent = 2 * position;
        group.throughput(Throughput::Elements(u64::from(u64::BITS - exponent.leading_zeros())));
        let m = black_box(exponent + 1);
        group.bench_function(format!("plain/{name}"), |b| b.iter(|| plain(black_box(exponent), m)));
    }
    group.finish();
}

criterion_group!(benches, hex);
criterion_main!(benches);
