#!/usr/bin/env bash
# Builds this commit twice, in two folders and without caches: the digests of the
# images and the bytes of the zips must be equal. Takes ten minutes on two cores.
# `make test-images` is faster and compares with binaries compiled outside an image.
#
# Needs root on Debian 12 or 13; starts an engine of its own and stops it.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

export IMAGES=$TOOLS/images
work=$(mktemp -d)
engine_was_up=no

finish() {
    [ "$engine_was_up" = yes ] || ci/engine.sh stop || true
    rm -rf "$work"
}
trap finish EXIT

prepare() {
    ci/tools.sh targets rie lint engine
    ! ci/engine.sh status || engine_was_up=yes
    eval "$(ci/engine.sh start)"
    python3 tests/images/standins.py "$IMAGES"
}

# Drop the layers and the compiled dependencies of the build before.
build() {
    local folder=$work/$1
    git clone -q "$ROOT" "$folder"
    docker builder prune -f --filter type=exec.cachemount >/dev/null
    (
        cd "$folder"
        REVISION=$(git rev-parse HEAD) SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) docker buildx bake \
            --no-cache --progress plain -f docker-bake.hcl -f tests/images/offline.hcl \
            --metadata-file metadata.json all
    )
}

digests() {
    (
        cd "$work/$1"
        sha256sum target/lambda/*/bootstrap.zip
        python3 -c '
import json
for name, about in sorted(json.load(open("metadata.json")).items()):
    if "containerimage.digest" in about and not name.startswith("zip"):
        print(about["containerimage.digest"].removeprefix("sha256:"), "", name)'
    )
}

same() {
    digests one >"$work/digests"
    digests another | diff "$work/digests" -
}

main() {
    prepare
    check "built in one folder" build one
    check "built in another, from nothing again" build another
    check "the same digests and zips" same
    digests one
    summary
}

main
