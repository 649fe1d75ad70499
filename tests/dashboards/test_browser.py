"""Every page in a real browser: figures are on it, no error is, and it looks the same in both languages.

Screenshots are left in var/screenshots. With SETTLEHOUSE_PUBLISHED_FOR_BROWSER_TEST the pages show that published file.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "var" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FIRST = "overview"  # the page at the bare address
PAGES = (
    FIRST,
    "cash",
    "forecast",
    "track_record",
    "variance",
    "receivables",
    "margin",
    "controls",
    "bank_reconciliation",
    "intercompany",
    "statements",
    "working_capital",
    "tax",
    "approvals",
    "risk",
    "payables",
    "worklist",
    "customer",
    "credit",
    "quality",
    "issues",
    "catalogue",
    "duplicates",
    "record",
    "decisions",
    "access",
)
REAL_FILE = os.environ.get("SETTLEHOUSE_PUBLISHED_FOR_BROWSER_TEST")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, publish_run: Callable[..., Path]) -> Iterator[str]:
    """Address of the running dashboards."""
    link = Path(REAL_FILE) if REAL_FILE else publish_run(tmp_path_factory.mktemp("published"), "20261031T0600")
    decisions = tmp_path_factory.mktemp("decisions")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port)],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "SETTLEHOUSE_PUBLISHED": str(link.absolute()),
            "SETTLEHOUSE_DECISIONS": f"sqlite:///{decisions / 'stewardship.db'}",
            "SETTLEHOUSE_DECISION_HEADS": str(decisions / "stewardship.heads"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
                break
            except OSError:
                assert server.poll() is None, "the dashboards did not start"
                assert time.monotonic() < deadline, "the dashboards did not answer within a minute"
                time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def test_dark_theme(address: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/forecast")
    settled(page)
    whole_page(page, SCREENSHOTS / "forecast_en_dark.png")
    background = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", background)[:3]) < 64, background
    context.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page_name", PAGES)
def test_page_shows_figures_and_no_error(address: str, browser: Any, page_name: str, language: str) -> None:
    locale = {"en": "en-GB", "zh": "zh-CN"}[language]
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}/{page_name}".removesuffix(FIRST))
    settled(page)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    whole_page(page, SCREENSHOTS / f"{page_name}_{language}.png")

    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    assert page.get_by_role("dialog").count() == 0
    figures = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert len(figures) >= 4
    # the grade of a customer is a letter
    assert all(re.search(r"\d|^[A-E]$", figure) for figure in figures), figures
    title = page.get_by_role("heading", level=1).inner_text()
    assert bool(re.search("[一-鿿]", title)) == (language == "zh"), title
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert not [url for url in requests if not url.startswith(own)], "a page loads something from elsewhere"
    context.close()


def test_analyst_drills_to_the_invoice_line_and_the_link_keeps_the_view(address: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/margin")
    settled(page)
    for level in ("region", "country", "company", "category", "product", "channel", "customer"):
        # The first cell of the first row is its tick box; the table is drawn on a canvas.
        page.get_by_test_id("stDataFrame").first.click(position={"x": 18, "y": 52})
        page.wait_for_url(re.compile(f"at_{level}="), timeout=15_000)
        settled(page)
    assert page.get_by_role("heading", name="Invoice lines").count() == 1
    link, figures = page.url, page.get_by_test_id("stMetricValue").all_inner_texts()
    whole_page(page, SCREENSHOTS / "margin_lines_en.png")

    other = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
    other.goto(link)
    settled(other)
    assert other.get_by_test_id("stMetricValue").all_inner_texts() == figures
    assert other.get_by_role("heading", name="Invoice lines").count() == 1
    other.context.close()
    context.close()


def test_steward_accepts_a_fault_and_the_log_shows_it(address: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/issues")
    settled(page)
    page.get_by_test_id("stDataFrame").last.click(position={"x": 18, "y": 52})
    page.wait_for_url(re.compile("issue="), timeout=15_000)
    settled(page)
    page.get_by_label("Who decides").fill("Li Na")
    page.get_by_label("Why").fill("the customer is being closed")
    page.get_by_role("button", name="Accept until that day").click()
    page.get_by_text("is recorded. The next run applies it").wait_for(timeout=15_000)
    settled(page)
    whole_page(page, SCREENSHOTS / "issues_decided_en.png")
    page.goto(f"{address}/decisions")
    settled(page)
    assert page.get_by_test_id("stMetricValue").all_inner_texts() == ["1", "0", "1", "0"]
    whole_page(page, SCREENSHOTS / "decisions_one_en.png")
    context.close()


def settled(page: Any) -> None:
    """Wait until the page has its figures and nothing runs any more."""
    page.get_by_test_id("stMetricValue").first.wait_for(timeout=30_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    page.wait_for_timeout(600)


def whole_page(page: Any, place: Path) -> None:
    """Screenshot of the page to its end: the scrolling part is inside the page, so the window is made as tall."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": 1280, "height": min(max(height, 700), 4000)})
    page.wait_for_timeout(500)
    page.screenshot(path=str(place))
    page.set_viewport_size({"width": 1280, "height": 900})
