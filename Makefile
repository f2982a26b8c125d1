# `make render` and `make test` first install what this machine lacks (tools/bootstrap.sh).
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help render test lint gallery bench setup clean

ARGS =
PYTHON_IN_VENV := .venv/bin/python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

render: ## render the clips; ARGS="predictor -q low --lang zh" chooses which and how
	@sh tools/bootstrap.sh runtime
	@$(PYTHON_IN_VENV) render.py render $(or $(ARGS),all)

test: lint ## check style and types, run the tests; ARGS goes to pytest
	@OPENBLAS_NUM_THREADS=1 $(PYTHON_IN_VENV) -m pytest -n auto $(ARGS)

lint: ## check style and types
	@sh tools/bootstrap.sh dev
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@$(PYTHON_IN_VENV) -m mypy

gallery: ## make the stills of the README
	@sh tools/bootstrap.sh runtime
	@$(PYTHON_IN_VENV) -m pipeline.gallery

bench: ## measure rendering, training and reading against their peers
	@sh tools/bootstrap.sh bench
	@$(PYTHON_IN_VENV) -m bench.render
	@$(PYTHON_IN_VENV) -m bench.training
	@$(PYTHON_IN_VENV) -m bench.recognise
	@$(PYTHON_IN_VENV) -m bench.landscape

setup: ## install what is missing, with the development tools, and do no more
	@sh tools/bootstrap.sh dev

clean: ## remove .venv, caches and build leftovers; rendered clips stay
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	@find . -name .git -prune -o -type d -name __pycache__ -exec rm -rf {} +
