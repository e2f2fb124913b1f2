#!/usr/bin/env bash
# `lambda-meter run --image` for real: the function in an image of the project's own engine, beside
# the same binary without one.
#
#   meter/tests/image.sh [FOLDER]
#
# FOLDER holds lambda-meter (default: target/debug, which is built first). Needs root, and `make
# bootstrap-x86_64` (or -aarch64). The engine is stopped again unless it was up before.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"

folder=${1:-}
if [ -z "$folder" ]; then
    development_builds
    folder=${CARGO_TARGET_DIR:-target}/debug
fi
meter=$folder/lambda-meter
bootstrap=target/$(uname -m)-unknown-linux-musl/release/bootstrap
[ -x "$bootstrap" ] || die "no $bootstrap: make bootstrap-$(uname -m)"

work=$(mktemp -d)
up=no
! ci/engine.sh status || up=yes
finish() {
    docker rmi -f lambda-meter-test:hand >/dev/null 2>&1 || true
    [ "$up" = yes ] || ci/engine.sh stop || true
    rm -rf "$work"
}
trap finish EXIT
eval "$(ci/engine.sh start)"

# The image brings an extension, as on Lambda.
mkdir -p "$work/root/opt/extensions"
cp "$bootstrap" "$work/root/bootstrap"
rustc --edition 2024 -O --target "$(uname -m)-unknown-linux-musl" -o "$work/root/opt/extensions/idle" meter/examples/idle.rs
tar -C "$work/root" -cf - . | docker import --change 'ENTRYPOINT ["/bootstrap"]' --change 'WORKDIR /var/task' \
    --change 'LABEL org.opencontainers.image.revision=0123456789ab' - lambda-meter-test:hand >/dev/null

"$meter" run --image image=lambda-meter-test:hand --binary "binary=$bootstrap" --event events/digits-10000.json \
    --expect-sha256 1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3 \
    --memory 128,1769 --runs 3 --cold 3 --limits require --output "$work/results.json"

python3 - "$work/results.json" <<'PY'
import json, sys
results = json.load(open(sys.argv[1]))
binary, image = results["header"]["targets"]
assert (image["kind"], image["package"], image["revision"]) == ("image", "image", "0123456789ab"), image
assert [extension["name"] for extension in image["extensions"]] == ["idle"], image
cells = results["header"]["cells"]
assert all(
    ("extension_overhead_ms" in sample) == (cells[sample["cell"]]["target"] == "image") for sample in results["samples"]
)
assert len(image["sha256"]) == 64 and image["architecture"] == binary["architecture"], image
assert len(results["samples"]) == 2 * 2 * (3 + 3)
assert all("failure" not in sample and sample["digest"] for sample in results["samples"])
cold = [sample for sample in results["samples"] if "init_duration_ms" in sample]
assert len(cold) == 2 * 2 * 3 and all(sample["max_memory_used_mb"] > 0 for sample in cold)
PY

# A missing image and an image that does not start give errors with a remedy.
refused() {
    local problem=$1
    shift
    if "$meter" run --event events/digits-10000.json --output "$work/refused.json" --overwrite "$@" 2>"$work/said"; then
        echo "it was measured: $*" >&2
        return 1
    fi
    grep -F "$problem" "$work/said" && grep -F "hint: " "$work/said"
}
refused "docker pull" --image 127.0.0.1:9/no/such:image
tar -cf - -T /dev/null | docker import --change 'ENTRYPOINT ["/bootstrap"]' - lambda-meter-test:hand >/dev/null
refused "ended before it asked for its first event" --image lambda-meter-test:hand
! ls "${TMPDIR:-/tmp}"/lambda-meter-image-* 2>/dev/null || { echo "files of an image were left" >&2; exit 1; }
echo "lambda-meter run --image: passed"
