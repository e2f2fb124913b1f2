//! Integers: `mul/<algorithm>/<limbs>`, `square/...`, and the crossovers.
//!
//! `cargo bench --bench bigint -- mul` times every algorithm at the lengths
//! where they change hands; the thresholds are read from that. The first
//! lines printed are the same as a table: nanoseconds by length, the median
//! of interleaved runs.

use criterion::{Criterion, criterion_group, criterion_main};
use pi_spigot::bigint::mul::{Algorithm, mul_by, square_by};
use std::hint::black_box;
use std::time::Instant;

const LENGTHS: [usize; 18] = [8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 112, 128, 160, 200, 256, 400];
const ALGORITHMS: [(&str, Algorithm); 4] = [
    ("schoolbook", Algorithm::Schoolbook),
    ("in_vectors", Algorithm::InVectors),
    ("karatsuba", Algorithm::Karatsuba),
    ("fft", Algorithm::Fft),
];

struct Operands {
    a: Vec<u64>,
    b: Vec<u64>,
    out: Vec<u64>,
    scratch: Vec<u64>,
}

impl Operands {
    fn new(n: usize) -> Self {
        let limb = |i: usize| (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        Self {
            a: (0..n).map(limb).collect(),
            b: (n..2 * n).map(limb).collect(),
            out: vec![0; 2 * n],
            scratch: vec![0; 8 * n + 256],
        }
    }

    fn mul(&mut self, algorithm: Algorithm) {
        mul_by(algorithm, &mut self.out, black_box(&self.a), black_box(&self.b), &mut self.scratch);
    }

    fn square(&mut self, algorithm: Algorithm) {
        square_by(algorithm, &mut self.out, black_box(&self.a), &mut self.scratch);
    }
}

/// Median nanoseconds of each algorithm, taken in turns.
fn table(title: &str, run: fn(&mut Operands, Algorithm)) {
    println!(
        "{title:>8} {:>12} {:>12} {:>12} {:>12}",
        ALGORITHMS[0].0, ALGORITHMS[1].0, ALGORITHMS[2].0, ALGORITHMS[3].0
    );
    for n in LENGTHS {
        let mut operands = Operands::new(n);
        let repeat = (100_000 / (n * n)).max(1);
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..51 {
            for (times, (_, algorithm)) in times.iter_mut().zip(ALGORITHMS) {
                let start = Instant::now();
                (0..repeat).for_each(|_| run(&mut operands, algorithm));
                times.push(start.elapsed().as_secs_f64() * 1e9 / repeat as f64);
            }
        }
        times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
        println!(
            "{n:>8} {:>12.0} {:>12.0} {:>12.0} {:>12.0}",
            times[0][25], times[1][25], times[2][25], times[3][25]
        );
    }
}

fn multiplication(c: &mut Criterion) {
    table("mul", Operands::mul);
    table("square", Operands::square);
    for n in [16, 64, 256] {
        for (name, algorithm) in ALGORITHMS {
            let mut operands = Operands::new(n);
            c.bench_function(&format!("mul/{name}/{n}"), |b| {
                b.iter(|| operands.mul(algorithm));
            });
            c.bench_function(&format!("square/{name}/{n}"), |b| {
                b.iter(|| operands.square(algorithm));
            });
        }
    }
}

criterion_group!(benches, multiplication);
criterion_main!(benches);
