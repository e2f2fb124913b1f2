//! The recorder behind the [anatomy](super): a table of parts for each thread.

use super::Kernel;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// Limbs of the shorter operand from which on a short product is worth a look at the clock.
const TIMED_FROM: usize = 48;

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// The figures of one part of a computation, without those of parts within.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name of the part.
    pub name: &'static str,
    /// The level of the part in its tree: nodes of up to `2^level` terms.
    pub level: u32,
    /// Times that the part was entered.
    pub calls: u64,
    /// Limbs of the numbers P, Q, T that the part has made, in all calls.
    pub limbs: [u64; 3],
    /// Time in all.
    pub time: Duration,
    /// Time in each kernel, in the order of [`Kernel`].
    pub kernels: [Duration; 3],
    /// Transforms by their complex points.
    pub transforms: BTreeMap<usize, u64>,
    /// Products too short for a transform.
    pub short: u64,
    /// Products of limbs in these.
    pub limb_products: u64,
    /// Bytes allocated.
    pub allocated: u64,
    /// Most bytes in use at one time, those of callers included.
    pub peak: u64,
}

impl Row {
    /// Complex points of all transforms.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.transforms.iter().map(|(&points, &count)| points as u64 * count).sum()
    }

    /// Time outside the kernels.
    #[must_use]
    pub fn outside(&self) -> Duration {
        self.time.saturating_sub(self.kernels.iter().sum())
    }
}

/// The time since a fixed moment.
pub type Clock = fn() -> Duration;

fn time_of_look(clock: Clock) -> Duration {
    let start = clock();
    clock().saturating_sub(start)
}

/// The table of a thread.
struct Recorder {
    rows: Vec<Row>,
    /// The row of the part that is running.
    current: usize,
    clock: Clock,
    /// The time of a look at the clock, which belongs to no part.
    look: Duration,
    /// The moment up to which time has been attributed, and looks at the clock since then.
    since: Duration,
    looks: u32,
    /// Bytes in use. Memory from before the recording may be freed.
    in_use: i64,
}

impl Recorder {
    /// Attributes the time that has passed, and changes to another part.
    fn switch(&mut self, to: usize) -> usize {
        let now = (self.clock)();
        let time = now.saturating_sub(self.since);
        self.rows[self.current].time += time.saturating_sub(self.look * (self.looks + 1));
        (self.since, self.looks) = (now, 0);
        let before = std::mem::replace(&mut self.current, to);
        self.note_peak();
        before
    }

    /// The row of a part, new if there is none.
    fn row_of(&mut self, name: &'static str, level: u32) -> usize {
        let known = self.rows.iter().position(|row| row.level == level && row.name == name);
        known.unwrap_or_else(|| {
            self.rows.push(Row { name, level, ..Row::default() });
            self.rows.len() - 1
        })
    }

    fn note_peak(&mut self) {
        let row = &mut self.rows[self.current];
        row.peak = row.peak.max(self.in_use.max(0) as u64);
    }
}

/// Changes the table, if this thread records. A caller may be anywhere, even within the recorder.
#[inline]
fn with(change: impl FnOnce(&mut Recorder)) {
    if ACTIVE.get() {
        RECORDER.with(|recorder| {
            if let Ok(mut recorder) = recorder.try_borrow_mut()
                && let Some(recorder) = recorder.as_mut()
            {
                change(recorder);
            }
        });
    }
}

/// Records what this thread does in `work`; a row for each part, in the order of their first calls.
/// The first row is what belongs to no part.
///
/// On a shared machine a clock of the thread's CPU time tells more than one of elapsed time.
pub fn record<R>(clock: Clock, work: impl FnOnce() -> R) -> (R, Vec<Row>) {
    let rows = vec![Row { name: "rest", calls: 1, ..Row::default() }];
    let look = (0..1000).map(|_| time_of_look(clock)).min().unwrap_or_default();
    RECORDER.set(Some(Recorder { rows, current: 0, clock, look, since: clock(), looks: 0, in_use: 0 }));
    ACTIVE.set(true);
    let result = work();
    with(|recorder| {
        recorder.switch(0);
    });
    ACTIVE.set(false);
    let rows = RECORDER.take().map(|recorder| recorder.rows).unwrap_or_default();
    (result, rows)
}

/// Attributes to a part what `work` does.
pub(crate) fn part<R>(name: &'static str, level: u32, work: impl FnOnce() -> R) -> R {
    let mut before = 0;
    with(|recorder| {
        let row = recorder.row_of(name, level);
        recorder.rows[row].calls += 1;
        before = recorder.switch(row);
    });
    let result = work();
    with(|recorder| {
        recorder.switch(before);
    });
    result
}

/// Attributes to a kernel the time of `work`.
#[inline]
pub(crate) fn timed<R>(kernel: Kernel, work: impl FnOnce() -> R) -> R {
    if !ACTIVE.get() {
        return work();
    }
    let mut start = Duration::ZERO;
    with(|recorder| start = (recorder.clock)());
    let result = work();
    with(|recorder| {
        let time = (recorder.clock)().saturating_sub(start + recorder.look);
        recorder.rows[recorder.current].kernels[kernel as usize] += time;
        recorder.looks += 2;
    });
    result
}

/// Counts P, Q and T of a node by their limbs.
pub(crate) fn numbers(limbs: [usize; 3]) {
    with(|recorder| {
        let row = &mut recorder.rows[recorder.current];
        row.limbs.iter_mut().zip(limbs).for_each(|(sum, limbs)| *sum += limbs as u64);
    });
}

/// Counts transforms of so many complex points.
pub(crate) fn transforms(count: u64, points: usize) {
    with(|recorder| *recorder.rows[recorder.current].transforms.entry(points).or_default() += count);
}

/// Counts a product of `a` by `b` limbs without transforms, and times it if it is long enough.
#[inline]
pub(crate) fn short<R>(a: usize, b: usize, multiply: impl FnOnce() -> R) -> R {
    with(|recorder| {
        let row = &mut recorder.rows[recorder.current];
        row.short += 1;
        row.limb_products += (a * b) as u64;
    });
    if a.min(b) < TIMED_FROM { multiply() } else { timed(Kernel::Short, multiply) }
}

/// Counts memory of so many words.
#[inline]
pub(crate) fn allocated(words: usize) {
    with(|recorder| {
        recorder.rows[recorder.current].allocated += 8 * words as u64;
        recorder.in_use += 8 * words as i64;
        recorder.note_peak();
    });
}

/// Counts memory that has become free.
#[inline]
pub(crate) fn freed(words: usize) {
    with(|recorder| recorder.in_use -= 8 * words as i64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;
    use std::time::Instant;

    fn clock() -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    #[test]
    fn parts_have_their_own_figures_and_nothing_is_recorded_outside() {
        transforms(5, 64);
        let (result, rows) = record(clock, || {
            transforms(1, 128);
            part("tree", 3, || {
                transforms(2, 256);
                part("leaf", 0, || allocated(10));
                freed(10);
                allocated(4);
                numbers([1, 2, 3]);
                timed(Kernel::Transforms, || 7)
            })
        });
        assert_eq!(result, 7);
        let [rest, tree, leaf] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((rest.name, rest.points(), rest.calls), ("rest", 128, 1));
        assert_eq!((tree.name, tree.level, tree.points(), tree.limbs), ("tree", 3, 512, [1, 2, 3]));
        assert_eq!((tree.allocated, tree.peak, leaf.allocated, leaf.peak), (32, 80, 80, 80));
        assert!(tree.time >= tree.kernels[0] && tree.outside() <= tree.time);
        allocated(1000);
        assert!(record(clock, || ()).1[0].allocated == 0);
    }
}
