# hoibao: `make chat` and `make test` are all one needs. `make help` lists the rest.
#
#   PYTHON=…       interpreter for .venv (3.11 to 3.13; found by itself otherwise)
#   LLAMA_WHEEL=…  a prebuilt llama-cpp-python wheel, so that nothing is compiled
#   LLM=0          leave llama-cpp-python out: answers are extracted, no compiler is needed
#   HOIBAO_HOME=…  where libraries, models and settings live (here: .home in this folder)
#   library=…      name or folder of a library (samples)
#   PIP_FLAGS=…    more flags for every pip install

HOIBAO_HOME ?= $(CURDIR)/.home
library ?= samples
LLM ?= 1
LLAMA_WHEEL ?=
PIP_FLAGS ?=
q ?=
export HOIBAO_HOME

GOOD_PYTHON = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(GOOD_PYTHON)' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check $(PIP_FLAGS)

.PHONY: help chat ask add test lint install doctor wheel clean
help:
	@echo 'make chat            install, index the sample articles, open the chat (prints its address)'
	@echo 'make ask q="…"       ask in the terminal            make add path=FOLDER  add your own articles'
	@echo 'make test            install what tests need, check style and types, run all tests'
	@echo 'make lint | wheel | doctor | clean'

chat: .venv/ready
	@$(BIN)/hoibao samples --library samples
	@$(BIN)/hoibao chat --library "$(library)"

ask: .venv/ready
	@test -n "$(q)" || { echo 'usage: make ask q="Phường Bến Mây có bao nhiêu đảng viên?"'; exit 2; }
	@test "$(library)" != samples || $(BIN)/hoibao samples --library samples --quiet
	@$(BIN)/hoibao ask --library "$(library)" "$(q)"

add: .venv/ready
	@test -n "$(path)" || { echo 'usage: make add path=FOLDER library=NAME'; exit 2; }
	@$(BIN)/hoibao add --library "$(library)" "$(path)"

doctor: .venv/ready
	@$(BIN)/hoibao doctor

install: .venv/ready

test: .venv/ready-dev lint
	$(BIN)/python -m pytest

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

wheel: .venv/ready-dev
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Said first, before anything is downloaded; not asked again once all is installed.
.PHONY: compiler
compiler:
ifeq ($(LLM)$(LLAMA_WHEEL),1)
	@test -e .venv/ready || { command -v $${CC:-cc} && command -v $${CXX:-c++}; } >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || { \
		echo 'llama-cpp-python (the local language model) is compiled, and no C/C++ compiler was found. One of:'; \
		echo '  Debian, Ubuntu: sudo apt install build-essential    Fedora: sudo dnf install gcc-c++ make'; \
		echo '  macOS: xcode-select --install'; \
		echo '  a prebuilt wheel: make $(firstword $(MAKECMDGOALS)) LLAMA_WHEEL=/path/to/llama_cpp_python-….whl'; \
		echo '  without it: make $(firstword $(MAKECMDGOALS)) LLM=0   (answers are then extracted from the articles)'; exit 2; }
endif

.venv/created: | compiler
	@test -n "$(PYTHON)" || { \
		echo 'hoibao needs Python 3.11, 3.12 or 3.13 with venv, and found none on the PATH.'; \
		echo '  Debian, Ubuntu: sudo apt install python3 python3-venv'; \
		echo '  Fedora: sudo dnf install python3.12        macOS: brew install python@3.12'; \
		echo '  or name one: make chat PYTHON=/path/to/python3.12'; exit 2; }
	@$(PYTHON) -c '$(GOOD_PYTHON)' || { echo '$(PYTHON) is not Python 3.11-3.13 with venv.'; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) --quiet 'setuptools>=77' wheel
	@touch $@

# torch goes first and alone: where pip is offered a CPU build, that one is taken and kept.
.venv/core: .venv/created pyproject.toml
	$(PIP) 'torch<2.14'
	$(PIP) --no-build-isolation --editable .
	@touch $@

.venv/ready: .venv/core
ifeq ($(LLM),0)
	@echo 'LLM=0: without llama-cpp-python; answers are extracted.'
else ifneq ($(LLAMA_WHEEL),)
	$(PIP) "$(LLAMA_WHEEL)"
else
	@echo 'Compiling llama-cpp-python: about 6 minutes on 2 cores, once.'
	CMAKE_ARGS="-DLLAVA_BUILD=OFF $$CMAKE_ARGS" $(PIP) --prefer-binary 'llama-cpp-python>=0.3.9'
endif
	@touch $@

.venv/ready-dev: .venv/ready
	$(PIP) --no-build-isolation --editable '.[serve,eval,dev]'
	@touch $@
