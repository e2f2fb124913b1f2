#!/usr/bin/env python3
"""Writes stand-ins for the base images of the Dockerfiles, for tests without an
image registry: OCI image layouts of Debian packages and this machine's Rust.
offline.hcl puts the stand-ins in place by name.

    standins.py FOLDER [rust] [provided] [hadolint]

Needs `ci/tools.sh rie lint engine`. A stand-in takes between seconds and a minute;
one that this very recipe made before is kept.

rust      rust:VERSION-slim-bookworm: gcc, libc and the shell's tools, the
          toolchain without its documentation but with std's sources, rustup to manage it
provided  public.ecr.aws/lambda/provided, amd64 and arm64: busybox, the real
          runtime interface emulator, and an entrypoint with Amazon's logic
hadolint  hadolint/hadolint: the program and nothing else
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
HOST_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]

ENTRYPOINT = """\
#!/bin/sh
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap
fi
exec /var/runtime/bootstrap
"""


# --- OCI image layout -------------------------------------------------------

class Layout:
    """One image, of one architecture or several, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.blobs = folder / "blobs" / "sha256"
        self.blobs.mkdir(parents=True)
        self.manifests = []

    def blob(self, data, kind):
        digest = hashlib.sha256(data).hexdigest()
        (self.blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    def json(self, value, kind):
        return self.blob(json.dumps(value).encode(), f"{kind}.v1+json")

    def big_layer(self, tar):
        """A layer moved in from a file, uncompressed: for images that are never pushed."""
        digest = sha256(tar)
        size = tar.stat().st_size
        shutil.move(tar, self.blobs / digest)
        layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": f"sha256:{digest}", "size": size}
        return layer, layer["digest"]

    def small_layer(self, tar):
        """A gzip layer, which Lambda requires."""
        layer = self.blob(gzip.compress(tar, mtime=0), "layer.v1.tar+gzip")
        return layer, "sha256:" + hashlib.sha256(tar).hexdigest()

    def image(self, arch, layers, config):
        config = self.json({
            "created": "1970-01-01T00:00:00Z",
            "architecture": arch,
            "os": "linux",
            "config": config,
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": f"stand-in, layer {n}"} for n in range(len(layers))],
            "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]},
        }, "config")
        manifest = self.json({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config,
            "layers": [layer for layer, _ in layers],
        }, "manifest")
        self.manifests.append(manifest | {"platform": {"os": "linux", "architecture": arch}})

    def finish(self):
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": self.manifests}
        tagged = self.json(index, "index") | {"annotations": {"org.opencontainers.image.ref.name": "latest"}}
        (self.folder / "index.json").write_text(json.dumps(index | {"manifests": [tagged]}))
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else slow_sha256(file)


def slow_sha256(file):
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


# --- contents of the layers -------------------------------------------------

def debian(*packages, arch=HOST_ARCH):
    """A tar of unpacked packages, from this machine's source of Debian."""
    release = re.search("^VERSION_CODENAME=(.*)$", pathlib.Path("/etc/os-release").read_text(), re.M)[1]
    sources = subprocess.run(
        ["apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) main", "Created-By: Packages", f"Release: {release}"],
        check=True, capture_output=True, text=True).stdout.splitlines()
    if not sources:
        sys.exit(f"the stand-ins are made of Debian packages, and apt knows no source of {release}: apt-get update")
    with tempfile.TemporaryDirectory() as work:
        tar = pathlib.Path(work) / "root.tar"
        run = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=extract", f"--architectures={arch}",
             "--include=" + ",".join(packages), release, tar, sources[0]],
            capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"mmdebstrap failed:\n{run.stderr}")
        return tar.read_bytes()


def owned_by_root(member):
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def add_text(tar, name, text, mode=0o644):
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text), mode
    tar.addfile(member, io.BytesIO(text.encode()))


def add_link(tar, name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    tar.addfile(member)


def add_folder(tar, name):
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    tar.addfile(member)


# --- the images -------------------------------------------------------------

def rust(layout):
    """Uses the paths of the official image: /usr/local/cargo and /usr/local/rustup."""
    version = rust_version()
    name = f"{version}-{platform.machine()}-unknown-linux-gnu"
    system = layout.folder / "system.tar"
    system.write_bytes(debian("gcc", "libc6-dev", "dash", "coreutils", "binutils", "findutils", "grep", "gzip", "sed"))
    toolchain = layout.folder / "toolchain.tar"
    with tarfile.open(toolchain, "w", format=tarfile.GNU_FORMAT) as tar:
        add_toolchain(tar, f"usr/local/rustup/toolchains/{name}")
        add_text(tar, "usr/local/rustup/settings.toml", f'version = "12"\ndefault_toolchain = "{name}"\nprofile = "minimal"\n')
        tar.add(shutil.which("rustup") or sys.exit("no rustup: see rustup.rs"), "usr/local/cargo/bin/rustup",
                filter=owned_by_root, recursive=False)
        for program in "cargo", "rustc":
            add_link(tar, f"usr/local/cargo/bin/{program}", "rustup")
        add_link(tar, "usr/bin/cc", "gcc")
        tar.add(os.path.realpath(CERTIFICATES), CERTIFICATES[1:], filter=owned_by_root)
    layout.image(HOST_ARCH, [layout.big_layer(system), layout.big_layer(toolchain)], {"Env": [
        "PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "RUSTUP_HOME=/usr/local/rustup", "CARGO_HOME=/usr/local/cargo", f"RUST_VERSION={version}",
        f"SSL_CERT_FILE={CERTIFICATES}", f"CARGO_HTTP_CAINFO={CERTIFICATES}"]})


def rust_version():
    text = subprocess.run(["rustc", "--version"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return text.split()[1]


def add_toolchain(tar, name):
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    sysroot = os.path.realpath(sysroot.strip())

    def kept(member):
        inside = member.name[len(name) + 1:]
        if inside.startswith(("share", "etc")) or "_rt." in inside:
            return None
        if inside.startswith("bin/") and inside not in ("bin/cargo", "bin/rustc"):
            return None
        return owned_by_root(member)

    tar.add(sysroot, name, filter=kept)


def provided(layout):
    for arch, machine in ("amd64", "x86_64"), ("arm64", "aarch64"):
        ours = io.BytesIO()
        with tarfile.open(fileobj=ours, mode="w") as tar:
            tar.add(TOOLS / "bin" / f"aws-lambda-rie-{machine}", "usr/local/bin/aws-lambda-rie", filter=owned_by_root)
            add_text(tar, "lambda-entrypoint.sh", ENTRYPOINT, 0o755)
            for folder in "var/task", "var/runtime", "tmp":
                add_folder(tar, folder)
            for program in "sh", "wget", "ls":
                add_link(tar, f"bin/{program}", "busybox")
        layers = [layout.small_layer(debian("busybox-static", arch=arch)), layout.small_layer(ours.getvalue())]
        layout.image(arch, layers, {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin", "LAMBDA_TASK_ROOT=/var/task", "LAMBDA_RUNTIME_DIR=/var/runtime"],
            "WorkingDir": "/var/task", "Entrypoint": ["/lambda-entrypoint.sh"]})


def hadolint(layout):
    program = subprocess.run([TOOLS / "venv/hadolint/bin/python", "-c", "import shutil; print(shutil.which('hadolint'))"],
                             check=True, capture_output=True, text=True,
                             env={"PATH": str(TOOLS / "venv/hadolint/bin")}).stdout.strip()
    ours = io.BytesIO()
    with tarfile.open(fileobj=ours, mode="w") as tar:
        tar.add(os.path.realpath(program), "bin/hadolint", filter=owned_by_root)
    layout.image(HOST_ARCH, [layout.small_layer(ours.getvalue())], {"Cmd": ["/bin/hadolint", "-"]})


def recipe():
    """Changes whenever the stand-ins must be made again."""
    return sha256(__file__) + rust_version()


def write(folder, name, fill):
    done = folder / name
    made_by = done / "made-by"
    if made_by.exists() and made_by.read_text() == recipe():
        return
    print(f"making a stand-in: {name}", file=sys.stderr)
    shutil.rmtree(done, ignore_errors=True)
    partial = folder / f"{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    layout = Layout(partial)
    fill(layout)
    layout.finish()
    (partial / "made-by").write_text(recipe())
    partial.rename(done)


def main():
    images = {"rust": rust, "provided": provided, "hadolint": hadolint}
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= images.keys():
        sys.exit(__doc__)
    for name in sys.argv[2:] or images:
        write(pathlib.Path(sys.argv[1]), name, images[name])


main()
