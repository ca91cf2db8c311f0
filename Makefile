# make run · make test · make check; everything happens in .venv
PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install run test check format samples bench-peers clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.run ## Make the virtual environment with everything the studio needs

run: $(VENV)/.run ## Start the studio (PORT=8501, ADDRESS=127.0.0.1)
	@OMP_WAIT_POLICY=PASSIVE exec $(BIN)/streamlit run serve.py --server.port $(PORT) --server.address $(ADDRESS)

test: $(VENV)/.dev ## Run every test; browser tests where a Chromium is found
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev ## Lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

format: $(VENV)/.dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

samples: $(VENV)/.run ## Make the samples that ship anew
	$(BIN)/python scripts/make_samples.py

bench-peers: .venv-peers/.ready $(VENV)/.dev ## Our engine against its peers (BENCH_ARGS="--table census --peers copula,argn")
	$(BIN)/python -m bench.engines $(BENCH_ARGS)

clean: ## Remove the virtual environments and caches; the data folder stays
	rm -rf $(VENV) .venv-peers .pytest_cache .mypy_cache .ruff_cache

# Stamps: what was interrupted half-way has none, and is made again.
$(VENV)/.made:
	@sh scripts/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.run: requirements.txt | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-no-deps.txt requirements.txt | $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-no-deps.txt
	@touch $@

# The engine needs no torchvision and torchaudio, and cannot be imported where they do not fit torch.
.venv-peers/.ready: bench/requirements-peers.txt
	@sh scripts/make_venv.sh "$(PYTHON)" .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	.venv-peers/bin/python -m pip uninstall --quiet --yes torchvision torchaudio
	@touch $@
