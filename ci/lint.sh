#!/usr/bin/env bash
# Formatting, clippy and documentation of the products and of the lab; every warning is an error.
#
# Clippy leaves out two packages of the lab: pi-spigot-peers compiles GMP, and libFuzzer's targets
# want a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
set -x

cargo fmt --all --check
cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps --all-features
cd lab
cargo fmt --all --check
cargo clippy --locked --workspace --exclude pi-spigot-peers --all-targets -- -D warnings
