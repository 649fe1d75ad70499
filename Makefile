# make demo · make test · make test-spark · make check · make docs · make gallery; each sets up what it needs.
PYTHON ?= python3
SERVE ?= 1
BIN := .venv/bin

.PHONY: demo test test-spark check docs gallery benchmark clean

.venv/.ready: requirements.lock pyproject.toml
	@echo "setup    creating .venv and installing the pinned packages"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -c "from duckdb_extensions import import_extension as install; \
		[install(name) for name in ('sqlite_scanner', 'postgres_scanner', 'mysql_scanner', 'excel', 'ducklake')]"
	@touch $@

demo: .venv/.ready
	@$(BIN)/settlehouse demo --folder var/demo
	@$(BIN)/settlehouse run --config var/demo/company.yml --as-of 2026-10-31
ifneq ($(SERVE),0)
	@$(BIN)/settlehouse serve --config var/demo/company.yml
endif

test: .venv/.ready
	@$(BIN)/python -m pytest -n 2 --dist loadfile

# The dbt project on a cluster of Spark: needs Java 17. SPARK=small builds a part of it, on a smaller group.
SPARK ?= whole
test-spark: .venv/.ready
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --requirements tests/spark/requirements.lock
	@SETTLEHOUSE_TEST_SPARK=$(SPARK) $(BIN)/python -m pytest -s tests/spark

check: .venv/.ready
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --processes 2 dbt/models

docs: .venv/.ready
	@$(BIN)/python -m dagster_project.catalogue

# Pictures of every page of the demo, in both languages and themes, in var/gallery; those of docs/gallery.md are made anew.
gallery: .venv/.ready
	@$(BIN)/python tests/benchmarks/gallery.py --published var/demo/var/published/current.duckdb
	@$(BIN)/python tests/benchmarks/gallery.py --published var/demo/var/published/current.duckdb --docs

# Hours, all together; one alone is `.venv/bin/python tests/benchmarks/NAME.py`. What lacks its data says so and goes on.
BENCHMARKS := payment_timing bank_statements demo_group as_of_replay faults gate matching ledger track_record credit cash_in \
	direct_forecast nightly scope pages cash_application risk payment_proposals \
	start_up swaps crashes whole_run

benchmark: .venv/.ready
	@for one in $(BENCHMARKS); do echo "== $$one"; $(BIN)/python tests/benchmarks/$$one.py || exit 1; done

clean:
	rm -rf var .venv
