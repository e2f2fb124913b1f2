#!/bin/sh
# Installs AWS's runtime interface clients beside the functions that use them. npm compiles the client
# for Node, with cmake, autoconf, automake, libtool, make and a C++ compiler.
#
#   lab/comparators/install.sh [--python-only]
set -eu
cd "$(dirname "$0")"
python3 -m pip install --quiet --upgrade --target python/packages awslambdaric
if [ "${1:-}" != "--python-only" ]; then
    (cd javascript && npm install --no-audit --no-fund)
fi
du -sk python/packages javascript/node_modules 2>/dev/null
