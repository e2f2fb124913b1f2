# Images and zips; included by the Makefile. Each verb delegates: bake describes
# what is built, ci/ and tests/images/ do the rest.

# What images say of themselves, the same for everyone who builds this commit.
images-env = REVISION=$$(git rev-parse HEAD) SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)

.PHONY: images push people zip validate
images: ## container images for Lambda, both architectures (BASE=al2|al2023|scratch)
	$(images-env) docker buildx bake
push: ## the same, pushed: REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com make push
	@test -n "$(REGISTRY)" || { echo "say where to: REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com make push" >&2; exit 2; }
	$(images-env) docker buildx bake --push
people: ## one tag for both architectures, pushed; for people, Lambda refuses it
	@test -n "$(REGISTRY)" || { echo "say where to: REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com make people" >&2; exit 2; }
	$(images-env) docker buildx bake --push people
zip: zip-x86_64 zip-arm64 ## target/lambda/ARCH/bootstrap.zip, without an engine
.PHONY: zip-x86_64 zip-arm64
zip-x86_64: bootstrap-x86_64
zip-arm64: bootstrap-aarch64
zip-x86_64 zip-arm64: zip-%:
	deploy/zip.sh $(<:bootstrap-%=target/%-unknown-linux-musl/release/bootstrap) target/lambda/$*/bootstrap.zip

validate: ## lint the Dockerfiles and the scripts
	ci/tools.sh lint
	tools/bin/hadolint --failure-threshold warning Dockerfile Dockerfile.arm64 ci/validate.Dockerfile
	tools/bin/shellcheck -x ci/*.sh tests/images/*.sh

.PHONY: test-images test-images-if-possible test-deploy reproducible
test-images: bootstrap-x86_64 bootstrap-aarch64 ## bake, push, pull and invoke every image; own engine and registry (root)
	tests/images/run.sh
test-images-if-possible:
	@if ci/engine.sh possible; then $(MAKE) test-images; else echo "skipped: make test-images"; fi
test-deploy: zip ## the deploy verbs against a stub of AWS
	tests/images/deploy.sh
reproducible: ## build this commit twice, in two folders, from nothing: the same digests and zips (root)
	deploy/reproducible.sh

.PHONY: deploy-role deploy-repository deploy-image-x86_64 deploy-image-arm64 deploy-zip-x86_64 deploy-zip-arm64 deploy-remove
deploy-role: ## the IAM role that the functions run as; docs/deploy.md tells of all deploy verbs
	deploy/deploy.sh role
deploy-repository: ## the ECR repository, and docker logged in to it
	deploy/deploy.sh repository
deploy-image-x86_64: ## create or update the x86_64 function from the pushed image
deploy-image-arm64: ## create or update the arm64 function from the pushed image
deploy-image-x86_64 deploy-image-arm64: deploy-image-%:
	deploy/deploy.sh image $*
deploy-zip-x86_64: ## create or update the x86_64 function from the zip
deploy-zip-arm64: ## create or update the arm64 function from the zip
deploy-zip-x86_64 deploy-zip-arm64: deploy-zip-%: zip-%
	deploy/deploy.sh zip $*
deploy-remove: ## remove all of it again: functions, logs, repository, role
	deploy/deploy.sh remove
