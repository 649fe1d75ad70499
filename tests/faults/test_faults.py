"""One fault at a time in the sources of a clean group: is it found, and is the right company and record named?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.kinds import FILE_KINDS, KINDS
from tests.faults.laboratory import Laboratory, Trial, write_report

SEED = 7
OTHER_SEEDS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return Laboratory(tmp_path_factory.mktemp("faults"), SEED)


@pytest.fixture(scope="module")
def trials(laboratory: Laboratory) -> list[Trial]:
    """Every second kind of fault, once (tests/benchmarks/faults.py tries them all); a line each in var/faults.csv."""
    kinds = (*KINDS, *FILE_KINDS)[::2]
    result = list(laboratory.trials((kind, Random(f"{SEED}/{kind.name}")) for kind in kinds))
    write_report(result, Path("var") / "faults.csv")
    return result


def test_a_clean_group_raises_nothing(laboratory: Laboratory):
    """No control fails, whether it blocks or not; no issue is open; no record is quarantined."""
    assert laboratory.findings() == []


def test_compiled_models_make_the_tables_that_dbt_makes(laboratory: Laboratory):
    made_by_dbt = laboratory.contents()
    assert len(made_by_dbt) > 50
    laboratory.build({name for model in laboratory.models for name in model.reads})
    assert laboratory.contents() == made_by_dbt


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_other_clean_groups_raise_nothing(laboratory: Laboratory, tmp_path: Path, seed: int):
    assert Laboratory(tmp_path, seed, laboratory).findings() == []


def test_nearly_all_faults_are_found(trials: list[Trial], record_testsuite_property: Callable[[str, object], None]):
    found = sum(trial.is_found for trial in trials) / len(trials)
    record_testsuite_property("faults_injected", len(trials))
    record_testsuite_property("faults_found_share", round(found, 4))
    assert len({trial.injection.kind for trial in trials}) >= 60
    assert found >= 0.99, [trial.injection for trial in trials if not trial.is_found]


def test_company_and_record_are_named(trials: list[Trial], record_testsuite_property: Callable[[str, object], None]):
    named = sum(trial.is_named for trial in trials) / len(trials)
    record_testsuite_property("faults_named_share", round(named, 4))
    assert named >= 0.95, [(trial.injection, trial.findings[:3]) for trial in trials if not trial.is_named]
