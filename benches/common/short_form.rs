//! The peer: the well-known short program of Gibbons' spigot, as commonly
//! written on big integers. One digit from every term, by one long division.

use num_bigint::BigInt;

/// The short program's state, after its first term.
pub(crate) struct ShortForm {
    q: BigInt,
    r: BigInt,
    t: BigInt,
    i: u64,
}

impl ShortForm {
    pub(crate) fn new() -> Self {
        Self { q: 1.into(), r: 180.into(), t: 60.into(), i: 2 }
    }
}

impl Iterator for ShortForm {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let i = self.i;
        let u = 3 * (3 * i + 1) * (3 * i + 2);
        let y = (&self.q * (27 * i - 12) + &self.r * 5_u32) / (&self.t * 5_u32);
        self.r = (&self.q * (5 * i - 2) + &self.r - &y * &self.t) * (10 * u);
        self.q = &self.q * (10 * i * (2 * i - 1));
        self.t = &self.t * u;
        self.i += 1;
        Some(u8::try_from(y).expect("a digit"))
    }
}
