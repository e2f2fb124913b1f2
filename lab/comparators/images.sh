#!/usr/bin/env bash
# Container images of the functions in matrix.toml, for the engine that `docker` reaches:
#
#   eval "$(ci/engine.sh start)"
#   lab/comparators/images.sh [NAME]...      builds them; prints options of `lambda-meter run`, one a line
#
# The names are ours, rust, python, python-wheel, javascript and javascript-addon; all of them without an argument.
# No image is pulled. Python stands on Debian's python3, JavaScript on Debian's C libraries and the Node of this
# machine, both with AWS's runtime interface clients, as AWS describes images without its bases; Rust's short form
# stands on Debian's C library; ours on nothing, as the image `scratch` of docker-bake.hcl.
# First: what matrix.toml needs.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../../ci/lib.sh"
cd "$(dirname "$0")"

BASES=$ROOT/target/comparators/bases
machine=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# base NAME PACKAGE...: unpacks Debian's packages once.
base() {
    local folder=$BASES/$1
    [ ! -e "$folder/.packages" ] || [ "$(cat "$folder/.packages")" != "${*:2}" ] || return 0
    say "unpacking ${*:2} of Debian $(codename)"
    rm -rf "$folder"
    debian_files "$folder" "$machine" "$(codename)" all "${@:2}"
    [ "$1" != python ] || /usr/bin/python3 -m compileall -q -s "$folder" "$folder/usr/lib/python3"* || true
    echo "${*:2}" >"$folder/.packages"
}

# image NAME BASE PROGRAM...: an image of the folder $work/task on a base. The first words are its entrypoint, the
# last one is its command: the handler.
image() {
    local name=$1 base=$2 root=$work/root
    shift 2
    rm -rf "$root"
    mkdir -p "$root/var"
    [ "$base" = none ] || cp -al "$BASES/$base/." "$root"
    rm -f "$root/.packages"
    mv "$work/task" "$root/var/task"
    chmod 755 "$root" "$root/var" "$root/var/task"
    local entrypoint=("${@:1:$#-1}") json
    json=$(printf ', "%s"' "${entrypoint[@]}")
    tar -C "$root" --sort=name --owner=0 --group=0 -cf "$work/image.tar" .
    docker import --change "ENTRYPOINT [${json:2}]" --change "CMD [\"${*: -1}\"]" --change "WORKDIR /var/task" \
        "$work/image.tar" "pi-spigot-comparators:$name" >/dev/null
    printf '%-20s %6.1f MB compressed, %6.1f MB unpacked\n' "$name" \
        "$(megabytes "$(gzip -c "$work/image.tar" | wc -c)")" "$(megabytes "$(stat -c %s "$work/image.tar")")" >&2
    printf -- '--image=%s, image=pi-spigot-comparators:%s\n' "${name//-/, }" "$name"
    rm "$work/image.tar"
}

megabytes() { awk -v bytes="$1" 'BEGIN { print bytes / 1e6 }'; }

# python_function HANDLER_FILE PACKAGES...
python_function() {
    mkdir "$work/task"
    local packages
    for packages in "${@:2}"; do cp -r "python/$packages/." "$work/task"; done
    cp "python/$1" "$work/task"
    /usr/bin/python3 -m compileall -q "$work/task/$1"
}

# javascript_function HANDLER_FILE
javascript_function() {
    mkdir "$work/task"
    cp -r javascript/package.json javascript/node_modules "javascript/$1" "$work/task"
}

client=node_modules/aws-lambda-ric/bin/index.mjs

ours() {
    mkdir "$work/task"
    cp "$ROOT/target/$machine-unknown-linux-musl/release/bootstrap" "$work/task"
    image ours none /var/task/bootstrap bootstrap
}

rust() {
    base libc libc6 libgcc-s1
    mkdir "$work/task"
    cp "$ROOT/target/comparators/short-form-num-bigint" "$work/task/bootstrap"
    image rust libc /var/task/bootstrap bootstrap
}

python() {
    base python python3 libstdc++6
    python_function function.py packages
    image python python /usr/bin/python3 -m awslambdaric function.spigot
}

python-wheel() {
    base python python3 libstdc++6
    python_function native.py packages packages-native
    image python-wheel python /usr/bin/python3 -m awslambdaric native.digits
}

# node_base: the same Node as without an image; tools/bin may have another one.
node_base() {
    base node libc6 libstdc++6 libgcc-s1
    install -D "$(PATH=/usr/local/bin:/usr/bin command -v node)" "$BASES/node/usr/bin/node"
}

javascript() {
    node_base
    javascript_function function.mjs
    rm -rf "$work/task/node_modules/"pi-spigot*
    image javascript node /usr/bin/node "$client" function.spigot
}

javascript-addon() {
    node_base
    javascript_function native.mjs
    image javascript-addon node /usr/bin/node "$client" native.pi
}

NAMES=(ours rust python python-wheel javascript javascript-addon)
[ $# -gt 0 ] || set -- "${NAMES[@]}"
for name in "$@"; do
    [[ " ${NAMES[*]} " == *" $name "* ]] || usage
    "$name"
done
