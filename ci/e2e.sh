#!/usr/bin/env bash
# The function end to end, without a container: the real runtime interface emulator
# runs the static `bootstrap`, and the real aws command line invokes it.
#
#   ci/e2e.sh [ARCH[=FOLDER]]...
#
# ARCH is x86_64 or aarch64 (default: both); FOLDER holds its `bootstrap` (default:
# the folder of `make bootstrap-ARCH`). A foreign architecture runs under qemu.
# Needs: ci/tools.sh rie aws qemu
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'stop_all; rm -rf "$work"' EXIT

# Give the emulator both addresses: without them it listens on all interfaces.
start_emulator() {
    local arch=$1 bootstrap=$2 front=$3 back=$4 command
    command=("$bootstrap")
    if [ "$arch" != "$(uname -m)" ]; then
        command=("$(command -v "qemu-$arch-static")" "$bootstrap")
    fi
    start "$work/$arch.log" env AWS_LAMBDA_FUNCTION_TIMEOUT=240 "$(rie "$(uname -m)")" \
        --runtime-interface-emulator-address "127.0.0.1:$front" \
        --runtime-api-address "127.0.0.1:$back" "${command[@]}"
    wait_for 10 port_open "$front"
}

need() {
    local arch=$1 bootstrap=$2
    [ -x "$bootstrap" ] || die "no $bootstrap: make bootstrap-$arch"
    [ -x "$(rie "$(uname -m)")" ] || die "no runtime interface emulator: ci/tools.sh rie"
    have aws || die "no aws command line: ci/tools.sh aws"
    [ "$arch" = "$(uname -m)" ] || have "qemu-$arch-static" || die "no qemu-$arch-static: ci/tools.sh qemu"
}

# A bad event must give a typed error and leave the function ready, so a good event
# follows it.
invocations() {
    local arch=$1 port=$2 events=$ROOT/events
    check "$arch: 10_000 digits" answers "$port" "$events/digits-10000.json" digits 10000 "$PI_10000"
    check "$arch: digits of 0 are an error" answers "$port" "$work/zero.json" error InvalidDigits
    check "$arch: digest of 10000, right after the error" \
        answers "$port" "$events/digest-10000.json" digest 10000 "$PI_10000"
}

test_arch() {
    local arch=${1%%=*} folder=$ROOT/target/${1%%=*}-unknown-linux-musl/release ports
    [[ $1 != *=* ]] || folder=${1#*=}
    case $arch in x86_64 | aarch64) ;; *) die "unknown architecture '$arch': x86_64 or aarch64" ;; esac
    need "$arch" "$folder/bootstrap"
    folder=$(cd "$folder" && pwd)
    read -r -a ports <<<"$(free_ports 2)"
    check "$arch: the emulator starts" start_emulator "$arch" "$folder/bootstrap" "${ports[@]}"
    invocations "$arch" "${ports[0]}"
    stop_all
}

main() {
    local arch before=$failed
    echo '{"digits": 0}' >"$work/zero.json"
    [ $# -gt 0 ] || set -- x86_64 aarch64
    for arch in "$@"; do
        test_arch "$arch"
        if [ "$failed" -gt "$before" ]; then
            say "log of the emulator:"
            tail -n 40 "$work/${arch%%=*}.log" >&2
            before=$failed
        fi
    done
    summary
}

main "$@"
