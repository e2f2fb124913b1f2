#!/usr/bin/env python3
"""Checks that Lambda accepts an image, or that an index has both architectures.

    manifest.py single RAW CONFIG ARCH LAYOUT|-   one image, from `skopeo inspect --raw`
                                                  and `skopeo inspect --config`
    manifest.py index RAW                         one tag for both architectures

Lambda accepts one manifest of one architecture with gzip layers. LAYOUT is the
base's: the image must have its layers unchanged. Prints what the image has.
"""

import json
import pathlib
import sys

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
LABELS = {"title", "source", "version", "revision", "licenses"}


def same(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got {got!r}, expected {wanted!r}")


def read(path):
    return json.loads(pathlib.Path(path).read_text())


def base_layers(layout, arch):
    """The digests of the layers of one architecture of an image layout."""
    folder = pathlib.Path(layout)

    def blob(descriptor):
        return read(folder / "blobs" / descriptor["digest"].replace(":", "/"))

    index = blob(read(folder / "index.json")["manifests"][0])
    manifest, = [m for m in index["manifests"] if m["platform"]["architecture"] == arch]
    return [layer["digest"] for layer in blob(manifest)["layers"]]


def single(raw, config, arch, layout):
    manifest, config = read(raw), read(config)
    same("media type", manifest.get("mediaType"), MANIFEST)
    same("media types of layers", {layer["mediaType"] for layer in manifest["layers"]}, {LAYER})
    same("platform", (config["os"], config["architecture"]), ("linux", arch))
    base = [] if layout == "-" else base_layers(layout, arch)
    *below, ours = manifest["layers"]
    same("layers of the base", [layer["digest"] for layer in below], base)
    same("user", config["config"]["User"], "65532:65532")
    labels = {name.removeprefix("org.opencontainers.image.") for name in config["config"]["Labels"]}
    same("missing labels", LABELS - labels, set())
    print(f"one manifest, {manifest['mediaType']}, linux/{arch}, {len(base)} layers of the base, ours of {ours['size']} bytes")


def index(raw):
    found = read(raw)
    same("media type", found.get("mediaType"), INDEX)
    platforms = [(m["mediaType"], m["platform"]["architecture"]) for m in found["manifests"]]
    same("manifests", sorted(platforms), [(MANIFEST, "amd64"), (MANIFEST, "arm64")])
    print("one index of two manifests, linux/amd64 and linux/arm64")


def main():
    checks = {"single": (single, 4), "index": (index, 1)}
    if len(sys.argv) < 2 or sys.argv[1] not in checks or len(sys.argv) - 2 != checks[sys.argv[1]][1]:
        sys.exit(__doc__)
    checks[sys.argv[1]][0](*sys.argv[2:])


main()
