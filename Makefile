# make quickstart   install into .venv and run the whole main job on the bundled images
# make test         install what tests need, then ruff, mypy and pytest (all but the slow tests)
# make test-slow    the long tests
# make test-faults  try damaged files, refusing systems and more on all commands, and print a table: see tests/faults
# make install      everything: `make install EXTRAS=all,gpu` adds CUDA
#
# Another interpreter: make quickstart PYTHON=/usr/local/bin/python3.11

PYTHON ?= python3.11
EXTRAS ?= all
# Tests of networks this small leave a second core idle.
TEST_JOBS ?= 2
RUN ?= runs/quickstart
FAULTS ?= runs/faults
SEED ?= 0

# Relative paths throughout: the repository may lie in a path with spaces.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
comma := ,

.PHONY: quickstart test test-slow test-faults install lint clean

quickstart: $(VENV)/.installed-core
	$(BIN)/scalenet run --config quickstart --run "$(RUN)"

test: lint
	$(BIN)/python -m pytest -m "not slow" -n $(TEST_JOBS) --dist loadfile

test-slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

test-faults: $(VENV)/.installed-dev
	$(BIN)/python -m tests.faults --folder "$(FAULTS)" --seed $(SEED)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

install: $(VENV)/.installed-extras-$(subst $(comma),-,$(EXTRAS))

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp per set of packages: a second call installs nothing, a changed setup.cfg installs again.
$(VENV)/.installed-core: $(VENV)/.created setup.cfg pyproject.toml
	$(PIP) install --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-core
	$(PIP) install --editable ".[dev]"
	touch $@

$(VENV)/.installed-extras-%: $(VENV)/.installed-core
	$(PIP) install --editable ".[$(EXTRAS)]"
	touch $@

$(VENV)/.created:
	@command -v "$(PYTHON)" > /dev/null || { \
	  echo "make: '$(PYTHON)' is not installed. ScaleNet-TF needs Python 3.11 or later." >&2; \
	  echo "      On Debian: apt-get install python3.11 python3.11-venv. Or name another: make PYTHON=..." >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: '$(PYTHON)' is $$("$(PYTHON)" --version). ScaleNet-TF needs Python 3.11 or later: make PYTHON=..." >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "make: '$(PYTHON)' cannot make a virtual environment: its ensurepip module is missing." >&2; \
	  echo "      On Debian: apt-get install python3.11-venv, then call make again." >&2; \
	  exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	touch $@
