#!/bin/sh
# `docker buildx bake` with the commit and its date: everyone who builds a commit gets the same
# digests, and the function can say which commit it is.
#
#   deploy/bake.sh [OPTION OF BAKE]... [TARGET]...
set -eu
cd "$(dirname "$0")/.."

REVISION=${REVISION:-$(git rev-parse HEAD)}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export REVISION SOURCE_DATE_EPOCH
case " $* " in
*" --push "*)
    [ -n "${REGISTRY:-}" ] || {
        echo "deploy/bake.sh: --push needs a registry: REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com" >&2
        exit 2
    }
    ;;
esac
exec docker buildx bake "$@"
