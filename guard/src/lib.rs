//! Memory check before the computation: refuses digits that need more than the process can get.
//!
//! An allocation that fails in the middle of a computation aborts the process, and a cgroup's limit
//! kills it. The estimate is the one by which the Lambda function refuses requests.

mod grouped;
mod limits;
#[cfg(target_os = "linux")]
mod linux;

pub use grouped::Grouped;

use limits::{Limit, Source};
use pi_spigot::pi::{Algorithm, DigitCount};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

const MIB: u64 = 1 << 20;
/// A thread's stack.
const STACK: u64 = 2 * MIB;
/// Address space that glibc reserves for the small blocks of a thread.
const ARENA: u64 = 64 * MIB;
/// Address space of the program, its libraries, and the unused ends of the heap's reservations.
const MAPPED: u64 = 16 * MIB;

/// Digits that a person asks a program for.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The algorithm that is to compute the digits.
    pub algorithm: Algorithm,
    /// The number of threads, if the person gave one.
    pub threads: Option<usize>,
    /// The position of the first digit; the leading 3 has position 1.
    pub from: u64,
    /// The number of digits. With `from` it ends at [`DigitCount::MAX`] or before.
    pub digits: u64,
    /// Bytes that the program keeps beside the computation for each digit that is computed.
    pub kept_per_digit: u64,
    /// The remedies in the program's own words.
    pub words: Words,
}

/// Remedies, as a program spells them.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// An imperative for one thread: `use --threads 1`.
    pub one_thread: &'static str,
    /// An imperative that leaves out this check: `try it anyway with --force`. None if there is no such
    /// way.
    pub anyway: Option<&'static str>,
}

impl Request {
    /// The largest number of threads that may compute: the person's, else one for each CPU that the process
    /// may use.
    #[must_use]
    pub fn most_threads(&self) -> usize {
        /// With fewer digits a second thread costs more than it saves, and so does asking the system.
        const SHARED_FROM: u64 = 10_000;
        let detect = || available_parallelism().map_or(1, NonZeroUsize::get);
        if self.last() < SHARED_FROM { 1 } else { self.threads.unwrap_or_else(detect) }
    }

    /// The number of threads to compute with. Unless the person gave one, it is the largest number that fits:
    /// threads need memory of their own.
    ///
    /// # Errors
    /// If the digits do not fit: the memory they need, the limit in their way, the number of digits that fit,
    /// and the remedies.
    pub fn threads_that_fit(&self) -> Result<usize, String> {
        let most = self.most_threads();
        let least = if self.threads.is_some() { most } else { 1 };
        let limits = limits::all(self.computation(most).required(self.last()));
        let fit = |threads: usize| self.computation(threads).fit(self.from, self.digits, &limits);
        match (least..=most).rev().find(|&threads| fit(threads).is_ok()) {
            Some(threads) => Ok(threads),
            None => fit(least).map(|()| least),
        }
    }

    /// The position of the last digit, all digits before which are computed too.
    fn last(&self) -> u64 {
        self.from.saturating_sub(1).saturating_add(self.digits)
    }

    fn computation(&self, threads: usize) -> Computation {
        let Self { algorithm, kept_per_digit, words, .. } = *self;
        Computation { algorithm, threads, kept_per_digit, words }
    }
}

/// The parameters of a computation that determine its memory.
#[derive(Clone, Copy)]
struct Computation {
    algorithm: Algorithm,
    threads: usize,
    kept_per_digit: u64,
    words: Words,
}

impl Computation {
    /// Bytes that the process needs at its peak for the first `digits` digits.
    fn required(self, digits: u64) -> u64 {
        /// The estimate interpolates a table of measured peaks. Between two rows memory rises in steps,
        /// to at most an eighth above the straight line.
        const BETWEEN: u64 = 8;
        let Ok(count) = DigitCount::new(digits) else { return u64::MAX };
        let computation = self.algorithm.memory_required(count, self.threads);
        let kept = digits.saturating_mul(self.kept_per_digit);
        computation.saturating_add(computation / BETWEEN).saturating_add(kept)
    }

    /// The part of a limit that `digits` digits take.
    fn share(self, digits: u64, source: Source) -> u64 {
        let required = self.required(digits);
        // Stacks count as data and as addresses before their pages are touched.
        let stacks = (self.threads as u64 - 1) * STACK;
        match source {
            Source::AddressSpace => {
                let arenas = (self.threads as u64 - 1).saturating_mul(ARENA);
                let reserved = required.saturating_add(required / 3 * 2).saturating_add(arenas);
                reserved.saturating_add(stacks + MAPPED)
            }
            // Heap ranges still count as data after their pages have moved elsewhere.
            Source::Data => required.saturating_add(required / 3).saturating_add(stacks),
            Source::Cgroup | Source::Available => required,
        }
    }

    /// The largest position up to which digits fit.
    fn last_that_fits(self, limit: Limit) -> u64 {
        let fits = |digits| self.share(digits, limit.source) <= limit.bytes;
        let (mut fitting, mut too_many) = (0, DigitCount::MAX.get() + 1);
        while too_many - fitting > 1 {
            let middle = fitting.midpoint(too_many);
            *if fits(middle) { &mut fitting } else { &mut too_many } = middle;
        }
        fitting
    }

    /// Refuses by the limit that leaves room for the fewest digits.
    fn fit(self, from: u64, digits: u64, limits: &[Limit]) -> Result<(), String> {
        let last = from - 1 + digits;
        let tightest =
            limits.iter().map(|&limit| (self.last_that_fits(limit), limit)).min_by_key(|&(most, _)| most);
        match tightest {
            Some((most, limit)) if most < last => Err(self.refusal(from, digits, most, limit)),
            _ => Ok(()),
        }
    }

    fn refusal(self, from: u64, digits: u64, most: u64, limit: Limit) -> String {
        let last = from - 1 + digits;
        let needed = self.share(last, limit.source).div_ceil(MIB);
        let there_is = limit.bytes / MIB;
        let asked = match from {
            1 => format!("{} digits", Grouped(digits)),
            _ => format!("{} digits from position {} on", Grouped(digits), Grouped(from)),
        };
        let most = match (most, from) {
            (0, _) => "not even one digit fits".to_owned(),
            (most, 1) => format!("{} digits fit", Grouped(most)),
            (most, _) if most >= from => format!("{} digits from there fit", Grouped(most + 1 - from)),
            (most, _) => format!("digits up to position {} fit", Grouped(most)),
        };
        let one = Self { threads: 1, ..self };
        let mut remedies = vec!["ask for fewer"];
        if self.threads > 1 && one.last_that_fits(limit) >= last {
            remedies.push(self.words.one_thread);
        }
        remedies.push(limit.source.remedy());
        remedies.extend(self.words.anyway);
        let others = remedies.pop().unwrap_or_default();
        let (name, first) = (limit.source.name(), remedies.join(", "));
        let comma = if remedies.len() > 1 { "," } else { "" };
        format!(
            "{asked} need {needed} MiB, and there are {there_is} MiB of {name}; {most}: \
             {first}{comma} or {others}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = Words { one_thread: "use --threads 1", anyway: Some("try it anyway with --force") };
    const ONE_THREAD: Computation =
        Computation { algorithm: Algorithm::Chudnovsky, threads: 1, kept_per_digit: 0, words: WORDS };

    fn limits() -> [Limit; 2] {
        [(Source::Available, 1000 * MIB), (Source::Cgroup, 100 * MIB)]
            .map(|(source, bytes)| Limit { source, bytes })
    }

    /// The first number after `before` in a message.
    fn number(message: &str, before: &str) -> u64 {
        let rest = &message[message.find(before).unwrap() + before.len()..];
        let digits = rest.trim_start().split(|c: char| c != '_' && !c.is_ascii_digit()).next().unwrap();
        digits.replace('_', "").parse().unwrap()
    }

    #[test]
    fn the_tightest_limit_refuses_and_names_the_most_that_fits() {
        for computation in [
            ONE_THREAD,
            Computation { threads: 3, ..ONE_THREAD },
            Computation { kept_per_digit: 1, ..ONE_THREAD },
            Computation { algorithm: Algorithm::Gosper, ..ONE_THREAD },
        ] {
            let message = computation.fit(1, 100_000_000, &limits()).unwrap_err();
            assert!(
                message.starts_with("100_000_000 digits need ") && message.contains("100 MiB"),
                "{message}"
            );
            let most = number(&message, "cgroup;");
            assert!(most > 5_000_000, "{message}");
            assert_eq!(computation.fit(1, most, &limits()), Ok(()));
            assert!(computation.fit(1, most + 1, &limits()).is_err());
            assert_eq!(computation.fit(1, 100_000_000, &[]), Ok(()));
        }
    }

    #[test]
    fn positions_before_the_first_digit_count() {
        let message = ONE_THREAD.fit(1_000_001, 100_000_000, &limits()).unwrap_err();
        let most = number(&message, "cgroup;");
        assert_eq!(ONE_THREAD.fit(1_000_001, most, &limits()), Ok(()));
        assert!(ONE_THREAD.fit(1_000_001, most + 1, &limits()).is_err());
        let message = ONE_THREAD.fit(900_000_000, 1, &limits()).unwrap_err();
        assert_eq!(number(&message, "up to position"), 1_000_000 + most, "{message}");
    }

    #[test]
    fn one_thread_is_a_remedy_where_it_fits() {
        let many = Computation { threads: 8, ..ONE_THREAD };
        let most = ONE_THREAD.last_that_fits(limits()[1]);
        assert!(many.fit(1, most, &limits()).unwrap_err().contains("use --threads 1"));
        assert!(!many.fit(1, most + 1, &limits()).unwrap_err().contains("--threads"));
    }

    #[test]
    fn remedies_are_the_words_of_the_program() {
        let limits = &limits()[1..];
        let message = ONE_THREAD.fit(1, 100_000_000, limits).unwrap_err();
        let end = ": ask for fewer, raise the memory limit of the container, or try it anyway with --force";
        assert!(message.ends_with(end), "{message}");
        let words = Words { anyway: None, ..WORDS };
        let message = Computation { words, ..ONE_THREAD }.fit(1, 100_000_000, limits).unwrap_err();
        let end = ": ask for fewer or raise the memory limit of the container";
        assert!(message.ends_with(end), "{message}");
    }

    #[test]
    fn few_digits_are_for_one_thread() {
        let request = |digits, threads| Request {
            algorithm: Algorithm::Chudnovsky,
            threads,
            from: 1,
            digits,
            kept_per_digit: 0,
            words: WORDS,
        };
        assert_eq!(request(9_999, Some(3)).most_threads(), 1);
        assert_eq!(request(10_000, Some(3)).most_threads(), 3);
        assert_eq!(request(10_000, Some(3)).threads_that_fit(), Ok(3));
    }
}
