#!/usr/bin/env bash
# Every test that needs a container engine; the engine is the project's own.
#
#   ci/images.sh [if-possible]
#
# `if-possible` says so, and succeeds, where no engine can run or be installed.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! ci/engine.sh possible; then
    [ "${1-}" = if-possible ] || exit 1
    echo "NOT TESTED: images, since no container engine can run here"
    exit 0
fi
ci/tools.sh engine
tests/images/run.sh
meter/tests/image.sh
