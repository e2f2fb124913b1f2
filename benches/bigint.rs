//! Products, divisions and inverses by each method, and the lengths at which methods change hands.
//!
//! `cargo bench --bench bigint` first prints a table for each operation: nanoseconds by length in
//! limbs, the median of interleaved runs. The thresholds of `src/bigint/thresholds.rs` are read from
//! these tables; `PI_SIMD` chooses the level of the processor. Criterion's benches follow:
//! `mul/<method>/<limbs>`, `square/<method>/<limbs>`.

use criterion::{Criterion, criterion_group, criterion_main};
use pi_spigot::bigint::div::{self, div_rem_by, inverse_by};
use pi_spigot::bigint::mul::{self, mul_by, square_by};
use std::hint::black_box;
use std::time::Instant;

const LENGTHS: [usize; 18] = [8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 112, 128, 160, 200, 256, 400];
const MULTIPLICATIONS: [(&str, mul::Method); 4] = [
    ("schoolbook", mul::Method::Schoolbook),
    ("in_vectors", mul::Method::InVectors),
    ("karatsuba", mul::Method::Karatsuba),
    ("fft", mul::Method::Fft),
];
const DIVISIONS: [(&str, div::Method); 2] =
    [("schoolbook", div::Method::Schoolbook), ("newton", div::Method::Newton)];

struct Operands {
    a: Vec<u64>,
    b: Vec<u64>,
    out: Vec<u64>,
    scratch: Vec<u64>,
}

impl Operands {
    fn new(n: usize) -> Self {
        let limb = |i: usize| (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) | 1 << 63;
        Self {
            a: (0..n).map(limb).collect(),
            b: (n..2 * n).map(limb).collect(),
            out: vec![0; 2 * n],
            scratch: vec![0; 8 * n + 256],
        }
    }

    fn mul(&mut self, method: mul::Method) {
        mul_by(method, &mut self.out, black_box(&self.a), black_box(&self.b), &mut self.scratch);
    }

    fn square(&mut self, method: mul::Method) {
        square_by(method, &mut self.out, black_box(&self.a), &mut self.scratch);
    }

    /// A dividend of twice the length of the divisor.
    fn div(&mut self, method: div::Method) {
        black_box(div_rem_by(method, black_box(&self.out), black_box(&self.b)));
    }

    fn inverse(&mut self, method: div::Method) {
        black_box(inverse_by(method, black_box(&self.b)));
    }
}

/// Median nanoseconds of each method; methods take turns.
fn table<M: Copy>(title: &str, methods: &[(&str, M)], run: fn(&mut Operands, M)) {
    let row = |first: &str, cells: Vec<String>| {
        println!("{first:>8} {}", cells.iter().map(|cell| format!("{cell:>12}")).collect::<String>());
    };
    row(title, methods.iter().map(|(name, _)| (*name).to_owned()).collect());
    for n in LENGTHS {
        let mut operands = Operands::new(n);
        operands.mul(mul::Method::Schoolbook);
        let repeat = (100_000 / (n * n)).max(1);
        let mut times = vec![Vec::new(); methods.len()];
        for _ in 0..51 {
            for (times, (_, method)) in times.iter_mut().zip(methods) {
                let start = Instant::now();
                (0..repeat).for_each(|_| run(&mut operands, *method));
                times.push(start.elapsed().as_secs_f64() * 1e9 / repeat as f64);
            }
        }
        times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
        row(&n.to_string(), times.iter().map(|times| format!("{:.0}", times[25])).collect());
    }
}

fn crossovers(_: &mut Criterion) {
    table("mul", &MULTIPLICATIONS, Operands::mul);
    table("square", &MULTIPLICATIONS, Operands::square);
    table("div", &DIVISIONS, Operands::div);
    table("inverse", &DIVISIONS, Operands::inverse);
}

fn multiplication(c: &mut Criterion) {
    for n in [16, 64, 256] {
        for (name, method) in MULTIPLICATIONS {
            let mut operands = Operands::new(n);
            c.bench_function(&format!("mul/{name}/{n}"), |b| {
                b.iter(|| operands.mul(method));
            });
            c.bench_function(&format!("square/{name}/{n}"), |b| {
                b.iter(|| operands.square(method));
            });
        }
    }
}

criterion_group!(benches, crossovers, multiplication);
criterion_main!(benches);
