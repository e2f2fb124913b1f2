#!/usr/bin/env bash
# Sizes of the functions as they are uploaded in a zip: Lambda's own Python and Node bring the clients; ours and
# Rust's are `bootstrap` of a custom runtime.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$(dirname "$0")"

# zipped NAME FOLDER FILE...: prints the size of a zip with these files of a folder.
zipped() {
    python3 - "$@" <<'PY'
import io, os, sys, zipfile
name, folder, *paths = sys.argv[1:]
missing = [path for path in (os.path.join(folder, path) for path in paths) if not os.path.exists(path)]
if missing:
    sys.exit(f"error: {name}: {', '.join(missing)} missing; lab/comparators/measure.sh builds all that is needed")
os.chdir(folder)
files = [os.path.join(at, file) for path in paths for at, _, some in os.walk(path) for file in some]
files += [path for path in paths if os.path.isfile(path)]
with io.BytesIO() as packed:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zip:
        for file in files:
            zip.write(file)
    print(f"{name:20} {packed.tell() / 1e6:8.3f} MB zipped, {sum(map(os.path.getsize, files)) / 1e6:8.3f} MB unpacked")
PY
}

zipped ours "$ROOT/target/$(uname -m)-unknown-linux-musl/release" bootstrap
zipped rust "$ROOT/target/comparators" short-form-num-bigint
zipped python python function.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r python/packages-native/. python/native.py "$work"
zipped python-wheel "$work" .
zipped javascript javascript function.mjs
(cd javascript && ls -d node_modules/pi-spigot*) >"$work/addon"
mapfile -t addon <"$work/addon"
zipped javascript-addon javascript native.mjs "${addon[@]}"
