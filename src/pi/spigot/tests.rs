use super::*;
use num_bigint::BigInt as Z;

/// The tail from term i as a fraction, summed backwards from the term `terms` later: each term
/// divides the error of the far end by 27/2.
fn tail(i: u64, terms: u64, far_end: End) -> (Z, Z) {
    let (mut numerator, mut denominator) = (Z::from(far_end.numerator), Z::from(far_end.denominator));
    for k in (i..i + terms).rev() {
        let u = 3 * (3 * k + 1) * (3 * k + 2);
        numerator = Z::from(u) * (5 * k - 2) * &denominator + numerator * (k * (2 * k - 1));
        denominator *= u;
    }
    (numerator, denominator)
}

fn less(a: &(Z, Z), b: &(Z, Z)) -> bool {
    &a.0 * &b.1 < &b.0 * &a.1
}

fn fraction(end: End) -> (Z, Z) {
    (end.numerator.into(), end.denominator.into())
}

#[test]
fn each_term_maps_the_next_enclosure_into_its_own() {
    for i in (1..2000).chain([1_000_000, LAST_TERM]) {
        let ([lower, upper], [next_lower, next_upper]) = (ends(i), ends(i + 1));
        assert!(less(&fraction(lower), &tail(i, 1, next_lower)), "lower end of {i}");
        assert!(less(&tail(i, 1, next_upper), &fraction(upper)), "upper end of {i}");
    }
}

#[test]
fn the_two_conditions_of_the_proof_reduce_to_the_stated_polynomials() {
    for i in 1_i64..500 {
        let denominator = 9 * i * i + 9 * i + 2;
        let lower = (2 * i * i - i) * (9 * i + 5) - (2 * i - 2) * denominator;
        assert_eq!(lower, i * i + 9 * i + 4);
        assert_eq!(2 * denominator - 9 * (2 * i * i - i), 27 * i + 4);
        // The second condition before its division by the common factor 25i + 17.
        let [_, upper] = ends(i as u64);
        let [_, next] = ends(i as u64 + 1);
        let (upper, next) = (upper.numerator as i64, next.numerator as i64);
        let gap = 3 * denominator * (upper - 125 * (5 * i - 2)) - (2 * i * i - i) * next;
        assert_eq!(gap, 3 * (25 * i + 17) * (27 * i + 4));
        assert_eq!(next, 27 * (25 * i + 17));
    }
}

#[test]
fn intervals_keep_their_width_and_shrink_under_a_term() {
    for i in (1..2000).chain([1_000_000, LAST_TERM]) {
        let [lower, upper] = ends(i).map(fraction);
        assert_eq!(&upper.0 * 5 - &lower.0 * 125, Z::from(84 * 5), "U - L = 84/125");
        let slope = (Z::from(i * (2 * i - 1)), Z::from(3 * (3 * i + 1) * (3 * i + 2)));
        assert!(less(&slope, &(Z::from(2), Z::from(27))), "the slope of term {i}");
    }
}

#[test]
fn the_tail_lies_between_its_ends_and_the_first_tail_is_pi() {
    for i in [1, 2, 3, 10, 100] {
        let [lower, upper] = ends(i);
        let sum = tail(i, 40, ends(i + 40)[0]);
        assert!(less(&fraction(lower), &sum) && less(&sum, &fraction(upper)), "tail {i}");
    }
    let pi = tail(1, 40, ends(41)[0]);
    assert_eq!(pi.0 * Z::from(10).pow(20) / pi.1, Z::from(314_159_265_358_979_323_846_u128));
}

#[test]
fn the_printed_lower_end_is_not_one() {
    // (27i + 15)/5 = L(i + 1) lies above the tail x(i).
    for i in [1, 2, 10, 100] {
        assert!(less(&tail(i, 40, ends(i + 40)[0]), &fraction(ends(i + 1)[0])));
    }
}

#[test]
fn leading_bits_and_full_division_agree_in_every_state() {
    let mut spigot = Gibbons::new();
    let mut doubts = 0;
    for _ in 0..600 {
        match spigot.floors_from_leading_bits() {
            Some(floors) => assert_eq!(floors, spigot.floors(), "term {}", spigot.i),
            None => doubts += 1,
        }
        spigot.consume();
        spigot.produce();
    }
    assert!(doubts < 3, "the leading bits decide nearly always, not {doubts} times less");
}

#[test]
fn full_division_alone_gives_the_same_digits() {
    let mut plain = Gibbons::new();
    for (position, digit) in Gibbons::new().take(1500).enumerate() {
        let produced = loop {
            let (lower, upper) = plain.floors();
            if lower == upper {
                break u8::try_from(lower).unwrap();
            }
            plain.consume();
        };
        plain.remove(produced);
        assert_eq!(produced, digit, "digit {}", position + 1);
    }
}

#[test]
fn a_doubtful_window_is_recognised() {
    // The value is exactly 3 in its lower end: the windows cannot tell 2 from 3.
    let t = BigUint::one() << 200_u32;
    let spigot = Gibbons { r: Z::from(&t * 3_u32 - 1_u32), t, q: BigUint::one(), ..Gibbons::new() };
    assert_eq!(spigot.floors_from_leading_bits(), None);
    assert_eq!(spigot.floors(), (3, 3));
}

#[test]
fn the_state_is_the_papers_when_a_term_follows_each_digit() {
    // The paper starts its short program with q, r, t, i = 1, 180, 60, 2.
    let mut spigot = Gibbons::new();
    spigot.consume();
    assert_eq!((spigot.q.clone(), spigot.i), (BigUint::one(), 2));
    assert_eq!((spigot.r, spigot.t), (Z::from(180), BigUint::from(60_u32)));
}
