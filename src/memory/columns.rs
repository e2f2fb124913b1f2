//! A matrix by columns: several owners, each with some columns of all rows.
//!
//! Rows of a slice can be given to threads as subslices. Columns cannot, because they interleave. So a
//! view holds the whole slice, lends out its own columns only, and can be split into views of fewer
//! columns.

use std::marker::PhantomData;
use std::ops::Range;

/// Some columns of all rows of a slice; the last row may be shorter or missing.
#[derive(Debug)]
pub(crate) struct Columns<'a, T> {
    start: *mut T,
    len: usize,
    rows: usize,
    /// Elements from row to row.
    pitch: usize,
    own: Range<usize>,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: like `&mut [T]`, a view is the only way to its elements: other views have other columns.
unsafe impl<T: Send> Send for Columns<'_, T> {}

impl<'a, T> Columns<'a, T> {
    /// All columns of `slice`, whose rows have `pitch` elements.
    ///
    /// # Panics
    /// If `pitch` is 0.
    #[must_use]
    pub(crate) fn new(slice: &'a mut [T], pitch: usize) -> Self {
        assert!(pitch > 0, "rows of no elements");
        let (start, len) = (slice.as_mut_ptr(), slice.len());
        Self { start, len, rows: len.div_ceil(pitch), pitch, own: 0..pitch, slice: PhantomData }
    }

    /// The columns before `column`, and the others.
    ///
    /// # Panics
    /// If `column` is outside of this view.
    #[must_use]
    pub(crate) fn split_at(self, column: usize) -> (Self, Self) {
        let Self { start, len, rows, pitch, own, slice } = self;
        assert!(own.start <= column && column <= own.end, "column {column} is outside {own:?}");
        let part = |own| Self { start, len, rows, pitch, own, slice };
        (part(own.start..column), part(column..own.end))
    }

    /// Consecutive views of `width` columns each; the last one may have fewer.
    ///
    /// # Panics
    /// If `width` is 0.
    pub(crate) fn parts(self, width: usize) -> impl Iterator<Item = Self> {
        assert!(width > 0, "parts of no columns");
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let (part, more) = match rest.take()? {
                all if all.own.len() <= width => (all, None),
                all => {
                    let at = all.own.start + width;
                    let (part, more) = all.split_at(at);
                    (part, Some(more))
                }
            };
            rest = more;
            Some(part)
        })
    }

    /// The columns of this view.
    #[inline]
    #[must_use]
    pub(crate) fn range(&self) -> Range<usize> {
        self.own.clone()
    }

    /// The elements of a row in `columns`, as far as the slice reaches.
    ///
    /// # Panics
    /// If `columns` are not of this view.
    #[inline]
    pub(crate) fn row(&mut self, row: usize, columns: Range<usize>) -> &mut [T] {
        let (start, end) = (columns.start, columns.end);
        assert!(self.own.start <= start && start <= end && end <= self.own.end, "columns of another part");
        // Places in rows far beyond the end would overflow.
        let from = if row < self.rows { (row * self.pitch + start).min(self.len) } else { self.len };
        let count = (end - start).min(self.len - from);
        // SAFETY: `from + count <= len`. The elements lie in columns of this view, as asserted,
        // because `own` lies in `0..pitch`; no other view has them, and this one is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_write_their_own_columns_on_their_own_threads() {
        for len in [0, 5, 40, 43, 50] {
            let mut all = vec![0; len];
            std::thread::scope(|scope| {
                for (k, mut part) in Columns::new(&mut all, 10).parts(4).enumerate() {
                    scope.spawn(move || {
                        let own = part.range();
                        assert_eq!(own, 4 * k..(4 * k + 4).min(10));
                        for row in 0..5 {
                            for x in part.row(row, own.clone()) {
                                *x += 10 * row + k + 1;
                            }
                        }
                    });
                }
            });
            assert!(all.iter().enumerate().all(|(i, &x)| x == i / 10 * 10 + i % 10 / 4 + 1), "{all:?}");
        }
    }

    #[test]
    fn rows_beyond_the_end_are_empty() {
        let mut all = [0; 12];
        let mut columns = Columns::new(&mut all, 10);
        assert_eq!(
            [columns.row(1, 0..10).len(), columns.row(2, 0..10).len(), columns.row(usize::MAX, 3..4).len()],
            [2, 0, 0]
        );
    }

    #[test]
    #[should_panic(expected = "columns of another part")]
    fn foreign_columns_are_refused() {
        let mut all = [0; 100];
        let (_, mut right) = Columns::new(&mut all, 10).split_at(5);
        right.row(0, 4..6);
    }
}
