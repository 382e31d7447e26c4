# `make demo` and `make test` each work alone on a fresh clone. They need Python 3.11, pip and the package index.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.PHONY: demo test clean

demo: $(INSTALLED)
	$(BIN)/train --config configs/ner-seeds.yaml --set output=runs/demo --overwrite
	$(BIN)/tag seeds --model runs/demo -o runs/demo/seeds.jsonl --overwrite
	$(BIN)/tag seeds/001_abfd41e97fcbe23f.txt --model runs/demo --format pretty | sed -n '9,22p'

test: $(INSTALLED)
	$(BIN)/python -m pytest

# made anew when what is to be installed changes
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(INSTALLED)

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache
