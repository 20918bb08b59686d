# The two commands that most people need: `make run` and `make test`.
# Go 1.26 or newer, and Node.js 20 or newer with npm 11 for the playground.

GO ?= go
NPM ?= npm
GOLANGCI_LINT_VERSION := v2.15.0
BIN := $(CURDIR)/bin
ADDR ?= 127.0.0.1:8080
WEB_SOURCES := $(shell find web/src web/explorer web/playground web/codegen.ts schema.graphqls web/package.json web/package-lock.json web/vite.config.ts web/tsconfig.json examples -type f -not -path '*/gql/*' 2>/dev/null)

.PHONY: run build web test lint generate check-generated bench fuzz mutants facts e2e check-exports neo4j clean

run: build ## build everything and serve the embedded facts edition
	$(BIN)/mapgraph serve --addr $(ADDR) $(ARGS)

build: web
	$(GO) build -o $(BIN)/mapgraph ./cmd/mapgraph

web: web/dist/explorer/index.html

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

web/dist/explorer/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	rm -rf web/dist/assets web/dist/explorer web/dist/playground
	cd web && $(NPM) run build
	@touch $@

# Tests that compare answers by the thousand; races are looked for elsewhere.
COMPARING := internal/test/diff internal/test/reference internal/test/hostile

test: build ## every test; those of the published corpus and of Neo4j where they are found
	$(GO) vet ./...
	$(GO) test -race -timeout 40m $(filter-out $(addprefix %/,$(COMPARING)),$(shell $(GO) list ./...))
	$(GO) test -timeout 40m $(addprefix ./,$(COMPARING))
	cd web && $(NPM) run check

lint: $(BIN)/golangci-lint
	$(BIN)/golangci-lint run ./...

$(BIN)/golangci-lint: Makefile
	GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@touch $@

generate: ## after a change of schema.graphqls or gqlgen.yml
	$(GO) run ./tools/gqldirect
	$(GO) run ./cmd/mapgraph docs settings > docs/settings.md

check-generated: generate ## fails if what is generated is not what is committed
	$(GO) mod tidy
	git diff --exit-code -- graph docs go.mod go.sum

MUTANTS ?= ./internal/kg ./internal/algebra ./internal/budget ./internal/admit ./internal/direct ./internal/store ./internal/export ./loader ./graph/answer
GREMLINS_VERSION := v0.6.0

mutants: $(BIN)/gremlins ## breaks the code in small ways and says what no test notices: make mutants MUTANTS=./internal/kg SINCE=main
	$(GO) run ./tools/mutants -gremlins $(BIN)/gremlins $(if $(SINCE),-since $(SINCE)) $(MUTANTS)

$(BIN)/gremlins: Makefile
	GOBIN=$(BIN) $(GO) install github.com/go-gremlins/gremlins/cmd/gremlins@$(GREMLINS_VERSION)
	@touch $@

facts: ## build the embedded facts edition anew from a data folder: make facts DATA=data
	$(GO) run ./cmd/mapgraph facts --data $(DATA) --out internal/facts/facts.bin

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target for a short while: make fuzz FUZZTIME=30s
	./scripts/fuzz $(or $(FUZZTIME),30s)

e2e: build ## the explorer and the playground in a real browser (Chromium)
	./scripts/e2e

check-exports: build ## opens exports with the libraries of others; needs Python 3
	scripts/check-exports

neo4j: ## a real Neo4j without Docker, at bolt://127.0.0.1:7687; needs Maven and a JDK
	scripts/neo4j newest --password $(or $(NEO4J_PASSWORD),mapgraph-local)

clean:
	rm -rf $(BIN) web/node_modules web/dist/explorer web/dist/playground web/dist/assets web/src/explorer/gql
