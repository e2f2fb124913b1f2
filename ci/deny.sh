#!/usr/bin/env bash
# Licences, bans, sources and advisories of all dependencies, products and lab, by cargo-deny.
#
#   ci/deny.sh [--if-possible]
#
# `--if-possible` says on standard output which checks were not made, and succeeds, where cargo-deny
# is not installed or the database of advisories (a git repository) cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
if_possible=${1-}

# not_checked WHAT REMEDY: a failure, or under --if-possible a line.
not_checked() {
    if [ "$if_possible" != --if-possible ]; then
        echo "error: not checked: $1; $2" >&2
        exit 1
    fi
    echo "NOT CHECKED: $1; $2"
}

command -v cargo-deny >/dev/null || {
    not_checked "licences, bans, sources and advisories of dependencies" "cargo install --locked cargo-deny"
    exit 0
}

deny() { cargo deny --manifest-path "$1" --workspace --all-features check --config deny.toml "${@:2}"; }

for manifest in Cargo.toml lab/Cargo.toml; do
    deny "$manifest" licenses bans sources
done
if cargo deny fetch db; then
    for manifest in Cargo.toml lab/Cargo.toml; do
        deny "$manifest" advisories
    done
else
    not_checked "advisories of dependencies" "the database could not be fetched: network"
fi
