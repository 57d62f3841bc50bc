# `make serve` and `make test` need python3 (3.11 or newer, with venv) and make; they install the rest into .venv.
PYTHON ?= python3
VENV ?= .venv
# CI sets LOCK to install exactly what requirements.lock names, by hash.
LOCK ?=
PORT ?= 8000

BIN := $(VENV)/bin

.PHONY: serve build test lint types check-tests engines lock clean

serve: $(VENV)/ready
	$(BIN)/tutela serve --port $(PORT)

build: $(VENV)/ready
	$(BIN)/tutela build

test: lint types check-tests

lint: $(VENV)/ready-test
	$(BIN)/ruff check service tests bench
	$(BIN)/ruff format --check service tests bench

types: $(VENV)/ready-test
	$(BIN)/mypy

check-tests: $(VENV)/ready-test
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

# Renew the versions and hashes that CI installs.
lock: $(VENV)/ready-test
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--extra test pyproject.toml requirements-build.in --output-file requirements.lock

clean:
	rm -rf $(VENV) release
