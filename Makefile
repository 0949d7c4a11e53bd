# make report   set up, then build the report on Kazakhstan 2024 into figures/kazakhstan-2024
# make test     set up, then run all tests
# make lab      set up, then open JupyterLab on the notebooks
# Where python3 is too old or goes by another name: make report PYTHON=python3.12

PYTHON ?= python3
READY = .venv/ready

.PHONY: report test lab notebooks trust fuzz mutants bench lock FORCE

report: $(READY)
	@.venv/bin/casebook run kazakhstan-2024

test: $(READY)
	@.venv/bin/python -m pytest

lab: $(READY)
	@.venv/bin/jupyter lab notebooks

# Executes the notebooks where they lie, without the times of day: their outputs are what `make test` compares with.
notebooks: $(READY)
	@cd notebooks && ../.venv/bin/jupyter nbconvert --to notebook --execute --inplace \
	--ExecutePreprocessor.record_timing=False *.ipynb

# After you looked at your own changes of the notebooks: a run executes no other code than what was trusted last.
trust: $(READY)
	@.venv/bin/python -m analysis.protection.trusted

# Thousands of workbooks that no run has seen before; `make test` tries some hundreds that are always the same.
fuzz: $(READY)
	@.venv/bin/python -m pytest -q -o addopts="" --hypothesis-profile=thousands tests/test_fuzz.py

# Breaks counting and statistics in some 1,600 places, one at a time, and lists the breaks that no test noticed: an hour or so.
mutants: $(READY)
	@.venv/bin/mutmut run --max-children 1
	@.venv/bin/mutmut results

bench: $(READY)
	@.venv/bin/python benchmarks/run.py

# After a change of the dependencies in pyproject.toml; keeps the versions that still fit. Uses the environment as it is.
lock:
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	--extra lab --extra dev pyproject.toml -o requirements.lock

# `ready` is written last and holds the folder. A checkout that was moved or copied would run the code of the old folder,
# so its environment is made again, from nothing, as is one left half-finished or made from another lock.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): FORCE
endif

$(READY): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Casebook needs Python 3.11 or newer; $(PYTHON) is " \
	+ sys.version.split()[0] + ". Install a newer one and name it: make report PYTHON=python3.12")'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "$(PYTHON) cannot make environments. On Debian and Ubuntu, install the package python3-venv."; exit 1; }
	@echo "Setting up. This is done once; most of it is downloading."
	@echo "1 of 3: making an environment in the folder .venv"
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv
	@echo "2 of 3: installing the packages named in requirements.lock, each checked against its hash"
	@awk '/^[^ ]/ {on = /^uv==/} on' requirements.lock > .venv/uv.txt
	@.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt || \
	{ echo "The packages could not be fetched. Check the connection, then give the same command again."; exit 1; }
# uv takes a third of pip's time but does not read pip's settings: behind a mirror or proxy that only pip knows, pip goes on.
	@.venv/bin/uv pip install --python .venv/bin/python --require-hashes --compile-bytecode -r requirements.lock || \
	.venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "3 of 3: installing Casebook itself, so that a change in src/ counts at once"
	@.venv/bin/uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
	@pwd -P > $@
	@echo "Ready."
