# Three commands on a fresh machine: `make reproduce`, `make test` and `make test-all`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The locks name everything, so pip has nothing to resolve: left to look, some versions of it take the newest
# release of an extra's requirement, which no lock holds.
LOCKED := install --quiet --no-deps --require-hashes
# A worker a core, so no threads beside them; files keep the order that tests/conftest.py gives them.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: reproduce test test-all slow browser notebooks docs site gallery lint benchmarks lock try-locks clean

reproduce: $(VENV)/runtime
	$(BIN)/survrecon reproduce -o reproduced

test: $(VENV)/dev
	$(PYTEST) -m "not slow and not browser"

# The galleries' figures are drawn and read by slow tests, so that the site is built from the pages as they are.
test-all: test slow browser notebooks site lint

# Hypothesis tries more examples here.
slow: $(VENV)/dev
	HYPOTHESIS_PROFILE=thorough $(PYTEST) -m "(slow or hypothesis) and not browser"

# The review page, led by mouse and keyboard. Needs chromium (Debian: apt-get install chromium). First, one after the
# other, the tests that time frames and the first paint; then the rest, a worker a core.
browser: $(VENV)/dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m "browser and alone" tests/browser
	$(PYTEST) --dist worksteal -m "browser and not alone" tests/browser

notebooks: $(VENV)/dev
	$(PYTEST) --nbmake notebooks

# The site, in build/docs: warnings, links that lead nowhere and anything to be fetched from elsewhere are errors.
# Its gallery is drawn, read and measured first, unless it was since the code last changed.
docs: build/gallery
	$(MAKE) site VENV=$(VENV)

site: $(VENV)/dev
	$(BIN)/python -m sphinx -W --keep-going --fresh-env -q -b html -c docs -d build/doctrees . build/docs

# Minutes: draws, reads and rebuilds the figures of docs/gallery.md and docs/journals.md, and writes both anew.
gallery:
	rm -f build/gallery
	$(MAKE) build/gallery VENV=$(VENV)

build/gallery: $(VENV)/dev $(shell find survrecon examples -name '*.py')
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m examples.gallery
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m examples.gallery.journals --page
	mkdir -p build
	touch $@

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Hours: BENCHMARKS="coverage --quick", say, for a part; python -m benchmarks --help lists what there is.
benchmarks: $(VENV)/dev
	$(BIN)/python -m benchmarks $(BENCHMARKS)

$(VENV)/runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip $(LOCKED) -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev: $(VENV)/runtime requirements-dev.lock
	$(BIN)/python -m pip $(LOCKED) -r requirements-dev.lock
	touch $@
# Needs uv; run after a change of dependencies in pyproject.toml.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --group build pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --constraint requirements.lock --group build --group dev --group docs pyproject.toml --output-file requirements-dev.lock

# Whether a pip takes the locks, without installing them: PIP="pip==23.0.1", say; empty for the one that Python bundles.
try-locks:
	$(PYTHON) -m venv --clear build/try-locks
	$(if $(PIP),build/try-locks/bin/python -m pip install --quiet --upgrade $(PIP))
	build/try-locks/bin/python -m pip --version | cut -d' ' -f1,2
	build/try-locks/bin/python -m pip $(LOCKED) --dry-run -r requirements.lock
	build/try-locks/bin/python -m pip $(LOCKED) --dry-run -r requirements-dev.lock
	rm -rf build/try-locks

clean:
	rm -rf .venv reproduced build dist
