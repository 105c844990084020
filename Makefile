# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# How long a thread spins before it sleeps: with more of them than idle cores, the default costs several
# times the work; with none, each step of a training waits for the system to wake it.
export GOMP_SPINCOUNT ?= 5000
# Experiments that `make ablation` runs at a time.
JOBS ?= 1
# A process a core, each with whole files of tests, whose fixtures are then made once.
TESTS := pytest -q -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
INSTALLED := .venv/.installed

.PHONY: help repro metrics ablation check test lint clean
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: $(PYTHON) is older than 3.11: run with PYTHON=/path/to/python3.11 or newer"; exit 2; }
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

repro: $(INSTALLED) ## Install if need be, run what is out of date, print the metrics
	@[ -e .git ] || { echo "make: not a git repository: clone it, or run 'git init' first"; exit 2; }
	dvc repro
	@$(MAKE) --no-print-directory metrics

metrics: $(INSTALLED) ## Print the retrieval metrics as a table
	@python -m seje metrics

ablation: $(INSTALLED) ## Run the rows of experiments.yaml that are not done yet, JOBS at a time, print their table
	@python -m seje ablation --queue
	dvc exp run --run-all --jobs $(JOBS)
	@python -m seje ablation

lint: $(INSTALLED) ## Style, types, import contracts, spelling
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	codespell $$(git ls-files '*.py' '*.md' '*.yaml' '*.toml' Makefile)

check: lint ## Lint and the quick tests, within 2 minutes
	$(TESTS) -m 'not slow'

test: lint ## Lint and all tests, some 25 minutes on 2 cores
	$(TESTS)

clean: ## Remove the environment and what the pipeline wrote, but not DVC's cache
	rm -rf .venv checkpoints $(filter-out pipeline/README.md,$(wildcard pipeline/*))
