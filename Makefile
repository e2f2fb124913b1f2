# Verbs for people and for CI. Recipes delegate: cargo builds, docker-bake.hcl describes images,
# deploy/ and ci/ hold the scripts. `make` lists the verbs.

CARGO ?= cargo
HOST := $(shell uname -m)
bootstrap = target/$(1)-unknown-linux-musl/release/bootstrap

.DEFAULT_GOAL := help
.PHONY: help
help:
	@awk -F ':.*## ' '/^##### / { print "\n" substr($$0, 7) } \
		/^[a-z0-9_-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile

##### The main job

.PHONY: invoke test lint
invoke: bootstrap-$(HOST) ## 10,000 digits through the function and an embedded Lambda runtime API
	$(CARGO) meter invoke --binary $(call bootstrap,$(HOST)) --event events/digits-10000.json

test: test-rust test-neon test-e2e test-python test-node test-telemetry test-app test-hex ## all tests; installs what they need
	ci/images.sh if-possible

.PHONY: app
app: ## the observatory on this machine, with ministack in the place of AWS; prints its URL
	ci/app.sh serve

.PHONY: hex
hex: ## 16 hexadecimal digits from 1e8 on, by the state machine on two interpreters; then with faults
	ci/tools.sh targets states
	deploy/build.sh $(HOST) --features hex --target-dir target/hex
	ci/hex.sh target/hex/$(HOST)-unknown-linux-musl/release/bootstrap 1e8

lint: ## formatting, clippy and documentation of products and lab; warnings are errors
	ci/lint.sh

##### Builds

.PHONY: bootstrap-x86_64 bootstrap-aarch64 zip zip-hex images push python node
bootstrap-x86_64: ## the function for x86_64, static
	ci/tools.sh targets
	deploy/build.sh x86_64

bootstrap-aarch64: ## the function for arm64 (Graviton), static
	ci/tools.sh targets
	deploy/build.sh aarch64

zip: bootstrap-x86_64 bootstrap-aarch64 ## target/lambda/{x86_64,arm64}/bootstrap.zip
	$(CARGO) zip $(call bootstrap,x86_64) target/lambda/x86_64/bootstrap.zip
	$(CARGO) zip $(call bootstrap,aarch64) target/lambda/arm64/bootstrap.zip
	deploy/verify.sh target/lambda/x86_64/bootstrap.zip zip
	deploy/verify.sh target/lambda/arm64/bootstrap.zip zip

.PHONY: telemetry-x86_64 telemetry-aarch64 layer
telemetry-x86_64: ## the extension pi-telemetry for x86_64, static
	ci/tools.sh targets
	PACKAGE=pi-telemetry deploy/build.sh x86_64

telemetry-aarch64: ## the extension for arm64, static
	ci/tools.sh targets cross
	PACKAGE=pi-telemetry deploy/build.sh aarch64

layer: telemetry-x86_64 telemetry-aarch64 ## target/lambda/{x86_64,arm64}/pi-telemetry.zip
	$(CARGO) zip target/x86_64-unknown-linux-musl/release/pi-telemetry target/lambda/x86_64/pi-telemetry.zip extensions/pi-telemetry
	$(CARGO) zip target/aarch64-unknown-linux-musl/release/pi-telemetry target/lambda/arm64/pi-telemetry.zip extensions/pi-telemetry

zip-hex: ## target/lambda/{x86_64,arm64}/hex.zip: the function with hexadecimal digits
	ci/tools.sh targets
	deploy/build.sh x86_64 --features hex --target-dir target/hex
	deploy/build.sh aarch64 --features hex --target-dir target/hex
	$(CARGO) zip target/hex/x86_64-unknown-linux-musl/release/bootstrap target/lambda/x86_64/hex.zip
	$(CARGO) zip target/hex/aarch64-unknown-linux-musl/release/bootstrap target/lambda/arm64/hex.zip

images: ## container images on al2 and al2023 for both architectures (docker)
	deploy/bake.sh

push: ## the same, pushed: REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com make push
	deploy/bake.sh --push

python: ## the wheels of Python for all platforms and the source distribution, in target/python/dist, audited and tested
	ci/python.sh all

node: ## the npm packages of all four platforms in bindings/node/dist, installed and tested
	ci/node.sh all

##### Tests

.PHONY: test-rust test-neon test-e2e test-hex test-python test-node test-app test-images test-long fuzz
test-rust: ## unit, golden, contract and property tests
	$(CARGO) test --locked --workspace --all-features

test-neon: ## tests of the engine on arm64, under qemu
	ci/tools.sh targets qemu
	cd lab && $(CARGO) test --locked --package pi-spigot-neon --target aarch64-unknown-linux-musl

test-e2e: zip ## the real emulator and clients, both architectures; deployment to a stub of AWS
	ci/tools.sh rie aws qemu lambda
	ci/e2e.sh && meter/tests/clients.sh && tests/images/deploy.sh

test-python: ## the Python package: wheel of this machine, types, tests in two versions of Python
	ci/python.sh quick

test-node: ## the npm package: addon of this machine, types, tests on Node 20 and 24
	ci/node.sh

.PHONY: test-telemetry
test-telemetry: ## the extension and its consumer: functions in three languages, SQS and the table of ministack
	ci/telemetry.sh test

test-app: ## the observatory as a stack of ministack: boto3, HTTP, 10,000 measurements through faults
	ci/app.sh test

test-hex: ## the state machine of hexadecimal digits on two interpreters, with faults
	ci/tools.sh states
	ci/hex.sh

test-images: bootstrap-x86_64 bootstrap-aarch64 ## bake, push, pull and invoke every image; own engine and registry (root)
	ci/images.sh

test-long: bootstrap-$(HOST) ## what takes minutes: 1e8 digits, rounding errors at every length, 10,000 invocations
	$(CARGO) test --locked --release --package pi-spigot --test engine --lib -- --ignored --nocapture
	PI_SOAK_BINARY=$(CURDIR)/$(call bootstrap,$(HOST)) ci/soak.sh

fuzz: ## a minute of random operands and payloads against num-bigint and serde_json
	cd lab && $(CARGO) run --locked --profile fuzz --package pi-spigot-fuzz -- --seconds 60

##### Checks

.PHONY: validate deny
validate: ## Dockerfiles, scripts, workflows and the SAM templates
	ci/validate.sh && ci/app.sh lint

deny: ## licences, bans, sources and advisories of all dependencies, by cargo-deny
	ci/deny.sh

##### Benches

.PHONY: bench bench-startup bench-peers measure comparators
bench: ## criterion benches of the library
	$(CARGO) bench --locked --package pi-spigot

bench-startup: bootstrap-$(HOST) ## init, warm overhead, first bytes: the function, a minimal client, lambda_runtime
	lab/startup/bench.sh $(call bootstrap,$(HOST))

bench-peers: ## the library beside malachite, GMP, dashu and num-bigint: seconds, ratios, memory
	lab/peers/bench.sh

measure: bootstrap-$(HOST) ## the published table: 10,000 digits at 128 MB, cold and warm
	lab/comparators/rust/build.sh --published
	$(CARGO) meter run meter/matrices/published.toml

comparators: ## functions in Rust, Python, JavaScript, with our packages inside, Go and Java: installs and measures
	lab/comparators/measure.sh
