"""How long readers wait: from click to painted in headless Chromium, alone and among others, while a run is published.

usage: python tests/benchmarks/pages.py [COMPANY_YML] [--rounds 3] [--people 20] [--seconds 60]

Serves the dashboards of a group that has run (without one: of the default demo group, made and run first) on
loopback and stops by itself. Times are taken in the browser: from the last click or key before the page runs to the
second frame after it has run. Then ``--people`` readers at once: one of them in the browser, the others scripted
websocket sessions, as the browser opens them, that click every 2 to 6 seconds and are timed from the click to the
last message of the page. Meanwhile a second run, whose revenue is twice the first one's, is made current: no view may
show an error, or a figure of one run under the name of the other. Exit code 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
FIRST_PAGE_GOAL, CLICK_GOALS, CROWD_GOAL, MEMORY_GOAL = 2.0, (0.4, 1.0), 2.0, 1.5
SENTINEL = "next"  # in the name of the second run
# Page and view of it; filters are its first pickers.
PAGES = (
    "forecast",
    "cash_in",
    "receivables",
    "scenarios",
    "track_record",
    "statements",
    "worklist",
    "issues",
    "quality",
)
# Written into every page: when it was last touched, and when it had run and was painted after that.
WATCH = """
(() => {
    const seen = window.settlehouse = {touched: 0, clicked: 0, painted: 0, running: false};
    for (const event of ["pointerdown", "keydown"])
        document.addEventListener(event, () => { seen.touched = performance.now(); }, true);
    const look = () => {
        const state = document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state");
        if (state === "running" && !seen.running) { seen.running = true; seen.clicked = seen.touched; }
        if (state === "notRunning" && seen.running && document.querySelector("h1")) {
            seen.running = false;
            requestAnimationFrame(() => requestAnimationFrame(() => { seen.painted = performance.now(); }));
        }
    };
    new MutationObserver(look).observe(document, {subtree: true, attributes: true, childList: true,
        attributeFilter: ["data-test-script-state"]});
})();
"""


# ---- what is served


@contextmanager
def served(config: Path, folder: Path) -> Iterator[tuple[str, int, Path]]:
    """The dashboards over a link of their own to the published file; address, process id, link."""
    from dagster_project.config import load_settings
    from dagster_project.publishing.publish import CURRENT, current_file
    from dagster_project.serving import access_environment

    settings = load_settings(config)
    link = folder / CURRENT
    link.symlink_to(current_file(settings.published))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = access_environment(settings, "127.0.0.1") | {
        "SETTLEHOUSE_PUBLISHED": str(link),
        "SETTLEHOUSE_PERSONAS": "",  # the person at the machine: everything is seen
        "SETTLEHOUSE_ACCESS_LOG": str(folder / "access"),
        "SETTLEHOUSE_DECISIONS": f"sqlite:///{folder / 'stewardship.db'}",
        "SETTLEHOUSE_DECISION_HEADS": str(folder / "stewardship.heads"),
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port),
             "--server.address", "127.0.0.1"],
            cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            with suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((folder / "server.log").read_text()[-2000:])
            time.sleep(0.2)
        yield address, server.pid, link
    finally:
        server.terminate()
        server.wait(20)


def next_run(link: Path) -> Path:
    """A second run beside the first: the same, but that every revenue is twice as high."""
    file = link.parent / "next.duckdb"
    shutil.copyfile(link.resolve(), file)
    with duckdb.connect(str(file), config={"memory_limit": "3GB"}) as con:
        con.execute(f"update marts.dim_run set run_id = run_id || '-{SENTINEL}'")
        for table in ("fct_margin_monthly", "fct_customer_margin_monthly", "fct_sales_invoice_line"):
            con.execute(f"update marts.{table} set net_amount_reporting_currency = 2 * net_amount_reporting_currency")
        con.execute("checkpoint")
    return file


def publish(link: Path, file: Path) -> None:
    """As a run does it: the link is swapped."""
    unfinished = link.with_suffix(".unfinished")
    unfinished.symlink_to(file)
    unfinished.replace(link)


def memory(process: int, what: str) -> float:
    """GB that the process holds (VmRSS) or held at most (VmHWM)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 2**20
    raise LookupError(what)


def processor_seconds(process: int) -> float:
    """What the process has computed so far; unlike waiting it does not depend on what else the machine does."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- a reader in the browser


class Browser:
    """Chromium, each visitor in a context of its own."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.chromium, self.address = chromium, address

    def visitor(self) -> Page:
        context = self.chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.add_init_script(WATCH)
        return context.new_page()  # type: ignore[no-any-return]

    def first_page(self, path: str) -> float:
        """Seconds from nothing loaded to painted."""
        page = self.visitor()
        page.goto(f"{self.address}/{path}")
        seconds = painted(page, after=0)
        page.context.close()
        return seconds


def painted(page: Page, after: float) -> float:
    """Seconds from the last touch to painted, once the page has run after the moment ``after`` of its clock."""
    page.wait_for_function(
        "after => window.settlehouse && window.settlehouse.painted > after && !window.settlehouse.running",
        arg=after, timeout=30_000,
    )  # fmt: skip
    assert page.get_by_test_id("stException").count() == 0, page.url
    seen = page.evaluate("window.settlehouse")
    return (seen["painted"] - (seen["clicked"] if after else 0)) / 1000


def clicked(page: Page, act: Callable[[], None]) -> float:
    """Seconds from what ``act`` clicks last to painted."""
    page.wait_for_timeout(250)
    now = page.evaluate("performance.now()")
    act()
    return painted(page, after=now)


def tick_first_row(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()  # before it is drawn there is nothing to tick
    page.wait_for_timeout(300)
    table.click(position={"x": 18, "y": 52})


def press_button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("radio", name=name, exact=True)
    ).first.click()


def pick_another(page: Page, box: int, down: int = 1) -> None:
    """The next choice of a picker, by keyboard: the last key is what is timed."""
    field_ = page.get_by_test_id("stSelectbox").filter(visible=True).nth(box).locator("input")
    for _ in range(5):  # choices that open while the page is still drawn may close again
        field_.click()
        with suppress(PlaywrightTimeout):
            page.get_by_role("option").first.wait_for(timeout=2_000)
            break
    for _ in range(down):
        field_.press("ArrowDown")
    page.wait_for_timeout(100)
    field_.press("Enter")


def margin_walk(page: Page, times: Times) -> None:
    """Drill five levels, every view, other periods, what if."""
    for step in range(5):
        times.add("margin: drill", clicked(page, lambda: tick_first_row(page)))
        if step == 1:
            for view in ("Bridge", "Against budget", "What if", "Invoice lines"):
                times.add(f"margin: {view.lower()}", clicked(page, partial(press_button, page, view)))
            times.add("margin: back to drilling", clicked(page, lambda: press_button(page, "Drill")))
    times.add("margin: all sales", clicked(page, lambda: press_button(page, "All sales")))
    for level in ("Product", "Customer", "Channel", "Category"):
        times.add("margin: cut by", clicked(page, partial(press_button, page, level)))
    for box in (0, 2):
        times.add("margin: periods", clicked(page, partial(pick_another, page, box)))
    for view in ("Bridge", "What if"):
        times.add(f"margin: {view.lower()}", clicked(page, partial(press_button, page, view)))
    price = page.get_by_test_id("stNumberInput").first.locator("input")
    price.fill("5")
    times.add("margin: what if, price", clicked(page, lambda: price.press("Enter")))


@dataclass
class Times:
    """Seconds by what was done."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def add(self, what: str, seconds: float) -> None:
        self.of.setdefault(what, []).append(seconds)

    def all(self, start: str = "") -> list[float]:
        return [one for what, seconds in self.of.items() if what.startswith(start) for one in seconds]


def alone(browser: Browser, rounds: int) -> tuple[Times, Times]:
    """First pages of new visitors, and clicks of one reader with nobody else there."""
    first, clicks = Times(), Times()
    for number in range(rounds):
        for path in ("", "margin", "forecast"):
            first.add(f"first page: {path or 'cash'}", browser.first_page(path))
        page = browser.visitor()
        page.goto(f"{browser.address}/margin")
        painted(page, after=0)
        margin_walk(page, clicks)
        page.context.close()
        for path in PAGES:
            page = browser.visitor()
            page.goto(f"{browser.address}/{path}")
            painted(page, after=0)
            boxes = page.get_by_test_id("stSelectbox").filter(visible=True).count()
            for box in range(min(boxes, 3)):
                try:
                    clicks.add(f"{path}: filter", clicked(page, partial(pick_another, page, box)))
                except PlaywrightTimeout:
                    print(f"{path}: picker {box + 1} has no other choice, so it is not measured", flush=True)
                    break
            page.context.close()
        print(f"round {number + 1} of {rounds} is measured", flush=True)
    return first, clicks


# ---- readers at once


@dataclass
class View:
    """What a scripted reader got: seconds, the run named in the header, the first card, and what went wrong."""

    what: str
    seconds: float
    run: str
    revenue: str
    problems: list[str]


class Reader:
    """A websocket session as the browser opens one."""

    def __init__(self, address: str) -> None:
        self.opened = connect(
            address.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"], max_size=None,  # type: ignore[list-item]
            origin=address,  # type: ignore[arg-type]
        )  # fmt: skip
        self.socket = self.opened.__enter__()
        self.page = ""

    def view(self, link: str) -> View:
        """Show the margin page as ``link`` says."""
        asked = BackMsg()
        asked.rerun_script.query_string = link
        asked.rerun_script.page_name = "margin"
        asked.rerun_script.page_script_hash = self.page
        begun = time.perf_counter()
        self.socket.send(asked.SerializeToString())
        run = revenue = ""
        problems = []
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=60))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self.page = message.navigation.page_script_hash
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                shown = element.WhichOneof("type")
                if shown == "metric" and not revenue:
                    revenue = element.metric.body
                if shown == "markdown" and ":material/verified:" in element.markdown.body:
                    run = element.markdown.body.partition("·")[0].split()[-1]
                if shown == "exception" or (shown == "alert" and element.alert.format == element.alert.ERROR):
                    problems.append(str(element)[:300])
            if kind == "script_finished":
                if message.script_finished not in (ForwardMsg.FINISHED_SUCCESSFULLY,):
                    problems.append(f"ended as {message.script_finished}")
                return View(link, time.perf_counter() - begun, run, revenue, problems)


def crowd(browser: Browser, people: int, seconds: float, link: Path, file: Path) -> tuple[list[View], Times]:
    """``people`` readers at once for so long; the second run is published after half of it."""
    members = members_of(link)
    views: list[View] = []
    until = time.monotonic() + seconds

    def read(number: int) -> None:
        chance = random.Random(number)
        reader = Reader(browser.address)
        first = True
        while time.monotonic() < until:
            path: list[str] = []
            for level in chance.sample(list(members), 3):
                path.append(f"at_{level}={chance.choice(members[level])}")
                query = "&".join(["lang=en", *path, "show=" + chance.choice(("members", "members", "bridge"))])
                view = reader.view(query)
                view.what = "session" if first else query
                views.append(view)
                first = False
                time.sleep(chance.uniform(2, 6))
        reader.socket.close()

    threads = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(people - 1)]
    publisher = threading.Timer(seconds / 2, publish, (link, file))
    for thread in (*threads, publisher):
        thread.start()
    times = Times()
    page = browser.visitor()
    page.goto(f"{browser.address}/margin")
    page.wait_for_timeout(2000)
    while time.monotonic() < until:
        try:
            for _ in range(3):
                times.add("browser among others", clicked(page, lambda: tick_first_row(page)))
                page.wait_for_timeout(2000)
            times.add("browser among others", clicked(page, lambda: press_button(page, "All sales")))
        except PlaywrightTimeout:  # 30 seconds: as slow as can be told, and begun anew
            times.add("browser among others", 30.0)
            page.goto(f"{browser.address}/margin")
            page.wait_for_timeout(2000)
    page.context.close()
    for thread in threads:
        thread.join(90)
    return views, times


def members_of(link: Path) -> dict[str, list[str]]:
    """A few members of each level to drill into."""
    columns = {"region": "region", "country": "country", "category": "category", "channel": "channel",
               "product": "product_id", "company": "company_id"}  # fmt: skip
    with duckdb.connect(str(link.resolve()), read_only=True) as con:
        found = {
            level: [row[0] for row in con.execute(
                f"select {column} from marts.fct_margin_monthly where {column} is not null group by 1 "
                "order by sum(line_count) desc, 1 limit 8").fetchall()]
            for level, column in columns.items()
        }  # fmt: skip
        found["customer"] = [row[0] for row in con.execute(
            "select customer_id from marts.fct_customer_margin_monthly group by 1 "
            "order by sum(line_count) desc, 1 limit 8"
        ).fetchall()]  # fmt: skip
    return found


def mixtures(views: list[View]) -> list[str]:
    """Views whose revenue is not that of the run they name: under the second run it is twice the first one's."""
    amounts: dict[tuple[str, bool], set[str]] = {}
    for view in views:
        amounts.setdefault((view.what.partition("&show=")[0], SENTINEL in view.run), set()).add(view.revenue)
    wrong = [f"{what}: {sorted(shown)}" for (what, _), shown in amounts.items() if what != "session" and len(shown) > 1]
    for (what, is_next), shown in amounts.items():
        before = amounts.get((what, False))
        if is_next and before and len(shown) == len(before) == 1 and what != "session":
            old, new = (number(next(iter(one))) for one in (before, shown))
            if old is not None and new is not None and abs(new - 2 * old) > Decimal("1.5"):
                wrong.append(f"{what}: {old} and then {new}")
    return wrong + [f"no run: {view.what}" for view in views if not view.run]


def number(text: str) -> Decimal | None:
    return None if text == "–" else Decimal(text.replace(",", ""))


# ---- the table


def row(what: str, seconds: list[float], goals: tuple[float, ...] = ()) -> bool:
    """Print one line; whether its goals (p50 and p95, or p95 alone) are met."""
    p50, p95 = statistics.median(seconds), sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]
    met = all(have <= want for have, want in zip((p95, p50), reversed(goals), strict=False))
    verdict = f"{' / '.join(f'{goal:g}' for goal in goals)} {'met' if met else 'MISSED'}" if goals else ""
    print(f"{what:34} {len(seconds):5} {p50:8.2f} {p95:8.2f} {max(seconds):8.2f}   {verdict}", flush=True)
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        config = asked.config or demo_group(folder / "demo")
        with served(config, folder) as (address, process, link):
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
            )
            browser = Browser(chromium, address)
            with duckdb.connect(str(link.resolve()), read_only=True) as con:
                lines = con.execute("select count(*) from marts.fct_sales_invoice_line").fetchall()[0][0]
            print(f"{config}: {lines:,} sales invoice lines", flush=True)
            started = browser.first_page("")
            computed = [processor_seconds(process)]
            first, clicks = alone(browser, asked.rounds)
            after_alone = memory(process, "VmRSS")
            print(f"\n{'seconds':34} {'n':>5} {'p50':>8} {'p95':>8} {'max':>8}   goal", flush=True)
            row("very first page of the server", [started])
            met = [row("first page", first.all(), (FIRST_PAGE_GOAL,))]
            for what, seconds in first.of.items():
                row(f"  {what}", seconds)
            met.append(row("click to painted", clicks.all(), CLICK_GOALS))
            for what, seconds in clicks.of.items():
                row(f"  {what}", seconds)
            file = next_run(link)
            computed.append(processor_seconds(process))
            views, among = crowd(browser, asked.people, asked.seconds, link, file)
            computed.append(processor_seconds(process))
            peak = memory(process, "VmHWM")
            chromium.close()
    opening = [view.seconds for view in views if view.what == "session"]
    clicking = [view.seconds for view in views if view.what != "session"]
    met.append(row(f"{asked.people - 1} sessions open at one moment", opening, (CROWD_GOAL,)))
    met.append(row(f"{asked.people} at once: {asked.people - 1} sessions", clicking, (CROWD_GOAL,)))
    met.append(row(f"{asked.people} at once: 1 browser", among.all(), (CROWD_GOAL,)))
    met.append(peak <= MEMORY_GOAL)
    shown = len(first.all()) + len(clicks.all()), len(views) + len(among.all())
    alone_seconds, crowd_seconds = ((computed[i + 1] - computed[i]) / shown[i] for i in (0, 1))
    print(f"the server computes {alone_seconds:.2f} s a view for one reader, {crowd_seconds:.2f} s for {asked.people}")
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"memory of the server: {after_alone:.2f} GB after one reader, {peak:.2f} GB at most (goal {MEMORY_GOAL} GB)")
    wrong = [problem for view in views for problem in view.problems] + mixtures(views)
    new = sum(SENTINEL in view.run for view in views)
    print(f"published meanwhile: {len(views) - new} views of the first run, {new} of the second, {len(wrong)} wrong")
    for problem in wrong[:5]:
        print(f"  {problem}")
    return 0 if all(met) and not wrong and 0 < new < len(views) else 1


def demo_group(folder: Path) -> Path:
    """The default demo group, run and published."""
    for command in (["demo", "--folder", folder], ["run", "--config", folder / "company.yml", "--as-of", "2026-10-31"]):
        subprocess.run(
            [sys.executable, "-m", "dagster_project.cli", *map(str, command)],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return folder / "company.yml"


if __name__ == "__main__":
    sys.exit(main())
