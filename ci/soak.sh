#!/bin/sh
# 10,000 invocations of one process, whose resident memory must not grow.
#
#   PI_SOAK_BINARY=BOOTSTRAP ci/soak.sh
set -eu
: "${PI_SOAK_BINARY:?absolute path of a bootstrap: make bootstrap-x86_64}"
cd "$(dirname "$0")/.."
PI_SOAK=10000 exec cargo test --locked --package pi-spigot-lambda --test contract -- --nocapture soak
