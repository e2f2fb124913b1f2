//! The choice of an instruction set: detected once per process, when first needed.

use std::fmt;
use std::sync::OnceLock;

use super::features::Features;
use super::lanes::Task;
use super::native::{Baseline, HAS_SCALAR, Scalar};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Scalar,
    Baseline,
    Neon,
    Avx2,
    Avx512,
}

impl Kind {
    /// All kinds on all targets, the slowest first.
    const ALL: [Self; 5] = [Self::Scalar, Self::Baseline, Self::Neon, Self::Avx2, Self::Avx512];

    fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Baseline => "baseline",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Tells whether both this build and this processor have the level.
    fn is_available(self) -> bool {
        match self {
            Self::Scalar => HAS_SCALAR,
            Self::Baseline => true,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Avx2 => Features::get().avx2,
            Self::Avx512 => Features::get().avx512,
        }
    }

    /// The reason why the level is not available.
    fn obstacle(self) -> String {
        let built_for = std::env::consts::ARCH;
        match self {
            Self::Scalar => "only debug builds contain it".to_owned(),
            Self::Neon => format!("this program is built for {built_for}, and neon is of aarch64"),
            Self::Avx2 | Self::Avx512 if built_for != "x86_64" => {
                format!("this program is built for {built_for}, and {} is of x86_64", self.name())
            }
            _ => "this processor or its operating system lacks the instructions".to_owned(),
        }
    }
}

/// An instruction set that the vector kernels are compiled for.
///
/// A value is proof that this processor has the instructions: only detection makes one. Higher
/// levels compare greater.
///
/// ```
/// use pi_spigot::cpu::Level;
/// assert!(Level::available().contains(&Level::get()));
/// println!("computing with {}", Level::get().name());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(Kind);

/// The reason why a name selects no level.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LevelError {
    /// No level has this name.
    Unknown(String),
    /// The level exists, but not in this build or on this processor.
    Unavailable(String),
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let here: Vec<_> = Level::available().iter().map(|level| level.name()).collect();
        let here = here.join(", ");
        match self {
            Self::Unknown(name) => write!(f, "unknown SIMD level {name:?}: use one of {here}"),
            Self::Unavailable(name) => {
                let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
                let obstacle = kind.map_or_else(String::new, |kind| format!(" ({})", kind.obstacle()));
                write!(f, "SIMD level {name} is not available{obstacle}: use one of {here}")
            }
        }
    }
}

impl std::error::Error for LevelError {}

impl Level {
    /// The environment variable that overrides detection.
    pub const VARIABLE: &'static str = "PI_SIMD";

    /// The level in use: the one that [`Level::VARIABLE`] names, or else the best available one.
    ///
    /// Read once per process. An unusable name is ignored here; a program that reports the mistake
    /// calls [`Level::from_env`] first.
    #[must_use]
    pub fn get() -> Self {
        static LEVEL: OnceLock<Level> = OnceLock::new();
        *LEVEL.get_or_init(|| Self::from_env().unwrap_or_else(|_| Self::best()))
    }

    /// The level that [`Level::VARIABLE`] names, or the best one if the variable is unset or empty.
    ///
    /// # Errors
    /// [`LevelError`] if the variable names no level, or one that is not available.
    pub fn from_env() -> Result<Self, LevelError> {
        match std::env::var_os(Self::VARIABLE) {
            Some(name) if !name.is_empty() => Self::from_name(&name.to_string_lossy()),
            _ => Ok(Self::best()),
        }
    }

    /// The level called `name`.
    ///
    /// # Errors
    /// [`LevelError`] if no level has the name, or if the level is not available.
    pub fn from_name(name: &str) -> Result<Self, LevelError> {
        match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
            None => Err(LevelError::Unknown(name.to_owned())),
            Some(kind) if kind.is_available() => Ok(Self(kind)),
            Some(_) => Err(LevelError::Unavailable(name.to_owned())),
        }
    }

    /// The best level of this build and processor.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self(Kind::Baseline))
    }

    /// All levels of this build and processor, the slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Kind::ALL.into_iter().filter(|kind| kind.is_available()).map(Self).collect()
    }

    /// Names of the levels that other builds or processors have: tests print them as not run.
    #[must_use]
    pub fn unavailable() -> Vec<&'static str> {
        Kind::ALL.into_iter().filter(|kind| !kind.is_available()).map(Kind::name).collect()
    }

    /// The name, as [`Level::VARIABLE`] takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Doubles per vector: 2, 4 or 8.
    #[must_use]
    pub fn lanes(self) -> usize {
        match self.0 {
            Kind::Avx2 => 4,
            Kind::Avx512 => 8,
            Kind::Scalar | Kind::Baseline | Kind::Neon => 2,
        }
    }

    /// Tells whether fused products of four doubles exist (AVX2 and FMA).
    pub(super) fn has_fma(self) -> bool {
        self.0 >= Kind::Avx2
    }

    /// Tells whether products of 52-bit integers exist (AVX-512 IFMA).
    pub(super) fn has_ifma(self) -> bool {
        self.0 == Kind::Avx512 && Features::get().ifma
    }

    /// Runs `task` in code compiled for this level.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this kind exists only after `is_available` has found the features.
            Kind::Avx2 => unsafe { super::avx2::enter(super::avx2::Avx2::new_unchecked(), task) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as for Avx2.
            Kind::Avx512 => unsafe { super::avx512::enter(super::avx512::Avx512::new_unchecked(), task) },
            Kind::Scalar => task.run(Scalar::new()),
            _ => task.run(Baseline::new()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_available_level_is_found_by_its_name() {
        for level in Level::available() {
            assert_eq!(Level::from_name(level.name()), Ok(level));
        }
        assert_eq!(Level::best(), Level::available().into_iter().max().unwrap());
    }

    #[test]
    fn errors_name_the_obstacle_and_the_remedy() {
        let unknown = Level::from_name("mmx").unwrap_err().to_string();
        assert!(unknown.contains("mmx") && unknown.contains("use one of") && unknown.contains("baseline"));
        for name in Level::unavailable() {
            let error = Level::from_name(name).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("use one of"), "{error}");
        }
        // The build decides about these levels, so the message must not blame the processor.
        let foreign = if cfg!(target_arch = "aarch64") { Kind::Avx2 } else { Kind::Neon };
        for kind in [Kind::Scalar, foreign] {
            let blamed = kind.obstacle();
            assert!(blamed.contains("buil") && !blamed.contains("processor"), "{blamed}");
        }
    }
}
