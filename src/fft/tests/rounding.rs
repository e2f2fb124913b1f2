//! The evidence for the cap on the digit width: rounding errors of random
//! products in transforms that are filled to the cap.

use super::*;
use crate::fft::plan::CAP;

/// Products of each length that fills its transform to within 0.45 of the cap;
/// a tenth of them where a product takes tens of milliseconds.
const PRODUCTS: usize = 2000;

/// Every length below this many points whose widest admissible digits come close to the cap.
fn designs(points: std::ops::Range<usize>, level: Level) -> Vec<Design> {
    let mut found = vec![];
    for radix in [1, 3, 5, 7, 9, 15] {
        let lengths = (7..30).map(|k| radix << k).filter(|n| points.contains(n));
        for (points, bits) in lengths.flat_map(|n| (17..=21).map(move |bits| (n, bits))) {
            let v = f64::from(2 * bits) + (2.0 * points as f64).log2() / 2.0;
            if (CAP - 0.45..=CAP).contains(&v) {
                let (row_levels, columns) = plan::layout(radix, points, level);
                let (ring, terms, moduli) = (Ring::Integers, 1, Moduli::MERSENNE);
                found.push(Design { ring, bits, radix, row_levels, columns, level, terms, moduli });
            }
        }
    }
    found
}

/// The largest rounding errors of `count` random products that fill the transform.
fn worst_errors(design: &Design, count: usize) -> Vec<f64> {
    let n = design.limbs() / 2;
    let mut out = vec![0; 2 * n];
    let product = |k| {
        let (a, b) = (random(n, 2 * k as u64 + 1), random(n, 2 * k as u64 + 2));
        let error = Product { design, operands: Operands::Pair(&a, &b), out: &mut out }.run();
        let residue = |x: &[u64]| certify::residue(x, &design.moduli, design.level);
        let expected = times_residue(design, residue(&a), &b);
        assert_eq!(residue(&out), expected, "{design:?} error {error}");
        error
    };
    let mut errors: Vec<_> = (0..count).map(product).collect();
    errors.sort_by(f64::total_cmp);
    errors
}

fn report(designs: &[Design], count: usize) -> f64 {
    let mut worst = 0f64;
    for design in designs {
        let errors = worst_errors(design, count);
        let (median, most) = (errors[count / 2], errors[count - 1]);
        let (points, v) =
            (design.points(), f64::from(2 * design.bits) + (2.0 * design.points() as f64).log2() / 2.0);
        println!(
            "{:8} {points:9} points {} bits  v {v:.2}: {count} products, \
             error median {median:.3} largest {most:.3}",
            design.level, design.bits
        );
        worst = worst.max(most);
    }
    worst
}

#[test]
fn a_few_random_products_at_the_cap_round_well() {
    for level in Level::available() {
        assert!(report(&designs(5 << 12..(5 << 12) + 1, level), 2) < 0.3);
    }
}

/// Some minutes:
/// `cargo test --release --lib fft::tests::rounding -- --ignored --nocapture`
#[test]
#[ignore = "minutes of products; it measures what `plan::CAP` rests on"]
fn thousands_of_random_products_at_the_cap_round_well() {
    let mut worst = 0f64;
    for level in Level::available() {
        worst = worst.max(report(&designs(1 << 14..1 << 17, level), PRODUCTS));
        worst = worst.max(report(&designs(1 << 17..1 << 21, level), PRODUCTS / 10));
        worst = worst.max(report(&designs(1 << 21..(1 << 23) + 1, level), PRODUCTS / 100));
    }
    println!("largest error of all: {worst:.3}");
    assert!(worst < 0.3);
}
