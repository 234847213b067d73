# Needs Python 3.10 or newer (PYTHON=python3.12 chooses one); `test` and `editor` also Node 20 or newer and a Chromium.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test editor package docs ecosystem lines monkey differential world clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.made: ## (the virtual environment)
	@$(PYTHON) -c 'import sys; sys.exit("envls needs Python 3.10 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 10) else 0'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml .ci/constraints.txt
	@echo 'installing envls into $(VENV)'
	@$(PIP) --editable .
	@touch $@

.PHONY: compiled
compiled: $(VENV)/.installed ## (an editable install compiles nothing, and compiling is half of a server's start)
	@$(BIN)/python -m compileall -q envls

$(VENV)/.tested: $(VENV)/.installed
	@echo 'installing what the tests need'
	@$(PIP) --editable '.[test]'
	@touch $@

node_modules/.installed: package.json package-lock.json
	@echo 'installing what the client is built with'
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

bundled/packages: node_modules/.installed $(VENV)/.installed client/bundle.mjs
	@echo 'fetching what the extension brings along'
	@PYTHON=$(BIN)/python npm run --silent bundle

.PHONY: workbench
workbench: node_modules/.installed
	@node tests/editor/install.mjs

demo: compiled ## Check and repair both sample projects, then ask the server as an editor does
	@$(BIN)/python examples/demo.py

test: compiled $(VENV)/.tested bundled/packages workbench ## Everything: Python, types, lint, client, a real server, a real editor
	@npm run --silent check
	@npm test --silent
	@$(BIN)/python -m pytest

editor: bundled/packages workbench ## Open the bootcamp sample in a real VS Code in the browser
	@node tests/editor/open.mjs

package: bundled/packages ## Build the extension, envls.vsix
	@npm run --silent package

docs: $(VENV)/.tested ## Write envls/rules/README.md from the rules
	@$(BIN)/python tests/rules_readme.py

ecosystem: $(VENV)/.tested ## What the rules say about the real files beside the project, by rule (BEFORE=revision: what has changed)
	@$(BIN)/python tests/ecosystem.py $(BEFORE)

lines: $(VENV)/.tested ## Break every line of every real file in every way, on all cores; takes an hour (the tests take a sample)
	@$(BIN)/python tests/breaking.py
	@ENVLS_ALL_LINES=1 $(BIN)/python -m pytest -q tests/test_sweep.py tests/assist/test_refactor_sweep.py

monkey: $(VENV)/.tested ## Spoil real files at random, ask everything of them, and type at a real server (the tests take a sample)
	@$(BIN)/python tests/monkey.py
	@cd tests && $(abspath $(BIN))/python -m server.monkey

differential: $(VENV)/.tested ## What the real SDKs of Azure ML load and refuse, beside what envls says (installs them into a cache)
	@$(BIN)/python tests/differential/run.py

world: compiled $(VENV)/.tested ## How the server fares on a channel of conda-forge's size (made in the temporary folder)
	@$(BIN)/python tests/world/benchmark.py

clean: ## Remove what was installed and built
	rm -rf $(VENV) node_modules client/dist bundled build *.egg-info envls.vsix
