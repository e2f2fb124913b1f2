# check=error=true;skip=FromPlatformFlagConstDisallowed
# The function for Lambda on x86_64. Dockerfile and Dockerfile.arm64 differ only in the name of the
# architecture: `ci/twins.sh --write` makes the second from the first, and `make validate` compares.
# `docker buildx bake` builds both; see docker-bake.hcl.
ARG RUST=1.95.0
ARG BASE=public.ecr.aws/lambda/provided:al2023

# toolchain: runs on the machine that builds, and compiles for either architecture
FROM --platform=$BUILDPLATFORM rust:${RUST}-slim-bookworm AS toolchain
WORKDIR /src
RUN rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl

# dependencies: fetched once for both architectures; no later stage has a network
FROM toolchain AS dependencies
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY app/api/Cargo.toml app/api/
COPY app/authorizer/Cargo.toml app/authorizer/
COPY app/consumer/Cargo.toml app/consumer/
COPY app/recorder/Cargo.toml app/recorder/
COPY app/store/Cargo.toml app/store/
COPY app/telemetry/Cargo.toml app/telemetry/
COPY app/tokens/Cargo.toml app/tokens/
COPY bindings/node/Cargo.toml bindings/node/
COPY bindings/python/Cargo.toml bindings/python/
COPY cli/Cargo.toml cli/
COPY deploy/build.sh deploy/
COPY deploy/zip/Cargo.toml deploy/zip/
COPY guard/Cargo.toml guard/
COPY lambda/Cargo.toml lambda/
COPY meter/Cargo.toml meter/
# Cargo reads the manifest of every member and wants the sources that a manifest names: empty files
# do, and tests, benches and examples are cut out of the manifests.
RUN mkdir -p src && touch src/lib.rs \
    && for manifest in Cargo.toml */Cargo.toml */*/Cargo.toml; do \
        sed -i '/^\[\[\(test\|bench\|example\)\]\]/,/^$/d' "$manifest"; \
        package=$(dirname "$manifest"); \
        [ "$package" = . ] || { mkdir -p "$package/src" && touch "$package/src/lib.rs" "$package/src/main.rs"; }; \
    done \
    && deploy/build.sh fetch

# builder: compiles the function; a folder that holds /bootstrap can replace this stage
FROM dependencies AS builder
COPY src src
COPY lambda/src lambda/src
# The commit, for {"op": "version"}.
ARG REVISION
# Cargo compares dates, and the cache may hold the build of a newer checkout: touch the sources.
RUN --network=none --mount=type=cache,id=pi-spigot-x86_64,target=/src/target,sharing=locked \
    find src lambda -exec touch {} + && deploy/build.sh x86_64 --offline \
    && cp target/x86_64-unknown-linux-musl/release/bootstrap /bootstrap

# verify: refuses a binary that is dynamic, foreign or too large
FROM toolchain AS verify
ARG MAX_BYTES=2200000
COPY deploy/verify.sh deploy/
COPY --from=builder /bootstrap /bootstrap
RUN --network=none deploy/verify.sh /bootstrap x86_64 "${MAX_BYTES}"

# packer: the program that writes the zip, for the machine that builds
FROM dependencies AS packer
COPY deploy/zip/src deploy/zip/src
RUN --network=none --mount=type=cache,id=pi-spigot-packer,target=/src/target,sharing=locked \
    find deploy -exec touch {} + && cargo build --locked --offline --package pi-spigot-zip \
    && cp target/debug/pi-spigot-zip /

# package: the file trees of the images and the zip, all with the same date
FROM verify AS package
COPY --from=packer /pi-spigot-zip /
RUN --network=none install -D -m 0755 /bootstrap /lambda/var/runtime/bootstrap \
    && install -D -m 0755 /bootstrap /minimal/bootstrap \
    && find /lambda /minimal -exec touch -d @0 {} + \
    && /pi-spigot-zip /bootstrap /bootstrap.zip \
    && deploy/verify.sh /bootstrap.zip zip

# zip: for `aws lambda create-function --zip-file`
FROM scratch AS zip
COPY --from=package /bootstrap.zip /

# minimal: the function and nothing else
# hadolint ignore=DL3029
FROM --platform=linux/amd64 scratch AS minimal
COPY --link --from=package /minimal/ /
USER 65532:65532
ENTRYPOINT ["/bootstrap"]

# lambda: on Amazon's base, whose entrypoint brings the emulator when a person runs the image
# hadolint ignore=DL3029
FROM --platform=linux/amd64 ${BASE} AS lambda
COPY --link --from=package /lambda/ /
USER 65532:65532
CMD ["bootstrap"]
