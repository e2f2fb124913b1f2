//! The dated price table, and changes to it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The month in which the table was last compared with AWS's.
pub const PRICE_DATE: &str = "2026-11";

/// The price per GB-second in us-east-1 for `x86_64` and arm64, by monthly usage.
///
/// The first tier reaches to 6 (arm64: 7.5) billion GB-seconds, the second, 10 % cheaper, to
/// 15 (18.75) billion, the third, 20 % cheaper, has no end ("Introducing tiered pricing for
/// AWS Lambda", AWS Compute Blog, 2022).
const TIERS: [(f64, f64); 3] = [
    (0.000_016_666_7, 0.000_013_333_4),
    (0.000_015_000_0, 0.000_012_000_1),
    (0.000_013_333_4, 0.000_010_666_7),
];
const REQUEST: f64 = 0.000_000_2;

/// The instruction set of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Architecture {
    /// Intel or AMD.
    #[serde(rename = "x86_64")]
    #[value(name = "x86_64")]
    X86_64,
    /// Graviton.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// The architecture of this machine; anything but 64-bit ARM counts as `x86_64`.
    #[must_use]
    pub fn native() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

/// Lambda's prices in USD.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// Source of the prices: region, tier and date, or the option `--price`.
    pub source: String,
    /// Price of a GB-second on `x86_64`.
    pub x86_64: f64,
    /// Price of a GB-second on arm64.
    pub arm64: f64,
    /// Price of a request.
    pub request: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self::of_tier(1)
    }
}

impl Prices {
    /// The prices of us-east-1 in usage tier 1, 2 or 3; any other number counts as the nearest tier.
    #[must_use]
    pub fn of_tier(tier: u8) -> Self {
        let tier = tier.clamp(1, 3);
        let (x86_64, arm64) = TIERS[usize::from(tier) - 1];
        let source = format!("us-east-1, usage tier {tier}, {PRICE_DATE}");
        Self { source, x86_64, arm64, request: REQUEST }
    }

    /// The price of a GB-second.
    #[must_use]
    pub fn gb_second(&self, architecture: Architecture) -> f64 {
        match architecture {
            Architecture::X86_64 => self.x86_64,
            Architecture::Arm64 => self.arm64,
        }
    }

    /// This table with some prices replaced.
    #[must_use]
    pub fn changed(mut self, changes: &[PriceChange]) -> Self {
        for change in changes {
            *match change.item {
                Item::Duration(Architecture::X86_64) => &mut self.x86_64,
                Item::Duration(Architecture::Arm64) => &mut self.arm64,
                Item::Request => &mut self.request,
            } = change.usd;
        }
        if !changes.is_empty() {
            self.source = format!("given by --price; the others are of {}", self.source);
        }
        self
    }
}

/// One price on the command line: `x86_64=0.0000195`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceChange {
    item: Item,
    usd: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Item {
    Duration(Architecture),
    Request,
}

impl FromStr for PriceChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = "expected x86_64=USD or arm64=USD per GB-second, or request=USD per request, as in \
        x86_64=0.0000195";
        let (name, usd) = text.split_once('=').ok_or(form)?;
        let item = match name {
            "x86_64" => Item::Duration(Architecture::X86_64),
            "arm64" => Item::Duration(Architecture::Arm64),
            "request" => Item::Request,
            _ => return Err(form.to_owned()),
        };
        let usd: f64 = usd.parse().map_err(|_| format!("{usd:?} is not a number; {form}"))?;
        if !(0.0..=1.0).contains(&usd) {
            return Err(format!("{usd} USD is no price of one GB-second or request; {form}"));
        }
        Ok(Self { item, usd })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_10_and_20_percent_cheaper() {
        let [first, second, third] = [1, 2, 3].map(Prices::of_tier);
        for architecture in [Architecture::X86_64, Architecture::Arm64] {
            let of = |prices: &Prices| prices.gb_second(architecture) / first.gb_second(architecture);
            assert!((of(&second) - 0.9).abs() < 1e-4 && (of(&third) - 0.8).abs() < 1e-4);
        }
        assert_eq!(Prices::of_tier(9), third);
    }

    #[test]
    fn a_given_price_replaces_one_and_is_named() {
        let changes = ["arm64=0.00002", "request=0"].map(|text| text.parse().unwrap());
        let prices = Prices::default().changed(&changes);
        assert_eq!((prices.arm64, prices.request), (0.000_02, 0.0));
        assert_eq!(prices.x86_64, Prices::default().x86_64);
        assert!(prices.source.starts_with("given by --price"));
        assert_eq!(Prices::default().changed(&[]), Prices::default());
    }

    #[test]
    fn a_wrong_price_says_what_is_allowed() {
        for text in ["arm64", "arm=1", "arm64=x", "arm64=-1", "arm64=16.67", "arm64=NaN"] {
            assert!(text.parse::<PriceChange>().unwrap_err().contains("x86_64=0.0000195"), "{text}");
        }
    }
}
