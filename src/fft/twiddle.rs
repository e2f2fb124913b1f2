//! Roots of unity, in the order in which the transform uses them.
//!
//! The ring is `C[x] / (x^M - i)`. A node of the tree stands for a factor
//! `x^(2H) - e^(2 pi i phi)`, which splits into `x^H - w` and `x^H + w` with
//! `w = e^(pi i phi)`; so the children have the angles `phi/2` and
//! `(phi + 1)/2`, and the right child's twiddle is `i` times the left one's.
//! The root has `phi = 1/4`, so no twiddle is 1 or i, and one butterfly serves all nodes. Tables hold
//! twiddles in the [`Form`] of a level's [`butterfly`](super::butterfly).
//!
//! A length `R 2^k` starts with a split into `R` trees; their nodes of depth
//! `d` have the numbers `s 2^d ..` for tree `s`, so that the children of node
//! `n` are always `2n` and `2n + 1` one level down.

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::cpu::{Lanes, Level, Simd, Task};
use crate::memory::Buffer;

/// The odd parts of transform lengths.
pub(super) const RADICES: [usize; 6] = [1, 3, 5, 7, 9, 15];

const DEPTHS: usize = 32;

/// The numbers of a node, by which a pass over its block multiplies.
///
/// Plain form: `(cos, sin)` of the node (1), of its left child (2), and of their product, which is the cube
/// of the child's.
///
/// Tangent form: `(cos, tan)` for three levels below a node: of the node (1), its left child (2), its
/// leftmost grandchild (4) and its third grandchild (6); the others are `i` times these. Then the ratio
/// `cos6 / cos4` and the products `cos4 cos1`, `cos2 cos1`, `cos4 cos2`, `cos4 cos2 cos1`, by which the
/// inverse applies its postponed factors. Passes of radix 4 need the first four numbers.
type Node = [f64; 16];

/// The twiddles of all transforms of odd part `radix` in one form.
#[derive(Debug)]
pub(super) struct Forest {
    /// `4 * radix * phi` of each tree.
    roots: Vec<usize>,
    radix: usize,
    form: Form,
    nodes: [OnceLock<Buffer>; DEPTHS],
    leaves: [OnceLock<Buffer>; DEPTHS],
}

impl Forest {
    /// The forest of this odd part and form, shared by all threads and kept for ever.
    pub(super) fn get(radix: usize, form: Form) -> &'static Self {
        // Boxed: the locks would put 37 KB into every binary.
        static ALL: [[OnceLock<Box<Forest>>; 6]; 6] = [const { [const { OnceLock::new() }; 6] }; 6];
        let r = RADICES.iter().position(|&r| r == radix).expect("a known radix");
        let l = form.lanes.trailing_zeros() as usize - 1;
        ALL[r][2 * l + usize::from(form.plain)].get_or_init(|| {
            Box::new(Self {
                roots: roots(radix),
                radix,
                form,
                nodes: [const { OnceLock::new() }; DEPTHS],
                leaves: [const { OnceLock::new() }; DEPTHS],
            })
        })
    }

    /// The nodes of one depth, as much of each as passes of this form need.
    #[inline]
    pub(super) fn nodes(&self, depth: u32) -> &[f64] {
        self.nodes[depth as usize].get_or_init(|| {
            let len = self.form.node_len();
            let mut nodes = Nodes::new(self, depth, len);
            let mut table = Buffer::zeroed((self.roots.len() << depth) * len);
            for (n, part) in table.chunks_exact_mut(len).enumerate() {
                part.copy_from_slice(&nodes.at(n)[..len]);
            }
            table
        })
    }

    /// Per node of this depth, the twiddles of its last levels with one lane
    /// for each of its `lanes` descendants, as vectors in the order of [`Node`].
    #[inline]
    pub(super) fn leaves(&self, depth: u32) -> &[f64] {
        self.leaves[depth as usize].get_or_init(|| {
            let lanes = self.form.lanes;
            let levels = lanes.trailing_zeros();
            let vectors = self.form.leaf_vectors();
            let mut table = Buffer::zeroed((self.roots.len() << depth) * vectors * lanes);
            let mut nodes = Nodes::new(self, depth + levels, vectors);
            for (n, leaf) in table.chunks_exact_mut(vectors * lanes).enumerate() {
                for l in 0..lanes {
                    let node = nodes.at(n * lanes + l);
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

/// The form of twiddles and tables that a level uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    lanes: usize,
    /// `(cos, sin)`, for [`Lanes::SUMS_APART`]; else `(cos, tan)`.
    plain: bool,
}

impl Form {
    /// The form of a level within its code.
    pub(super) const fn of<S: Simd>() -> Self {
        Self { lanes: S::LANES, plain: S::F::SUMS_APART }
    }

    /// The form of a level.
    pub(super) fn at(level: Level) -> Self {
        struct Ask;
        impl Task for Ask {
            type Output = Form;
            #[inline(always)]
            fn run<S: Simd>(self, _: S) -> Form {
                Form::of::<S>()
            }
        }
        level.run(Ask)
    }

    /// Vectors in the table of one leaf: as many numbers of a [`Node`] as its last `log2(lanes)` levels need,
    /// without those that few operations compute.
    pub(super) const fn leaf_vectors(self) -> usize {
        match self.lanes {
            8 => 9,
            4 => 4,
            _ => 2,
        }
    }

    /// Numbers of a [`Node`] in the tables: all of them if passes have radix 8, else those of radix 4.
    pub(super) const fn node_len(self) -> usize {
        match self.lanes {
            8 => 16,
            _ if self.plain => 6,
            _ => 4,
        }
    }
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

/// The nodes of one depth.
struct Nodes {
    form: Form,
    node: Turns,
    child: Turns,
    /// Plain form: the cubes of the children's twiddles. A product of two twiddles would have the errors of
    /// both. Else: the grandchildren's twiddles. None if they are not needed.
    others: Option<Turns>,
}

impl Nodes {
    /// The first `count` numbers of each node at least.
    fn new(forest: &Forest, depth: u32, count: usize) -> Self {
        let (form, needed) = (forest.form, count > 4);
        let [generation, exponent] = if form.plain { [1, 3] } else { [2, 1] };
        let turns = |generation, exponent| Turns::new(forest, depth + generation, exponent);
        let others = needed.then(|| turns(generation, exponent));
        Self { form, node: turns(0, 1), child: turns(1, 1), others }
    }

    fn at(&mut self, n: usize) -> Node {
        let (a, b) = (self.node.at(n), self.child.at(2 * n));
        let mut node = [0.0; 16];
        let mut set = |k: usize, (cos, sin)| {
            (node[2 * k], node[2 * k + 1]) = (cos, if self.form.plain { sin } else { sin / cos });
        };
        set(0, a);
        set(1, b);
        match &mut self.others {
            None => {}
            Some(cubes) if self.form.plain => set(2, cubes.at(2 * n)),
            Some(grandchildren) => {
                let [c, d] = [4 * n, 4 * n + 2].map(|n| grandchildren.at(n));
                set(2, c);
                set(3, d);
                let products = [d.0 / c.0, c.0 * a.0, b.0 * a.0, c.0 * b.0, c.0 * b.0 * a.0];
                node[8..13].copy_from_slice(&products);
            }
        }
        node
    }
}

/// Powers of the twiddles of one depth, from a few sines in place of one per node:
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
    /// The powers with this exponent.
    fn new(forest: &Forest, depth: u32, exponent: u32) -> Self {
        let unit = |turn: f64| {
            let (sin, cos) = (PI * f64::from(exponent) * turn).sin_cos();
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

    /// `(cos, sin)` for node `n`.
    fn at(&mut self, n: usize) -> (f64, f64) {
        let upper = n >> self.low;
        if upper != self.upper.0 {
            let high = self.depth - self.low;
            let (s, high) = (upper >> high, upper & ((1 << high) - 1));
            self.upper = (upper, turn(self.base[s], self.high_part[high]));
        }
        let (cos, sin) = turn(self.upper.1, self.low_part[n & ((1 << self.low) - 1)]);
        (cos, sin)
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
