# make demo   one case from valuation to the last payout, then the site stays up
# make test   every check of the project
# Needs Python 3.11 or newer, make, and a network that reaches the package registries. Nothing is installed outside this
# folder, except by `make browser`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
WORKERS ?= 3
SHELL  := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
.NOTPARALLEL:
# Some environments forbid Python to keep what it compiles; here it may. Each test worker, and each process that a test starts, would
# compile the tests anew, which takes longer than most of them run.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup setup-run assets locale bytecode demo test lint types imports test-main test-compat campaigns figures replay-all faults schedules money nightly rules draws browser clean

help:
	@echo "make setup | demo | test | lint | types | imports | test-main | test-compat | campaigns | figures | replay-all | faults | schedules | money | nightly | rules | draws | browser | clean"

# Set-up -----------------------------------------------------------------------------------------------------------

setup: $(STAMPS)/dev $(STAMPS)/project assets locale bytecode

setup-run: $(STAMPS)/run $(STAMPS)/project assets locale bytecode

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "fapai needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 ..."; exit 1; }
	@echo "set-up: virtual environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "Python could not make a virtual environment (on Debian: apt install python3-venv)"; rm -rf $(VENV); exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/bootstrap: requirements/bootstrap.txt | $(STAMPS)/venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Each of the seven processes reads some thousand modules at its start: compiled ones take a third of the time, and some
# environments forbid Python to keep what it compiles. uv is fast; pip does the same where uv does not find its way to a registry.
define install
	@echo "set-up: packages of $<"
	@$(BIN)/uv pip install -q --system-certs --compile-bytecode --python $(BIN)/python --require-hashes -r $< \
	  || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@
endef

$(STAMPS)/run: requirements/run.txt $(STAMPS)/bootstrap
	$(install)

# dev.txt includes everything of run.txt, in the same versions.
$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/bootstrap
	$(install)
	@touch $(STAMPS)/run

# The project itself, from this folder, without network: hatchling came with the packages above.
$(STAMPS)/project: pyproject.toml $(STAMPS)/run
	@echo "set-up: command $(BIN)/fapai"
	@$(BIN)/uv pip install -q --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@

assets: $(STAMPS)/run
	@$(BIN)/python web/assets/build.py

locale: $(STAMPS)/run
	@find web -path 'web/locale/*' -name '*.po' | while read -r po; do \
	  mo="$${po%.po}.mo"; test "$$mo" -nt "$$po" || $(BIN)/pybabel -q compile -i "$$po" -o "$$mo" || exit 1; done

bytecode: $(STAMPS)/project
	@$(BIN)/python -m compileall -q auction bidding valuation web migrations

# Run --------------------------------------------------------------------------------------------------------------

demo: setup-run
	$(BIN)/fapai demo --stay

# Check ------------------------------------------------------------------------------------------------------------

# What no test waits for runs beside the tests, for they wait for clocks and servers; it is told after them. All must hold.
test: setup
	@$(MAKE) --no-print-directory lint
	@told=$$(mktemp); $(MAKE) --no-print-directory -k types imports figures >"$$told" 2>&1 & beside=$$!; \
	trap 'kill $$beside 2>/dev/null; rm -f "$$told"' EXIT; trap 'exit 130' INT TERM; held=yes; \
	$(MAKE) --no-print-directory test-main || held=no; \
	wait $$beside || held=no; cat "$$told"; test $$held = yes
	@$(MAKE) --no-print-directory test-compat

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

# The shell is Chromium's engine without its windows: the browser tests take it where it is, for half of Chromium's time.
FOUND_BROWSER = $(firstword $(foreach name,chromium-headless-shell chromium chromium-browser google-chrome,$(shell command -v $(name))))
test-main: setup
	@test -n "$(FOUND_BROWSER)" || echo "browser tests: no Chromium on this machine, so they are skipped (make browser installs it)"
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

# The tests that use PostgreSQL or Redis once more, on the distribution's servers, where both are installed: with COMPAT=core those that
# ask the servers most closely, and one whole case; with COMPAT=all (what CI runs) every one of them, and of those about the site its
# API, a whole case by forms and the public pages: together they ask the servers what the site asks.
COMPAT ?= $(if $(FAPAI_REQUIRE_COMPAT),all,core)
ON_ANY_SERVER_core := tests/auction/kernel tests/auction/fund/ledger tests/bidding tests/migrations \
  tests/web/pages/desks/test_case_by_hand.py
ON_ANY_SERVER_all := tests/auction tests/bidding tests/valuation tests/migrations tests/faults tests/web/api \
  tests/web/pages/desks/test_case_by_hand.py tests/web/pages/market/test_public_pages.py
test-compat: setup
	@found="$$($(BIN)/python -m tests.servers system)"; \
	if [ -n "$$found" ]; then \
	  echo "compatibility ($(COMPAT)): $$found"; env $$found $(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m "compat and not browser" $(ON_ANY_SERVER_$(COMPAT)); \
	elif [ "$$FAPAI_REQUIRE_COMPAT" = 1 ]; then \
	  echo "compatibility: PostgreSQL and Redis of the distribution are required, but not there"; exit 1; \
	else \
	  echo "compatibility: skipped; the distribution's PostgreSQL and redis-server are not both installed"; \
	fi

# What `make test` shows by a sample only: a death at every single point of every money path, every planted bug, browser journeys in
# every language. CI runs these with all others (FAPAI_CAMPAIGNS=1). One file: `make campaigns CAMPAIGN=tests/money/test_killed_steps.py`.
CAMPAIGN ?= tests
campaigns: setup
	@FAPAI_CAMPAIGNS=1 $(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m campaign $(CAMPAIGN)

figures: setup
	@$(BIN)/python tests/architecture/measure.py

# Every bid of the reference logs (folder FAPAI_REFERENCE_DATA) through servers of its own; takes minutes.
replay-all: setup
	@FAPAI_REPLAY_ALL=1 FAPAI_REQUIRE_DATA=1 $(BIN)/pytest -q tests/web/test_replay_all.py

# Every process of the demonstration killed at every step, and each case seen to end at zero; goes on where it was stopped.
# Takes an hour or two: `make faults MINUTES=10`; `make faults ONLY=26:database,31:site` for one case.
MINUTES ?= 600
faults: setup-run
	@$(BIN)/python -m tests.faults.campaign --minutes $(MINUTES) $(if $(ONLY),--only $(ONLY))

# Fault schedules under load, each judged (loadtests/README.md); goes on where it was stopped. About ten seconds each.
SCHEDULES ?= 200
SEED ?= 1
schedules: setup
	@mkdir -p .fapai
	@$(BIN)/python -m loadtests faults --schedules $(SCHEDULES) --seed $(SEED) \
	  --state .fapai/fault-schedules.json --report .fapai/fault-schedules.html

# Random operations of the case fund, by processes that are killed, judged after each run (loadtests/README.md); goes on where it was
# stopped. `make money OPERATIONS=20000` for a short one. Each SEED keeps its own count, so parts may run on other nights or machines:
# SEED=1, 1001, 2001, 3001 with OPERATIONS=250000 each are a million, and no two runs of them are alike.
OPERATIONS ?= 1000000
money: setup
	@$(BIN)/python -m tests.money.campaign --operations $(OPERATIONS) --seed $(SEED) --state .fapai/money-$(SEED).json

# What takes a night: 200 fault schedules, a million random sessions against the rule book, a million operations of the case fund.
nightly: schedules rules money

# The Lua of the rooms against the rule book over so many random sessions of each kind; a million take a night.
SEQUENCES ?= 1000000
rules: setup
	@FAPAI_BID_SEQUENCES=$(SEQUENCES) $(BIN)/pytest -q -n 2 tests/bidding/live/test_bidding_lua.py

# Simulated draws by the product's own seeds, and the chi-square over them: about a minute for a million.
DRAWS ?= 1000000
draws: setup
	@$(BIN)/python -m tests.valuation.draw_v1.simulated_draws --draws $(DRAWS) --seed $(SEED)

# Chromium and Chinese fonts from the distribution, for the browser tests; without its windows, where the distribution has it so.
browser:
	@if command -v chromium-headless-shell >/dev/null; then echo "browser: $$(command -v chromium-headless-shell)"; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && package=chromium-headless-shell && { apt-cache show $$package >/dev/null 2>&1 || package=chromium; } \
	    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$package fonts-noto-cjk; \
	elif [ -n "$(FOUND_BROWSER)" ]; then echo "browser: $(FOUND_BROWSER)"; \
	else echo "browser: not installed; that needs root and apt-get. Install Chromium and Noto CJK fonts your system's way."; fi

clean:
	rm -rf $(VENV) node_modules web/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "kept: .fapai, the data of your installation"
