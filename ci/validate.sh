#!/usr/bin/env bash
# Lints everything that is no Rust: Dockerfiles, scripts, workflows and the SAM template.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

# Verbs that documents tell the reader to make, but that the Makefile lacks.
unknown_verbs() {
    local asked known
    asked=$(git ls-files '*.md' ':!CHANGELOG.md' | xargs grep -hoE '(^|`|[$] |REGISTRY=[^ ]+ )make( [a-z0-9_-]+)+' |
        sed 's/.*make //' | tr ' ' '\n' | sort -u) || return
    known=$(sed -nE 's/^([a-z0-9_-]+):.*/\1/p' Makefile | sort -u) || return
    comm -23 <(echo "$asked") <(echo "$known")
}
unknown=$(unknown_verbs | xargs)
[ -z "$unknown" ] || die "documents name verbs that the Makefile does not have: $unknown"

ci/lib_test.sh
ci/tools.sh lint
# Every script of the tree, by its first line.
list=$(git ls-files -co --exclude-standard | xargs -d '\n' awk 'FNR == 1 && /^#!.*sh$|^# shellcheck shell=/ { print FILENAME }')
mapfile -t scripts <<<"$list"
# bash drops the status of a process substitution, and so a `die` in it: take the text first, `text=$(...)`.
if grep -nE '(mapfile|read)\b.* < <\(' "${scripts[@]}"; then
    die "these lines read a command whose failure is lost: read <<<\"\$text\" after text=\$(COMMAND)"
fi
set -x
ci/twins.sh
hadolint --failure-threshold warning Dockerfile Dockerfile.arm64 ci/validate.Dockerfile
shellcheck -x "${scripts[@]}"
cfn-lint deploy/sam.yaml app/hex/template.yaml
# The language's specification leaves the members of ReaderConfig to the service, and statelint refuses AWS's.
mkdir -p target
sed '/"InputType": "JSON"$/d' app/hex/hex.asl.json >target/specified.asl.json
statelint target/specified.asl.json
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
