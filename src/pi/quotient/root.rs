//! The inverse root of a series, extended from round to round.

use crate::bigint::sqrt::{inverse_sqrt, refine};
use crate::memory::Limbs;

/// `1 / sqrt(radicand)` to `limbs` limbs, from a root of fewer limbs if there is one.
pub(in crate::pi) fn extended_root(old: &[u64], radicand: u64, limbs: usize) -> Limbs {
    // Below three limbs half of them and a guard is no progress.
    if old.len() < 4 {
        return inverse_sqrt(&[radicand], limbs);
    }
    // Halve the precision until the old root has enough of it.
    let mut path = vec![limbs];
    while path[path.len() - 1] / 2 + 1 > old.len() - 1 {
        path.push(path[path.len() - 1] / 2 + 1);
    }
    let needed = path[path.len() - 1] / 2 + 1;
    let mut root = Limbs::from(&old[old.len() - 1 - needed..]);
    for &n in path.iter().rev() {
        root = refine(&root, &[radicand], n);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_grow_from_shorter_ones() {
        let whole = inverse_sqrt(&[10_005 << 50], 333);
        for from in [1, 2, 3, 20, 100, 166, 167, 168, 332] {
            let old = inverse_sqrt(&[10_005 << 50], from);
            let root = extended_root(&old, 10_005 << 50, 333);
            assert_eq!(root[1..], whole[1..], "from {from}");
        }
    }
}
