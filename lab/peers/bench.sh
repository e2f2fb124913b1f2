#!/usr/bin/env bash
# Prints the tables of lab/peers; installs the compiler of GMP.
#
#   lab/peers/bench.sh [OPTION OF pi-spigot-peers]...
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

"$root/ci/tools.sh" gmp
exec cargo run --release --quiet --locked --manifest-path "$root/lab/Cargo.toml" --target-dir "$root/target/lab" \
    --package pi-spigot-peers --bin pi-spigot-peers -- "$@"
