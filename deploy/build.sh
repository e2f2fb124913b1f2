#!/bin/sh
# Builds the function, the same way on a machine and in an image: static, and
# without a path of the machine that builds, so that one commit gives the same
# bytes wherever it is built.
#
#   deploy/build.sh x86_64|aarch64 [CARGO OPTION]...
#   deploy/build.sh fetch                  what the builds need of the network
#
# The commit is in it, for {"op": "version"}: REVISION, or what git says.
#
# The standard library is compiled with it, for size and without what names the
# lines of a backtrace: a sixth of the file (docs/runtime.md). That is an
# unstable option of cargo, which the toolchain that rust-toolchain.toml pins
# accepts with RUSTC_BOOTSTRAP. STD=prebuilt takes the library as it comes.
#
# The result is target/ARCH-unknown-linux-musl/release/bootstrap.
set -eu

arch=${1:?usage: deploy/build.sh x86_64|aarch64|fetch [CARGO OPTION]...}
shift
cd "$(dirname "$0")/.."
cargo_home=${CARGO_HOME:-$HOME/.cargo}
library=$(rustc --print sysroot)/lib/rustlib/src/rust/library

std() {
    case ${STD:-compiled} in
    prebuilt) ;;
    compiled)
        [ -d "$library" ] || {
            echo "deploy/build.sh: the sources of Rust's standard library are missing: rustup component add rust-src" >&2
            echo "(or STD=prebuilt, for a function that is 250 KB larger)" >&2
            exit 1
        }
        echo -Zbuild-std=std,panic_unwind -Zbuild-std-features=optimize_for_size
        ;;
    *) echo "deploy/build.sh: STD is '$STD', and should be 'compiled' or 'prebuilt'" >&2 && exit 2 ;;
    esac
}
std=$(std)
[ -z "$std" ] || export RUSTC_BOOTSTRAP=1

# Every folder that sources come from, so that messages of panics have short paths, the same on
# every machine and whatever mirror of the registry it uses.
remap() {
    printf "'--remap-path-prefix=%s='" "$PWD/"
    printf ", '--remap-path-prefix=%s='" "$library/" "$cargo_home"/registry/src/*/
}

fetch() {
    # shellcheck disable=SC2086
    cargo fetch --locked $std "$@"
}

if [ "$arch" = fetch ]; then
    fetch "$@"
    exit
fi
triple=$arch-unknown-linux-musl
REVISION=${REVISION:-$(git rev-parse HEAD 2>/dev/null || true)}
export REVISION
# The folders of the registry are there only after it.
case " $* " in *" --offline "*) fetch --quiet --offline ;; *) fetch --quiet ;; esac

# Joined to the flags that .cargo/config.toml sets for this target.
# shellcheck disable=SC2086
exec cargo build --release --locked --target "$triple" --package pi-spigot-lambda $std \
    --config "target.$triple.rustflags=[$(remap)]" \
    "$@"
