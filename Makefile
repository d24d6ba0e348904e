# Two commands on a fresh machine: `make reproduce` and `make test`. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: reproduce test lint benchmarks lock clean

reproduce: .venv/runtime
	$(BIN)/survrecon reproduce -o reproduced

test: .venv/dev
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Hours: BENCHMARKS="coverage --quick", say, for a part; python -m benchmarks --help lists what there is.
benchmarks: .venv/dev
	$(BIN)/python -m benchmarks $(BENCHMARKS)

.venv/runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# Needs uv; run after a change of dependencies in pyproject.toml.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --group build pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --constraint requirements.lock --group build --group dev pyproject.toml --output-file requirements-dev.lock

clean:
	rm -rf .venv reproduced build dist
