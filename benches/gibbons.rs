//! The digit-at-a-time spigot beside the short program it is derived from.

#[path = "common/short_form.rs"]
mod short_form;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pi_spigot::pi::{Algorithm, Digits};
use short_form::ShortForm;
use std::hint::black_box;

fn spigots(c: &mut Criterion) {
    let mut group = c.benchmark_group("pi");
    for digits in [100_usize, 1_000, 10_000] {
        group.throughput(Throughput::Elements(digits as u64));
        group.sample_size(if digits < 10_000 { 50 } else { 10 });
        group.bench_with_input(BenchmarkId::new("gibbons", digits), &digits, |b, &n| {
            b.iter(|| Digits::new(Algorithm::Gibbons).take(black_box(n)).fold(0, |sum, digit| sum ^ digit));
        });
        group.bench_with_input(BenchmarkId::new("short_form", digits), &digits, |b, &n| {
            b.iter(|| ShortForm::new().take(black_box(n)).fold(0, |sum, digit| sum ^ digit));
        });
    }
    group.finish();
}

criterion_group!(benches, spigots);
criterion_main!(benches);
