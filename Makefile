# Verbs a person would use. They delegate: cargo builds, bake describes images,
# ci/ installs tools and drives the real emulator. `make` lists them.

CARGO ?= cargo
HOST := $(shell uname -m)
METER := $(CARGO) run --quiet --locked --profile tool --package lambda-meter --
bootstrap = target/$(1)-unknown-linux-musl/release/bootstrap

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the verbs
	@grep -hE '^[a-z0-9_-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-22s %s\n", $$1, $$2 }'

##### the main job

.PHONY: invoke
invoke: bootstrap-$(HOST) ## 10,000 digits through the function and an embedded Lambda runtime API
	$(METER) invoke --binary $(call bootstrap,$(HOST)) --event events/digits-10000.json

.PHONY: test
test: test-rust test-neon test-e2e test-clients test-deploy test-images-if-possible ## all tests; installs what they need

##### builds

.PHONY: bootstrap-x86_64 bootstrap-aarch64
bootstrap-x86_64: ## the function, static, for x86_64
bootstrap-aarch64: ## the function, static, for arm64 (Graviton)
bootstrap-x86_64 bootstrap-aarch64: bootstrap-%: target-%
	deploy/build.sh $*
	@ls -l $(call bootstrap,$*)

.PHONY: target-x86_64 target-aarch64
target-x86_64 target-aarch64: target-%:
	@ci/tools.sh targets

.PHONY: pi
pi: ## the command line: target/release/pi
	$(CARGO) build --locked --release --package pi-spigot-cli

##### tests

.PHONY: lint
lint: ## formatting, clippy and documentation, warnings refused
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	$(CARGO) fmt --manifest-path lab/Cargo.toml --all --check
	$(CARGO) clippy --locked --manifest-path lab/Cargo.toml --target-dir target/lab --package pi-spigot-fuzz --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --workspace --no-deps --all-features

.PHONY: deny
deny: ## licences, bans and sources of all dependencies, by cargo-deny
	@command -v cargo-deny >/dev/null || { echo "make deny needs cargo-deny: cargo install --locked cargo-deny"; exit 1; }
	$(CARGO) deny --workspace --all-features check licenses bans sources

.PHONY: test-rust
test-rust: ## unit, golden, contract and property tests
	$(CARGO) test --locked --workspace --all-features

.PHONY: soak
soak: bootstrap-$(HOST) ## 10,000 invocations of one process: its resident memory stays where it is
	PI_SOAK=10000 PI_SOAK_BINARY=$(CURDIR)/$(call bootstrap,$(HOST)) $(CARGO) test --locked --package pi-spigot-lambda --test contract -- --nocapture soak

.PHONY: test-neon
test-neon: target-aarch64 ## the engine's tests on arm64, under qemu
	ci/tools.sh qemu
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER=qemu-aarch64-static $(CARGO) test --locked \
		--manifest-path lab/Cargo.toml --package pi-spigot-neon --target-dir target/lab --target aarch64-unknown-linux-musl

.PHONY: test-long
test-long: ## what takes minutes: a hundred million digits, rounding errors at every length
	$(CARGO) test --locked --release --package pi-spigot --test engine --lib -- --ignored --nocapture

# What finishes in seven to ten minutes of one core; PI_SIMD=scalar has no vendor's intrinsics.
MIRI ?= memory::block memory::tests::a_buffer memory::columns cpu::tests::balanced cpu::tests::levels bigint::limbs bigint::div::exact \
	bigint::integer bigint::natural::tests::laws bigint::natural::tests::square bigint::natural::tests::what \
	bigint::mul::wraparound::tests::residues bigint::parallel pi::algorithm pi::count pi::stream::round::tests::guard

.PHONY: miri
miri: ## unsafe memory and the safe floors under Miri (nightly with miri and rust-src); MIRI="filters" for others
	PI_SIMD=scalar PROPTEST_CASES=2 MIRIFLAGS=-Zmiri-disable-isolation \
		$(CARGO) +nightly miri test --locked --package pi-spigot --lib -- $(MIRI)

.PHONY: test-e2e
test-e2e: bootstrap-x86_64 bootstrap-aarch64 ## the real emulator and the real aws CLI, both architectures
	ci/tools.sh rie aws qemu
	ci/e2e.sh

.PHONY: test-clients
test-clients: bootstrap-$(HOST) ## lambda-meter serve against the real aws CLI, boto3 and cargo lambda
	ci/tools.sh aws lambda
	meter/tests/clients.sh

test: test-meter-image-if-possible
.PHONY: test-meter-image test-meter-image-if-possible
test-meter-image: bootstrap-$(HOST) ## lambda-meter run --image, by an engine of the project's own (root)
	ci/tools.sh engine
	meter/tests/image.sh
test-meter-image-if-possible:
	@if ci/engine.sh possible; then $(MAKE) test-meter-image; else echo "skipped: make test-meter-image"; fi

##### images, zips, deployment

include ci/images.mk

##### benches

.PHONY: bench
bench: ## criterion benches of the library
	$(CARGO) bench --locked --package pi-spigot

.PHONY: bench-libc
bench-libc: target-$(HOST) ## the spigot in a musl build against the short program in a glibc build
	$(CARGO) build --locked --release --target $(HOST)-unknown-linux-musl --package pi-spigot-cli
	$(CARGO) build --locked --profile plain --manifest-path lab/Cargo.toml --target-dir target/lab --package pi-spigot-peers --bin short_form
	python3 benches/pair.py --runs 11 \
		'target/$(HOST)-unknown-linux-musl/release/pi 10_000 --algorithm gibbons' \
		'target/lab/plain/short_form 10000'

.PHONY: bench-startup
bench-startup: bootstrap-$(HOST) ## init, warm overhead and first bytes: the function, a client that does nothing, lambda_runtime
	rustc --edition 2024 -Copt-level=3 -Clto=fat -Ccodegen-units=1 -Cstrip=symbols -Clinker=rust-lld \
		-Crelocation-model=static --target $(HOST)-unknown-linux-musl meter/examples/floor.rs -o target/floor
	$(CARGO) build --locked --profile plain --manifest-path lab/Cargo.toml --package stock --target-dir target/lab
	$(CARGO) bench --locked --package lambda-meter --bench startup -- \
		--floor $(CURDIR)/target/floor --function $(CURDIR)/$(call bootstrap,$(HOST)) \
		--other lambda_runtime=$(CURDIR)/target/lab/plain/whole \
		--stream function=$(CURDIR)/$(call bootstrap,$(HOST)) \
		--stream lambda_runtime=$(CURDIR)/target/lab/plain/stream

.PHONY: bench-share
bench-share: bootstrap-$(HOST) ## wall time x CPU share against CPU time at five memory sizes
	$(CARGO) bench --locked --package lambda-meter --bench share -- \
		--function $(CURDIR)/$(call bootstrap,$(HOST)) --event '{"digits": 30000, "algorithm": "gibbons"}'

.PHONY: measure
measure: bootstrap-$(HOST) ## the published table: 10,000 digits at 128 MB, cold and warm, beside ours
	lab/comparators/rust/build.sh --published
	$(METER) run meter/matrices/published.toml

.PHONY: measure-aws
measure-aws: ## the same on AWS, where it costs money: ARGS="--dry-run" says how much; --max-usd limits it
	$(CARGO) run --quiet --locked --profile tool --package lambda-meter --features aws -- \
		run meter/matrices/published.toml --aws $(ARGS)

.PHONY: comparators
comparators: bootstrap-x86_64 ## the same digits by Python and JavaScript functions
	lab/comparators/install.sh
	lab/comparators/rust/build.sh
	$(METER) run lab/comparators/matrix.toml

.PHONY: bench-peers
bench-peers: ## ours beside malachite, GMP, dashu and num-bigint: seconds, ratios, memory
	lab/peers/bench.sh

.PHONY: fuzz
fuzz: ## a minute of random operands and payloads against num-bigint and serde_json
	$(CARGO) run --profile fuzz --locked --manifest-path lab/Cargo.toml --target-dir target/lab --package pi-spigot-fuzz -- --seconds 60

.PHONY: fuzz-guided
fuzz-guided: ## the same by libFuzzer, a minute for each target (nightly, a C++ compiler, cargo-fuzz)
	@command -v cargo-fuzz >/dev/null || { echo "make fuzz-guided needs cargo-fuzz: cargo install --locked cargo-fuzz"; exit 1; }
	cd lab/fuzz && for target in integers events; do \
		RUSTUP_TOOLCHAIN=nightly cargo fuzz run $$target --features libfuzzer --fuzz-dir . -- -max_total_time=60 || exit; \
	done
