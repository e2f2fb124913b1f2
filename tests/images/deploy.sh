#!/usr/bin/env bash
# deploy/deploy.sh, the real aws command line and cargo-lambda against a stub of AWS on loopback:
# the first call creates, the second updates, and all of it is removed again. Needs no engine; a
# script plays `docker login`.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$ROOT"

work=$(mktemp -d)
trap 'stop_all; rm -rf "$work"' EXIT

# start_stub PARTITION
start_stub() {
    local port
    port=$(free_ports 1)
    start "$work/stub.log" python3 tests/images/aws_stub.py "$port" "$work/requests" "$1"
    wait_for 10 port_open "$port"
    export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1
    export AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    unset AWS_PROFILE AWS_SESSION_TOKEN NAME TAG BASE MEMORY TIMEOUT
}

play_docker() {
    mkdir "$work/bin"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "$*" $(cat) >>%q\n' "$work/docker" >"$work/bin/docker"
    chmod +x "$work/bin/docker"
    PATH=$work/bin:$PATH
}

# asked LINE...: these requests since the last deployment; who asks does not count.
asked() {
    diff <(printf '%s\n' "$@") <(grep -v GetCallerIdentity "$work/requests")
}

# deploys ARGUMENT...: forgets earlier requests, then runs deploy.sh.
deploys() {
    : >"$work/requests"
    deploy/deploy.sh "$@"
}

# refused WORDS ARGUMENT...: deploy.sh fails, and says so in these words.
refused() {
    local words=$1 said
    shift
    ! said=$(deploys "$@" 2>&1) || { echo "accepted: $said" && return 1; }
    grep -F "$words" <<<"$said" || { echo "said: $said" && return 1; }
}

ROLE=arn:aws:iam::123456789012:role/pi-spigot
IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/pi-spigot@sha256:$(printf '5%.0s' {1..64})

role() { deploys role && asked GetRole CreateRole AttachRolePolicy GetRole; }
role_again() { deploys role && asked GetRole AttachRolePolicy GetRole; }
logged_in() { grep -x "login --username AWS --password-stdin ${IMAGE%%/*} secret" "$work/docker"; }
repository() { deploys repository && asked DescribeRepositories CreateRepository GetAuthorizationToken && logged_in; }
repository_again() { deploys repository && asked DescribeRepositories GetAuthorizationToken; }
# Lambda does not know the new role at first.
create_image() {
    deploys image arm64 && asked DescribeImages "CreateFunction refused" \
        "CreateFunction pi-spigot-image-arm64 Image arm64 $IMAGE $ROLE"
}
update_image() { deploys image arm64 && asked DescribeImages "UpdateFunctionCode pi-spigot-image-arm64 arm64 $IMAGE"; }
index_refused() { TAG=index refused "pi-spigot:index-al2023-arm64 is an index of several images, which Lambda refuses" image arm64; }
create_zip() { deploys zip x86_64 && asked "CreateFunction pi-spigot-zip-x86_64 Zip x86_64 ZipFile $ROLE"; }
update_zip() { deploys zip x86_64 && asked "UpdateFunctionCode pi-spigot-zip-x86_64 x86_64 ZipFile"; }
cargo_lambda() {
    : >"$work/requests"
    cargo lambda deploy --endpoint-url "$AWS_ENDPOINT_URL" --role "$ROLE" \
        --binary-path target/aarch64-unknown-linux-musl/release/bootstrap pi-spigot &&
        asked "CreateFunction pi-spigot Zip arm64 ZipFile $ROLE"
}
# requests_of_removal NAME
requests_of_removal() {
    local package
    for package in image-x86_64 image-arm64 zip-x86_64 zip-arm64; do
        printf 'DeleteFunction %s-%s\nDeleteLogGroup\n' "$1" "$package"
    done
    printf '%s\n' DeleteRepository DetachRolePolicy DeleteRole
}
remove() { deploys remove && diff <(requests_of_removal pi-spigot) <(grep -v GetCallerIdentity "$work/requests"); }
remove_again() { deploys remove; }

# One name for role, functions and repository, in a partition whose ARNs and registries differ.
china() {
    local role=arn:aws-cn:iam::123456789012:role/other
    export NAME=other
    deploys role && deploys repository && deploys image x86_64 &&
        asked DescribeImages "CreateFunction refused" \
            "CreateFunction other-image-x86_64 Image x86_64 ${IMAGE/amazonaws.com\/pi-spigot/amazonaws.com.cn/other} $role" &&
        deploys remove && diff <(requests_of_removal other) <(grep -v GetCallerIdentity "$work/requests")
}

main() {
    have aws || die "no aws command line: ci/tools.sh aws"
    ci/tools.sh lambda
    [ -e target/lambda/x86_64/bootstrap.zip ] || die "no target/lambda/x86_64/bootstrap.zip: make zip"
    play_docker
    start_stub aws
    check "deploy: the role" role
    check "deploy: the role again" role_again
    check "deploy: the repository, and docker logged in" repository
    check "deploy: the repository again" repository_again
    check "deploy: the first image creates a function, once Lambda knows the role" create_image
    check "deploy: the next updates it" update_image
    check "deploy: an index is refused" index_refused
    check "deploy: the first zip creates a function" create_zip
    check "deploy: the next updates it" update_zip
    check "deploy: cargo-lambda takes the same binary" cargo_lambda
    check "deploy: all of it removed, what was not there too" remove
    check "deploy: removing nothing" remove_again
    stop_all
    start_stub aws-cn
    check "deploy: another name, another partition" china
    summary
}

main
