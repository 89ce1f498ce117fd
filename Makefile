# make quickstart   install into .venv and run the whole main job on the bundled images
# make test         install what tests need, then ruff, mypy and pytest (all but the slow tests)
# make test-slow    the long tests
# make test-faults  try damaged files, refusing systems and more on all commands, and print a table: see tests/faults
# make install      everything: `make install EXTRAS=all,gpu` adds CUDA
# make lock         pin what the image and CI install, with hashes: locks/*.txt; UPGRADE=--upgrade takes newer versions
# make docs         build the documentation site in build/site
# make audit        look the pinned versions up in the database of known vulnerabilities (PyPI's)
#
# Another interpreter: make quickstart PYTHON=/usr/local/bin/python3.11

# make test LOCKED=1 installs the versions of locks/dev.txt, which are those for Python 3.11, by their hashes.
LOCKED ?=

# The newest Python that runs and that TensorFlow supports. A command that is found may still refuse to run (pyenv).
ifndef PYTHON
PYTHON := $(shell for python in $(if $(LOCKED),,python3.13 python3.12) python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null && echo "$$python" && exit; \
	done; echo python3)
endif
EXTRAS ?= all
# Tests of networks this small leave a second core idle.
TEST_JOBS ?= 2
RUN ?= runs/quickstart
FAULTS ?= runs/faults
SEED ?= 0

# Relative paths throughout: the repository may lie in a path with spaces.
VENV := .venv
BIN := $(VENV)/bin
DEV := $(VENV)/.installed-$(if $(LOCKED),locked,dev)
PIP := $(BIN)/python -m pip --disable-pip-version-check
comma := ,

LOCKS := pipelines,export pipelines,export,gpu dev
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--python-platform x86_64-manylinux_2_28 --custom-compile-command "make lock" $(UPGRADE)

.PHONY: quickstart test test-slow test-faults install docs lint lock audit clean

quickstart: $(VENV)/.installed-core
	$(BIN)/scalenet run --config quickstart --run "$(RUN)"

test: lint
	$(BIN)/python -m pytest -m "not slow" -n $(TEST_JOBS) --dist loadfile

test-slow: $(DEV)
	$(BIN)/python -m pytest -m slow

test-faults: $(DEV)
	$(BIN)/python -m tests.faults --folder "$(FAULTS)" --seed $(SEED)

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

install: $(VENV)/.installed-extras-$(subst $(comma),-,$(EXTRAS))

docs: $(VENV)/.installed-docs
	$(BIN)/python -m mkdocs build

lock: $(VENV)/.installed-tools $(LOCKS:%=lock-%)
	printf 'setuptools>=68\nwheel\n' | $(COMPILE) --constraint locks/dev.txt --output-file locks/build.txt -

lock-%: $(VENV)/.installed-tools
	$(COMPILE) $(foreach extra,$(subst $(comma), ,$*),--extra $(extra)) --constraint locks/limits.in \
		--output-file locks/$*.txt setup.cfg

audit: $(VENV)/.installed-tools
	$(BIN)/pip-audit --strict --disable-pip --require-hashes $(LOCKS:%=--requirement locks/%.txt)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp per set of packages: a second call installs nothing, a changed setup.cfg installs again.
$(VENV)/.installed-core: $(VENV)/.created setup.cfg pyproject.toml
	$(PIP) install --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-core
	$(PIP) install --editable ".[dev]"
	touch $@

$(VENV)/.installed-locked: $(VENV)/.created setup.cfg pyproject.toml locks/build.txt locks/dev.txt
	$(PIP) install --require-hashes --requirement locks/build.txt
	$(PIP) install --no-build-isolation --require-hashes --requirement locks/dev.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.installed-docs: $(VENV)/.installed-core
	$(PIP) install --editable ".[docs]"
	touch $@

$(VENV)/.installed-tools: $(VENV)/.created
	$(PIP) install "uv>=0.5" "pip-audit>=2.7"
	touch $@

$(VENV)/.installed-extras-%: $(VENV)/.installed-core
	$(PIP) install --editable ".[$(EXTRAS)]"
	touch $@

$(VENV)/.created:
	@command -v "$(PYTHON)" > /dev/null || { \
	  echo "make: '$(PYTHON)' is not installed. ScaleNet-TF needs Python 3.11 to 3.13." >&2; \
	  echo "      On Debian: apt-get install python3.11 python3.11-venv. Or name another: make PYTHON=..." >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "make: '$(PYTHON)' is $$("$(PYTHON)" --version). ScaleNet-TF needs Python 3.11 to 3.13: make PYTHON=..." >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "make: '$(PYTHON)' cannot make a virtual environment: its ensurepip module is missing." >&2; \
	  echo "      On Debian: apt-get install python3.11-venv, then call make again." >&2; \
	  exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	touch $@
