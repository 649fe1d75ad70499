"""The warehouse is opened with a share of the machine's memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.errors import SettlehouseError
from dagster_project.warehouse import open_warehouse


def test_memory_is_what_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SETTLEHOUSE_MEMORY_LIMIT", "512MiB")
    with open_warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        assert warehouse.execute("select current_setting('memory_limit')").fetchone() == ("512.0 MiB",)


def test_memory_that_is_no_size_is_refused_with_the_name_of_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SETTLEHOUSE_MEMORY_LIMIT", "much")
    with (
        pytest.raises(SettlehouseError, match="SETTLEHOUSE_MEMORY_LIMIT: 'much'"),
        open_warehouse(tmp_path / "warehouse.duckdb"),
    ):
        pass
