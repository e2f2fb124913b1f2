#!/usr/bin/env bash
# Both tables of lab/peers/, with what the build needs checked first:
#
#   lab/peers/bench.sh [options of pi-spigot-peers]
set -euo pipefail

missing=()
for program in cc make m4; do
    command -v "$program" >/dev/null || missing+=("${program/#cc/gcc}")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "make bench-peers builds GMP from source and needs: apt-get install ${missing[*]}" >&2
    exit 1
fi
exec cargo run --release --quiet --locked --manifest-path "$(dirname "$0")/../Cargo.toml" \
    --package pi-spigot-peers --bin pi-spigot-peers -- "$@"
