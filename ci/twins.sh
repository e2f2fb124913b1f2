#!/bin/sh
# Refuses any difference between Dockerfile and Dockerfile.arm64 but the name of the architecture.
#
#   ci/twins.sh          compares
#   ci/twins.sh --write  makes Dockerfile.arm64 from Dockerfile
set -eu
cd "$(dirname "$0")/.."

# The first stages are shared by both builds, so that they name both architectures.
twin() { sed '/rustup target add/!{s/x86_64/aarch64/g; s/amd64/arm64/g}' Dockerfile; }

case ${1-} in
'')
    twin | diff - Dockerfile.arm64 || {
        echo "Dockerfile.arm64 is no twin of Dockerfile: edit Dockerfile, then run ci/twins.sh --write" >&2
        exit 1
    }
    ;;
--write) twin >Dockerfile.arm64 ;;
*)
    echo "usage: ci/twins.sh [--write]" >&2
    exit 2
    ;;
esac
