# Images and zips: targets, tags and labels. `docker buildx bake --print` shows the plan without
# building. deploy/bake.sh adds the commit and its date.
#
# buildx 0.13, which Debian 13 has, knows neither `description` nor `validation` of a variable.

# Registry that images are pushed to: ACCOUNT.dkr.ecr.REGION.amazonaws.com. Empty: images stay local.
variable "REGISTRY" {
  default = ""
}

# Name of the repository, of the functions and of their role; deploy/deploy.sh reads it too.
variable "NAME" {
  default = "pi-spigot"
}

# First part of every tag: TAG-BASE-ARCHITECTURE.
variable "TAG" {
  default = "latest"
}

# Version of the toolchain's image: the channel in rust-toolchain.toml.
variable "RUST" {
  default = "1.95.0"
}

# Label: the version in Cargo.toml.
variable "VERSION" {
  default = "0.1.0"
}

# Label, and the answer to {"op": "version"}: the commit. deploy/bake.sh sets it.
variable "REVISION" {
  default = ""
}

# Label: the address of the source.
variable "SOURCE" {
  default = ""
}

# Date of the images, in seconds since 1970: one commit gives one digest. deploy/bake.sh sets it to
# the date of the commit.
variable "SOURCE_DATE_EPOCH" {
  default = "0"
}

# Largest `bootstrap`, in bytes; a cold start fetches all of it.
variable "MAX_BYTES" {
  default = "2200000"
}

function "repository" {
  params = []
  result = REGISTRY == "" ? NAME : "${REGISTRY}/${NAME}"
}

# Lambda creates no functions on al2 after February 1, 2027: drop it from here then.
group "default" {
  targets = ["al2-amd64", "al2-arm64", "al2023-amd64", "al2023-arm64"]
}

group "all" {
  targets = ["image", "zip"]
}

group "validate" {
  targets = ["hadolint"]
}

target "_common" {
  args = {
    RUST              = RUST
    MAX_BYTES         = MAX_BYTES
    REVISION          = REVISION
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
  }
  labels = {
    "org.opencontainers.image.title"    = NAME
    "org.opencontainers.image.source"   = SOURCE
    "org.opencontainers.image.version"  = VERSION
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.licenses" = "MIT OR Apache-2.0"
  }
  # An attestation turns an image into an index, which Lambda refuses.
  attest = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# One image for each base and architecture: a single manifest with gzip layers, as Lambda wants it.
# No compression-level: BuildKit 0.13 does not always honour it, so that digests would differ, and 9
# saves one part in 600.
target "image" {
  inherits = ["_common"]
  name     = "${base}-${arch}"
  matrix = {
    base = ["al2", "al2023", "scratch"]
    arch = ["amd64", "arm64"]
  }
  dockerfile = arch == "amd64" ? "Dockerfile" : "Dockerfile.${arch}"
  platforms  = ["linux/${arch}"]
  target     = base == "scratch" ? "minimal" : "lambda"
  args = {
    BASE = base == "scratch" ? null : "public.ecr.aws/lambda/provided:${base}"
  }
  tags   = ["${repository()}:${TAG}-${base}-${arch}"]
  output = ["type=image,oci-mediatypes=true,compression=gzip,force-compression=true"]
}

# target/lambda/ARCHITECTURE/bootstrap.zip, with Lambda's names of architectures.
target "zip" {
  inherits = ["_common"]
  name     = "zip-${arch}"
  matrix = {
    arch = ["amd64", "arm64"]
  }
  dockerfile = arch == "amd64" ? "Dockerfile" : "Dockerfile.${arch}"
  target     = "zip"
  output     = ["type=local,dest=target/lambda/${arch == "amd64" ? "x86_64" : arch}"]
}

# One tag for both architectures, TAG-BASE: for `docker run` on any machine. Lambda refuses an index.
target "index" {
  inherits = ["_common"]
  name     = "index-${base}"
  matrix = {
    base = ["al2", "al2023", "scratch"]
  }
  dockerfile-inline = <<-EOT
    FROM --platform=linux/amd64 image-amd64 AS amd64
    FROM --platform=linux/arm64 image-arm64 AS arm64
    FROM $${TARGETARCH}
  EOT
  contexts = {
    image-amd64 = "target:index-part-${base}-amd64"
    image-arm64 = "target:index-part-${base}-arm64"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  tags      = ["${repository()}:${TAG}-${base}"]
  output    = ["type=image,oci-mediatypes=true,compression=gzip,force-compression=true"]
}

# The images of an index, without tags of their own.
target "index-part" {
  name = "index-part-${base}-${arch}"
  matrix = {
    base = ["al2", "al2023", "scratch"]
    arch = ["amd64", "arm64"]
  }
  inherits = ["${base}-${arch}"]
  tags     = []
  output   = ["type=cacheonly"]
}

target "hadolint" {
  dockerfile = "ci/validate.Dockerfile"
  output     = ["type=cacheonly"]
}
