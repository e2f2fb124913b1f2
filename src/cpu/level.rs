//! Which instructions this processor has: asked once, and only when first needed.

use std::fmt;
use std::sync::OnceLock;

use super::lanes::Task;
#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
#[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
use super::portable::Portable;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512, features::Features, sse2::Sse2};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    #[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    Scalar,
    Baseline,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// An instruction set that this processor has: values exist only for those
/// that it has. Higher levels compare greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(Kind);

/// Why a level could not be chosen by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelError {
    /// No level has this name.
    Unknown(String),
    /// The level exists, but not on this processor.
    Unavailable(String),
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "unknown SIMD level {name:?}: use one of {}", NAMES.join(", ")),
            Self::Unavailable(name) => {
                let here: Vec<_> = Level::available().iter().map(|l| l.name()).collect();
                write!(f, "this processor has no {name}: use one of {}", here.join(", "))
            }
        }
    }
}

impl std::error::Error for LevelError {}

const NAMES: [&str; 5] = ["scalar", "baseline", "neon", "avx2", "avx512"];

impl Level {
    /// The environment variable that overrides detection.
    pub const VARIABLE: &'static str = "PI_SIMD";

    /// The level in use: `PI_SIMD` if it names an available level, else the
    /// best there is. Asked once per process. A bad `PI_SIMD` is ignored
    /// here; a program that wants to complain calls [`Level::from_env`].
    #[must_use]
    pub fn get() -> Self {
        static LEVEL: OnceLock<Level> = OnceLock::new();
        *LEVEL.get_or_init(|| Self::from_env().unwrap_or_else(|_| Self::best()))
    }

    /// The level that `PI_SIMD` asks for, or the best if it is unset or empty.
    ///
    /// # Errors
    /// If it names no level, or one that this processor lacks.
    pub fn from_env() -> Result<Self, LevelError> {
        match std::env::var(Self::VARIABLE) {
            Ok(name) if !name.is_empty() => Self::from_name(&name),
            _ => Ok(Self::best()),
        }
    }

    /// The level called `name`.
    ///
    /// # Errors
    /// If there is none, or this processor lacks it.
    pub fn from_name(name: &str) -> Result<Self, LevelError> {
        if !NAMES.contains(&name) {
            return Err(LevelError::Unknown(name.to_owned()));
        }
        let found = Self::available().into_iter().find(|l| l.name() == name);
        found.ok_or_else(|| LevelError::Unavailable(name.to_owned()))
    }

    /// The best level of this processor.
    #[must_use]
    pub fn best() -> Self {
        Self::available().into_iter().max().unwrap_or(Level(Kind::Baseline))
    }

    /// All levels of this processor, the slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![
            #[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
            Level(Kind::Scalar),
            Level(Kind::Baseline),
        ];
        #[cfg(target_arch = "aarch64")]
        levels.push(Level(Kind::Neon));
        #[cfg(target_arch = "x86_64")]
        {
            let features = Features::get();
            if features.avx2 {
                levels.push(Level(Kind::Avx2));
            }
            if features.avx512 {
                levels.push(Level(Kind::Avx512));
            }
        }
        levels
    }

    /// Levels that exist somewhere but not on this processor: what tests could not run.
    #[must_use]
    pub fn unavailable() -> Vec<&'static str> {
        let here = Self::available();
        NAMES.into_iter().filter(|n| here.iter().all(|l| l.name() != *n)).collect()
    }

    /// Its name, as `PI_SIMD` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
            Kind::Scalar => "scalar",
            Kind::Baseline => "baseline",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
        }
    }

    /// Doubles per vector.
    #[must_use]
    pub fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 4,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 8,
            _ => 2,
        }
    }

    /// Whether there are fused products of four doubles: AVX2 and FMA.
    pub(super) fn has_fma(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self.0 >= Kind::Avx2;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Whether there are products of 52-bit integers besides (AVX-512 IFMA).
    pub(super) fn has_ifma(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self.0 == Kind::Avx512 && Features::get().ifma;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Runs `task` in code compiled for this level.
    pub fn run<T: Task>(self, task: T) -> T::Output {
        match self.0 {
            #[cfg(any(debug_assertions, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
            Kind::Scalar => task.run(Portable::new()),
            #[cfg(target_arch = "x86_64")]
            Kind::Baseline => task.run(Sse2::new()),
            #[cfg(target_arch = "aarch64")]
            Kind::Baseline | Kind::Neon => task.run(Neon::new()),
            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            Kind::Baseline => task.run(Portable::new()),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a Level of this kind is made only by `available`, after
            // it has found the features.
            Kind::Avx2 => unsafe { super::avx2::enter(Avx2::new_unchecked(), task) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as for Avx2.
            Kind::Avx512 => unsafe { super::avx512::enter(Avx512::new_unchecked(), task) },
        }
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
