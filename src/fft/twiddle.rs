//! Roots of unity, in the order in which the transform uses them.
//!
//! The ring is `C[x] / (x^M - i)`. A node of the tree stands for a factor
//! `x^(2H) - e^(2 pi i phi)`, which splits into `x^H - w` and `x^H + w` with
//! `w = e^(pi i phi)`; so the children have the angles `phi/2` and
//! `(phi + 1)/2`, and the right child's twiddle is `i` times the left one's.
//! The root has `phi = 1/4`, so no twiddle is 1 or i, and one butterfly serves all nodes. Tables hold a
//! twiddle as `(cos, tan)`: `lo +- w hi` then takes six fused multiply-adds.
//!
//! A length `R 2^k` starts with a split into `R` trees; their nodes of depth
//! `d` have the numbers `s 2^d ..` for tree `s`, so that the children of node
//! `n` are always `2n` and `2n + 1` one level down.

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::memory::Buffer;

/// The odd parts of transform lengths.
pub(super) const RADICES: [usize; 6] = [1, 3, 5, 7, 9, 15];

const DEPTHS: usize = 32;

/// `(cos, tan)` for three levels below a node: of the node (1), its left child
/// (2), its leftmost grandchild (4) and its third grandchild (6); the others
/// are `i` times these. Then the ratio `cos6 / cos4` and the products
/// `cos4 cos1`, `cos2 cos1`, `cos4 cos2`, `cos4 cos2 cos1`, by which the
/// inverse applies its postponed factors. Passes of radix 4 need the first four numbers.
type Node = [f64; 16];

fn node([a, b, c, d]: [(f64, f64); 4]) -> Node {
    let products = [d.0 / c.0, c.0 * a.0, b.0 * a.0, c.0 * b.0, c.0 * b.0 * a.0];
    let mut node = [0.0; 16];
    node[..8].copy_from_slice(&[a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1]);
    node[8..13].copy_from_slice(&products);
    node
}

/// The twiddles of all transforms of odd part `radix` for one vector length.
#[derive(Debug)]
pub(super) struct Forest {
    /// `4 * radix * phi` of each tree.
    roots: Vec<usize>,
    radix: usize,
    lanes: usize,
    nodes: [OnceLock<Buffer>; DEPTHS],
    leaves: [OnceLock<Buffer>; DEPTHS],
}

impl Forest {
    /// The forest of this odd part and vector length, shared by all threads and kept for ever.
    pub(super) fn get(radix: usize, lanes: usize) -> &'static Self {
        // Boxed: the locks would put 37 KB into every binary.
        static ALL: [OnceLock<Box<Forest>>; 18] = [const { OnceLock::new() }; 18];
        let r = RADICES.iter().position(|&r| r == radix).expect("a known radix");
        let l = lanes.trailing_zeros() as usize - 1;
        ALL[3 * r + l].get_or_init(|| {
            Box::new(Self {
                roots: roots(radix),
                radix,
                lanes,
                nodes: [const { OnceLock::new() }; DEPTHS],
                leaves: [const { OnceLock::new() }; DEPTHS],
            })
        })
    }

    /// The nodes of one depth, as much of each as passes of this vector length need.
    #[inline]
    pub(super) fn nodes(&self, depth: u32) -> &[f64] {
        self.nodes[depth as usize].get_or_init(|| {
            let [mut t, mut u, mut v] = [0, 1, 2].map(|k| Turns::new(self, depth + k));
            let len = node_len(self.lanes);
            let mut table = Buffer::zeroed((self.roots.len() << depth) * len);
            for (n, part) in table.chunks_exact_mut(len).enumerate() {
                let node = node([t.at(n), u.at(2 * n), v.at(4 * n), v.at(4 * n + 2)]);
                part.copy_from_slice(&node[..len]);
            }
            table
        })
    }

    /// Per node of this depth, the twiddles of its last levels with one lane
    /// for each of its `lanes` descendants, as vectors in the order of [`Node`].
    #[inline]
    pub(super) fn leaves(&self, depth: u32) -> &[f64] {
        self.leaves[depth as usize].get_or_init(|| {
            let levels = self.lanes.trailing_zeros();
            let lanes = self.lanes;
            let vectors = leaf_vectors(lanes);
            let mut table = Buffer::zeroed((self.roots.len() << depth) * vectors * lanes);
            let [mut t, mut u, mut v] = [0, 1, 2].map(|k| Turns::new(self, depth + levels + k));
            for (n, leaf) in table.chunks_exact_mut(vectors * lanes).enumerate() {
                for l in 0..lanes {
                    let n = n * lanes + l;
                    let node = node([t.at(n), u.at(2 * n), v.at(4 * n), v.at(4 * n + 2)]);
                    for (k, &x) in node.iter().take(vectors).enumerate() {
                        leaf[k * lanes + l] = x;
                    }
                }
            }
            table
        })
    }

    /// `4 * radix * phi` of tree `s`.
    pub(super) fn root(&self, s: usize) -> usize {
        self.roots[s]
    }
}

/// Vectors in the table of one leaf: as many numbers of a [`Node`] as its last
/// `log2(lanes)` levels need.
pub(super) const fn leaf_vectors(lanes: usize) -> usize {
    match lanes {
        8 => 9,
        4 => 4,
        _ => 2,
    }
}

/// Numbers of a [`Node`] in the tables: all of them if passes have radix 8, else the first four.
pub(super) const fn node_len(lanes: usize) -> usize {
    if lanes == 8 { 16 } else { 4 }
}

/// `4 * radix * phi` of the trees, in the order in which the odd passes leave them.
/// The first pass starts at a child whose angle is 1/4 or 3/4, so that its
/// own twiddles are powers of `i` or `-i`.
fn roots(radix: usize) -> Vec<usize> {
    match radix {
        1 => vec![1],
        3 | 7 => (0..radix).map(|s| (3 * radix + 4 * s) % (4 * radix)).collect(),
        5 => (0..5).map(|s| (5 + 4 * s) % 20).collect(),
        9 => (0..9).map(|s| (9 + 4 * (s / 3)) % 12 + 12 * (s % 3)).collect(),
        15 => (0..15).map(|s| (5 + 4 * (s / 3)) % 20 + 20 * (s % 3)).collect(),
        _ => unreachable!("a known radix"),
    }
}

/// The twiddles of one depth, from a few sines in place of one per node:
/// `phi = phi_s / 2^d + sum of b_j / 2^(j+1)` over the bits `b_j` of the
/// node's number within its tree, split into a low and a high half.
struct Turns {
    depth: u32,
    low: u32,
    /// The last upper part of a node's number, and the turn of tree and high half: neighbours share it.
    upper: (usize, (f64, f64)),
    base: Vec<(f64, f64)>,
    high_part: Vec<(f64, f64)>,
    low_part: Vec<(f64, f64)>,
}

impl Turns {
    fn new(forest: &Forest, depth: u32) -> Self {
        let unit = |turn: f64| {
            let (sin, cos) = (PI * turn).sin_cos();
            (cos, sin)
        };
        let low = depth / 2;
        let scale = (1u64 << depth) as f64 * 4.0 * forest.radix as f64;
        Self {
            depth,
            low,
            upper: (usize::MAX, (1.0, 0.0)),
            base: forest.roots.iter().map(|&r| unit(r as f64 / scale)).collect(),
            high_part: (0..1usize << (depth - low))
                .map(|k| unit(reversed(k, depth - low) / (1u64 << low) as f64))
                .collect(),
            low_part: (0..1usize << low).map(|k| unit(reversed(k, low))).collect(),
        }
    }

    /// `(cos, tan)` of node `n`.
    fn at(&mut self, n: usize) -> (f64, f64) {
        let upper = n >> self.low;
        if upper != self.upper.0 {
            let high = self.depth - self.low;
            let (s, high) = (upper >> high, upper & ((1 << high) - 1));
            self.upper = (upper, turn(self.base[s], self.high_part[high]));
        }
        let (cos, sin) = turn(self.upper.1, self.low_part[n & ((1 << self.low) - 1)]);
        (cos, sin / cos)
    }
}

fn turn(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// The bits of `k` reversed, as a fraction in [0, 1).
fn reversed(k: usize, bits: u32) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let r = (k as u64).reverse_bits() >> (64 - bits);
    r as f64 / (1u64 << bits) as f64
}
