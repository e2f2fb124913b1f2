#!/usr/bin/env bash
# The library as the registry of crates would take it: it packs the library only, and the package
# builds and passes a dry run of publishing.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(cargo package --locked --allow-dirty --list --package pi-spigot)
if foreign=$(grep -E '^(app|bindings|ci|cli|deploy|docs|guard|lab|lambda|meter|tests/images|events)/|^tests/house.rs' <<<"$files"); then
    printf 'ci/package.sh: the package holds more than the library:\n%s\n' "$foreign" >&2
    exit 1
fi
wc -l <<<"$files" | sed 's/$/ files in the package/'
cargo publish --dry-run --locked --allow-dirty --package pi-spigot
