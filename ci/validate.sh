#!/usr/bin/env bash
# Lints everything that is no Rust: Dockerfiles, scripts, workflows and the SAM template.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

ci/tools.sh lint
# Every script of the tree, by its first line.
mapfile -t scripts < <(git ls-files -co --exclude-standard | xargs -d '\n' awk 'FNR == 1 && /^#!.*sh$|^# shellcheck shell=/ { print FILENAME }')
set -x
ci/twins.sh
hadolint --failure-threshold warning Dockerfile Dockerfile.arm64 ci/validate.Dockerfile
shellcheck -x "${scripts[@]}"
cfn-lint deploy/sam.yaml
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
