# Everything starts here, on a machine with Python 3.11 or newer, make and git.
#
#   make demo    the whole job on invented people: three nights, then where to look
#   make test    all tests
#   make check   ruff, mypy strict, import-linter
#
# The environment is made in .venv and made again when pyproject.toml changes.
# Another interpreter: make PYTHON=python3.12 demo

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := demo

.PHONY: demo test check format docs bench wheel-check clean

demo: $(STAMP)
	$(BIN)/rpps-sync demo --dir $(DEMO)

test: $(STAMP)
	$(BIN)/pytest -n auto --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP)
	$(BIN)/python docs/generate.py

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

wheel-check: $(STAMP)
	$(BIN)/python tests/wheel_check.py

# The stamp is written last: an installation that was interrupted is done again.
$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "making $(VENV) with $(PYTHON), about a minute the first time"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[api,dashboard,pdf,postgres]' --group dev
	touch $(STAMP)

clean:
	rm -rf $(VENV) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
