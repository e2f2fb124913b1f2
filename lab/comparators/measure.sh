#!/usr/bin/env bash
# The same digits by Rust, Python and JavaScript functions, beside ours, as zips and as container images; then
# functions that do nothing, in five languages, and four builds of the short form in Rust.
#
#   lab/comparators/measure.sh [OPTION OF lambda-meter run]...
#
# Images need root and the engine of ci/engine.sh, which is installed, started and stopped again; without it they
# are left out, and the script says so.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"

make "bootstrap-$(uname -m)"
lab/comparators/install.sh
lab/comparators/rust/build.sh
images=()
if ci/engine.sh possible; then
    ci/tools.sh engine
    ci/engine.sh status || trap 'ci/engine.sh stop' EXIT
    eval "$(ci/engine.sh start)"
    options=$(lab/comparators/images.sh)
    mapfile -t images <<<"$options"
else
    say "NOT MEASURED: images, since no container engine can run here"
fi
lab/comparators/zips.sh
cargo meter run lab/comparators/matrix.toml "${images[@]}" "$@"
cargo meter run lab/comparators/nothing.toml "$@"
cargo meter run lab/comparators/rust/variants.toml --limits off "$@"
