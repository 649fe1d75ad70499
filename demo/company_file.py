"""company.yml of the demo group."""

from __future__ import annotations

from pathlib import Path

import yaml


def write(folder: Path, name: str, urls: dict[str, str]) -> None:
    content = {
        "group": {
            "name": name,
            "reporting_currency": "CNY",
            "fiscal_year_start": "01-01",
            "cash_floor": 20_000_000,
            "time_zone": "Asia/Shanghai",
        },
        "home": "var",
        "demo": True,
        "sources": [{"name": system, "system": system, "url": url} for system, url in urls.items()]
        + [
            {"name": "hr", "system": "hr_payroll", "path": "hr"},
            {"name": "planning", "system": "planning", "path": "planning"},
            {"name": "governance", "system": "governance", "path": "governance"},
            {"name": "bank", "system": "bank_statements", "path": "bank"},
        ],
    }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / "company.yml").write_text(text, encoding="utf-8")
