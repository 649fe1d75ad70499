"""Data Docs can be read from the folder alone, and nothing of an earlier run is left in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys


def test_pages_name_the_rules_and_load_nothing_from_outside(frames, gate, tmp_path):
    frames["customer"].loc[0, "currency"] = "RMB"
    gate({"customer": frames["customer"], "product": frames["product"]}, str(tmp_path))
    gate({"customer": frames["customer"]}, str(tmp_path))

    pages = {p.relative_to(tmp_path).as_posix(): p.read_text(encoding="utf-8") for p in tmp_path.rglob("*.html")}
    assert [name.split("/")[:2] for name in sorted(pages)] == [
        ["expectations", "customer.html"], ["index.html"], ["validations", "customer"],
    ]  # fmt: skip
    links = re.findall(r'<td><a href="([^"]+)"', pages["index.html"])
    assert sorted(links) == sorted(set(pages) - {"index.html"})
    result = next(text for name, text in pages.items() if name.startswith("validations"))
    assert "customer_currency_iso" in result
    assert "customer_tax_identifier_valid" in result
    for text in pages.values():
        assert re.findall(r"(?:src|<link[^>]*href)=[\"']https?:|url\(['\"]?https?:", text) == []


def test_library_is_imported_only_when_the_gate_runs():
    code = (
        "import sys, expectations; expectations.rule_catalogue(); "
        "sys.exit('great_expectations' in sys.modules or 'dagster' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
