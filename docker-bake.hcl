# What can be built, and how it is called. `docker buildx bake --print` shows
# the outcome without building; `REGISTRY=... docker buildx bake --push` is all
# that Lambda needs.

variable "REGISTRY" {
  # Where images go: ACCOUNT.dkr.ecr.REGION.amazonaws.com; empty keeps them local.
  default = ""
}

variable "REPOSITORY" {
  # The repository in that registry.
  default = "pi-spigot"
}

variable "TAG" {
  # The tag for people; Lambda's tags add the architecture: TAG-amd64, TAG-arm64.
  default = "latest"
}

variable "BASE" {
  # Which base `default` builds: al2, al2023 or scratch. Lambda creates no
  # functions on al2 after February 1, 2027.
  default = "al2"
}

variable "RUST" {
  # Version of the toolchain's image; the channel in rust-toolchain.toml.
  default = "1.95.0"
}

variable "VERSION" {
  # Label: the version in Cargo.toml.
  default = "0.1.0"
}

variable "REVISION" {
  # Label, and what {"op": "version"} says: the commit. The Makefile sets it.
  default = ""
}

variable "SOURCE" {
  # Label: where the source is.
  default = ""
}

variable "SOURCE_DATE_EPOCH" {
  # The date that images carry, so that one commit gives one digest. The
  # Makefile sets it to the commit's.
  default = "0"
}

variable "MAX_BYTES" {
  # A larger bootstrap is refused: every byte is fetched on a cold start.
  default = "1300000"
}

function "repository" {
  params = []
  result = REGISTRY == "" ? REPOSITORY : "${REGISTRY}/${REPOSITORY}"
}

# TAG-arm64 for the chosen base, TAG-scratch-arm64 for another.
function "tag" {
  params = [base, arch]
  result = base == BASE ? "${repository()}:${TAG}-${arch}" : "${repository()}:${TAG}-${base}-${arch}"
}

group "default" {
  targets = ["${BASE}-amd64", "${BASE}-arm64"]
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
    VERSION           = VERSION
    REVISION          = REVISION
    SOURCE            = SOURCE
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
  }
  # Lambda refuses the index that an attestation makes of an image.
  attest = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# One image per base and architecture: a single manifest with gzip layers. No
# compression-level: BuildKit 0.13 does not always honour it, so that digests
# would differ, and 9 saves one part in 600.
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
  tags   = [tag(base, arch)]
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

# One tag for both architectures, for people; Lambda refuses it.
target "people" {
  inherits          = ["_common"]
  dockerfile-inline = <<-EOT
    FROM --platform=linux/amd64 image-amd64 AS amd64
    FROM --platform=linux/arm64 image-arm64 AS arm64
    FROM $${TARGETARCH}
  EOT
  contexts = {
    image-amd64 = "target:part-amd64"
    image-arm64 = "target:part-arm64"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  tags      = ["${repository()}:${TAG}"]
  output    = ["type=image,oci-mediatypes=true,compression=gzip,force-compression=true"]
}

# The images that `people` joins; without tags, so that Lambda's stay as they are.
target "part" {
  name = "part-${arch}"
  matrix = {
    arch = ["amd64", "arm64"]
  }
  inherits = ["${BASE}-${arch}"]
  tags     = []
  output   = ["type=cacheonly"]
}

target "hadolint" {
  dockerfile = "ci/validate.Dockerfile"
  output     = ["type=cacheonly"]
}
