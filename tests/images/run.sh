#!/usr/bin/env bash
# Images and zips for real: baked for both architectures, pushed to a registry,
# pulled, run read-only and invoked. Stand-ins replace the base images by name;
# see standins.py.
#
#   tests/images/run.sh        everything: about six minutes, two when cached
#   tests/images/run.sh plan   prints the plan of bake, as in bake.json
#
# Needs root on Debian 12 or 13, and `make bootstrap-x86_64 bootstrap-aarch64`,
# whose binaries must equal those of the builder stage. Installs missing tools,
# starts an engine and a registry of its own, and stops both.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"

HERE=$ROOT/tests/images
export IMAGES=$TOOLS/images
BASES=(al2 al2023 scratch)
ARCHES=(amd64 arm64)

work=$(mktemp -d)
containers=()
kept+=(containers)
engine_was_up=no

finish() {
    [ ${#containers[@]} -eq 0 ] || docker rm -f "${containers[@]}" >/dev/null 2>&1 || true
    stop_all
    [ "$engine_was_up" = yes ] || ci/engine.sh stop || true
    rm -rf "$work"
}
trap finish EXIT

# An index at a time: the stand-ins for al2 and al2023 are equal, so that parts of two indexes have one
# digest, which the engine cannot store twice at once ("moby-dangling ... already exists").
bake_all() {
    bake --push all
    local base
    for base in "${BASES[@]}"; do bake --push "index-$base"; done
}

# The binaries that are compiled outside contain the commit too.
REVISION=$(git rev-parse HEAD)
export REVISION
unset NAME
bake() { docker buildx bake -f docker-bake.hcl -f tests/images/offline.hcl --progress plain "$@"; }

# Lambda's and the compiler's name of an architecture of docker's.
machine() { if [ "$1" = amd64 ]; then echo x86_64; else echo aarch64; fi; }
lambda_arch() { if [ "$1" = amd64 ]; then echo x86_64; else echo arm64; fi; }
native() { echo "target/$(machine "$1")-unknown-linux-musl/release/bootstrap"; }

# tag BASE ARCH
tag() { echo "$REGISTRY/pi-spigot:test-$1-$2"; }

# --- files ------------------------------------------------------------------

# Prints the plan of bake; needs no engine. Groups of a matrix come in no fixed order.
plan() {
    env -u REGISTRY -u NAME -u TAG -u REVISION -u SOURCE_DATE_EPOCH -u SOURCE -u MAX_BYTES \
        docker buildx bake --print default all index validate 2>/dev/null | python3 -c '
import json, sys
plan = json.load(sys.stdin)
for group in plan["group"].values():
    group["targets"].sort()
json.dump(plan, sys.stdout, indent=2, sort_keys=True)
print()'
}

# After a deliberate change: tests/images/run.sh plan > tests/images/bake.json
same_plan() { plan | diff "$HERE/bake.json" -; }

# deploy/deploy.sh looks for images by the same NAME.
one_name() {
    env -u REGISTRY -u TAG NAME=other docker buildx bake --print al2023-arm64 2>/dev/null |
        grep -xE ' *"other:latest-al2023-arm64"'
}

push_needs_a_registry() {
    local said
    ! said=$(env -u REGISTRY deploy/bake.sh --push 2>&1) || return 1
    grep -F "REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com" <<<"$said"
}

variable() { docker buildx bake --print zip-amd64 2>/dev/null | sed -n "s/.*\"$1\": \"\(.*\)\".*/\1/p"; }

same_versions() {
    grep -qx "channel = \"$(variable RUST)\"" rust-toolchain.toml
    grep -qx "version = \"$(variable org.opencontainers.image.version)\"" Cargo.toml
}

test_files() {
    check "the plan of bake is as in bake.json" same_plan
    check "Dockerfile.arm64 differs only in its architecture" ci/twins.sh
    check "images have the name of the functions" one_name
    check "a push without a registry is refused" push_needs_a_registry
    check "versions agree with rust-toolchain.toml and Cargo.toml" same_versions
    check "hadolint finds nothing" bake validate
}

# --- registry ---------------------------------------------------------------

# Keep it in memory: docker-registry 2.8 writes a link to a blob in two steps on
# disk, and a push of another image that shares the layer fails in between
# (status 500, "invalid checksum digest format").
start_registry() {
    local port
    port=$(free_ports 1)
    printf 'version: 0.1\nlog: {level: warn}\nstorage: {inmemory: {}}\nhttp: {addr: "127.0.0.1:%s"}\n' \
        "$port" >"$work/registry.yml"
    start "$work/registry.log" docker-registry serve "$work/registry.yml"
    wait_for 10 port_open "$port" || die "the registry does not start: $(tail -n 1 "$work/registry.log")"
    export REGISTRY=127.0.0.1:$port TAG=test
}

# Prints the cause of a failed push when it lies in the registry; the client says only "unknown".
registry_failures() { grep -F 'err.code=unknown' "$work/registry.log" | tail -n 5 || true; }

inspect() { skopeo inspect --tls-verify=false "$@"; }

single_manifest() {
    local base=$1 arch=$2 layout=$IMAGES/provided
    [ "$base" != scratch ] || layout=-
    inspect --raw "docker://$(tag "$base" "$arch")" >"$work/raw"
    inspect --config "docker://$(tag "$base" "$arch")" >"$work/config"
    python3 "$HERE/manifest.py" single "$work/raw" "$work/config" "$arch" "$layout" | tee -a "$work/manifests"
}

index() {
    inspect --raw "docker://$REGISTRY/pi-spigot:test-$1" >"$work/raw"
    python3 "$HERE/manifest.py" index "$work/raw"
}

test_manifests() {
    local base arch
    for base in "${BASES[@]}"; do
        for arch in "${ARCHES[@]}"; do
            check "$base-$arch: a manifest that Lambda accepts" single_manifest "$base" "$arch"
        done
        check "index-$base: one tag for both architectures" index "$base"
    done
}

# --- builds -----------------------------------------------------------------

refused() {
    local message=$1 log
    shift
    log=$(mktemp)
    if bake --set "zip-amd64.output=type=cacheonly" "$@" zip-amd64 >"$log" 2>&1; then
        echo "it was built"
        return 1
    fi
    grep -F "$message" "$log"
}

large_zip_is_refused() {
    deploy/verify.sh "$work/large.zip" zip 2000
    local said
    ! said=$(deploy/verify.sh "$work/large.zip" zip 1999 2>&1) || return 1
    grep -F "2000 bytes, more than 1999" <<<"$said"
}

test_verify() {
    mkdir -p "$work/dynamic" "$work/foreign"
    cp "$(command -v ls)" "$work/dynamic/bootstrap"
    cp "$(native arm64)" "$work/foreign/bootstrap"
    check "verify refuses a dynamic binary" refused "dynamically linked" --set "zip-amd64.contexts.builder=$work/dynamic"
    check "verify refuses a foreign binary" refused "not for x86_64" --set "zip-amd64.contexts.builder=$work/foreign"
    head -c 2000 /dev/zero >"$work/large.zip"
    check "verify refuses an oversized zip" large_zip_is_refused
    check "verify refuses an oversized binary" refused "more than 1000" --set zip-amd64.args.MAX_BYTES=1000
}

good_zip() {
    python3 - "target/lambda/$(lambda_arch "$1")/bootstrap.zip" "$(native "$1")" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as file:
    entry, = file.infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o100755), entry
    assert file.read(entry) == open(sys.argv[2], "rb").read(), "not the binary that make builds: make bootstrap-*"
PY
}

# The same program, compiled and packed on this machine without the engine.
same_zip() {
    cargo zip "$(native "$1")" "$work/native.zip"
    cmp "$work/native.zip" "target/lambda/$(lambda_arch "$1")/bootstrap.zip"
}

digest() { inspect --format '{{.Digest}}' "docker://$1"; }

# Bakes in another folder, without any cache, around the binaries compiled outside.
bake_elsewhere() {
    mkdir -p "$work/elsewhere/bin-amd64" "$work/elsewhere/bin-arm64"
    git ls-files -co --exclude-standard | tar cf - -T - | tar xf - --touch -C "$work/elsewhere"
    cp "$(native amd64)" "$work/elsewhere/bin-amd64/"
    cp "$(native arm64)" "$work/elsewhere/bin-arm64/"
    (cd "$work/elsewhere" && TAG=elsewhere bake --no-cache --push \
        --set "*-amd64.contexts.builder=bin-amd64" --set "*-arm64.contexts.builder=bin-arm64" image)
}

same_digest() {
    local here there
    here=$(digest "$(tag "$1" "$2")")
    there=$(digest "$(tag "$1" "$2" | sed 's/:test/:elsewhere/')")
    echo "$here"
    [ "$here" = "$there" ] || { echo "elsewhere: $there" && return 1; }
}

test_reproducible() {
    local base arch
    check "bake once more, elsewhere, around binaries compiled outside" bake_elsewhere
    for arch in "${ARCHES[@]}"; do
        check "zip-$arch: one entry, executable, the binary that make builds" good_zip "$arch"
        check "zip-$arch: the same bytes without the engine" same_zip "$arch"
        for base in "${BASES[@]}"; do
            check "$base-$arch: the same digest from elsewhere" same_digest "$base" "$arch"
        done
    done
}

# --- invocations ------------------------------------------------------------

# Writes the emulator's "bootstrap": it starts the container as Lambda does, with
# the image's entrypoint, read-only, and with the address of the runtime API.
container_command() {
    local name=$1 image=$2 arch=$3 variable
    printf '#!/bin/sh\nexport PATH=%q DOCKER_HOST=%q DOCKER_CONFIG=%q\n' "$PATH" "$DOCKER_HOST" "$DOCKER_CONFIG"
    printf 'exec docker run --rm --name %s --platform linux/%s --network host --read-only' "$name" "$arch"
    for variable in RUNTIME_API FUNCTION_NAME FUNCTION_VERSION FUNCTION_MEMORY_SIZE LOG_GROUP_NAME LOG_STREAM_NAME; do
        printf ' --env AWS_LAMBDA_%s' "$variable"
    done
    printf ' %s\n' "$image"
}

start_image() {
    local name=$1 image=$2 arch=$3 front=$4 back=$5
    docker rmi -f "$image"
    docker pull -q --platform "linux/$arch" "$image"
    container_command "$name" "$image" "$arch" >"$work/$name.sh"
    chmod +x "$work/$name.sh"
    containers+=("$name")
    start "$work/$name.log" env AWS_LAMBDA_FUNCTION_TIMEOUT=240 "$(rie "$(uname -m)")" \
        --runtime-interface-emulator-address "127.0.0.1:$front" \
        --runtime-api-address "127.0.0.1:$back" "$work/$name.sh"
    wait_for 20 port_open "$front"
}

test_image() {
    local base=$1 arch=$2 name ports before=$failed
    name=pi-spigot-test-$$-$base-$arch
    read -r -a ports <<<"$(free_ports 2)"
    check "$base-$arch: pulled and started, read-only" start_image "$name" "$(tag "$base" "$arch")" "$arch" "${ports[@]}"
    check "$base-$arch: 10_000 digits" answers "${ports[0]}" events/digits-10000.json digits 10000 "$PI_10000"
    check "$base-$arch: digits of 0 are an error" answers "${ports[0]}" "$work/zero.json" error InvalidDigits
    check "$base-$arch: digest, right after the error" answers "${ports[0]}" events/digest-10000.json digest 10000 "$PI_10000"
    docker rm -f "$name" >/dev/null 2>&1 || true
    stop "$last_pid"
    [ "$failed" -eq "$before" ] || tail -n 20 "$work/$name.log"
}

# The entrypoint of Amazon's base starts the emulator in the container, on all
# interfaces: `--network none` leaves it the container's loopback only.
emulator_by_hand() {
    local base=$1 arch=$2 name=pi-spigot-test-$$-hand-$1-$2 image
    image=$(tag "$base" "$arch")
    containers+=("$name")
    docker run -d --rm --name "$name" --platform "linux/$arch" --network none --read-only "$image"
    wait_for 20 docker exec "$name" wget -q -O - --post-data '{"digits": 10}' "$INVOCATIONS"
    docker exec "$name" wget -q -O - --post-data '{"digits": "10_000"}' "$INVOCATIONS" >"$work/by-hand"
    docker rm -f "$name" >/dev/null
    python3 ci/expect.py "$work/by-hand" digits 10000 "$PI_10000"
}
INVOCATIONS=http://127.0.0.1:8080/2015-03-31/functions/function/invocations

hint_by_hand() {
    local said
    said=$(docker run --rm --platform "linux/$1" --network none --read-only "$(tag scratch "$1")" 2>&1) || true
    grep -F AWS_LAMBDA_RUNTIME_API <<<"$said"
}

test_invocations() {
    local base arch
    echo '{"digits": 0}' >"$work/zero.json"
    for arch in "${ARCHES[@]}"; do
        for base in "${BASES[@]}"; do test_image "$base" "$arch"; done
        for base in al2 al2023; do
            check "$base-$arch: run by hand, it brings the emulator" emulator_by_hand "$base" "$arch"
        done
        check "scratch-$arch: run by hand, it explains itself" hint_by_hand "$arch"
    done
}

# --- all of it --------------------------------------------------------------

prepare() {
    local arch
    for arch in "${ARCHES[@]}"; do
        [ -x "$(native "$arch")" ] || die "no $(native "$arch"): make bootstrap-$(machine "$arch")"
    done
    ci/tools.sh rie aws lint engine
    ! ci/engine.sh status || engine_was_up=yes
    eval "$(ci/engine.sh start)"
    ci/engine.sh emulate
    python3 "$HERE/standins.py" "$IMAGES"
    start_registry
}

seconds() { printf '%-46s %4d s\n' "$1" "$((SECONDS - $2))"; }

main() {
    local began=$SECONDS baking invoking
    rm -f target/lambda/{x86_64,arm64}/bootstrap.zip
    prepare
    seconds "engine, stand-ins, registry:" "$began"
    test_files
    baking=$SECONDS
    check "bake every image and zip, and push" bake_all
    registry_failures
    [ -e target/lambda/x86_64/bootstrap.zip ] || { summary || exit 1; }
    seconds "baked and pushed:" "$baking"
    test_manifests
    invoking=$SECONDS
    test_invocations
    seconds "every image pulled and invoked:" "$invoking"
    seconds "from bake to the last image invoked:" "$baking"
    test_verify
    test_reproducible
    sort -u "$work/manifests"
    ls -l target/lambda/*/bootstrap.zip
    seconds "all of it:" "$began"
    summary
}

case ${1-all} in
all) main ;;
plan) plan ;;
*) die "usage: tests/images/run.sh [all|plan]" ;;
esac
