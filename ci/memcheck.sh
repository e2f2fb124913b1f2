#!/usr/bin/env bash
# Unsafe code under valgrind's memcheck, which knows vector instructions up to AVX2: bounds and reads of
# memory that nobody has written, in memory's blocks and in the lanes of each level. Miri knows neither.
#
#   ci/memcheck.sh [FILTER OF TESTS]...
#
# Needs valgrind (apt-get install valgrind). The default filters take two minutes of one core.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

have valgrind || die "no valgrind: apt-get install valgrind"
[ $# -gt 0 ] || set -- memory::block memory::columns memory::tests cpu::
# The line of cargo that names the program of the tests.
program=$(cargo test --locked --package pi-spigot --lib --no-run 2>&1 | sed -n 's/.*(\(.*\/pi_spigot-[0-9a-f]*\))$/\1/p')
[ -x "$program" ] || die "cargo names no program of the tests: cargo test --package pi-spigot --lib --no-run"
levels=(baseline)
! grep -qw avx2 /proc/cpuinfo || levels+=(avx2)
for level in "${levels[@]}"; do
    check "memcheck, $level" env PI_SIMD="$level" valgrind --quiet --error-exitcode=9 "$program" --test-threads=1 "$@"
done
summary
