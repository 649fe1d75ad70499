"""What people come to do, in a real browser over a run of the demo group, in the language of their browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.components.figures import amount
from dashboards.components.language import text_in, value_in
from tests.end_to_end.conftest import Served, published_rows

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
WAIT = 60_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=LOCALES)
def language(request: pytest.FixtureRequest) -> str:
    """The language that the browser asks for; no link of a journey names one."""
    return str(request.param)


@pytest.fixture
def page(browser: Any, language: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 3600}, locale=LOCALES[language])
    made = context.new_page()
    made.set_default_timeout(WAIT)
    yield made
    context.close()


def settled(page: Any) -> None:
    """Wait until the page stands and nothing runs any more."""
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(500)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0


def click_on_canvas(page: Any, table: Any, x: int, y: int, in_link: str) -> None:
    """Click on a place of a table until the link has what was picked: a table that is being drawn hears no click."""
    before = page.url
    for _ in range(6):
        table.click(position={"x": x, "y": y})
        for _ in range(20):
            page.wait_for_timeout(500)
            if page.url != before and in_link in page.url:
                settled(page)
                return
    raise AssertionError(f"{in_link} is not in {page.url}")


def title_is(page: Any, language: str, key: str) -> None:
    assert page.get_by_role("heading", level=1).first.inner_text() == text_in(language, key)


def card(page: Any, label: str) -> str:
    """The figure of the card with that label."""
    return str(page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").inner_text())


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_cfo_tries_a_scenario_and_drills_to_a_document(served_group: Served, page: Any, language: str) -> None:
    page.goto(f"{served_group.address}/?as=cfo")
    settled(page)
    title_is(page, language, "overview.title")
    ((cash,),) = published_rows(
        served_group.home,
        "select sum(closing_balance_reporting_currency) from marts.fct_bank_statement where is_newest",
    )
    assert card(page, text_in(language, "cash.now", currency="CNY")) == amount(cash)

    sales = text_in(language, "scenarios.sales")
    assert page.get_by_test_id("stMetric").filter(has_text=sales).count() == 0
    page.get_by_role("button", name=sales).click()
    less = page.get_by_test_id("stMetric").filter(has_text=sales)
    less.wait_for()
    settled(page)
    as_forecast = number(card(page, text_in(language, "scenarios.base")))
    assert 0 < number(less.get_by_test_id("stMetricValue").inner_text()) < as_forecast

    # The sheet is drawn on a canvas: rows of 33 pixels, columns of 70 or, where there are few, wider; week, opening,
    # receipts; the second week.
    sheet = page.get_by_test_id("stDataFrame").nth(1)
    for x in (175, 215, 255):
        click_on_canvas(page, sheet, x, 2 * 33 + 16, "cell_line=")
        if "cell_line=receipts" in page.url:
            break
    week = re.search(r"cell_week=([\d-]+)", page.url)
    assert week is not None
    line = value_in(language, "flow", "receipts")
    heading = page.get_by_role("heading", name=text_in(language, "sheet.cell", line=line, week=week[1]))
    assert heading.count() == 1
    ((mean, documents),) = published_rows(
        served_group.home,
        f"""
        select
            (select mean from marts.fct_cash_flow_forecast
             where scope = 'group' and flow = 'receipts' and week_start = '{week[1]}'),
            (select count(*) from marts.fct_cash_forecast_document
             where flow = 'receipts' and week_start = '{week[1]}')
        """,
    )
    told = page.get_by_test_id("stMarkdownContainer").filter(has_text=re.compile(r"CNY = ")).first.inner_text()
    assert told.startswith(amount(mean)), told
    assert f"{documents:,}" in told
    assert documents > 0


def test_salesperson_sees_own_customers_alone(served_group: Served, page: Any, language: str) -> None:
    ((seller, owed),) = published_rows(
        served_group.home,
        """
        select customer.salesperson_id, sum(aging.open_amount_reporting_currency)
        from marts.fct_receivable_aging as aging
        inner join marts.dim_customer as customer using (customer_id)
        where aging.as_of = '2026-10-31' and customer.salesperson_id is not null
        group by 1 order by 2 desc limit 1
        """,
    )
    ((stranger, name),) = published_rows(
        served_group.home,
        f"""
        select customer_id, any_value(customer.name)
        from marts.fct_receivable_aging inner join marts.dim_customer as customer using (customer_id)
        where as_of = '2026-10-31' and customer.salesperson_id <> '{seller}'
        group by 1 order by sum(open_amount_reporting_currency) desc limit 1
        """,
    )
    who = f"as=salesperson&of={seller}"
    page.goto(f"{served_group.address}/receivables?{who}")
    settled(page)
    title_is(page, language, "receivables.title")
    assert card(page, text_in(language, "receivables.open", currency="CNY")) == amount(owed)

    page.goto(f"{served_group.address}/customer?{who}&customer={stranger}")
    settled(page)
    title_is(page, language, "customer.title")
    assert name not in page.get_by_test_id("stMain").inner_text(), "the link shows an own customer instead"

    page.goto(f"{served_group.address}/overview_of_all?{who}")  # no such page: the first of his own
    settled(page)
    page.goto(f"{served_group.address}/forecast?{who}")
    settled(page)
    assert text_in(language, "sign_in.page_closed", role=value_in(language, "role", "salesperson")) in (
        page.get_by_test_id("stMain").inner_text()
    )
    assert page.get_by_test_id("stMetric").count() == 0


def test_steward_finds_assigns_and_merges_and_a_second_person_approves(
    served_group: Served, page: Any, language: str
) -> None:
    def ask(button: str, by: str) -> None:
        for key, said in (("decide.by", by), ("decide.why", "seen on paper")):
            field = page.get_by_label(text_in(language, key)).first
            field.fill(said)
            field.press("Tab")  # what was typed is taken when the field is left
            page.wait_for_timeout(500)
        # not by its name alone: the help of a card is a button, and may say the same word
        page.get_by_test_id("stFormSubmitButton").filter(has_text=text_in(language, button)).first.click()

    def decide(button: str, by: str) -> str:
        ask(button, by)
        word = page.get_by_test_id("stAlertContentSuccess").first
        word.wait_for()
        told = str(word.inner_text())
        settled(page)
        return told

    def recorded(told: str, key: str) -> None:
        pattern = re.escape(text_in(language, key, number="NUMBER")).replace("NUMBER", r"\d+")
        assert re.search(pattern, told), told

    page.goto(f"{served_group.address}/issues?as=steward")
    settled(page)
    title_is(page, language, "issues.title")
    click_on_canvas(page, page.get_by_test_id("stDataFrame").last, 18, 52, "issue=")
    recorded(decide("issues.assign", "Li Na"), "decide.recorded")

    # The second language takes the next pair: the first was decided by then.
    pairs = published_rows(
        served_group.home,
        "select record_id, other_record_id from marts.fct_match_candidate where object = 'customer' order by 1, 2",
    )
    one, two = pairs[list(LOCALES).index(language)]
    page.goto(f"{served_group.address}/duplicates?as=steward&record={one}&other={two}")
    settled(page)
    title_is(page, language, "duplicates.title")
    recorded(decide("duplicates.merge", "Li Na"), "decide.recorded")

    page.goto(f"{served_group.address}/record?as=steward&object=customer&record={one}")
    settled(page)
    title_is(page, language, "record.title")
    page.get_by_label(text_in(language, "record.value")).fill("45")
    page.get_by_role("combobox", name=re.compile(text_in(language, "column.attribute"))).click()
    page.get_by_role("option", name=text_in(language, "column.payment_term_days"), exact=True).click()
    recorded(decide("record.set", "Li Na"), "decide.proposed")

    page.goto(f"{served_group.address}/decisions?as=steward")
    settled(page)
    assert card(page, text_in(language, "decisions.pending")) == "1"
    ask("decisions.approve", "li na")
    page.get_by_test_id("stAlertContentError").get_by_text(
        text_in(language, "decide.second_person", name="Li Na")
    ).wait_for()
    decide("decisions.approve", "Zhang Wei")
    assert card(page, text_in(language, "decisions.pending")) == "0"


def test_a_page_and_its_picker_are_reached_by_keyboard_alone(served_group: Served, page: Any, language: str) -> None:
    page.goto(f"{served_group.address}/?as=cfo")
    settled(page)

    def tab_to(wanted: str, most: int = 80) -> None:
        """Press Tab until what has the focus is named ``wanted``."""
        seen: list[str] = []
        for _ in range(most):
            page.keyboard.press("Tab")
            name = str(page.evaluate(
                "() => { const at = document.activeElement; const box = at.getBoundingClientRect();"
                " return box.width === 0 ? '' : (at.getAttribute('aria-label') || at.innerText || '').trim(); }"
            ))  # fmt: skip
            if name.endswith(wanted):
                return
            seen.append(name)
        raise AssertionError(f"{wanted} is not among what the Tab key reaches: {seen}")

    tab_to(text_in(language, "receivables.title"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/receivables**")
    settled(page)
    title_is(page, language, "receivables.title")

    tab_to(text_in(language, "filter.company"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**company=**")
    settled(page)
    title_is(page, language, "receivables.title")
