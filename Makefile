# Two commands: `make run` and `make test`. Everything lands in .venv and ./data; nothing else on the machine is touched
# (but for a browser, which `make test` installs when there is none).

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
LOCK := --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# What was compiled once is kept, also where the machine says otherwise: each server and each part of the tests begins with it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint bench bench-security bench-walk bench-day bench-faults lock clean help
.DEFAULT_GOAL := help

run: $(VENV)/.run  ## make the environment and a demo programme in ./data, then serve it on http://localhost:8501
	@FIELDCHECK_URL=$${FIELDCHECK_URL:-http://localhost:$(PORT)} $(BIN)/fieldcheck demo
	@FIELDCHECK_URL=$${FIELDCHECK_URL:-http://localhost:$(PORT)} exec $(BIN)/fieldcheck serve --port $(PORT)

test: $(VENV)/.test  ## make the environment with the test extras and a browser, then run everything, a part on each core
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.test  ## only the house rules: ruff, mypy and the floors
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test  ## measure this machine: answers and photo visits a second, judging, the register's first page, a country's screens
	$(BIN)/python -m fieldcheck.bench

bench-faults: $(VENV)/.test  ## walk 200 visits while everything breaks, and count what was lost and doubled
	$(BIN)/python -m fieldcheck.bench.faults --runs 200

bench-security: $(VENV)/.test  ## take every lock off in turn, then attack harder; prints what was tried and what got through (an hour)
	$(BIN)/python -m fieldcheck.bench.security --attack 2000

bench-walk: $(VENV)/.test  ## the walk on a phone far from a mast: cold, warm, offline, a tap, a whole visit sent; a desk's first page
	$(BIN)/python -m fieldcheck.bench.walk
	$(BIN)/python -m fieldcheck.bench.desk

bench-day: $(VENV)/.test  ## a field day: 1,000 phones, each tapping every five seconds for a minute
	$(BIN)/python -m fieldcheck.bench.day

lock: $(VENV)/.test  ## choose the newest versions that pyproject.toml allows, and write them down with their hashes
	$(PIP) uv
	cd .requirements && ../$(BIN)/uv pip compile $(LOCK) --upgrade --extra test ../pyproject.toml build.in -o test.txt >/dev/null
	cd .requirements && ../$(BIN)/uv pip compile $(LOCK) -c test.txt ../pyproject.toml build.in -o run.txt >/dev/null

clean:  ## remove the environment and what the tools left behind; ./data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

help:  ## show this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); echo "$$python cannot make an environment. On Debian: apt-get install python3-venv" >&2; exit 1; \
	  fi; \
	done; echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1

# The lock says every version and hash; what is not in it is not installed. The test extras contain everything `run` needs.
$(VENV)/.run: .requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r .requirements/run.txt
	$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.test: .requirements/test.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r .requirements/test.txt
	$(PIP) --no-build-isolation --no-deps --editable .
	@touch $(VENV)/.run $@
