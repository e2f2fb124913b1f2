//! The table of raw products: n limbs by n limbs, all in this process, taking turns.

use crate::args::Args;
use crate::digits::median;
use malachite_nz::natural::Natural as Malachite;
use pi_spigot::bigint::mul::product;
use pi_spigot::cpu::Level;
use rug::integer::Order;
use serde::Serialize;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Length of a turn: a product repeats until the resolution of the clock does not matter.
const TURN: Duration = Duration::from_millis(30);

/// Medians at one length, in nanoseconds per limb of one operand.
#[derive(Serialize)]
pub struct Row {
    pub limbs: usize,
    pub ours: f64,
    pub malachite: f64,
    pub rug: f64,
}

/// Measures all lengths.
///
/// # Errors
/// If two libraries disagree, or `--level` is not this process's level.
pub fn measure(args: &Args) -> Result<Vec<Row>, String> {
    if let Some(level) = args.level.as_deref().filter(|&level| level != Level::get().name()) {
        return Err(format!(
            "the products run in this process, whose level is {}: \
             set PI_SIMD={level} too, or add --table digits",
            Level::get().name()
        ));
    }
    args.limbs.iter().map(|&limbs| row(limbs, args.runs)).collect()
}

fn row(limbs: usize, runs: usize) -> Result<Row, String> {
    let (a, b) = (random(limbs, 1), random(limbs, 2));
    let (malachite_a, malachite_b) = (Malachite::from_limbs_asc(&a), Malachite::from_limbs_asc(&b));
    let (rug_a, rug_b) = (from_digits(&a), from_digits(&b));
    agree(&a, &b, &(&malachite_a * &malachite_b), &rug::Integer::from(&rug_a * &rug_b))?;
    let turns: [&dyn Fn(); 3] = [
        &|| drop(black_box(product(black_box(&a), &b))),
        &|| drop(black_box(black_box(&malachite_a) * &malachite_b)),
        &|| drop(black_box(rug::Integer::from(black_box(&rug_a) * &rug_b))),
    ];
    let mut times = [const { Vec::new() }; 3];
    for run in 0..runs {
        for at in 0..turns.len() {
            let at = (at + run) % turns.len();
            times[at].push(turn(turns[at]) / limbs as f64);
        }
    }
    let [ours, malachite, rug] = times.map(|times| median(times).unwrap_or(f64::NAN));
    eprintln!("{limbs} limbs: ours {ours:.1}, malachite {malachite:.1}, rug {rug:.1} ns per limb");
    Ok(Row { limbs, ours, malachite, rug })
}

/// Nanoseconds of one product, after a warm-up where a product is cheap.
pub fn turn(product: &dyn Fn()) -> f64 {
    let start = Instant::now();
    product();
    let repeats = (TURN.as_nanos() / start.elapsed().as_nanos().max(1)).clamp(1, 1_000_000) as u32;
    let start = Instant::now();
    (0..repeats).for_each(|_| product());
    start.elapsed().as_nanos() as f64 / f64::from(repeats)
}

fn agree(a: &[u64], b: &[u64], malachite: &Malachite, rug: &rug::Integer) -> Result<(), String> {
    let ours = product(a, b);
    let same = Malachite::from_limbs_asc(&ours) == *malachite && from_digits(&ours) == *rug;
    same.then_some(()).ok_or_else(|| format!("the products of {} limbs differ", a.len()))
}

fn from_digits(limbs: &[u64]) -> rug::Integer {
    rug::Integer::from_digits(limbs, Order::Lsf)
}

/// Random limbs: `SplitMix64` (Steele, Lea and Flood, 2014).
fn random(len: usize, seed: u64) -> Vec<u64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    };
    (0..len).map(|_| next()).collect()
}
