#!/usr/bin/env bash
# The observatory (app/) on one machine: its functions, and ministack in the place of AWS.
#
#   ci/app.sh lint             the SAM templates, their expanded forms, checkov's rules, the folders of `sam build`, and
#                              `sam deploy --guided` without Docker
#   ci/app.sh test [EVENTS]    the stack from end to end, with EVENTS (10000) measurements through faults; beside
#                              it the policies, the variants, a restart, other people's DynamoDB, and the
#                              application served by lambda-meter alone
#   ci/app.sh build            `sam build` with the programs as they are deployed: architecture, size and a start of each
#   ci/app.sh cost             cold starts, memory and cost of the functions as they are deployed, and requests with
#                              and without the authorizer, for this machine
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
    "$python" app/tests/local.py target/debug "$folder"
}

# lint_template FOLDER
lint_template() {
    local expanded=$folder/${1//\//-}-expanded.json
    (cd "$1" && sam validate --lint)
    "$python" app/tests/expand.py "$1/template.yaml" code >"$expanded"
    # The transform writes a Sub without a variable for the region's layer policy.
    cfn-lint --ignore-checks W1020 -- "$expanded"
    checkov --file "$1/template.yaml" --config-file app/.checkov.yaml
}

lint() {
    ci/tools.sh app lint sam
    # Side by side: each uses one core.
    lint_template app/hex >"$folder/hex-lint.log" 2>&1 &
    lint_template app
    wait $! || die "$(cat "$folder/hex-lint.log")"
    cat "$folder/hex-lint.log"
    sam_build
    "$python" app/tests/guided.py "$TOOLS/bin/sam" "$folder/sam/build" "$folder"
}

# Every function and layer gets its program by app/Makefile: here a script that names package and architecture.
sam_build() {
    local place=$folder/sam
    rm -rf "$place"
    mkdir -p "$place/programs"
    cat >"$place/build.sh" <<'SH'
#!/bin/sh
set -eu
release=${5:-$PROGRAMS}/$1-unknown-linux-musl/release
mkdir -p "$release"
for program in bootstrap recorder api authorizer consumer pi-telemetry; do echo "$PACKAGE $1${3:+ $3}" >"$release/$program"; done
SH
    chmod +x "$place/build.sh"
    (cd app && BUILD=$place/build.sh PROGRAMS=$place/programs sam build --build-dir "$place/build" --no-cached) \
        >"$place/log" 2>&1 || die "sam build failed: $(tail -n 5 "$place/log")"
    diff - <(cd "$place/build" && grep -r . --include=bootstrap --include=pi-telemetry | sort) <<'TEXT'
Api/bootstrap:pi-observatory-api aarch64
Authorizer/bootstrap:pi-observatory-authorizer aarch64
Consumer/bootstrap:pi-observatory-consumer aarch64
Hexadecimal/FunctionArm64/bootstrap:pi-spigot-lambda aarch64 hex
Hexadecimal/FunctionX86/bootstrap:pi-spigot-lambda x86_64 hex
PiArm64/bootstrap:pi-spigot-lambda aarch64
PiX86/bootstrap:pi-spigot-lambda x86_64
Recorder/bootstrap:pi-observatory-recorder aarch64
TelemetryArm64/extensions/pi-telemetry:pi-telemetry aarch64
TelemetryX86/extensions/pi-telemetry:pi-telemetry x86_64
TEXT
}

# Fat LTO takes minutes for each program that has changed.
release_build() {
    local place=$folder/sam-release log=$folder/sam-release.log
    rm -rf "$place"
    (cd app && sam build --build-dir "$place" --no-cached) >"$log" 2>&1 ||
        die "sam build failed: $(tail -n 5 "$log") (all of it: ${log#"$ROOT/"})"
    "$python" app/tests/starts.py target/debug/lambda-meter "$place"
}

mkdir -p "$folder"
case ${1-} in
lint) lint ;;
build)
    ci/tools.sh app targets cross qemu sam
    build
    release_build
    ;;
test)
    ci/tools.sh app states dynalite
    build
    # Both wait most of the time.
    beside >"$folder/beside.log" 2>&1 &
    trap 'kill "$(jobs -p)" 2>/dev/null || true' EXIT
    "$python" app/tests/end_to_end.py target/debug "$folder" --events "${2:-10000}"
    wait $! || die "$(tail -n 20 "$folder/beside.log")"
    cat "$folder/beside.log"
    ;;
cost)
    ci/tools.sh app targets
    build
    for function in authorizer consumer api recorder; do
        PACKAGE=pi-observatory-$function deploy/build.sh "$(uname -m)"
    done
    mkdir -p "$folder/cost"
    programs=target/$(uname -m)-unknown-linux-musl/release
    "$python" app/tests/cost.py target/debug "$folder/cost" "$programs"
    "$python" app/tests/guarded.py target/debug "$folder/cost" "$programs"
    ;;
serve)
    ci/tools.sh app
    build
    exec "$python" app/tests/serve.py target/debug "$folder"
    ;;
*) usage ;;
esac
