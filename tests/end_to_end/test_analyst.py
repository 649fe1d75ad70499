"""An analyst's way through the margin explorer, in a browser, over the demo group: drill, try, share, export."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashboards.components.language import text_in
from tests.end_to_end.conftest import ROOT, published_rows

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def address(demo_group: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the dashboards over the demo group, for the person at the machine."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ
        | {
            "SETTLEHOUSE_PUBLISHED": str(demo_group / "var" / "published" / "current.duckdb"),
            "SETTLEHOUSE_ACCESS_LOG": str(folder / "access"),
            "SETTLEHOUSE_DECISIONS": f"sqlite:///{folder / 'stewardship.db'}",
            "SETTLEHOUSE_DECISION_HEADS": str(folder / "stewardship.heads"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
                break
            except OSError:
                assert server.poll() is None, "the dashboards did not start"
                assert time.monotonic() < deadline, "the dashboards did not answer within two minutes"
                time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def open_page(browser: Any, link: str, language: str) -> Any:
    locale = {"en": "en-GB", "zh": "zh-CN"}[language]
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale).new_page()
    page.goto(link)
    settled(page)
    return page


def settled(page: Any) -> None:
    page.get_by_test_id("stMetricValue").first.wait_for(timeout=60_000)
    page.wait_for_timeout(300)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    assert page.get_by_test_id("stException").count() == 0


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("radio", name=name, exact=True)
    ).first.click()
    settled(page)


def figures(page: Any) -> list[str]:
    """What the cards over the view say: revenue, cost, margin, margin %."""
    shown: list[str] = page.get_by_test_id("stMetricValue").all_inner_texts()
    return shown


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(" ", ""))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_analyst_drills_tries_shares_and_exports(
    address: str, browser: Any, demo_group: Path, tmp_path: Path, language: str
) -> None:
    def word(key: str) -> str:
        return text_in(language, key)

    page = open_page(browser, f"{address}/margin", language)
    whole = figures(page)

    # By customer first, then what they bought: no order is given.
    for level in ("customer", "category", "product"):
        press(page, word(f"level.{level}"))
        # The first cell of the first row is its tick box; the table is drawn on a canvas.
        page.get_by_test_id("stDataFrame").first.click(position={"x": 18, "y": 52})
        page.wait_for_url(re.compile(f"at_{level}="), timeout=30_000)
        settled(page)
    part = figures(page)
    assert amount(part[0]) < amount(whole[0])

    press(page, word("margin.view.lines"))
    assert page.get_by_role("heading", name=word("margin.lines")).count() == 1
    link = page.url
    path = {level: re.search(rf"at_{level}=([^&]*)", link).group(1) for level in ("customer", "product")}  # type: ignore[union-attr]
    expected = published_rows(
        demo_group / "var",
        f"""select count(*), sum(net_amount_reporting_currency) from marts.fct_sales_invoice_line
            where customer_id = '{urllib.request.unquote(path["customer"])}'
                and product_id = '{urllib.request.unquote(path["product"])}' and year(invoice_date) = 2026""",
    )[0]

    with page.expect_download() as taken:
        page.get_by_role("button", name=word("table.download"), exact=True).click()
    listed = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text(encoding="utf-8-sig"))))
    heading = word("column.revenue_reporting_currency").format(currency="CNY")
    assert len(listed) - 1 == expected[0]
    assert sum(Decimal(row[listed[0].index(heading)]) for row in listed[1:]) == expected[1]
    assert abs(amount(part[0]) - expected[1]) <= Decimal("0.5"), "the card and its lines"
    with page.expect_download() as taken:
        page.get_by_role("button", name=word("table.download_excel"), exact=True).click()
    book = tmp_path / "lines.xlsx"
    taken.value.save_as(book)
    assert openpyxl.load_workbook(book).sheetnames == [word("export.data_sheet"), word("export.definitions_sheet")]

    press(page, word("margin.view.what_if"))
    price = page.get_by_test_id("stNumberInput").first.locator("input")
    price.fill("10")
    price.press("Enter")
    page.wait_for_url(re.compile("price=10"), timeout=30_000)
    settled(page)
    tried = figures(page)
    assert tried[:4] == part, "what was stays what it was"
    # Revenue and so margin gain a tenth of revenue, within the cents that the cards round to.
    assert abs(amount(tried[4]) - amount(part[2]) - amount(part[0]) / 10) <= Decimal("1")

    page.get_by_role("button", name=word("margin.link")).click()
    shared = page.get_by_test_id("stCode").inner_text().strip()
    other = open_page(browser, shared, "en" if language == "zh" else "zh")
    assert figures(other) == tried, "the link shows the same, to whoever opens it"
    assert other.get_by_role("heading", level=1).inner_text() == word("margin.title"), "in the language it was sent in"
    other.context.close()
    page.context.close()
