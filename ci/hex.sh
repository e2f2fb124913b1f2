#!/usr/bin/env bash
# Runs the state machine of hexadecimal digits (app/hex) on real interpreters of the Amazon States
# Language, with the function behind them:
#
#   ci/hex.sh [PROGRAM [POSITION]]   the function's executable, by default a development build;
#                                    digits from 1e6 (1e7, 1e8, 1e9) on
#
# moto's interpreter calls `lambda-meter serve`, ministack's starts the function itself, in a stack of
# app/template.yaml with Hex=yes. A run with faults has parts that fail, die, are throttled, come late and
# run twice, and a stop in its middle. `lambda-meter hex` drives the parts itself, then the state machine.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -le 2 ] || usage
cd "$ROOT"
meter=target/debug/lambda-meter
if [ $# -gt 0 ]; then
    # Nothing but the client.
    program=$(realpath "$1")
    cargo build --quiet --locked --package lambda-meter --features aws
else
    program=target/debug/bootstrap
    development_builds
fi
position=${2:-1e6}
logs=$(mktemp -d)
trap 'stop_all; rm -rf "$logs"' EXIT

# python EMULATOR ARGUMENT...: runs app/hex/run.py with the packages of an emulator.
python() {
    PYTHONDONTWRITEBYTECODE=1 "$TOOLS/venv/$1/bin/python" "$ROOT/app/hex/run.py" "${@:2}" | tee -a "$logs/proofs" && stop_all
}

# emulated: starts the function and moto; sets the ports.
emulated() {
    local ports
    ports=$(free_ports 2)
    read -r front moto <<<"$ports"
    # The port in the log of the check before is another one.
    : >"$logs/serve"
    start "$logs/serve" "$meter" serve --binary "$program" --memory 1769 --timeout 900 --function-name pi-hex --port 0
    MOTO_PORT=$front start "$logs/moto" "$TOOLS/venv/moto_server/bin/moto_server" -H 127.0.0.1 -p "$moto"
    wait_for 60 grep -qE 'on http://127\.0\.0\.1:[0-9]+$' "$logs/serve" || die "lambda-meter serve did not start: $(tail -n 1 "$logs/serve")"
    function=$(sed -n 's|.*on http://127.0.0.1:\([0-9]*\)$|\1|p' "$logs/serve" | head -n 1)
    wait_for 60 port_open "$moto" || die "moto did not start: $(tail -n 1 "$logs/moto")"
}

on_moto() {
    emulated
    python moto_server moto "$front" "$moto" "$function" "$position"
}

with_faults() {
    emulated
    python moto_server faults "$front" "$moto" "$function"
}

by_client() {
    emulated
    python moto_server client "$front" "$moto" "$function" "$(realpath "$meter")"
}

on_ministack() {
    local port
    port=$(free_ports 1)
    GATEWAY_PORT=$port BIND_HOST=127.0.0.1 start "$logs/ministack" "$TOOLS/bin/ministack"
    wait_for 60 port_open "$port" || die "ministack did not start: $(tail -n 1 "$logs/ministack")"
    python ministack ministack "$port" "$program" "$position"
}

check "hexadecimal digits from $position on, on moto's interpreter" on_moto
check "on ministack's interpreter" on_ministack
check "by lambda-meter hex: cost, budget, faults, an interrupt, going on; then the state machine" by_client
check "parts that fail, die, are throttled, come late and run twice; a stop; a wrong sum" with_faults
cat "$logs/proofs"
summary
