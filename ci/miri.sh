#!/usr/bin/env bash
# Unsafe memory and the safe floors above it under Miri: undefined behaviour is an error.
#
#   ci/miri.sh [FILTER OF TESTS]...
#
# Needs the nightly toolchain with miri and rust-src. The default filters take seven to ten minutes of
# one core; PI_SIMD=scalar keeps to code without vendor intrinsics, which Miri does not know.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- memory::block memory::tests::a_buffer memory::columns \
    cpu::tests::balanced cpu::tests::rows cpu::level bigint::limbs bigint::div::exact bigint::integer \
    bigint::natural::tests::laws bigint::natural::root::tests::square bigint::natural::text::tests::what \
    bigint::mul::wraparound::tests::residues bigint::parallel pi::algorithm pi::count pi::stream::round::tests::guard
cargo +nightly miri --version >/dev/null || {
    echo "ci/miri.sh: no Miri: rustup toolchain install nightly --component miri,rust-src" >&2
    exit 1
}
export PI_SIMD=scalar PROPTEST_CASES=2 MIRIFLAGS=-Zmiri-disable-isolation
tests=(cargo +nightly miri test --locked --package pi-spigot --lib --)
names=$("${tests[@]}" --list)
for filter in "$@"; do
    grep -qF "$filter" <<<"$names" || {
        echo "ci/miri.sh: no test has '$filter' in its name: see cargo test --package pi-spigot --lib -- --list" >&2
        exit 1
    }
done
exec "${tests[@]}" "$@"
