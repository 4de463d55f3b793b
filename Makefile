# Needs make and Python 3.11 or later, nothing else. `make PYTHON=python3.13 install` chooses another interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := benchmarks/peers/postgraphile
PYTEST_ARGS ?= -n auto --dist loadgroup

.PHONY: help install install-dev demo test test-15 bench lint format schema lock clean

help:  ## list what make can do
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## make .venv with the cloison command in it

install-dev: $(VENV)/.installed-dev  ## the same, with the tools for tests and linting

demo: install  ## gateway, embedded PostgreSQL and demo accounts on http://127.0.0.1:8000/graphql
	$(BIN)/cloison demo

test: install-dev  ## the whole test suite
	$(BIN)/pytest $(PYTEST_ARGS)

test-15: install-dev  ## what also holds on PostgreSQL 15, where Debian's postgresql-15 is installed
	$(BIN)/pytest $(PYTEST_ARGS) --postgres 15

bench: $(VENV)/.installed $(PEERS)/node_modules  ## measure beside PostGraphile and others on 1,000,000 contacts: benchmarks/README.md
	$(BIN)/python -m benchmarks requests --write $(BENCH_ARGS)

$(PEERS)/node_modules: $(PEERS)/package-lock.json
	npm ci --ignore-scripts --no-fund --no-audit --prefix $(PEERS)
	@touch $@

lint: install-dev  ## ruff, mypy, sqlfluff, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 sql
	$(BIN)/lint-imports

format: install-dev  ## what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: install-dev  ## write schema.graphql anew, the contract that clients see
	$(BIN)/cloison schema > schema.graphql

lock: install-dev  ## write the lock files anew from pyproject.toml
	$(BIN)/python -m piptools compile $(COMPILE) --build-deps-for=editable \
		--output-file=requirements.txt pyproject.toml
	$(BIN)/python -m piptools compile $(COMPILE) --extra=dev --constraint=requirements.txt \
		--output-file=requirements-dev.txt pyproject.toml

# Versions and hashes, and no address: an index is the installing machine's choice.
COMPILE := --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--no-emit-options --strip-extras --annotation-style=line --allow-unsafe

# The package with PostgreSQL brings psql, which is linked where the machine has none of its own.
LINK_PSQL := from pathlib import Path; from gateway.embedded.binaries import packaged_directory as found; \
	link = Path("$(BIN)/psql"); link.unlink(missing_ok=True); link.symlink_to(found() / "psql")

clean:  ## remove the environment and caches; .data, which holds the embedded database, stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Cloison needs Python 3.11 or later: install it, or name it with `make PYTHON=python3.13 ...`.' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@command -v psql >/dev/null || $(BIN)/python -c '$(LINK_PSQL)' 2>/dev/null || true
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@
