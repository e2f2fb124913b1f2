#!/usr/bin/env python3
"""Licences of all crates that are linked into a product, with their texts, on standard output.

    ci/licences.py PACKAGE TARGET...        ci/licences.py pi-spigot-node x86_64-unknown-linux-musl

Takes normal dependencies only: crates that build or derive leave nothing of themselves behind. Fails if
a crate has neither a text of its licence nor one that is known here.
"""

import json
import pathlib
import re
import subprocess
import sys

NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)

MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def linked(root, target):
    """The crates that a package links on a target, without those of this tree."""
    data = metadata(target)
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    todo = [package["id"] for package in packages.values() if package["name"] == root and not package["source"]]
    if not todo:
        sys.exit(f"licences.py: no package {root} in this workspace")
    found = {}
    while todo:
        package = packages[todo.pop()]
        if package["id"] in found or any("proc-macro" in kind for kind in package["targets"][0]["kind"]):
            continue
        found[package["id"]] = package
        for dependency in nodes[package["id"]]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    return [package for package in found.values() if package["source"]]


def texts(package):
    """The texts of a crate's licence: its files, or the text of MIT with the crate's authors."""
    folder = pathlib.Path(package["manifest_path"]).parent
    files = sorted(path for path in folder.iterdir() if path.is_file() and NAMES.match(path.name))
    if files:
        return [path.read_text(encoding="utf-8").strip() for path in files]
    if "MIT" not in (package["license"] or ""):
        sys.exit(f"licences.py: {package['name']} {package['version']} has no text of {package['license']}")
    authors = ", ".join(re.sub(r" *<.*>", "", author) for author in package["authors"])
    return [f"Copyright (c) {authors or 'the authors of ' + package['name']}\n\n{MIT}".strip()]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    crates = {(p["name"], p["version"]): p for target in sys.argv[2:] for p in linked(sys.argv[1], target)}
    print("Software of others that this package contains, and the licences of that software.\n")
    print("Rust standard library, MIT OR Apache-2.0")
    by_text = {f"Copyright (c) The Rust Project Contributors\n\n{MIT}".strip(): ["Rust standard library"]}
    for (name, version), package in sorted(crates.items()):
        print(f"{name} {version}, {package['license']}, {package['repository'] or 'no repository'}")
        for text in texts(package):
            by_text.setdefault(text, []).append(f"{name} {version}")
    for text, names in by_text.items():
        print(f"\n{'=' * 100}\n{', '.join(names)}\n{'=' * 100}\n\n{text}")


main()
