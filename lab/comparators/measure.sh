#!/usr/bin/env bash
# The same digits by Rust, Python and JavaScript functions, beside ours; then functions that do nothing, in five
# languages.
#
#   lab/comparators/measure.sh [OPTION OF lambda-meter run]...
set -euo pipefail
cd "$(dirname "$0")/../.."

make bootstrap-x86_64
lab/comparators/install.sh
lab/comparators/rust/build.sh
cargo meter run lab/comparators/matrix.toml "$@"
cargo meter run lab/comparators/nothing.toml "$@"
