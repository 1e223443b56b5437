PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= data/local

.PHONY: demo app test screenshots clean

# Everything installs from the package registry; constraints.txt pins what was tested.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Goldloop needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-tests: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/goldloop --store $(STORE) demo

app: $(VENV)/.installed
	$(BIN)/goldloop --store $(STORE) app

test: $(VENV)/.installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/goldloop models fetch smollm2-135m
	$(BIN)/goldloop models fetch minilm
	HF_HUB_OFFLINE=1 $(BIN)/pytest

screenshots: $(VENV)/.installed-tests
	$(BIN)/python docs/screenshots.py --store $(STORE)

clean:
	rm -rf $(VENV) data/local build *.egg-info
