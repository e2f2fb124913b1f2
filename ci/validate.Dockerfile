# Lints the Dockerfiles: `docker buildx bake validate`.
FROM hadolint/hadolint:2.14.0 AS hadolint
WORKDIR /src
COPY Dockerfile Dockerfile.arm64 ci/validate.Dockerfile ./
RUN ["/bin/hadolint", "--failure-threshold", "warning", "Dockerfile", "Dockerfile.arm64", "validate.Dockerfile"]
