# Two commands set everything up by themselves: `make demo` and `make test`.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := 1
# Tests and demonstration start hundreds of processes: none should compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# The court's day so many days ago.
DAY := TZ=Asia/Shanghai $(BIN)/python -c 'import datetime, sys; print(datetime.date.today() - datetime.timedelta(int(sys.argv[1])))'

.PHONY: demo test check setup lock offline clean
.DEFAULT_GOAL := demo

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) bash .ci/debian-packages python3-venv libgomp1
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 以上 / Python 3.11 or newer is needed")'
	echo "安装依赖（按哈希锁定）/ installing the pinned dependencies"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Simulate, train, register, promote, serve, ask three sample cases, and open a court with the last three months' work.
# `make demo ONCE=1` ends after the answers, without the court.
demo: setup
	@export FENLIU_HOME="$${FENLIU_HOME:-.fenliu}"
	fenliu simulate --n 60000 --seed 20261122 --out "$$FENLIU_HOME/history" --force
	fenliu train --data "$$FENLIU_HOME/history" --seed 1
	fenliu evaluate --data "$$FENLIU_HOME/history"
	fenliu promote latest --demo --reason "演示 / demonstration"
	if [ -z "$(ONCE)" ]; then
	  fenliu simulate --n 1700 --court 3 --seed 20261126 --from "$$($(DAY) 91)" --to "$$($(DAY) 0)" \
	    --out "$$FENLIU_HOME/demo-cases" --force
	fi
	fenliu-serve demo $(if $(ONCE),--once)

# Every check and every test, those of the store on a real PostgreSQL server too (without root and outside CI it must be there already).
# Two processes share the tests; `make test PYTEST_ARGS="-n 0 --pdb tests/test_rules.py"` looks at one file in one process.
test: setup check
	@if [ -n "$${CI:-}" ] || [ "$$(id -u)" -eq 0 ]; then bash .ci/debian-packages postgresql chromium fonts-noto-cjk; fi
	OMP_NUM_THREADS=1 python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup
	@ruff check .
	ruff format --check .
	mypy
	lint-imports

# Resolve again, within the lower bounds of pyproject.toml; needs `uv` on the path.
lock:
	uv pip compile pyproject.toml --extra training --extra serving --extra oidc --extra dev --generate-hashes \
	  --no-emit-index-url --no-header --python-version 3.11 --output-file requirements.lock --upgrade
	uv pip compile pyproject.toml --extra training --extra benchmarks --constraints requirements.lock --generate-hashes \
	  --no-emit-index-url --no-header --python-version 3.11 --output-file benchmarks/requirements.lock --upgrade

# Everything that a machine without a network needs: wheels for x86-64 and aarch64, checksums, list of parts.
offline: setup
	@$(BIN)/python .ci/offline.py $(OFFLINE_ARGS)

clean:
	rm -rf $(VENV) .fenliu build dist *.egg-info
