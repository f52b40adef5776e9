# Anteroom. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

TAGS    := nomsgpack,console,fonts
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION) -X anteroom/cmd/stage/early.version=$(VERSION)
GOBUILD := go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)'
TOOL    := go tool -modfile=.ci/tools/go.mod
# Packages that link ebiten need a display even to start their tests.
XVFB    := xvfb-run -a -s '-screen 0 1280x720x24'
PURE     = $(shell go list -tags nomsgpack ./... | grep -v -E '/(player|cmd)/stage$$')

WEB := controller/console/web

.PHONY: build
build: binaries ## build everything into bin/

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing to build and run (Debian, as root)
	@.ci/setup.sh build run console

.PHONY: fonts
fonts: ## fetch the pinned fonts that slides are drawn with
	@.ci/fonts.sh

.PHONY: console
console: bin/controller-api ## bundle the console
	@.ci/console.sh

# The API's description comes from the controller itself, built without the console that is made from it.
bin/controller-api: FORCE
	@CGO_ENABLED=0 go build -trimpath -tags nomsgpack -o $@ ./cmd/controller

.PHONY: binaries
binaries: setup fonts console
	@CGO_ENABLED=0 $(GOBUILD) -o bin/ ./cmd/controller ./cmd/player ./cmd/demo ./cmd/fleet
	@CGO_ENABLED=1 $(GOBUILD) -o bin/ ./cmd/stage

.PHONY: controller
controller: fonts console ## build the controller alone, static
	@CGO_ENABLED=0 $(GOBUILD) -o bin/ ./cmd/controller

.PHONY: reproducible
reproducible: setup fonts ## build the controller twice, in two directories, and compare the bytes
	@.ci/reproducible.sh

.PHONY: sbom
sbom: setup controller ## list what the controller is made of: build/sbom.json, CycloneDX
	@PATH="$(CURDIR)/build/node/bin:$$PATH" go run ./.ci/sbom -version '$(VERSION)' -at "$$(git log -1 --format=%ct)" >build/sbom.json

.PHONY: deb
deb: sbom ## pack the controller for Debian: build/anteroom-controller_*.deb
	@.ci/deb.sh

.PHONY: deb-test
deb-test: deb ## install, use, upgrade, remove and purge the package in a Debian booted for it (root, debootstrap, systemd-nspawn)
	@.ci/deb-test.sh

.PHONY: demo
demo: binaries ## a controller and three screens of a demo hospital; DEMO_FOR=60s ends it by itself
	@exec bin/demo $(if $(DEMO_FOR),--for $(DEMO_FOR))

.PHONY: test
test: ## everything: units, the stage under Xvfb, the whole with real binaries and a real browser
	@.ci/setup.sh test
	@$(MAKE) --no-print-directory binaries
	go vet -tags nomsgpack $(PURE)
	ANTEROOM_FONTS=$(CURDIR)/build/fonts go test -timeout 60m -tags nomsgpack,fonts $(PURE)
	go test ./.ci/sbom/ ./.ci/mutants/
	go -C cmd/oidc test -tags nomsgpack .
	go -C cmd/oidc build -trimpath -tags nomsgpack -o $(CURDIR)/bin/ .
	$(XVFB) go test ./player/stage/ ./cmd/stage/
	$(XVFB) go test -count=1 -timeout 60m -parallel 16 -tags nomsgpack,e2e ./cmd/fleet/

.PHONY: check
check: setup ## formatting, lint, import directions, the race detector, known vulnerabilities, 30 s of fuzzing a decoder
	@.ci/setup.sh test
	@test -z "$$($(TOOL) gofumpt -l -extra . | tee /dev/stderr)" || { echo 'Run make fmt.' >&2; exit 1; }
	$(TOOL) golangci-lint run -c .ci/golangci.yml ./...
	go test -tags nomsgpack ./cmd/
	go test -race -timeout 60m -tags nomsgpack $(PURE)
	$(XVFB) go test -race ./player/stage/
	go -C cmd/bench test ./curves/
	@.ci/vuln.sh
	@$(XVFB) .ci/fuzz.sh 30s

.PHONY: mutants
mutants: ## break the code on purpose, fault by fault; a test must notice each
	@.ci/setup.sh test
	go run ./.ci/mutants

.PHONY: fmt
fmt: ## format the code
	@$(TOOL) gofumpt -w -extra $$(git ls-files '*.go')

.PHONY: fuzz
fuzz: ## fuzz every decoder for FUZZ_FOR (10m) each, or with so many inputs (10000000x)
	@$(XVFB) .ci/fuzz.sh $(or $(FUZZ_FOR),10m)

.PHONY: golden
golden: setup fonts ## write the golden files anew, after you have looked at the pictures
	ANTEROOM_FONTS=$(CURDIR)/build/fonts go test -tags nomsgpack,fonts ./playlists/slide/ ./controller/... -update
	$(XVFB) go test ./player/stage/ -update

.PHONY: pictures
pictures: binaries ## take the pictures of the README and of the guides
	@.ci/setup.sh test
	@.ci/pictures.sh

.PHONY: bench
bench: ## measure, at the sizes of docs/measurements.md (10 GB of disk); prints the machine, the versions and the figures
	@.ci/machine.sh
	go test -run '^$$' -bench . -benchmem -tags nomsgpack ./playlists/... ./controller/store/... ./controller/publish/
	ANTEROOM_PLAYERS=1000 ANTEROOM_BATCHES=80 go test -run '^$$' -bench '^BenchmarkPlays$$' -benchtime 1x -timeout 1h -tags nomsgpack ./cmd/fleet/
	ANTEROOM_PLAYS=30000000 go test -run '^$$' -bench '^BenchmarkReports$$' -benchtime 1x -timeout 1h -tags nomsgpack ./cmd/fleet/
	ANTEROOM_SCREENS=10000 ANTEROOM_PLAYS=1000000000 ANTEROOM_STARTS=5 go test -run '^$$' -bench '^BenchmarkReady$$' -benchtime 1x -timeout 1h -tags nomsgpack ./cmd/fleet/
	go test -run '^$$' -bench '^BenchmarkThousands$$' -benchtime 1x -timeout 1h -tags nomsgpack ./cmd/fleet/
	@$(MAKE) --no-print-directory binaries
	go test -run '^$$' -bench '^Benchmark(Still|FirstPicture|Slots|ThousandsInChromium|Phones)$$' -benchtime 1x -timeout 1h -tags nomsgpack,e2e ./cmd/fleet/
	go test -run '^$$' -bench '^BenchmarkCosts' -benchtime 1x -timeout 1h -tags nomsgpack ./cmd/fleet/ | go -C cmd/bench run ./curves -o ../../docs/costs.svg
	go -C cmd/bench run -tags nomsgpack . connections
	go -C cmd/bench run -tags nomsgpack . assets

.PHONY: soak
soak: ## long campaigns: every minute around every change of clocks; faults at every storage call, 1,000 power cuts, 1,000 kills of agent, stage and controller, 1,000 damages to each kind of file; networks; 30 days of 20 players by 200 seeds, a year of 1,000 by 10. A week
	@.ci/machine.sh
	ANTEROOM_ORACLE=all go test -count=1 -timeout 4h -v -run '^TestAgainstOracle$$' ./playlists/
	ANTEROOM_FAULTS=1000 go test -count=1 -timeout 4h -v -tags nomsgpack -run '^Test(Faults|PowerCuts|CutsAndLies)' $(PURE)
	ANTEROOM_FAULTS=1000 go test -count=1 -timeout 8h -v -tags nomsgpack -run '^TestSpoiltFiles$$' ./cmd/fleet/
	@$(MAKE) --no-print-directory binaries
	$(XVFB) env ANTEROOM_CUTS=10000 ANTEROOM_KILLS=1000 ANTEROOM_OUTAGES=1000 go test -count=1 -timeout 8h -v -tags nomsgpack,e2e -run '(AreStruck|ThePowerGoes)$$' ./cmd/fleet/
	ANTEROOM_FAULT_SECONDS=300 $(XVFB) go test -count=1 -timeout 1h -parallel 16 -v -tags nomsgpack,e2e -run '^TestNetworks$$' ./cmd/fleet/
	ANTEROOM_DAYS=30 ANTEROOM_SEEDS=200 go test -count=1 -timeout 48h -v -tags nomsgpack -run '^TestMonth$$' ./cmd/fleet/
	ANTEROOM_PLAYERS=1000 ANTEROOM_DAYS=365 ANTEROOM_SEEDS=10 go test -count=1 -timeout 480h -v -tags nomsgpack -run '^TestYear$$' ./cmd/fleet/

.PHONY: clean
clean: ## remove what was built
	rm -rf bin build $(WEB)/dist $(WEB)/node_modules controller/fonts/files

.PHONY: FORCE
FORCE:
