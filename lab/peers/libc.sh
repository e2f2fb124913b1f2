#!/usr/bin/env bash
# CPU time of the spigot in a static musl build against the well-known short program in a glibc build.
#
#   lab/peers/libc.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
musl=$(uname -m)-unknown-linux-musl

ci/tools.sh targets gmp
cargo build --locked --release --target "$musl" --package pi-spigot-cli
(cd lab && cargo build --locked --profile plain --package pi-spigot-peers --bin short_form)
python3 benches/pair.py --runs 11 "target/$musl/release/pi 10_000 --algorithm gibbons" "target/lab/plain/short_form 10000"
