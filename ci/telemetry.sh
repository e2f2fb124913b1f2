#!/usr/bin/env bash
# The extension and the consumer from end to end, and the cost of the extension: functions under lambda-meter
# with the layer, and ministack in the place of SQS, DynamoDB and the consumer's Lambda.
#
#   ci/telemetry.sh test [EVENTS]   functions in three languages; EVENTS (2000) events, each stored once
#   ci/telemetry.sh cost            the function without the extension, with it, and with it and a queue
#
# Python's runtime interface client is installed. JavaScript's takes minutes to compile, so a function in
# JavaScript is tested where `lab/comparators/install.sh javascript` has run, and the last line says so.
# Everything binds to 127.0.0.1. Tests share development builds; the cost is that of the layer for this machine.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

python=$TOOLS/venv/ministack/bin/python
folder=$ROOT/target/telemetry
mkdir -p "$folder"

end_to_end() {
    [ -d lab/comparators/python/packages/awslambdaric ] || lab/comparators/install.sh python
    development_builds
    cargo zip --fast target/debug/pi-telemetry "$folder/layer.zip" extensions/pi-telemetry
    "$python" app/telemetry/tests/end_to_end.py "$1"
}

cost() {
    local arch programs port
    arch=$(uname -m)
    programs=$ROOT/target/$arch-unknown-linux-musl/release
    make "bootstrap-$arch" "telemetry-$arch"
    port=$(free_ports 1)
    start "$folder/ministack.log" env GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 "$TOOLS/venv/ministack/bin/ministack"
    trap stop_all EXIT
    wait_for 60 port_open "$port" || die "ministack does not start; its log is $folder/ministack.log"
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
    "$python" - "$port" <<'PY'
import boto3, sys
sqs = boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1")
sqs.create_queue(QueueName="cost")
PY
    cat >"$folder/cost.toml" <<TOML
memory = [128, 1769]
runs = 60
cold = 40

[[target]]
name = "alone"
binary = "$programs/bootstrap"

[[target]]
name = "no queue"
binary = "$programs/bootstrap"
extensions = ["$programs/pi-telemetry"]

[[target]]
name = "telemetry"
binary = "$programs/bootstrap"
extensions = ["$programs/pi-telemetry"]
env = { PI_TELEMETRY_QUEUE_URL = "http://127.0.0.1:$port/000000000000/cost", PI_TELEMETRY_PORT = "0", AWS_ENDPOINT_URL = "http://127.0.0.1:$port", AWS_ACCESS_KEY_ID = "test", AWS_SECRET_ACCESS_KEY = "test", AWS_REGION = "us-east-1" }

[[event]]
name = "100 digits"
json = '{"digits": 100}'
TOML
    cargo meter run "$folder/cost.toml" --output "$folder/cost.json"
}

case ${1-} in
test | cost) ci/tools.sh app ;;
*) usage ;;
esac
case $1 in
test) end_to_end "${2:-2000}" ;;
cost) cost ;;
esac
