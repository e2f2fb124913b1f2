//! Digits of pi: `pi/<series>/<digits>` in one block, `stream/...` to a known
//! end, `unbounded/...` by doubling; `verify/<digits>` is the formula for the
//! last bits, alone.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pi_spigot::pi::series::{Chudnovsky, Gosper, Series};
use pi_spigot::pi::stream::Stream;
use pi_spigot::pi::verify::binary_digits_at;

fn drain<S: Series>(mut stream: Stream<S>, digits: u64) -> u64 {
    let mut count = 0;
    while count < digits {
        count += stream.next_block().len() as u64;
    }
    count
}

fn digits(c: &mut Criterion) {
    for digits in [1_000, 10_000, 100_000, 1_000_000] {
        let mut bench = |group: &str, run: &dyn Fn() -> u64| {
            let mut group = c.benchmark_group(group);
            if digits >= 100_000 {
                group.sample_size(10);
            }
            group.bench_function(BenchmarkId::from_parameter(digits), |b| b.iter(run));
        };
        bench("pi/chudnovsky", &|| drain(Stream::in_one_block(Chudnovsky, digits), digits));
        bench("stream/chudnovsky", &|| drain(Stream::with_known_end(Chudnovsky, digits), digits));
        bench("unbounded/chudnovsky", &|| drain(Stream::new(Chudnovsky), digits));
        if digits <= 100_000 {
            bench("pi/gosper", &|| drain(Stream::in_one_block(Gosper, digits), digits));
        }
    }
}

fn verify(c: &mut Criterion) {
    let mut group = c.benchmark_group("verify");
    group.sample_size(10);
    for digits in [10_000, 100_000, 1_000_000] {
        let bits = (digits as f64 * 10f64.log2()) as u64;
        group.bench_function(BenchmarkId::from_parameter(digits), |b| b.iter(|| binary_digits_at(bits, 1)));
    }
}

criterion_group!(benches, digits, verify);
criterion_main!(benches);
