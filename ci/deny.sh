#!/usr/bin/env bash
# Licences, bans, sources and advisories of all dependencies, products and lab, by cargo-deny.
#
#   ci/deny.sh [--if-possible]
#
# `--if-possible` says on standard output that advisories were not checked, and succeeds, where their
# database (a git repository) cannot be fetched.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
ci/tools.sh deny

# deny MANIFEST CONFIG CHECK...
deny() { tools/bin/cargo-deny --manifest-path "$1" --workspace --all-features --config "$2" check "${@:3}"; }

# both CHECK...: the products, then lab.
both() {
    deny Cargo.toml deny.toml "$@"
    deny lab/Cargo.toml lab/deny.toml "$@"
}

both licenses bans sources
if tools/bin/cargo-deny fetch db; then
    both advisories
elif [ "${1-}" = --if-possible ]; then
    echo "NOT CHECKED: advisories of dependencies; their database could not be fetched"
else
    die "not checked: advisories of dependencies; their database could not be fetched: try again with a network"
fi
