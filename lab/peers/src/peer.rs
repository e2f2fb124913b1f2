//! The peers: ours and the crates that it is measured against.

use crate::chudnovsky::{product_seconds, text};
use clap::ValueEnum;
use pi_spigot::pi::{Algorithm, DigitCount};
use std::fmt;

/// A way to the digits of pi.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// pi-spigot: our series on our integers.
    Ours,
    /// The peers' plain series on our integers.
    Plain,
    Malachite,
    /// rug, which is GMP.
    Rug,
    Dashu,
    NumBigint,
}

impl Peer {
    /// The text of the first `n` digits, on one thread.
    pub fn digits(self, n: usize) -> String {
        match self {
            Self::Ours => {
                Algorithm::Chudnovsky.digits(DigitCount::new(n as u64).expect("sizes have golden digests"))
            }
            Self::Plain => text::<pi_spigot::bigint::Integer>(n),
            Self::Malachite => text::<malachite_nz::integer::Integer>(n),
            Self::Rug => text::<rug::Integer>(n),
            Self::Dashu => text::<dashu_int::IBig>(n),
            Self::NumBigint => text::<num_bigint::BigInt>(n),
        }
    }

    /// M(n): seconds of one product of two numbers of `n` digits.
    pub fn product_seconds(self, n: usize) -> f64 {
        match self {
            Self::Ours | Self::Plain => product_seconds::<pi_spigot::bigint::Integer>(n),
            Self::Malachite => product_seconds::<malachite_nz::integer::Integer>(n),
            Self::Rug => product_seconds::<rug::Integer>(n),
            Self::Dashu => product_seconds::<dashu_int::IBig>(n),
            Self::NumBigint => product_seconds::<num_bigint::BigInt>(n),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Plain => "ours, plain series",
            Self::Malachite => "malachite",
            Self::Rug => "rug (GMP)",
            Self::Dashu => "dashu",
            Self::NumBigint => "num-bigint",
        }
    }

    /// Its name on the command line.
    pub fn argument(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn all_peers_compute_pi() {
        for n in [1, 2, 10, 100, 1000, 10_000] {
            for &peer in Peer::value_variants() {
                golden::check(n, &peer.digits(n)).unwrap();
            }
        }
    }
}
