//! Digits of pi: `pi/<series>/<digits>` in one block, `stream/...` to a known
//! end, `unbounded/...` by doubling.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pi_spigot::pi::series::{Chudnovsky, Gosper, Series};
use pi_spigot::pi::stream::Stream;

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

criterion_group!(benches, digits);
criterion_main!(benches);
