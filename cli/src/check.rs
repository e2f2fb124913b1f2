//! `--verify`: the digits that were written, against a formula that needs none of them.

use crate::args::Args;
use crate::output::WriteError;
use pi_spigot::pi::verify::{Verdict, check_digits};
use std::time::Instant;

/// Keeps the digits until they are checked: a byte for each.
pub(crate) struct Check {
    digits: Vec<u8>,
    threads: usize,
}

impl Check {
    /// Nothing, unless it is asked for.
    pub(crate) fn wanted(args: &Args) -> Option<Self> {
        args.verify.then(|| Self { digits: Vec::new(), threads: args.threads() })
    }

    pub(crate) fn update(&mut self, block: &str) {
        self.digits.extend(block.bytes().filter(u8::is_ascii_digit));
    }

    /// Says on standard error what came out.
    pub(crate) fn finish(self) -> Result<(), WriteError> {
        let start = Instant::now();
        let verdict = check_digits(&self.digits, self.threads);
        if !verdict.agrees() {
            return Err(WriteError::Failed(refusal(&verdict)));
        }
        // What the tolerance leaves of the 64 bits that are compared.
        let bits = verdict.tolerance.leading_zeros();
        let (at, seconds) = (verdict.position, start.elapsed().as_secs_f64());
        if bits == 0 {
            eprintln!("pi: not verified: the formula needs two digits or more");
        } else {
            eprintln!(
                "pi: verified: {bits} bits of pi from bit {at} on agree with Bellard's formula ({seconds:.3} s)"
            );
        }
        Ok(())
    }
}

fn refusal(verdict: &Verdict) -> String {
    let Verdict { position, integer, computed, expected, tolerance } = verdict;
    format!(
        "these digits are WRONG: from bit {position} on they give {integer}. ... {computed:016x}, \
         Bellard's formula {expected:016x} to within {tolerance:x}; run it again, \
         and with PI_SIMD=baseline: if it goes wrong again, please report it, \
         and if not, test this machine's memory"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_digit_is_an_error_that_says_what_to_do() {
        let mut check = Check { digits: Vec::new(), threads: 1 };
        check.update("3.14159265358979323846");
        check.update("2643383279502884197");
        check.digits[5] = b'8';
        let Err(WriteError::Failed(message)) = check.finish() else { panic!("not found") };
        assert!(message.contains("WRONG") && message.contains("run it again"), "{message}");
    }
}
