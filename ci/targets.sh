#!/usr/bin/env bash
# Checks the library, without a warning, for systems that people use it on, and runs its tests on
# 32-bit x86. Adds the targets' standard libraries by rustup.
#
# usage: ci/targets.sh [check | test]   both without an argument
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

CHECKED=(
    aarch64-apple-darwin
    aarch64-unknown-linux-gnu
    i686-unknown-linux-gnu
    i686-unknown-linux-musl
    riscv64gc-unknown-linux-gnu
    wasm32-unknown-unknown
    x86_64-apple-darwin
    x86_64-pc-windows-gnu
)
# Static, so that any x86-64 Linux runs it; linked by the linker that comes with Rust.
TESTED=i686-unknown-linux-musl

# printed_for FEATURES TARGET_OPTION...: prints warnings and errors of the library; fails if it does not compile.
printed_for() { cargo check --quiet --locked --package pi-spigot --lib "$@" 2>&1; }

# All targets in one command, which uses all cores; where something is printed, one after the other, to name the target.
check_all() {
    local features target output
    for features in --no-default-features --all-features; do
        say "check $features for ${CHECKED[*]}"
        if output=$(printed_for "$features" "${CHECKED[@]/#/--target=}") && [ -z "$output" ]; then continue; fi
        for target in "${CHECKED[@]}"; do
            output=$(printed_for "$features" "--target=$target") ||
                die "the library does not compile for $target: $output"
            [ -z "$output" ] || die "the library compiles with warnings for $target: $output"
        done
        die "the library compiles for each target alone, but not for all at once"
    done
}

run_tests() {
    say "test $TESTED"
    # A dependency of criterion is in C: any x86 compiler will do, without the headers of a 32-bit libc.
    CC_i686_unknown_linux_musl=cc CFLAGS_i686_unknown_linux_musl=-ffreestanding \
        CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
        cargo test --quiet --locked --package pi-spigot --lib --test engine --target "$TESTED"
}

rustup target add --toolchain "$(rustup show active-toolchain | cut -d' ' -f1)" "${CHECKED[@]}" ||
    die "rustup cannot add the targets ${CHECKED[*]}: it needs access to Rust's servers"
case "${1:-all}" in
    check) check_all ;;
    test) run_tests ;;
    all) check_all && run_tests ;;
    *) die "ci/targets.sh takes check, test or nothing, not $1" ;;
esac
