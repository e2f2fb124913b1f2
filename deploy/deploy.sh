#!/usr/bin/env bash
# Puts the function on AWS, and takes all of it away again. docs/deploy.md says
# what each step needs and does.
#
#   deploy/deploy.sh role                  the IAM role that the functions run as
#   deploy/deploy.sh repository            the ECR repository, and docker logged in
#   deploy/deploy.sh image x86_64|arm64    NAME-image-ARCH, from the pushed image
#   deploy/deploy.sh zip   x86_64|arm64    NAME-zip-ARCH, from target/lambda/ARCH
#   deploy/deploy.sh remove                functions, logs, repository and role
#
# Variables: NAME (pi-spigot), TAG (latest), MEMORY (1769 MB, one whole CPU),
# TIMEOUT (60 s), and what the aws command line reads: AWS_REGION, AWS_PROFILE.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

NAME=${NAME:-pi-spigot}
TAG=${TAG:-latest}
MEMORY=${MEMORY:-1769}
TIMEOUT=${TIMEOUT:-60}
POLICY=arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
export AWS_PAGER=

account() { aws sts get-caller-identity --query Account --output text; }
region() { echo "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"; }
registry() { echo "$(account).dkr.ecr.$(region).amazonaws.com"; }

role() {
    aws iam create-role --role-name "$NAME" --assume-role-policy-document '{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    aws iam attach-role-policy --role-name "$NAME" --policy-arn "$POLICY"
}

repository() {
    local registry
    registry=$(registry)
    aws ecr create-repository --repository-name "$NAME" ||
        aws ecr describe-repositories --repository-names "$NAME" >/dev/null
    aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
    say "push there: REGISTRY=$registry make push"
}

exists() { aws lambda get-function --function-name "$1" >/dev/null 2>&1; }

# create NAME ARCH OPTION...
create() {
    local function=$1 arch=$2
    shift 2
    aws lambda create-function --function-name "$function" --architectures "$arch" \
        --role "arn:aws:iam::$(account):role/$NAME" --memory-size "$MEMORY" --timeout "$TIMEOUT" "$@"
    aws lambda wait function-active-v2 --function-name "$function"
}

update() {
    local function=$1 arch=$2
    shift 2
    aws lambda update-function-code --function-name "$function" --architectures "$arch" "$@"
    aws lambda wait function-updated-v2 --function-name "$function"
}

# By digest: Lambda keeps what a tag meant when it was told, so a moved tag
# alone changes nothing.
image_uri() {
    local tag=$TAG-${1/x86_64/amd64} digest
    digest=$(aws ecr describe-images --repository-name "$NAME" --image-ids "imageTag=$tag" \
        --query 'imageDetails[0].imageDigest' --output text) ||
        die "no image $NAME:$tag: REGISTRY=$(registry) make push"
    echo "$(registry)/$NAME@$digest"
}

image() {
    local arch=$1 function=$NAME-image-$1 uri
    uri=$(image_uri "$arch")
    if exists "$function"; then
        update "$function" "$arch" --image-uri "$uri"
    else
        create "$function" "$arch" --package-type Image --code "ImageUri=$uri"
    fi
}

zip() {
    local arch=$1 function=$NAME-zip-$1 file=target/lambda/$1/bootstrap.zip
    [ -e "$file" ] || die "no $file: make zip-$arch"
    if exists "$function"; then
        update "$function" "$arch" --zip-file "fileb://$file"
    else
        create "$function" "$arch" --runtime provided.al2023 --handler bootstrap --zip-file "fileb://$file"
    fi
}

# What is not there needs no removing; anything else that fails is said.
gone() {
    local said
    said=$("$@" 2>&1) && return 0
    case $said in
    *NotFound* | *NoSuchEntity*) ;;
    *) say "$said" && return 1 ;;
    esac
}

remove() {
    local arch package
    for package in image zip; do
        for arch in x86_64 arm64; do
            gone aws lambda delete-function --function-name "$NAME-$package-$arch"
            gone aws logs delete-log-group --log-group-name "/aws/lambda/$NAME-$package-$arch"
        done
    done
    gone aws ecr delete-repository --repository-name "$NAME" --force
    gone aws iam detach-role-policy --role-name "$NAME" --policy-arn "$POLICY"
    gone aws iam delete-role --role-name "$NAME"
}

usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
}

have aws || die "no aws command line: ci/tools.sh aws"
case ${1-} in
role | repository | remove) "$1" ;;
image | zip)
    case ${2-} in
    x86_64 | arm64) "$1" "$2" ;;
    *) usage ;;
    esac
    ;;
*) usage ;;
esac
