#!/usr/bin/env bash
# Builds by the plain commands that a person would type, and runs what they built:
#
#   ci/plain.sh [release|musl|lambda|install]...     all of them without an argument
#
#   release    cargo build --release
#   musl       cargo build --release --target HOST-unknown-linux-musl --package pi-spigot-lambda
#   lambda     cargo lambda build --release
#   install    cargo install --path cli
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

host=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run_bootstrap PROGRAM: ten digits through the function and a runtime API.
run_bootstrap() {
    target/debug/lambda-meter invoke --binary "$1" --event events/digits-10.json | tee "$work/answer" >&2
    grep -q '"pi": *"3.141592653"' "$work/answer" || die "$1 did not answer with ten digits"
}

# run_pi PROGRAM: prints ten digits.
run_pi() {
    [ "$("$1" 10)" = 3.141592653 ] || die "$1 10 did not print 3.141592653"
}

release() {
    cargo build --locked --release
    run_pi target/release/pi
    run_bootstrap target/release/bootstrap
}

musl() {
    ci/tools.sh targets
    cargo build --locked --release --target "$host-unknown-linux-musl" --package pi-spigot-lambda
    run_bootstrap "target/$host-unknown-linux-musl/release/bootstrap"
}

lambda() {
    ci/tools.sh lambda
    # cargo-lambda has no --locked. Its linker is zig, beside it in its environment.
    PATH=$TOOLS/venv/cargo-lambda/bin:$PATH cargo lambda build --release --package pi-spigot-lambda
    run_bootstrap target/lambda/bootstrap/bootstrap
}

install() {
    cargo install --locked --path cli --root "$work"
    run_pi "$work/bin/pi"
}

[ $# -gt 0 ] || set -- release musl lambda install
development_builds
for way in "$@"; do
    case $way in
    release | musl | lambda | install) ;;
    *) die "unknown build '$way'; one of: release musl lambda install" ;;
    esac
    say "== $way"
    "$way"
done
say "all of it built and ran: $*"
