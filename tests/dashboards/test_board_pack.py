"""The board pack opens, speaks both languages, holds its font, and says what the pages and the certificate say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access
from dashboards.board_pack.content import Pack, board_pack
from dashboards.board_pack.drawing import pdf_bytes

ROOT = Path(__file__).parents[2]
OpenPage = Callable[..., AppTest]


def pack_in(language: str) -> Pack:
    """The pack of the file that is published now."""
    access.choose_file()
    return board_pack(language)


def text_of(content: bytes) -> str:
    """All text of the pack, lines joined as a reader joins them."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    return re.sub(r"\s+", " ", " ".join(pages))


def values(pack: Pack) -> dict[str, object]:
    return {card.measure: card.value for section in pack.sections for card in section.cards} | {
        card.measure: card.value for card in pack.summary
    }


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Board pack", "Cash now", "13-week forecast", "Receivables aging", "Margin by region", "Data quality",
                "Certificate", "By bank account", "What the figures mean", "page 1")),
        ("zh", ("董事会报告", "当前资金", "13 周资金预测", "应收账龄", "地区毛利", "数据质量", "核对证书",
                "指标说明", "第 1 页")),
    ],
)  # fmt: skip
def test_the_pack_has_every_topic_in_its_language_and_embeds_its_font(language: str, words: tuple[str, ...]) -> None:
    content = pdf_bytes(pack_in(language))
    text = text_of(content)
    assert [word for word in words if word not in text] == []
    for name in ("20261031T0600", "2026-10-31", "上海示例贸易有限公司", "Beispiel GmbH"):
        assert name in text, name
    document = pypdfium2.PdfDocument(content)
    written = [part for page in document for part in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])]
    assert len(written) > 100
    assert all(pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(part)) == 1 for part in written)
    assert "2026-10-31" in document.get_metadata_dict()["Title"]


@pytest.mark.usefixtures("published")
def test_the_same_run_makes_the_same_file() -> None:
    assert pdf_bytes(pack_in("en")) == pdf_bytes(pack_in("en"))


def shown_on_pages(open_page: OpenPage) -> dict[str, str]:
    pages = {
        "app_pages/cfo/cash.py": {"cash_now": 0, "cash_floor": 1, "headroom": 2, "bank_account_count": 3},
        "app_pages/cfo/forecast.py": {"closing_cash": 1, "lowest_cash": 2, "chance_below_floor": 3},
        "app_pages/cfo/receivables.py": {"open_receivables": 0, "overdue_receivables": 1, "overdue_share": 2,
                                         "over_90_days": 3},
        "app_pages/controller/controls.py": {"comparison_count": 0, "comparisons_passed": 1, "blocking_differences": 2,
                                             "other_differences": 3},
        "app_pages/steward/quality.py": {"quality_score": 0},
    }  # fmt: skip
    shown = {}
    for page, cards in pages.items():
        app = open_page(page)
        shown |= {measure: app.metric[place].value for measure, place in cards.items()}
    margin = open_page("app_pages/analyst/margin.py").metric
    return shown | dict(
        zip(("revenue", "cost_of_sales", "margin", "margin_share"), (card.value for card in margin), strict=True)
    )


@pytest.mark.usefixtures("published")
def test_figures_of_the_pack_are_those_of_the_pages(open_page: OpenPage) -> None:
    pack = pack_in("en")
    figures = {card.measure: card.figure for section in pack.sections for card in section.cards}
    shown = shown_on_pages(open_page)
    assert figures == shown
    text = text_of(pdf_bytes(pack))
    assert [figure for figure in shown.values() if figure not in text] == []


@pytest.mark.usefixtures("published")
def test_tables_of_the_pack_add_up_to_its_figures() -> None:
    pack = pack_in("en")
    for section in pack.sections:
        for _, table in section.tables:
            if table.has_total:
                assert table.rows[-1][0] == "Total"
    cash = next(section for section in pack.sections if section.title == "Cash now")
    assert cash.tables[0][1].rows[-1][-1] == cash.cards[0].figure
    assert cash.chart is not None
    assert sum(cash.chart.series[0][1]) == pytest.approx(float(str(cash.cards[0].value)))  # type: ignore[union-attr]


def test_empty_tables_make_a_pack_that_says_so(
    publish_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ("fct_bank_statement", "fct_cash_position_forecast", "fct_receivable_aging", "fct_sales_invoice_line",
             "fct_quality_score", "fct_tie_out", "fct_payable_aging")  # fmt: skip
    link = publish_run(tmp_path / "empty", "20261031T0700", *(f"delete from marts.{fact}" for fact in facts))
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    text = text_of(pdf_bytes(pack_in("en")))
    assert "There is no cash forecast in this run." in text


def test_a_name_that_looks_like_markup_is_written_as_it_is(
    publish_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = "update marts.dim_company set name = '<b>R&D</b> {x}' where company_id = 'erp:1'"
    link = publish_run(tmp_path / "named", "20261031T0700", named)
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    assert "<b>R&D</b> {x}" in text_of(pdf_bytes(pack_in("zh")))


def test_the_command_writes_the_pack_or_says_why_not(published: Path, tmp_path: Path) -> None:
    def run(link: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dashboards.board_pack", "--language", "zh", "--out", str(tmp_path / "a" / "b.pdf")],
            cwd=ROOT, env=os.environ | {"SETTLEHOUSE_PUBLISHED": str(link)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    failed = run(tmp_path / "nothing.duckdb")
    assert failed.returncode == 1
    told = failed.stderr.strip().splitlines()
    assert len(told) == 1
    assert "settlehouse run" in told[0]
    made = run(published)
    assert (made.returncode, made.stderr) == (0, "")
    assert "董事会报告" in text_of((tmp_path / "a" / "b.pdf").read_bytes())


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_makes_the_pack(open_page: OpenPage, language: str) -> None:
    app = open_page("app_pages/cfo/board_pack.py", lang=language)
    assert not app.get("download_button")
    app.button(key="make_pack").click().run(timeout=60)
    assert not app.exception
    assert len(app.get("download_button")) == 1


@pytest.mark.usefixtures("published")
def test_open_payables_are_those_of_the_aging(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as file:
        row = file.execute("select sum(open_amount_reporting_currency) from marts.fct_payable_aging").fetchone()
    assert row is not None
    assert values(pack_in("en"))["open_payables"] == row[0] == Decimal("52000.25")
    assert re.search("52,000.25", text_of(pdf_bytes(pack_in("en"))))
