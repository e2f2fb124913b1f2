//! The anatomy of a computation of pi: time, products and memory of each phase and level.
//!
//! ```text
//! cargo bench --bench pi -- anatomy [DIGITS...]        1e5, 1e6 and 1e7 by default
//! ```
//! One thread, in one block. Each size is computed a few times, first without the recorder, then with
//! it, and between the computations a full product of two numbers of that many digits is timed: M(N).
//! All times are CPU times of the thread, the least of all runs, those of each part on their own: other
//! programs disturb a shared machine.
//!
//! Columns: nodes, mean limbs of P, Q and T; time, also in M(N), and of that time the share of the FFT,
//! of short products from 48 limbs up, of the certificates' residues, and of all else; transforms, in
//! transforms of a full product; short products, and products of limbs in these; megabytes allocated,
//! and most megabytes in use at one time.

use super::{count, digits_of};
use pi_spigot::anatomy::{Row, record};
use pi_spigot::fft;
use pi_spigot::pi::{Algorithm, DigitCount, Schedule};
use std::hint::black_box;
use std::time::Duration;

/// Parts of the splitting tree, which have levels.
const TREE: [&str; 2] = ["leaf", "merge"];

/// Prints a table for each of these numbers of digits.
pub(super) fn run(arguments: &[String]) {
    let named: Vec<DigitCount> =
        arguments.iter().map(|digits| digits.parse().expect("a number of digits")).collect();
    let sizes = if named.is_empty() { [100_000, 1_000_000, 10_000_000].map(count).to_vec() } else { named };
    for digits in sizes {
        print(Algorithm::Chudnovsky, digits);
    }
}

/// Runs of one size: the time of about ten seconds, but three at least.
fn runs(digits: DigitCount) -> usize {
    (30_000_000 / digits.get() as usize).clamp(3, 31) | 1
}

fn print(algorithm: Algorithm, digits: DigitCount) {
    let limbs = (digits.get() as f64 * 10f64.log2() / 64.0).ceil() as usize;
    let compute = || digits_of(algorithm, Schedule::AtOnce(digits), digits.get());
    let mut product = Product::new(limbs);
    let (mut plain, mut products, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    black_box(compute());
    for _ in 0..runs(digits) {
        products.push(product.time());
        plain.push(time_of(compute));
        products.push(product.time());
        tables.push(record(cpu_time, compute).1);
    }
    let mut rows = fastest(&tables);
    let recorded = rows.iter().map(|row| row.time).sum();
    let [plain, unit] = [plain, products].map(least);
    let in_units = |time: Duration| time.as_secs_f64() / unit.as_secs_f64();
    println!("{digits} digits by {algorithm}: {limbs} limbs, M(N) = {:.3} ms", millis(unit));
    println!("{:.1} ms = {:.1} M(N); recorded {:.1} ms\n", millis(plain), in_units(plain), millis(recorded));
    let columns = [
        "part",
        "nodes",
        "P",
        "Q",
        "T",
        "ms",
        "M(N)",
        "FFT",
        "short",
        "residues",
        "else",
        "transforms",
        "products",
        "limb products",
        "MB",
        "peak",
    ];
    println!(
        "| {} |
|{}",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
    rows.sort_by_key(|row| (TREE.iter().position(|&name| name == row.name).unwrap_or(TREE.len()), row.level));
    let points = product.points as f64;
    for row in &rows {
        print_row(row, &row_name(row), in_units(row.time), points);
    }
    for (name, parts) in [
        ("**series**", &["leaf", "merge", "series", "P of a stream"][..]),
        ("**finish**", &["ratio", "root", "quotient"]),
        ("**text**", &["digits before", "conversion"]),
        ("**all**", &[]),
    ] {
        let sum = sum(rows.iter().filter(|row| parts.is_empty() || parts.contains(&row.name)));
        print_row(&sum, name, in_units(sum.time), points);
    }
    print_lengths(&rows, product.points);
}

fn row_name(row: &Row) -> String {
    if TREE.contains(&row.name) { format!("{} 2^{}", row.name, row.level) } else { row.name.to_owned() }
}

fn print_row(row: &Row, name: &str, in_units: f64, points: f64) {
    let mean = |limbs: u64| if limbs == 0 { String::new() } else { (limbs / row.calls).to_string() };
    let [p, q, t] = row.limbs.map(mean);
    let calls = if row.calls == 0 { String::new() } else { row.calls.to_string() };
    let share = |time: Duration| 100.0 * time.as_secs_f64() / row.time.as_secs_f64().max(1e-9);
    let [fft, short, residues] = row.kernels.map(share);
    let kernels = format!("{fft:.0} % | {short:.0} % | {residues:.0} % | {:.0} %", share(row.outside()));
    let counts =
        format!("{:.2} | {} | {:.2e}", row.points() as f64 / points, row.short, row.limb_products as f64);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let memory = format!("{:.2} | {:.2}", megabytes(row.allocated), megabytes(row.peak));
    let time = format!("{:.3} | {in_units:.2}", millis(row.time));
    println!("| {name} | {calls} | {p} | {q} | {t} | {time} | {kernels} | {counts} | {memory} |");
}

/// Transforms by their length, in phases.
fn print_lengths(rows: &[Row], full: usize) {
    println!("\n| points | of a full product | transforms of the series | of the finish | of the text |");
    println!("|---|---|---|---|---|");
    let all = sum(rows.iter());
    for &points in all.transforms.keys() {
        let of = |names: &[&str]| -> u64 {
            let rows = rows.iter().filter(|row| names.contains(&row.name));
            rows.filter_map(|row| row.transforms.get(&points)).sum()
        };
        let series = of(&["leaf", "merge", "series", "P of a stream"]);
        let (finish, text) = (of(&["ratio", "root", "quotient"]), of(&["digits before", "conversion"]));
        println!("| {points} | {:.5} | {series} | {finish} | {text} |", points as f64 / full as f64);
    }
    println!();
}

/// The sum of some rows; the peak is the highest.
fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> Row {
    rows.fold(Row::default(), |mut sum, row| {
        sum.time += row.time;
        sum.kernels.iter_mut().zip(row.kernels).for_each(|(sum, time)| *sum += time);
        for (&points, count) in &row.transforms {
            *sum.transforms.entry(points).or_default() += count;
        }
        sum.short += row.short;
        sum.limb_products += row.limb_products;
        sum.allocated += row.allocated;
        sum.peak = sum.peak.max(row.peak);
        sum
    })
}

/// The rows of several recordings of one computation as one table.
fn fastest(tables: &[Vec<Row>]) -> Vec<Row> {
    let row = |index: usize| {
        let all = |of: &dyn Fn(&Row) -> Duration| least(tables.iter().map(|rows| of(&rows[index])).collect());
        let kernels = [0, 1, 2].map(|kernel| all(&|row| row.kernels[kernel]));
        Row { time: all(&|row| row.time), kernels, ..tables[0][index].clone() }
    };
    (0..tables[0].len()).map(row).collect()
}

/// A full product of two numbers of so many limbs.
struct Product {
    a: Vec<u64>,
    b: Vec<u64>,
    out: Vec<u64>,
    points: usize,
}

impl Product {
    fn new(limbs: usize) -> Self {
        let number = |seed: u64| -> Vec<u64> {
            // The fractional parts of multiples of the golden ratio, mixed by a square.
            let mixed = |k: u64| (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).wrapping_pow(3);
            (0..limbs as u64).map(|k| mixed(2 * k + seed)).collect()
        };
        let points = fft::Plan::for_product(limbs, limbs).points();
        Self { a: number(1), b: number(2), out: vec![0; 2 * limbs], points }
    }

    /// The time of a product, on memory that has been touched: the least of several.
    fn time(&mut self) -> Duration {
        let repeats = (1_000_000 / self.a.len()).clamp(3, 100);
        let mut multiply = || time_of(|| fft::multiply(&mut self.out, &self.a, &self.b));
        least((0..repeats).map(|_| multiply()).collect())
    }
}

fn time_of<R>(work: impl FnOnce() -> R) -> Duration {
    let start = cpu_time();
    black_box(work());
    cpu_time() - start
}

/// CPU time of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn least(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    1000.0 * time.as_secs_f64()
}
