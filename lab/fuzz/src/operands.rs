//! Operands of the lengths and shapes that break big-integer code.

use crate::choices::Choices;

/// Around the thresholds of the library: schoolbook, Karatsuba, the FFT, its
/// smallest plans, Newton's division, conversion by fractions.
const LENGTHS: &[usize] = &[1, 2, 3, 4, 8, 16, 24, 30, 32, 44, 64, 72, 100, 110, 128, 150, 256, 300, 1000];

/// Operands of a case. The limbs are as drawn, with high zeros.
#[derive(Clone, Debug)]
pub struct Operands {
    /// The first operand, least significant limb first.
    pub a: Vec<u64>,
    /// The second operand; sometimes equal to the first, or off by one.
    pub b: Vec<u64>,
    /// The length of a shift, or a small factor.
    pub bits: u64,
}

impl Operands {
    /// Operands of up to `max_limbs` limbs, most of them far shorter.
    pub fn draw(choices: &mut Choices<'_>, max_limbs: usize) -> Self {
        let a_len = length(choices, max_limbs);
        let a = limbs(choices, a_len);
        let b = match choices.below(12) {
            0 => a.clone(),
            1 => neighbour(&a, choices),
            2 => {
                let len = 1 + choices.below(a.len().max(2));
                limbs(choices, len.min(max_limbs))
            }
            3 | 4 => limbs(choices, a_len),
            _ => {
                let len = length(choices, max_limbs);
                limbs(choices, len)
            }
        };
        let bits = match choices.below(4) {
            0 => 64 * choices.below(8) as u64,
            1 => 64 * choices.below(a.len() + 3) as u64 + 63,
            _ => choices.below(64 * a.len() + 130) as u64,
        };
        Self { a, b, bits }
    }
}

fn length(choices: &mut Choices<'_>, max: usize) -> usize {
    let len = match choices.below(40) {
        0 => choices.below(3),
        1 => 5000,
        2..10 => 1 + choices.below(40),
        10..16 => 1 + choices.below(400),
        16 => 1 + choices.below(3000),
        _ => *choices.pick(LENGTHS),
    };
    // Two below to two above.
    (len + choices.below(5)).saturating_sub(2).min(max)
}

/// `len` limbs of one of the shapes.
pub fn limbs(choices: &mut Choices<'_>, len: usize) -> Vec<u64> {
    if len == 0 {
        return Vec::new();
    }
    match choices.below(12) {
        0 => vec![u64::MAX; len],
        1 => power_of_two(choices, len),
        2 => next_to(choices, power_of_two, len, true),
        3 => next_to(choices, power_of_two, len, false),
        4 => sparse(choices, len),
        5 => {
            let mut all: Vec<u64> = sparse(choices, len);
            all.iter_mut().for_each(|limb| *limb = !*limb);
            all
        }
        6 => {
            let limb = choices.bits();
            vec![limb; len]
        }
        7 => periodic(choices, len),
        8 => runs_of_bits(choices, len),
        9 => (0..len).map(|_| *choices.pick(&[0, u64::MAX, 1, 1 << 63, u64::MAX - 1])).collect(),
        _ => (0..len).map(|_| choices.bits()).collect(),
    }
}

fn power_of_two(choices: &mut Choices<'_>, len: usize) -> Vec<u64> {
    let mut power = vec![0; len];
    power[len - 1] = 1 << choices.below(64);
    power
}

fn next_to(
    choices: &mut Choices<'_>,
    shape: fn(&mut Choices<'_>, usize) -> Vec<u64>,
    len: usize,
    above: bool,
) -> Vec<u64> {
    let mut number = shape(choices, len);
    step(&mut number, above);
    number
}

/// Adds or subtracts one, without growing.
fn step(number: &mut [u64], up: bool) {
    for limb in number {
        let (next, carry) = if up { limb.overflowing_add(1) } else { limb.overflowing_sub(1) };
        *limb = next;
        if !carry {
            return;
        }
    }
}

fn neighbour(a: &[u64], choices: &mut Choices<'_>) -> Vec<u64> {
    let mut b = a.to_vec();
    step(&mut b, choices.once_in(2));
    b
}

/// A few non-zero limbs, the top one included.
fn sparse(choices: &mut Choices<'_>, len: usize) -> Vec<u64> {
    let mut limbs = vec![0; len];
    limbs[len - 1] = choices.bits();
    for _ in 0..choices.below(4) {
        let at = choices.below(len);
        limbs[at] = 1 << choices.below(64);
    }
    limbs
}

/// A period of limbs, as a quotient like 1/3 or a repunit has.
fn periodic(choices: &mut Choices<'_>, len: usize) -> Vec<u64> {
    let period = 2 + choices.below(6);
    let limbs: Vec<u64> = (0..period).map(|_| choices.bits()).collect();
    limbs.into_iter().cycle().take(len).collect()
}

/// Long runs of equal bits, which start and end inside limbs.
fn runs_of_bits(choices: &mut Choices<'_>, len: usize) -> Vec<u64> {
    let mut limbs = vec![0u64; len];
    let (mut at, mut ones) = (0, true);
    while at < 64 * len {
        let run = 1 + choices.below(64 * len.min(12));
        let end = (at + run).min(64 * len);
        if ones {
            (at..end).for_each(|bit| limbs[bit / 64] |= 1 << (bit % 64));
        }
        (at, ones) = (end, !ones);
    }
    limbs
}
