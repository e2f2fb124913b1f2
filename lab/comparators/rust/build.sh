#!/bin/sh
# Builds the short form four times, with different integers, C library and malloc:
# target/comparators/short-form-{num-bigint,num-bigint-musl,num-bigint-musl-dlmalloc,dashu}
#
#   lab/comparators/rust/build.sh [--published]     the two builds of meter/matrices/published.toml only
set -eu
cd "$(dirname "$0")"
export CARGO_TARGET_DIR="$PWD/../../../target/comparators"
machine=$(uname -m)

# build NAME FOLDER OPTION...
build() {
    name=$1 folder=$2
    shift 2
    cargo build --quiet --locked --profile plain --no-default-features "$@"
    cp "$CARGO_TARGET_DIR/$folder/plain/short-form" "$CARGO_TARGET_DIR/short-form-$name"
}

build num-bigint . --features num-bigint
build dashu . --features dashu
if [ "${1:-}" != "--published" ]; then
    musl=$machine-unknown-linux-musl
    build num-bigint-musl "$musl" --target "$musl" --features num-bigint
    build num-bigint-musl-dlmalloc "$musl" --target "$musl" --features num-bigint,dlmalloc
fi
ls -l "$CARGO_TARGET_DIR"/short-form-*
