# make run    starts Integram at http://127.0.0.1:8000     make test   checks and tests everything
# make quick  the fast part of the tests                   make lint   style, types, direction of imports

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
TRANSLATIONS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.PHONY: run test test-postgresql quick lint bench venv venv-dev clean
.DEFAULT_GOAL := run

run: .venv/.run $(TRANSLATIONS)
	@$(BIN)/python manage.py serve

test: .venv/.dev $(TRANSLATIONS)
	@sh tests/packages.sh
	@sh tests/datasets.sh .venv
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2
	@$(MAKE) --no-print-directory test-postgresql

# A server of one's own may be PostgreSQL 15: what is SQL runs on it too, not what reads and writes files.
test-postgresql: .venv/.dev
	@sh tests/on_debian_postgresql.sh $(BIN)/python -m pytest -n 2 -m "not slow" tests/platform/test_database.py tests/db \
	  --ignore tests/db/exports --ignore tests/db/forms --ignore tests/db/sheets

quick: .venv/.dev $(TRANSLATIONS)
	$(BIN)/python -m pytest -n 2 -m "not slow and not browser"

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

venv: .venv/.run
venv-dev: .venv/.dev

.venv/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Integram needs Python 3.11 or newer; name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making the environment .venv…"
	@"$(PYTHON)" -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing the packages…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Babel, because gettext's programs are not there on a machine with Python alone.
%.mo: %.po | .venv/.run
	@$(BIN)/pybabel compile --input-file $< --output-file $@ 2>&1 | grep -i error || true

clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Each part is a module of its own too: python -m bench.queries --help. SIZES=10000000 takes an hour and 50 GB.
SIZES ?= 100000 1000000
bench: .venv/.dev
	for size in $(SIZES); do $(BIN)/python -m bench.queries --size $$size --resume || exit 1; done
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.people
	$(BIN)/python -m bench.structure
	$(BIN)/python -m bench.rights
	$(BIN)/python -m bench.writes
	$(BIN)/python -m bench.rest
	$(BIN)/python -m bench.live
	$(BIN)/python -m bench.sheet
	$(BIN)/python -m bench.dump
	$(BIN)/python -m bench.import_sheet
	$(BIN)/python -m bench.export_sheet
	$(BIN)/python -m bench.upsert_sheet
	$(BIN)/python -m bench.video
