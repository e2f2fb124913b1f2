# check=error=true;skip=FromPlatformFlagConstDisallowed
# The function for Lambda on x86_64. Dockerfile.arm64 is its Graviton twin: the
# same stages, and `diff Dockerfile Dockerfile.arm64` shows the few lines that
# name the architecture. `docker buildx bake` builds both; see docker-bake.hcl.
ARG RUST=1.95.0
ARG BASE=public.ecr.aws/lambda/provided:al2

# toolchain: runs on the machine that builds, and can build for both processors
FROM --platform=$BUILDPLATFORM rust:${RUST}-slim-bookworm AS toolchain
WORKDIR /src
RUN rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl \
    && rustup component add rust-src

# dependencies: fetched once for both architectures; the only stage with network
FROM toolchain AS dependencies
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY cli/Cargo.toml cli/
COPY lambda/Cargo.toml lambda/
COPY lambda/client/Cargo.toml lambda/client/
COPY deploy/build.sh deploy/
COPY meter/Cargo.toml meter/
# What is not built here needs no more than a name: tests, benches, the other member.
RUN sed -i '/^\[\[\(test\|bench\|example\)\]\]/,/^$/d' Cargo.toml */Cargo.toml \
    && mkdir -p src cli/src lambda/src lambda/client/src meter/src \
    && touch src/lib.rs cli/src/main.rs lambda/src/lib.rs lambda/src/main.rs lambda/client/src/lib.rs \
        meter/src/lib.rs meter/src/main.rs \
    && deploy/build.sh fetch

# builder: compiles without network; replaceable by a folder that holds /bootstrap
FROM dependencies AS builder
COPY src src
COPY lambda/src lambda/src
COPY lambda/client/src lambda/client/src
# The commit, which the function tells whoever asks for its version.
ARG REVISION
# Touched, because cargo compares dates, and the cache may know a newer checkout.
RUN --network=none --mount=type=cache,id=pi-spigot-x86_64,target=/src/target,sharing=locked \
    find src lambda -exec touch {} + && deploy/build.sh x86_64 --offline \
    && cp target/x86_64-unknown-linux-musl/release/bootstrap /bootstrap

# verify: nothing dynamic, foreign or oversized gets further
FROM toolchain AS verify
ARG MAX_BYTES=1300000
COPY deploy/verify.sh deploy/
COPY --from=builder /bootstrap /bootstrap
RUN --network=none deploy/verify.sh /bootstrap x86_64 "${MAX_BYTES}"

# package: the file trees of the images and the zip, without dates of their own
FROM verify AS package
COPY deploy/zip.sh deploy/
RUN --network=none install -D -m 0755 /bootstrap /lambda/var/runtime/bootstrap \
    && install -D -m 0755 /bootstrap /minimal/bootstrap \
    && find /lambda /minimal -exec touch -d @0 {} + \
    && deploy/zip.sh /bootstrap /bootstrap.zip

# zip: for `aws lambda create-function --zip-file`
FROM scratch AS zip
COPY --from=package /bootstrap.zip /

# minimal: the function and nothing else
# hadolint ignore=DL3029
FROM --platform=linux/amd64 scratch AS minimal
ARG SOURCE VERSION REVISION
LABEL org.opencontainers.image.title="pi-spigot" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --link --from=package /minimal/ /
USER 65532:65532
ENTRYPOINT ["/bootstrap"]

# lambda: on Amazon's base, whose entrypoint brings the emulator when run by hand
# hadolint ignore=DL3029
FROM --platform=linux/amd64 ${BASE} AS lambda
ARG SOURCE VERSION REVISION
LABEL org.opencontainers.image.title="pi-spigot" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --link --from=package /lambda/ /
USER 65532:65532
CMD ["bootstrap"]
