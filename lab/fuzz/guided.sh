#!/usr/bin/env bash
# Runs each fuzz target under libFuzzer, a minute each by default.
#
#   lab/fuzz/guided.sh [SECONDS]
#
# Needs the nightly toolchain, a C++ compiler and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")"

command -v cargo-fuzz >/dev/null || {
    echo "lab/fuzz/guided.sh: no cargo-fuzz: cargo install --locked cargo-fuzz" >&2
    exit 1
}
for target in integers events; do
    RUSTUP_TOOLCHAIN=nightly cargo fuzz run "$target" --features libfuzzer --fuzz-dir . -- -max_total_time="${1:-60}"
done
