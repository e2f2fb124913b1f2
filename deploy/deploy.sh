#!/usr/bin/env bash
# Puts the function on AWS, and removes it again. docs/deploy.md explains each step.
#
#   deploy/deploy.sh role                  create the IAM role of the functions
#   deploy/deploy.sh zip   x86_64|arm64    create or update NAME-zip-ARCH from target/lambda/ARCH
#   deploy/deploy.sh repository            create the ECR repository, log docker in
#   deploy/deploy.sh image x86_64|arm64    create or update NAME-image-ARCH from the pushed image
#   deploy/deploy.sh remove                remove functions, logs, repository and role
#
# Variables: NAME (pi-spigot) of role, functions and repository; TAG (latest) and BASE (al2023) of the
# image; MEMORY (1769 MB: one vCPU) and TIMEOUT (60 s) of a new function; AWS_REGION and AWS_PROFILE,
# which the aws command line reads. Every step can be repeated.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../ci/lib.sh"
cd "$ROOT"

NAME=${NAME:-pi-spigot}
TAG=${TAG:-latest}
BASE=${BASE:-al2023}
MEMORY=${MEMORY:-1769}
TIMEOUT=${TIMEOUT:-60}
# Seconds that a new role may take until Lambda knows it.
ROLE_PATIENCE=${ROLE_PATIENCE:-60}
export AWS_PAGER=

# --- where ------------------------------------------------------------------

account() { aws sts get-caller-identity --query Account --output text; }
region() { echo "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"; }

# aws, aws-cn or aws-us-gov: the second field of any ARN.
partition() { aws sts get-caller-identity --query Arn --output text | cut -d : -f 2; }

registry() {
    local suffix=
    [ "$(partition)" != aws-cn ] || suffix=.cn
    echo "$(account).dkr.ecr.$(region).amazonaws.com$suffix"
}

policy() { echo "arn:$(partition):iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"; }
role_arn() { echo "arn:$(partition):iam::$(account):role/$NAME"; }

# --- role -------------------------------------------------------------------

role_exists() { aws iam get-role --role-name "$NAME" >/dev/null 2>&1; }

role() {
    role_exists ||
        aws iam create-role --role-name "$NAME" --assume-role-policy-document '{"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    aws iam attach-role-policy --role-name "$NAME" --policy-arn "$(policy)"
    aws iam wait role-exists --role-name "$NAME"
    say "role $NAME is ready"
}

# --- functions --------------------------------------------------------------

exists() { aws lambda get-function --function-name "$1" >/dev/null 2>&1; }

# A new role is unknown to Lambda for some seconds: try again until ROLE_PATIENCE is over.
when_assumable() {
    local said end=$((SECONDS + ROLE_PATIENCE))
    until said=$("$@" 2>&1); do
        case $said in
        *"cannot be assumed"*) [ "$SECONDS" -lt "$end" ] || die "$said (is there a role $NAME? deploy/deploy.sh role)" ;;
        *) die "$said" ;;
        esac
        say "Lambda does not know the role $NAME yet; trying again"
        sleep 3
    done
    printf '%s\n' "$said"
}

# create NAME ARCH OPTION...
create() {
    local function=$1 arch=$2
    shift 2
    when_assumable aws lambda create-function --function-name "$function" --architectures "$arch" \
        --role "$(role_arn)" --memory-size "$MEMORY" --timeout "$TIMEOUT" "$@"
    aws lambda wait function-active-v2 --function-name "$function"
}

# update NAME ARCH OPTION...
update() {
    local function=$1 arch=$2
    shift 2
    aws lambda update-function-code --function-name "$function" --architectures "$arch" "$@"
    aws lambda wait function-updated-v2 --function-name "$function"
}

zip() {
    local arch=$1 function=$NAME-zip-$1 file=target/lambda/$1/bootstrap.zip
    [ -e "$file" ] || die "no $file: make zip"
    if exists "$function"; then
        update "$function" "$arch" --zip-file "fileb://$file"
    else
        create "$function" "$arch" --runtime provided.al2023 --handler bootstrap --zip-file "fileb://$file"
    fi
}

# --- images -----------------------------------------------------------------

repository_exists() { aws ecr describe-repositories --repository-names "$NAME" >/dev/null 2>&1; }

repository() {
    local registry
    registry=$(registry)
    repository_exists || aws ecr create-repository --repository-name "$NAME"
    aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
    say "next: REGISTRY=$registry make push"
}

# Prints the image's address by digest: Lambda keeps the digest that a tag had when the function was
# updated, so a tag that moves changes nothing.
image_uri() {
    local tag=$TAG-$BASE-${1/x86_64/amd64} about digest media
    about=$(aws ecr describe-images --repository-name "$NAME" --image-ids "imageTag=$tag" \
        --query 'imageDetails[0].[imageDigest, imageManifestMediaType]' --output text) ||
        die "no image $NAME:$tag: REGISTRY=$(registry) make push"
    read -r digest media <<<"$about"
    case $media in
    *index* | *manifest.list*)
        die "$NAME:$tag is an index of several images, which Lambda refuses; push one image: REGISTRY=$(registry) make push"
        ;;
    esac
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

# --- removal ----------------------------------------------------------------

# gone COMMAND...: success also where there is nothing to remove.
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
    gone aws iam detach-role-policy --role-name "$NAME" --policy-arn "$(policy)"
    gone aws iam delete-role --role-name "$NAME"
}

[ $# -gt 0 ] || usage
have aws || die "no aws command line: ci/tools.sh aws"
case $1 in
role | repository | remove) "$1" ;;
image | zip)
    case ${2-} in
    x86_64 | arm64) "$1" "$2" ;;
    *) usage ;;
    esac
    ;;
*) usage ;;
esac
