#!/usr/bin/env bash
# Compiles the workspace with the oldest Rust that Cargo.toml promises (`rust-version`).
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
[[ $version == *.*.* ]] || version=$version.0
rustup toolchain list | grep -q "^$version-" || rustup toolchain install "$version" --profile minimal
RUSTUP_TOOLCHAIN=$version cargo check --locked --workspace --all-features
