"""Pictures of every page in both languages and both themes, on a laptop and a tablet: to be looked at.

    python tests/benchmarks/gallery.py --published var/demo/var/published/current.duckdb --out var/gallery

leaves a picture per page, language, theme and width, and contact sheets of them. ``--docs`` also writes the pictures of
docs/gallery.md. It fails where a page shows an error or is wider than the screen.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FIRST = "overview"  # the page at the bare address
PAGES = sorted(file.stem for file in (ROOT / "dashboards" / "app_pages").glob("*/*.py"))
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
LAPTOP, TABLET = 1280, 820
TALLEST, DOCS_TALLEST = 3_600, 2_000
# picture → page, language, theme, address; what the reader of the docs is shown.
CELL = "cell_week=2026-11-02&cell_line=receipts"
IN_DOCS = {
    "overview": ("overview", "en", "light", ""),
    "overview_dark": ("overview", "en", "dark", ""),
    "cell": ("forecast", "en", "light", CELL),
    "cash_in": ("cash_in", "zh", "light", ""),
    "scenarios": ("scenarios", "en", "light", ""),
    "receivables": ("receivables", "zh", "light", ""),
    "customer": ("customer", "en", "light", ""),
    "worklist": ("worklist", "en", "light", ""),
    "margin": ("margin", "en", "light", ""),
    "controls": ("controls", "zh", "dark", ""),
    "statements": ("statements", "en", "light", ""),
    "issues": ("issues", "en", "light", ""),
    "duplicates": ("duplicates", "zh", "light", "zone=automatic"),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--published", type=Path, required=True, help="the published file")
    arguments.add_argument("--out", type=Path, default=ROOT / "var" / "gallery")
    arguments.add_argument("--pages", nargs="*", default=PAGES)
    arguments.add_argument("--docs", action="store_true", help="write the pictures of docs/gallery.md")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with served(given.published.absolute(), given.out) as address, chromium() as browser:
        if given.docs:
            for name, (page, language, theme, query) in IN_DOCS.items():
                place = given.out / f"docs_{name}.png"
                with window(browser, language, theme, LAPTOP) as shown:
                    faults += picture(shown, at(address, page, query), place, DOCS_TALLEST)
                compressed(place, ROOT / "docs" / "images" / f"{name}.webp")
        else:
            kinds = [(language, theme, LAPTOP) for language in LANGUAGES for theme in ("light", "dark")]
            for language, theme, width in (*kinds, ("en", "light", TABLET)):
                pictures = []
                with window(browser, language, theme, width) as shown:
                    for page in given.pages:
                        place = given.out / f"{page}_{language}_{theme}_{width}.png"
                        faults += picture(shown, at(address, page), place)
                        pictures.append(place)
                contact_sheet(pictures, given.out / f"sheet_{language}_{theme}_{width}.png")
    print("\n".join(faults) or "no faults")
    sys.exit(1 if faults else 0)


@contextmanager
def served(published: Path, folder: Path) -> Iterator[str]:
    """Address of the pages over a published file, with an empty store of decisions."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = folder / "decisions"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ
        | {
            "SETTLEHOUSE_PUBLISHED": str(published),
            "SETTLEHOUSE_ACCESS_LOG": str(kept / "access"),
            "SETTLEHOUSE_DECISIONS": f"sqlite:///{kept / 'stewardship.db'}",
            "SETTLEHOUSE_DECISION_HEADS": str(kept / "stewardship.heads"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit("the dashboards did not start") from None
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


def at(address: str, page: str, query: str = "") -> str:
    """Address of a page."""
    return f"{address}/{'' if page == FIRST else page}?{query}"


@contextmanager
def window(browser: Any, language: str, theme: str, width: int) -> Iterator[Any]:
    """A window of a browser that asks for the language and the theme; its pages share what was loaded before."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=LANGUAGES[language], color_scheme=theme
    )
    yield context.new_page()
    context.close()


def picture(page: Any, url: str, place: Path, tallest: int = TALLEST) -> list[str]:
    """Take the picture of a whole page; returns what is wrong with it."""
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(url)
    settle(page)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 700), tallest)})
    settle(page)
    page.screenshot(path=str(place))
    faults = []
    for what in ("stException", "stAlertContentError"):
        if page.get_by_test_id(what).count():
            faults.append(f"{place.stem}: {page.get_by_test_id(what).first.inner_text()[:200]}")
    over = page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))")
    if over > 1:
        faults.append(f"{place.stem}: {over} pixels wider than the screen")
    return faults


def settle(page: Any) -> None:
    page.get_by_role("heading", level=1).first.wait_for(timeout=30_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    page.wait_for_timeout(500)


def contact_sheet(pictures: list[Path], place: Path, columns: int = 5, width: int = 420, height: int = 620) -> None:
    """The tops of pictures side by side."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + 8), rows * (height + 8)), "#888888")
    for number, file in enumerate(pictures):
        with Image.open(file) as image:
            scaled = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
        at = (number % columns * (width + 8), number // columns * (height + 8))
        sheet.paste(scaled.crop((0, 0, width, min(height, scaled.height))), at)
    sheet.save(place)


def compressed(picture_file: Path, place: Path, most_bytes: int = 150_000) -> None:
    """The picture as WebP, of the best quality that keeps it under ``most_bytes``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture_file) as image:
        for quality in (82, 70, 58, 46, 34):
            image.save(place, "WEBP", quality=quality, method=6)
            if place.stat().st_size < most_bytes:
                return
    raise SystemExit(f"{place.name} is larger than {most_bytes} bytes")


if __name__ == "__main__":
    main()
