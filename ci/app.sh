#!/usr/bin/env bash
# The observatory (app/) on one machine: its functions, and ministack in the place of AWS.
#
#   ci/app.sh lint             the SAM template, its expanded form, and checkov's rules
#   ci/app.sh test [EVENTS]    the stack from end to end, with EVENTS (10000) measurements through faults; beside
#                              it the policies, the variants, a restart, and other people's DynamoDB
#   ci/app.sh serve            starts the stack, prints its URL and a token, and runs until Ctrl-C
#
# Everything binds to 127.0.0.1. The functions are development builds, which tests share.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

python=$TOOLS/venv/ministack/bin/python
folder=$ROOT/target/app
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1

build() {
    development_builds
    cp target/debug/examples/flood target/debug/flood
}

beside() {
    "$python" app/tests/strict.py target/debug "$folder"
    "$python" app/tests/opinions.py target/debug "$TOOLS" "$folder"
}

lint() {
    ci/tools.sh app lint sam
    (cd app && sam validate --lint)
    "$python" app/tests/expand.py app/template.yaml code >"$folder/expanded.json"
    # The transform writes a Sub without a variable for the region's layer policy.
    cfn-lint --ignore-checks W1020 -- "$folder/expanded.json"
    (cd app && checkov --file template.yaml --config-file .checkov.yaml)
}

mkdir -p "$folder"
case ${1-} in
lint) lint ;;
test)
    ci/tools.sh app states dynalite
    build
    # Both wait most of the time.
    beside >"$folder/beside.log" 2>&1 &
    "$python" app/tests/end_to_end.py target/debug "$folder" --events "${2:-10000}"
    wait $! || die "$(tail -n 20 "$folder/beside.log")"
    cat "$folder/beside.log"
    ;;
serve)
    ci/tools.sh app
    build
    exec "$python" app/tests/serve.py target/debug "$folder"
    ;;
*) usage ;;
esac
