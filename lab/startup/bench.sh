#!/usr/bin/env bash
# Init, warm overhead and first bytes: the function, a client that does nothing else, lambda_runtime.
#
#   lab/startup/bench.sh BOOTSTRAP [OPTION OF THE BENCH]...
#
# Fails if the function exceeds the limits of docs/runtime.md.
set -euo pipefail
bootstrap=$(realpath "${1:?usage: lab/startup/bench.sh BOOTSTRAP}")
shift
cd "$(dirname "$0")/../.."
target=$PWD/target

# The floor needs no crate, so compile it as small as the function without cargo.
rustc --edition 2024 -Copt-level=3 -Clto=fat -Ccodegen-units=1 -Cstrip=symbols -Clinker=rust-lld \
    -Crelocation-model=static --target "$(uname -m)-unknown-linux-musl" meter/examples/floor.rs -o "$target/floor"
(cd lab && cargo build --locked --profile plain --package stock)
cargo bench --locked --package lambda-meter --bench startup -- \
    --floor "$target/floor" --function "$bootstrap" \
    --other lambda_runtime="$target/lab/plain/whole" \
    --stream function="$bootstrap" --stream lambda_runtime="$target/lab/plain/stream" \
    --max-init 1.5 --max-warm 1.8 --max-rss 2.5 "$@"
