#!/usr/bin/env bash
# deploy/deploy.sh with the real aws command line, and cargo-lambda, against a stub
# of AWS on loopback: what is created, what the second time only updates, and
# that all of it is removed again. Needs no engine; a script plays `docker login`.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"

work=$(mktemp -d)
trap 'stop_all; rm -rf "$work"' EXIT

start_stub() {
    local port
    port=$(free_ports 1)
    start "$work/stub.log" python3 tests/images/aws_stub.py "$port" "$work/requests"
    wait_for 10 port_open "$port"
    export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1
    export AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    unset AWS_PROFILE AWS_SESSION_TOKEN
}

play_docker() {
    mkdir "$work/bin"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "$*" $(cat) >>%q\n' "$work/docker" >"$work/bin/docker"
    chmod +x "$work/bin/docker"
    PATH=$work/bin:$PATH
}

# asked LINE...: these requests, since the last time that anyone looked.
asked() {
    diff <(printf '%s\n' "$@") <(grep -v GetCallerIdentity "$work/requests")
}

deploys() {
    : >"$work/requests"
    deploy/deploy.sh "$@"
}

ROLE=arn:aws:iam::123456789012:role/pi-spigot
IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/pi-spigot@sha256:$(printf '5%.0s' {1..64})

role() { deploys role && asked CreateRole AttachRolePolicy; }
repository() {
    deploys repository && asked CreateRepository GetAuthorizationToken &&
        grep -x "login --username AWS --password-stdin ${IMAGE%%/*} secret" "$work/docker"
}
create_image() { deploys image arm64 && asked DescribeImages "CreateFunction pi-spigot-image-arm64 Image arm64 $IMAGE $ROLE"; }
update_image() { deploys image arm64 && asked DescribeImages "UpdateFunctionCode pi-spigot-image-arm64 arm64 $IMAGE"; }
create_zip() { deploys zip x86_64 && asked "CreateFunction pi-spigot-zip-x86_64 Zip x86_64 ZipFile $ROLE"; }
update_zip() { deploys zip x86_64 && asked "UpdateFunctionCode pi-spigot-zip-x86_64 x86_64 ZipFile"; }
cargo_lambda() {
    : >"$work/requests"
    cargo lambda deploy --endpoint-url "$AWS_ENDPOINT_URL" --role "$ROLE" \
        --binary-path target/aarch64-unknown-linux-musl/release/bootstrap pi-spigot &&
        asked "CreateFunction pi-spigot Zip arm64 ZipFile $ROLE"
}
remove() {
    local requests=() name
    for name in image-x86_64 image-arm64 zip-x86_64 zip-arm64; do
        requests+=("DeleteFunction pi-spigot-$name" DeleteLogGroup)
    done
    deploys remove && asked "${requests[@]}" DeleteRepository DetachRolePolicy DeleteRole
}

main() {
    have aws || die "no aws command line: ci/tools.sh aws"
    ci/tools.sh lambda
    [ -e target/lambda/x86_64/bootstrap.zip ] || die "no target/lambda/x86_64/bootstrap.zip: make zip"
    play_docker
    start_stub
    check "deploy: the role" role
    check "deploy: the repository, and docker logged in" repository
    check "deploy: the first image creates a function" create_image
    check "deploy: the next updates it" update_image
    check "deploy: the first zip creates a function" create_zip
    check "deploy: the next updates it" update_zip
    check "deploy: cargo-lambda takes the same binary" cargo_lambda
    check "deploy: all of it removed, what was not there too" remove
    summary
}

main
