# make test      everything, the real servers included; says loudly what it could not run
# make lab       the real servers alone (fixtures/lab)
# make accuracy  how often the diagnosis is right: the library of cases, the simulators, the real servers
# make bench     speed, as ratios taken in one run
# make cross     the command for every system that helpdesks use
SHELL := /bin/bash
GO ?= go
# auto: install what the lab needs where that is allowed, else say so. required: fail without it. off: leave it out.
LOGINDOCTOR_LAB ?= auto
export LOGINDOCTOR_LAB
# The same for the browser that looks at the HTML report.
LOGINDOCTOR_BROWSER ?= auto
export LOGINDOCTOR_BROWSER
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: e2e pictures build test test-rt vet tidy-check cross lab accuracy bench fuzz docs vulncheck

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/logindoctor ./cmd/logindoctor

# The race detector needs a C compiler; a machine without one gets it where that is allowed, and is told where it is not.
test:
	@./fixtures/lab/ccompiler || [ "$$LOGINDOCTOR_LAB" != required ]
	$(GO) test $$(command -v gcc >/dev/null && echo -race) -timeout 20m $$($(GO) list ./... | grep -vE '/fixtures/(lab|e2e|browser|rt)$$')
	@# -v: a passing package's output is hidden without it, and the lab says there that it did not run.
	$(GO) test -count=1 -v -timeout 20m ./fixtures/lab
	$(GO) test -count=1 -v -timeout 20m ./fixtures/browser
	@./fixtures/e2e/install || [ "$$LOGINDOCTOR_E2E" != required ]
	$(GO) test -count=1 -v -timeout 10m ./fixtures/e2e

# The real binary in a real terminal (tmux).
e2e:
	LOGINDOCTOR_E2E=required $(GO) test -count=1 -v -timeout 10m ./fixtures/e2e

# The pictures of docs/ui.md, from the real screen.
pictures:
	docs/pictures.sh

lab:
	LOGINDOCTOR_LAB=required $(GO) test -count=1 -v -timeout 20m ./fixtures/lab

# Reports handed to the real Request Tracker and to a real mail server.
test-rt:
	LOGINDOCTOR_RT=$${LOGINDOCTOR_RT:-auto} $(GO) test -count=1 -v -timeout 20m ./fixtures/rt

vet:
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "not gofmt-clean: $$out" >&2; exit 1; fi
	$(GO) vet ./...

tidy-check:
	$(GO) mod tidy -diff

cross:
	@for p in $(PLATFORMS); do \
		echo "build $$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -trimpath -o /dev/null ./cmd/logindoctor || exit 1; \
	done

accuracy:
	@set -o pipefail; $(GO) test -count=1 -v -timeout 20m -run 'Accuracy|Scenarios|Withholding' ./fixtures/scenarios ./fixtures/sim | grep -vE '^ *(=== |--- PASS)'
	@set -o pipefail; $(GO) test -count=1 -v -timeout 20m ./fixtures/lab | grep -vE '^ *(=== |--- PASS)'

bench:
	$(GO) run ./fixtures/bench
	$(GO) test -run '^$$' -bench Frame ./tui

# Every fuzz target, for a while.
fuzz:
	@for f in $$(grep -rlE '^func Fuzz' --include=*_test.go probes report checks cmd | xargs -n1 dirname | sort -u); do \
		for t in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$f/*_test.go | sed 's/func //'); do \
			echo "$$f $$t"; $(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime 20s -fuzzminimizetime 5x ./$$f || exit 1; \
		done; \
	done

# govulncheck ends with 3 where it found something; any other failure is that its database could not be reached.
vulncheck:
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	GOBIN=$$dir $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.9.0 && $$dir/govulncheck ./... ; code=$$?; \
	if [ $$code = 3 ]; then exit 3; fi; \
	if [ $$code != 0 ]; then echo "GOVULNCHECK NOT RUN: its database could not be reached" >&2; fi

# Rewrites docs/catalogue from the catalogue.
docs:
	$(GO) test ./report -run TestPages -update
