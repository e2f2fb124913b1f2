# Replaces the base images of the Dockerfiles by the stand-ins of standins.py:
# `bake -f docker-bake.hcl -f tests/images/offline.hcl`.

# Folder that standins.py wrote.
variable "IMAGES" {
  default = "tools/images"
}

target "_common" {
  contexts = {
    "rust:${RUST}-slim-bookworm"             = "oci-layout://${IMAGES}/rust:latest"
    "public.ecr.aws/lambda/provided:al2"     = "oci-layout://${IMAGES}/provided:latest"
    "public.ecr.aws/lambda/provided:al2023"  = "oci-layout://${IMAGES}/provided:latest"
  }
}

target "hadolint" {
  contexts = {
    "hadolint/hadolint:2.14.0" = "oci-layout://${IMAGES}/hadolint:latest"
  }
}
