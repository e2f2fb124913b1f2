//! The object that starts computations: one for each JavaScript environment.
//!
//! JavaScript checks all arguments first and owns the words of their errors: a number that is out of
//! range here is a fault of `lib/`, and an error without a remedy.

use crate::facts::{invalid, level};
use crate::jobs::{self, Length, caught};
use crate::stream::Stream;
use napi::bindgen_prelude::{BigInt, Buffer, Either, Object, ToNapiValue, Uint8Array};
use napi::{Env, JsDeferred, Result};
use napi_derive::napi;
use pi_spigot::cancel::Token;
use pi_spigot::pi::hex::{Formula, bit_of, hex_digits, parse_position};
use pi_spigot::pi::verify::check_digits;
use pi_spigot::pi::{Algorithm, DigitCount, Text, TextDigest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Digits whose computation is as fast on one thread, and takes milliseconds: by a series, by the spigot.
const SHORT: u64 = 20_000;
const SHORT_OF_SPIGOT: u64 = 1_000;

/// Unfinished computations by the number of their call: the token, and the job once it is in the queue.
type Calls = HashMap<u32, (Token, Option<u64>)>;

/// The unfinished computations of one environment.
#[derive(Clone, Default)]
struct Tokens(Arc<Mutex<Calls>>);

impl Tokens {
    fn with<T>(&self, act: impl FnOnce(&mut Calls) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn cancel(&self, call: u32) {
        if let Some((token, job)) = self.with(|tokens| tokens.remove(&call)) {
            token.cancel();
            if let Some(job) = job {
                jobs::withdraw(job);
            }
        }
    }

    fn cancel_all(&self) {
        let calls: Vec<u32> = self.with(|tokens| tokens.keys().copied().collect());
        calls.into_iter().for_each(|call| self.cancel(call));
    }
}

/// Starts computations, and cancels them when the environment ends.
#[napi]
pub struct Engine {
    tokens: Tokens,
}

/// Digits as JavaScript gets them.
type Digits = Either<String, Buffer>;

/// The SHA-256 of a text, and its ends.
#[napi(object)]
pub struct Digest {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// The first 50 digits.
    pub first: String,
    /// The last 50 digits.
    pub last: String,
}

/// The result of a check by Bellard's formula.
#[napi(object)]
pub struct Verdict {
    /// The bits agree, and the integer part is 3.
    pub agrees: bool,
    /// The bit behind the point at which the comparison began.
    pub bit: f64,
    /// 64 bits of the text, and by the formula; units by which the two may differ.
    pub computed: BigInt,
    /// The bits by the formula.
    pub expected: BigInt,
    /// Units by which the two may differ.
    pub tolerance: BigInt,
}

/// A range of digits to compute.
#[derive(Clone, Copy)]
struct Range {
    algorithm: Algorithm,
    from: DigitCount,
    n: DigitCount,
    /// Zero for the default.
    threads: u32,
}

impl Range {
    fn new(algorithm: u32, from: f64, n: f64, threads: u32) -> Result<Self> {
        Ok(Self { algorithm: algorithm_of(algorithm)?, from: count(from)?, n: count(n)?, threads })
    }

    fn last(self) -> u64 {
        self.from.get() - 1 + self.n.get()
    }

    fn length(self) -> Length {
        let short = if self.algorithm == Algorithm::Gibbons { SHORT_OF_SPIGOT } else { SHORT };
        if self.last() <= short { Length::Short } else { Length::Long }
    }

    /// The text; called on the thread that computes.
    fn text(self) -> Text {
        let threads = threads_or(self.threads, self.length());
        Text::range(self.algorithm, self.from, self.n).with_threads(threads)
    }
}

#[napi]
impl Engine {
    /// The engine of an environment.
    ///
    /// # Errors
    /// If the variable `PI_SIMD` names no level of this processor.
    #[napi(constructor)]
    pub fn new(env: Env) -> Result<Self> {
        level()?;
        let tokens = Tokens::default();
        // A worker that is terminated must not leave its computations running.
        env.add_env_cleanup_hook(tokens.clone(), |tokens| tokens.cancel_all())?;
        Ok(Self { tokens })
    }

    /// The text of `n` digits from position `from` on.
    #[napi]
    pub fn digits<'env>(
        &self,
        env: &'env Env,
        call: u32,
        algorithm: u32,
        from: f64,
        n: f64,
        threads: u32,
        bytes: bool,
    ) -> Result<Object<'env>> {
        let range = Range::new(algorithm, from, n, threads)?;
        let compute = move || range.text().into_string();
        self.start(env, call, range.length(), compute, move |_, text| Ok(shaped(text, bytes)))
    }

    /// The same on the calling thread.
    #[napi]
    pub fn digits_sync(
        &self,
        algorithm: u32,
        from: f64,
        n: f64,
        threads: u32,
        bytes: bool,
    ) -> Result<Digits> {
        let range = Range::new(algorithm, from, n, threads)?;
        let text = caught(&Token::default(), || range.text().into_string())?;
        Ok(shaped(text, bytes))
    }

    /// The digest of the text of `n` digits, in the memory of the computation.
    #[napi]
    pub fn digest<'env>(
        &self,
        env: &'env Env,
        call: u32,
        algorithm: u32,
        n: f64,
        threads: u32,
    ) -> Result<Object<'env>> {
        let range = Range::new(algorithm, 1.0, n, threads)?;
        let compute = move || {
            let mut text = range.text();
            let mut digest = TextDigest::default();
            while let Some(block) = text.next_block_of(1 << 16) {
                digest.update(block);
            }
            digest.finish()
        };
        self.start(env, call, range.length(), compute, |_, summary| {
            Ok(Digest { sha256: summary.sha256, first: summary.first, last: summary.last })
        })
    }

    /// Checks the digits of a text, with its point or without. Blanks and line ends behind them do not count.
    #[napi]
    pub fn verify<'env>(
        &self,
        env: &'env Env,
        call: u32,
        text: Either<String, Uint8Array>,
        threads: u32,
    ) -> Result<Object<'env>> {
        let mut digits = match text {
            Either::A(text) => text.into_bytes(),
            // A copy: JavaScript may change the array while the check runs.
            Either::B(bytes) => bytes.to_vec(),
        };
        digits.truncate(digits.trim_ascii_end().len());
        if digits.get(1) == Some(&b'.') {
            digits.remove(1);
        }
        if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
            return Err(invalid(&format!("not a digit at position {} of the digits", at + 1)));
        }
        if digits.is_empty() {
            return Err(invalid("there is no digit"));
        }
        let length = if digits.len() as u64 <= SHORT { Length::Short } else { Length::Long };
        let compute = move || check_digits(&digits, threads_or(threads, length));
        self.start(env, call, length, compute, |_, verdict| {
            Ok(Verdict {
                agrees: verdict.agrees(),
                bit: verdict.position as f64,
                computed: BigInt::from(verdict.computed),
                expected: BigInt::from(verdict.expected),
                tolerance: BigInt::from(verdict.tolerance),
            })
        })
    }

    /// `n` hexadecimal digits from a position on, which is text: it may exceed 2^53.
    #[napi]
    pub fn hex_digits<'env>(
        &self,
        env: &'env Env,
        call: u32,
        formula: u32,
        position: String,
        n: u32,
        threads: u32,
    ) -> Result<Object<'env>> {
        let formula = *Formula::ALL.get(formula as usize).ok_or_else(|| invalid("no such formula"))?;
        let position = parse_position(&position).map_err(|error| invalid(&error.to_string()))?;
        let last = position.saturating_add(u64::from(n).saturating_sub(1));
        bit_of(last).map_err(|error| invalid(&error.to_string()))?;
        let length = if last <= SHORT && n <= 100 { Length::Short } else { Length::Long };
        let compute = move || hex_digits(formula, position, u64::from(n), threads_or(threads, length));
        self.start(env, call, length, compute, |_, digits| {
            digits.map_err(|error| invalid(&error.to_string()))
        })
    }

    /// Opens a stream from a position on; it ends after `n` digits, or never if `n` is 0.
    ///
    /// # Errors
    /// If a number is out of range.
    #[napi]
    pub fn open(&self, algorithm: u32, from: f64, n: f64, threads: u32) -> Result<Stream> {
        let end = if n == 0.0 { None } else { Some(count(n)?) };
        Ok(Stream::new(algorithm_of(algorithm)?, count(from)?, end, threads))
    }

    /// The next block of a stream: at most `most` digits, or null at the end.
    #[napi]
    pub fn read<'env>(
        &self,
        env: &'env Env,
        call: u32,
        stream: &Stream,
        most: u32,
        bytes: bool,
    ) -> Result<Object<'env>> {
        let (length, compute, account) = stream.reading(most)?;
        self.start(env, call, length, compute, move |env, block: Option<String>| {
            account(env)?;
            Ok(block.map(|block| shaped(block, bytes)))
        })
    }

    /// The next block, computed on the calling thread.
    #[napi]
    pub fn read_sync(&self, env: &Env, stream: &Stream, most: u32) -> Result<Option<String>> {
        let (_, compute, account) = stream.reading(most)?;
        let block = caught(&Token::default(), compute)?;
        account(env)?;
        Ok(block)
    }

    /// Cancels a computation by the number of its call.
    #[napi]
    pub fn cancel(&self, call: u32) {
        self.tokens.cancel(call);
    }

    /// Starts a job, and returns the promise of its result.
    fn start<'env, T: Send + 'static, R: ToNapiValue + 'static>(
        &self,
        env: &'env Env,
        call: u32,
        length: Length,
        compute: impl FnOnce() -> T + Send + 'static,
        convert: impl FnOnce(&Env, T) -> Result<R> + Send + 'static,
    ) -> Result<Object<'env>> {
        type Resolver<R> = Box<dyn FnOnce(Env) -> Result<R> + Send>;
        let (deferred, promise): (JsDeferred<R, Resolver<R>>, _) = env.create_deferred()?;
        let token = Token::default();
        let tokens = self.tokens.clone();
        tokens.with(|tokens| tokens.insert(call, (token.clone(), None)));
        let ending = tokens.clone();
        let job = jobs::submit(length, move || {
            let result = caught(&token, compute);
            ending.with(|tokens| tokens.remove(&call));
            Box::new(move || match result {
                Ok(value) => deferred.resolve(Box::new(move |env| convert(&env, value))),
                Err(error) => deferred.reject(error),
            })
        });
        // The job may have ended already.
        tokens.with(|tokens| tokens.get_mut(&call).map(|entry| entry.1 = Some(job)));
        Ok(promise)
    }
}

fn shaped(text: String, bytes: bool) -> Digits {
    if bytes { Either::B(Buffer::from(text.into_bytes())) } else { Either::A(text) }
}

/// The threads of a computation; the fair share where none are given and more than one would help.
pub(crate) fn threads_or(given: u32, length: Length) -> usize {
    match (given, length) {
        (0, Length::Short) => 1,
        (0, Length::Long) => jobs::fair_threads(),
        (given, _) => given as usize,
    }
}

pub(crate) fn algorithm_of(index: u32) -> Result<Algorithm> {
    Algorithm::ALL.get(index as usize).copied().ok_or_else(|| invalid("no such algorithm"))
}

pub(crate) fn count(n: f64) -> Result<DigitCount> {
    // Saturates; a fraction and a number that is not one become 0.
    let whole = if n.fract() == 0.0 { n as u64 } else { 0 };
    DigitCount::new(whole).map_err(|error| invalid(&error.to_string()))
}
