#!/bin/sh
# Builds the function, the same way on a machine and in an image: static, and
# without a path of the machine that builds, so that one commit gives the same
# bytes wherever it is built.
#
#   ci/bootstrap.sh x86_64|aarch64 [CARGO OPTION]...
#
# The commit is in it, for {"op": "version"}: REVISION, or what git says.
#
# The result is target/ARCH-unknown-linux-musl/release/bootstrap.
set -eu

arch=${1:?usage: ci/bootstrap.sh x86_64|aarch64 [CARGO OPTION]...}
shift
triple=$arch-unknown-linux-musl
cd "$(dirname "$0")/.."
REVISION=${REVISION:-$(git rev-parse HEAD 2>/dev/null || true)}
export REVISION
cargo_home=${CARGO_HOME:-$HOME/.cargo}

# Joined to the flags that .cargo/config.toml sets for this target.
exec cargo build --release --locked --target "$triple" --package pi-spigot-bootstrap \
    --config "target.$triple.rustflags=['--remap-path-prefix=$cargo_home/registry/src=', '--remap-path-prefix=$PWD=']" \
    "$@"
