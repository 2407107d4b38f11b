# Everything runs in .venv, which `make venv` creates; no other target needs to be run first.
#
#   PYTHON        the interpreter that creates .venv      make venv PYTHON=python3.12
#   PIP_ARGS      passed to every `pip install`           make venv PIP_ARGS=--no-cache-dir
#   WORKERS       processes that run the tests            make test WORKERS=8
#   FUZZ_SECONDS  how long `make fuzz` takes              make fuzz FUZZ_SECONDS=3600

PYTHON ?= python3
PIP_ARGS ?=
WORKERS ?= 2
FUZZ_SECONDS ?= 600

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test test-slow lint typecheck format bench limits docs fuzz wheel clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## create .venv with all that developing needs

# An editable install goes stale when its entry points change, so it is repeated for pyproject.toml.
# torchvision is here for the tests alone; with its dependencies it would bring another build of torch.
# Compiling matters where PYTHONDONTWRITEBYTECODE is set: there each start would do it anew.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "cnndsl needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e '.[dev,torch]'
	$(PY) -m pip install --quiet $(PIP_ARGS) -c constraints.txt --no-deps torchvision
	$(PY) -m compileall -q cnndsl backends
	@touch $@

demo: venv ## check the zoo, run ResNet-50 on a photograph, draw it, train LeNet
	$(PY) docs/demo.py

# One thread a worker: torch's own threads and the workers would fight for the same cores. Examples and fuzzing are
# drawn from one seed, so that what fails a change is the change; `make test-slow` and `make fuzz` draw others.
test: lint typecheck ## lint, types, tests and 40 seconds of fuzzing: what CI runs
	OMP_NUM_THREADS=1 $(PY) -m pytest -n $(WORKERS) --hypothesis-profile=ci
	FUZZ_SEED=1 $(PY) -m tests.fuzz.run 40

test-slow: venv ## the tests that `make test` leaves out, and other examples than its
	OMP_NUM_THREADS=1 $(PY) -m pytest -n $(WORKERS) -m slow
	OMP_NUM_THREADS=1 EXAMPLES=200 $(PY) -m pytest -n $(WORKERS) $$(grep -rl 'EXAMPLES = int' tests)

lint: venv ## ruff: rules and formatting
	$(PY) -m ruff check
	$(PY) -m ruff format --check

typecheck: venv ## mypy, strict
	$(PY) -m mypy

format: venv ## let ruff repair and format the code
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

# Compiled first, so that start-up times mean the same where PYTHONDONTWRITEBYTECODE is set.
bench: venv ## measure, as ratios to known tools
	$(PY) -m compileall -q cnndsl backends
	$(PY) tests/benchmarks/run.py

limits: venv ## measure time and memory of the worst specs that the limits let through
	$(PY) -m tests.benchmarks.limits

docs: venv ## write the generated reference pages, figures and parse tables anew
	$(PY) docs/generate.py

fuzz: venv ## feed each stage texts that reach new code, for FUZZ_SECONDS
	$(PY) -m tests.fuzz.run $(FUZZ_SECONDS)

wheel: venv ## build the source distribution and the wheel into dist/
	$(PY) -m build

clean: ## remove what was built, and caches
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## as clean, and .venv too
	rm -rf $(VENV)
