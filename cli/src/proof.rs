//! `--verify`: compares the digits with a formula that needs none of them.

use crate::args::Args;
use crate::failure::Failure;
use pi_spigot::pi::verify::{Verdict, check_digits};
use std::time::Instant;

/// Collects the digits, a byte each, until they are complete.
pub(crate) struct Proof {
    digits: Vec<u8>,
    threads: usize,
}

impl Proof {
    pub(crate) fn new(args: &Args, threads: usize) -> Self {
        let mut digits = Vec::new();
        // Reserve exactly: doubling would take up to twice the memory. Ignore a refusal until it matters.
        let _ = digits.try_reserve_exact(usize::try_from(args.computed().get()).unwrap_or(0));
        Self { digits, threads }
    }

    pub(crate) fn update(&mut self, block: &str) {
        self.digits.extend(block.bytes().filter(u8::is_ascii_digit));
    }

    /// Compares, and reports the result on standard error.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let start = Instant::now();
        let verdict = check_digits(&self.digits, self.threads);
        if !verdict.agrees() {
            return Err(Failure::Message(refusal(&verdict)));
        }
        // Count the bits above the tolerance, of the 64 that are compared.
        let bits = verdict.tolerance.leading_zeros();
        let (at, seconds) = (verdict.position, start.elapsed().as_secs_f64());
        if bits == 0 {
            eprintln!("pi: not verified: the formula needs two digits or more");
        } else {
            eprintln!(
                "pi: verified: {bits} bits of pi from bit {at} on agree with Bellard's formula \
                 ({seconds:.3} s)"
            );
        }
        Ok(())
    }
}

fn refusal(verdict: &Verdict) -> String {
    let Verdict { position, integer, computed, expected, tolerance } = verdict;
    format!(
        "these digits are WRONG: from bit {position} on they give {integer}. ... {computed:016x}, and \
         Bellard's formula gives {expected:016x} to within {tolerance:x}; run it again with \
         PI_SIMD=baseline; if that is wrong too, please report a bug, otherwise test this machine's memory"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_digit_is_an_error_that_says_what_to_do() {
        let mut proof = Proof { digits: Vec::new(), threads: 1 };
        proof.update("3.14159265358979323846");
        proof.update("2643383279502884197");
        proof.digits[5] = b'8';
        let Err(Failure::Message(message)) = proof.finish() else { panic!("not found") };
        assert!(message.contains("WRONG") && message.contains("run it again"), "{message}");
    }
}
