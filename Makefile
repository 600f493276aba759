# Everything here prepares what it needs by itself: Python 3.11+ and make are all it assumes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: install demo test test-all lint bench migration lock help clean

install: $(READY)  ## prepare the environment; the command is then .venv/bin/baton

demo: $(READY)  ## play with Baton in the browser: no account, no network
	@$(BIN)/baton demo

test: $(READY)  ## run all tests in some minutes (browser tests need /usr/bin/chromium)
	@$(BIN)/python -m pytest -n 2

test-all: $(READY)  ## run whole what make test plays small: a quarter, every kill, both databases, many examples
	@$(BIN)/python -m pytest -n 2 --whole --timeout 3600

lint: $(READY)  ## check style, types and the import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(READY)  ## measure, as ratios to a limit taken in the same run
	@$(BIN)/python -m benchmarks

migration: $(READY)  ## write the next version of the schema: make migration NAME="Count the leads"
	@$(BIN)/python -m storage.new_version "$(NAME)"

lock: pyproject.toml  ## resolve the dependencies anew and pin them with hashes
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet uv
	@.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--extra postgres --extra dev pyproject.toml --output-file requirements.lock
	@rm -rf .venv-lock

help:  ## show this
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 \t/p' $(MAKEFILE_LIST) | expand -t 18

clean:  ## forget the environment and all caches
	@rm -rf $(VENV) .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment is made anew when the lock changes, and only then.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Baton needs Python 3.11 or newer; this is %d.%d. Say which to use: make PYTHON=python3.12 $(MAKECMDGOALS)" % sys.version_info[:2])'
	@echo "Preparing the environment in $(VENV) (once; a minute or two) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)
