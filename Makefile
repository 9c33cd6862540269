# Every target does its own set-up; a second run finds it done. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup-for-demo demo test setup check format lock clean

PYTHON ?=
export LBPATTERNS_SETUP_PYTHON := $(PYTHON)

help: ## list the targets
	@echo 'make TARGET [PYTHON=/path/to/python3.12]'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-7s %s\n", $$1, $$2 }' Makefile

setup: ## the Python environment in .venv, Pulumi and its Scaleway plugin
	@scripts/setup

setup-for-demo: # without the Scaleway plugin, which takes minutes to build: the demo runs on Envoy
	@LBPATTERNS_SETUP_FOR=demo scripts/setup

demo: setup-for-demo ## bring the three patterns up on this machine and prove each leg
	@.venv/bin/lbpatterns demo
	@echo 'Try next: make test, or .venv/bin/lbpatterns demo bridged --keep'

test: setup ## all checks: formatting, lint, types, layers, tests
	@scripts/check
	@echo 'Try next: make demo'

check: test

format: setup ## rewrite the sources in the one format
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

lock: setup ## resolve requirements/*.in anew
	@scripts/lock

clean: ## remove .venv and .lbpatterns, but not what was built for this user
	@rm -rf .venv .lbpatterns
	@echo "Removed .venv and .lbpatterns. Try next: make setup"
