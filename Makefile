# All tasks for a checkout. `make` alone lists the targets.
#
# A fresh machine needs Python 3.11 or newer. `make test` also needs three browsers and four proxies, and
# installs them from Debian's packages if it can. Everything else goes into .venv and node_modules. The stamps record when those were last updated.

PYTHON ?= python3
VENV ?= .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
PROGRAMS := chromium-headless-shell firefox-esr gir1.2-webkit2-4.1 xvfb nginx haproxy apache2 caddy
SOAK_MINUTES ?= 30
CANARY := build/canary
CANARY_TARGET ?= test
# Number of test processes. More than cores, because most tests wait more than they compute. A file's
# tests stay in one process. The browser tests take longest and come first.
PROCESSES ?= 3
PARALLEL := --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder
# Compile the kernels once, before several processes do it.
COMPILE := python -c "from nnvisu.engine import prepare; prepare()"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check static fast python javascript oracle canary bench soak documents faults browsers arm crowd picture screenshots vendor programs clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
	  printf '  make %-11s %s\n' "$$name" "$$text"; done

run: $(VENV)/app.stamp ## install into .venv and start; options in ARGS="--port 9000"
	$(VENV)/bin/python -m nnvisu $(ARGS)

test: static javascript python ## everything: format, lint, types, unit, browser and fault tests

check: static javascript fast ## format, lint, types and the fast tests

static: $(VENV)/dev.stamp node_modules/.stamp
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) npm run --silent format:check
	$(RUN) npm run --silent lint
	$(RUN) npm run --silent types

javascript: $(VENV)/dev.stamp node_modules/.stamp
	$(RUN) npm test --silent

python: $(VENV)/dev.stamp $(VENV)/proxies.stamp node_modules/.stamp programs
	$(RUN) $(COMPILE)
	$(RUN) pytest $(PARALLEL)

fast: $(VENV)/dev.stamp
	$(RUN) $(COMPILE)
	$(RUN) pytest $(PARALLEL) tests/unit --ignore tests/unit/engine/oracle

.PHONY: oracle
oracle: $(VENV)/oracle.stamp ## the engine against PyTorch and JAX, without the JIT, and on many networks
	$(RUN) pytest tests/unit/engine/oracle
	$(RUN) NUMBA_DISABLE_JIT=1 pytest -k "not learned" tests/unit/engine/test_gradient.py \
	  tests/unit/engine/test_mathematics.py tests/unit/engine/test_optimisers.py \
	  tests/unit/engine/test_regression.py
	$(RUN) pytest tests/unit/engine/test_properties.py --hypothesis-profile long

# The stamps keep `make test` from reinstalling within the upper bounds.
canary: ## `make test` with the newest version of every package, upper bounds ignored
	rm -rf $(CANARY)
	$(PYTHON) -m venv $(CANARY)
	$(PYTHON) scripts/newest.py > $(CANARY)/requirements.txt
	$(CANARY)/bin/python -m pip install --quiet --upgrade pip
	$(CANARY)/bin/python -m pip install --quiet --upgrade --requirement $(CANARY)/requirements.txt
	$(CANARY)/bin/python -m pip install --quiet --no-deps --editable .
	touch $(CANARY)/dev.stamp $(CANARY)/app.stamp
	$(CANARY)/bin/python -m pip list
	$(MAKE) VENV=$(CANARY) $(CANARY_TARGET)

bench: $(VENV)/dev.stamp ## run every benchmark and rewrite docs/performance.md
	$(PIP) install --quiet --group bench
	@mkdir -p build/benchmarks
	set -e; for benchmark in benchmarks/*.py; do \
	  $(VENV)/bin/python $$benchmark --json > build/benchmarks/$$(basename $$benchmark .py).json; \
	done
	$(VENV)/bin/python scripts/performance.py build/benchmarks/*.json

soak: documents faults crowd ## the long tests: `make documents`, `make faults`, then `make crowd`

documents: $(VENV)/dev.stamp node_modules/.stamp ## 2000 legal and 2000 damaged documents, through both languages
	$(RUN) pytest tests/unit/wire/test_document_properties.py --hypothesis-profile long

faults: $(VENV)/dev.stamp node_modules/.stamp programs ## the long form of the tests that have one
	$(RUN) pytest --soak

browsers: $(VENV)/dev.stamp node_modules/.stamp programs ## all browser tests in Firefox and in WebKit
	$(RUN) $(COMPILE)
	$(RUN) pytest $(PARALLEL) --browser firefox tests/e2e
	$(RUN) pytest $(PARALLEL) --browser webkit tests/e2e

arm: $(VENV)/dev.stamp ## the engine's bits on an emulated AArch64 processor; as root on Debian
	scripts/aarch64.sh $(VENV)/bin/python

crowd: $(VENV)/dev.stamp ## soak test with 500 users, for SOAK_MINUTES=30
	$(VENV)/bin/python scripts/soak.py --minutes $(SOAK_MINUTES)

picture: $(VENV)/dev.stamp ## retake the README's picture of the real page
	scripts/programs.sh chromium
	$(VENV)/bin/python scripts/picture.py docs/picture.png

screenshots: $(VENV)/dev.stamp ## pictures of every state, size and theme, in .screenshots
	scripts/programs.sh chromium-headless-shell
	$(VENV)/bin/python scripts/screenshots.py .screenshots

vendor: node_modules/.stamp ## rebuild the vendored browser libraries from node_modules
	$(VENV)/bin/python scripts/vendor.py

programs:
	scripts/programs.sh $(PROGRAMS)

clean: ## remove everything that the other targets created
	rm -rf $(VENV) node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "nnvisu needs Python 3.11 or newer; name one with PYTHON=... (this is $$($(PYTHON) --version 2>&1))." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "Python's venv module is missing (on Debian or Ubuntu: sudo apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/app.stamp: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --editable .
	@touch $@

# Dependency groups need pip 25.1.
$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	$(PIP) install --quiet --editable . --group dev
	@touch $@ $(VENV)/app.stamp

$(VENV)/proxies.stamp: $(VENV)/dev.stamp
	$(PIP) install --quiet --group proxies
	@touch $@

$(VENV)/oracle.stamp: $(VENV)/dev.stamp
	$(PIP) install --quiet --editable '.[oracle]'
	@touch $@

node_modules/.stamp: package.json package-lock.json .npmrc | $(VENV)/dev.stamp
	$(RUN) npm ci --loglevel=error
	@touch $@
