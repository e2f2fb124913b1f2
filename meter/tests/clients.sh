#!/usr/bin/env bash
# The real clients against `lambda-meter serve`: aws CLI, boto3, cargo lambda.
#
#   meter/tests/clients.sh [FOLDER]
#
# FOLDER holds lambda-meter and examples/fixture (default: target/debug, which is built first).
# What is not installed is named at the end, and fails unless CLIENTS_OPTIONAL=1: a client that
# was not tried must not look like one that works. ci/tools.sh aws lambda installs them.
set -euo pipefail

# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"
folder=${1:-}
if [ -z "$folder" ]; then
    development_builds
    folder=${CARGO_TARGET_DIR:-target}/debug
fi

export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_PAGER=
unset AWS_PROFILE AWS_ENDPOINT_URL AWS_SESSION_TOKEN 2>/dev/null || true

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill -INT "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" || true
    rm -rf "$work"
}
trap finish EXIT

missing=
absent() {
    missing="$missing $1"
    echo "MISSING  $1: $2"
}

"$folder/lambda-meter" serve --binary "$folder/examples/fixture" --port 0 --concurrency 1 --memory 1769 \
    2>"$work/log" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/.* on \(http:[^ ]*\)$/\1/p;q' "$work/log")
    [ -z "$url" ] || break
    sleep 0.1
done
[ -n "$url" ] || { cat "$work/log"; exit 1; }
sed -n 2p "$work/log"

# event MODE: a file with the event for one of the fixture's modes.
event() { printf '{"mode":"%s"}' "$1" >"$work/$1.json"; echo "fileb://$work/$1.json"; }

# --- aws --------------------------------------------------------------------

invoke() {
    local mode=$1
    shift
    aws lambda invoke --endpoint-url "$url" --function-name fixture --payload "$(event "$mode")" "$@" \
        "$work/response" >"$work/metadata"
}
aws_answers() {
    invoke echo --log-type Tail
    grep -q '{"mode":"echo"}' "$work/response"
    grep -q '"StatusCode": 200' "$work/metadata"
    grep -qF "\"ExecutedVersion\": \"\$LATEST\"" "$work/metadata"
    sed -n 's/.*"LogResult": "\([^"]*\)".*/\1/p' "$work/metadata" | base64 -d | grep 'REPORT RequestId: '
}
aws_fails() {
    invoke error
    grep -q '"FunctionError": "Unhandled"' "$work/metadata"
    grep -q Fixture.Error "$work/response"
}
aws_is_refused() {
    if aws lambda invoke --endpoint-url "$url" --function-name other "$work/response" 2>"$work/refusal"; then
        return 1
    fi
    grep -q ResourceNotFoundException "$work/refusal"
}
aws_does_not_wait() {
    invoke echo --invocation-type Event
    grep -q '"StatusCode": 202' "$work/metadata"
    invoke echo --invocation-type DryRun
    grep -q '"StatusCode": 204' "$work/metadata"
}
aws_is_throttled() {
    local starts status
    starts=$(grep -c START "$work/log")
    invoke slow &
    # Until it has been taken.
    for _ in $(seq 200); do
        [ "$(grep -c START "$work/log")" -eq "$starts" ] || break
        sleep 0.05
    done
    status=$(curl -sS -o "$work/refusal" -w '%{http_code}' "$url/2015-03-31/functions/fixture/invocations" -d '{}')
    wait $!
    [ "$status" = 429 ]
    grep -q ReservedFunctionConcurrentInvocationLimitExceeded "$work/refusal"
}
if aws --version >"$work/version" 2>&1; then
    cat "$work/version"
    check "aws: response, version and log" aws_answers
    check "aws: an error of the function" aws_fails
    check "aws: another function is not found" aws_is_refused
    check "aws: Event and DryRun" aws_does_not_wait
    check "aws and curl: the second at once is throttled" aws_is_throttled
else
    absent aws "ci/tools.sh aws"
fi

# --- boto3 ------------------------------------------------------------------

python=python3
if ! $python -c 'import boto3' 2>/dev/null; then
    python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q boto3 && python=$work/venv/bin/python
fi >"$work/pip" 2>&1
if $python -c 'import boto3; print("boto3", boto3.__version__)'; then
    check "boto3: invoke and invoke_with_response_stream" "$python" meter/tests/clients.py "$url"
else
    absent boto3 "python3 -m pip install boto3"
fi

# --- cargo lambda -----------------------------------------------------------

cargo_lambda_answers() {
    cargo-lambda lambda invoke --invoke-address 127.0.0.1 --invoke-port "${url##*:}" \
        --data-ascii '{"mode":"echo"}' fixture >"$work/response"
    grep -q '"mode": *"echo"' "$work/response"
}
if command -v cargo-lambda >/dev/null; then
    check "cargo lambda invoke" cargo_lambda_answers
else
    absent cargo-lambda "ci/tools.sh lambda"
fi

[ -z "$missing" ] || echo "NOT TRIED:$missing"
summary
[ -z "$missing" ] || [ "${CLIENTS_OPTIONAL:-}" = 1 ]
