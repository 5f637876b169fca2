# Everything a person does here. `make` alone prints the toolbox.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
# A process for each core takes the tests file by file, in the order in which they are collected.
SHARED := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PROTOS := $(shell find protos -name '*.proto' -o -name '*.py')
export UV_NO_PROGRESS := 1
# Bytecode is always kept, beside the tree: tests start hundreds of processes, which would compile 1,300 files each.
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check proto component scenario engines bench cases story demo clean fmt

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.made build/protos/.made ## start the whole platform, run the demonstration, keep serving until Ctrl-C
	@$(BIN)/zhongtai serve --demo

test: .venv/.made build/protos/.made ## run every test this machine can run, naming what is skipped and why
	@$(BIN)/python -m pytest tests $(SHARED) $(PYTEST)

check: .venv/.made build/protos/.made ## ruff, format, strict types, import contracts, buf lint and breaking, docs
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy protos shared services gateway tests
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python protos/check.py
	@$(BIN)/python -m pytest -q tests/docs/test_pages.py tests/runtime/test_settings.py

proto: ## generate the Python of every contract
	@rm -f build/protos/.made && $(MAKE) --no-print-directory build/protos/.made

component: .venv/.made build/protos/.made ## write a new component with its tests: make component name=credit/covenant
	@$(BIN)/python -m zhongtai.testing.component "$(name)" --title-zh "$(title_zh)"

scenario: .venv/.made build/protos/.made ## write a new scenario product with its examples: make scenario name=deposit_transfer
	@$(BIN)/python -m zhongtai.testing.scenario "$(name)" --title-zh "$(title_zh)"

engines: .venv/.made build/protos/.made ## the door tests and the journey on PostgreSQL and an own NATS
	@$(BIN)/python -m pytest tests/engines $(PYTEST)

bench: .venv/.made build/protos/.made ## print every figure: minimum, median and maximum of five runs
	@$(BIN)/zhongtai bench

cases: .venv/.made build/protos/.made ## hold the platform against the acceptance data in ZHONGTAI_CASES
	@$(BIN)/python -m pytest tests -m cases $(PYTEST)

story: .venv/.made build/protos/.made ## hold the ledger against its model for long: make story operations=1000000
	@$(BIN)/python -m tests.load.ledger_story $(or $(operations),1000000)

demo: .venv/.made build/protos/.made ## send the applicants through the product: make demo applicants=FILE
	@$(BIN)/zhongtai demo $(if $(applicants),--applicants $(applicants))

fmt: .venv/.made ## format the code and the contracts
	@$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q . ; $(BIN)/buf format -w protos

clean: ## remove everything that can be made again (not the data)
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache services/zhongtai/*/v1 shared/zhongtai/common/v1 gateway/zhongtai/gateway/v1
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made: pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv sync --quiet --locked
	@touch $@

build/protos/.made: .venv/.made $(PROTOS)
	@$(BIN)/python protos/generate.py
	@touch $@
