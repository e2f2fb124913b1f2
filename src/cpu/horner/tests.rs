use super::*;
use num_bigint::BigInt;

/// Digits of all lanes: random ones, or the largest.
struct Source {
    seed: u64,
    largest: bool,
}

impl Source {
    fn row(&mut self, bits: u32) -> Row {
        let mask = (1u64 << bits) - 1;
        [0; LANES].map(|_| {
            self.seed = self.seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            if self.largest { mask } else { (self.seed ^ self.seed >> 29) & mask }
        })
    }

    /// A step whose `q` outweighs its `p`, so that no difference is negative.
    fn step(&mut self, short: bool) -> Step {
        let top = self.row(DIGIT).map(|x| x | 1 << (DIGIT - 1));
        let low = self.row(DIGIT);
        if short {
            return Step { a: self.row(50), p: [low, [0; LANES]], q: [self.row(DIGIT), top, [0; LANES]] };
        }
        Step { a: self.row(DIGIT), p: [low, self.row(DIGIT)], q: [low, self.row(DIGIT), top] }
    }
}

fn number(digits: &[Row], lane: usize, bits: u32) -> BigInt {
    digits.iter().rev().fold(BigInt::ZERO, |sum, row| (sum << bits) + row[lane])
}

/// P, Q and T of a lane by their definition.
fn plain(steps: &[Step], lane: usize, subtract: bool) -> [BigInt; 3] {
    let start = [BigInt::from(1), BigInt::from(1), BigInt::ZERO];
    steps.iter().fold(start, |[p, q, t], step| {
        let of_p = number(&step.p, lane, DIGIT);
        let all = &q * step.a[lane] + if subtract { -t } else { t };
        [p * &of_p, q * number(&step.q, lane, DIGIT), of_p * all]
    })
}

/// Steps of which all three numbers have the divisors: as `q` of the first and `p` of the last step.
fn multiples(source: &mut Source, count: usize, divisors: &[[Row; 2]], short: bool) -> Vec<Step> {
    let mut steps = vec![Step::NEUTRAL; 2 * divisors.len()];
    let (first, last) = steps.split_at_mut(divisors.len());
    for ((first, last), divisor) in first.iter_mut().zip(last).zip(divisors) {
        (first.a, first.q[0], first.q[1]) = (source.row(40), divisor[0], divisor[1]);
        *last = Step { a: [8; LANES], p: *divisor, ..source.step(short) };
    }
    let middle = (0..count).map(|_| source.step(short)).collect::<Vec<_>>();
    steps.splice(divisors.len()..divisors.len(), middle);
    steps
}

#[test]
fn lanes_are_sums_by_their_definition() {
    let Some(horner) = Horner::get() else {
        eprintln!("not run here: lanes of AVX-512 IFMA");
        return;
    };
    for (largest, subtract, short) in (0..8).map(|k| (k & 1 > 0, k & 2 > 0, k & 4 > 0)) {
        let mut source = Source { seed: 1, largest };
        for count in (1..14).chain([36, 64, 65]) {
            for divisors in 0..4 {
                let divisors: Vec<[Row; 2]> = (0..divisors)
                    .map(|k| {
                        [
                            source.row(DIGIT).map(|x| x | 1),
                            source.row([if short { 38 } else { DIGIT }, 9, 1][k]),
                        ]
                    })
                    .collect();
                let steps = multiples(&mut source, count, &divisors, short);
                let sums = horner.sum(&steps, &divisors, subtract);
                for lane in 0..LANES {
                    let divisor = divisors.iter().fold(BigInt::from(1), |d, by| d * number(by, lane, DIGIT));
                    let found = sums.rows().map(|rows| number(rows, lane, 64) * &divisor);
                    assert_eq!(found, plain(&steps, lane, subtract), "{count} steps, lane {lane}");
                }
            }
        }
    }
}

#[test]
fn a_remainder_in_one_lane_is_noticed() {
    let Some(horner) = Horner::get() else {
        eprintln!("not run here: lanes of AVX-512 IFMA");
        return;
    };
    let mut source = Source { seed: 5, largest: false };
    let divisors = [[source.row(DIGIT).map(|x| x | 1), source.row(DIGIT)]];
    let steps = multiples(&mut source, 9, &divisors, true);
    for lane in 0..LANES {
        let mut steps = steps.clone();
        steps[10].p[0][lane] ^= 2;
        let found = std::panic::catch_unwind(|| horner.sum(&steps, &divisors, false)).unwrap_err();
        let message = found.downcast_ref::<&str>().copied().unwrap_or_default();
        assert!(message.contains("leaves a remainder: do not trust"), "{message}");
    }
}
