"""What stands in the board pack: sections with figures, tables and the numbers of their charts; no drawing.

Every figure comes from the functions that the pages use, so that the pack and the pages cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pandas as pd

from dashboards.components.figures import NONE, WHOLE_FROM, amount, count, day, is_missing, moment, percent
from dashboards.components.language import text_in, value_in
from dashboards.queries.cash import cash_by_bank_account, cash_by_company, cash_total
from dashboards.queries.controls import certificate_total, controls
from dashboards.queries.forecast import cash_position_by_week, weekly_sheet
from dashboards.queries.margin import fiscal_year_span, margin_by, margin_total
from dashboards.queries.measures import Definitions
from dashboards.queries.payables import payables_total
from dashboards.queries.quality import score_by_dimension, total_score
from dashboards.queries.receivables import BUCKETS, aging_by_company, aging_total
from dashboards.queries.run import current_run

REGIONS_SHOWN = 10
_EVERYTHING: dict[str, object] = {"company_id": None, "control": None, "only_differences": False}
_ALL_RECORDS: dict[str, object] = {"object": None, "source": None, "company": None}


@dataclass(frozen=True)
class Card:
    """One figure in words; ``measure`` is its name in dim_measure, ``value`` what it is before it is written."""

    measure: str
    label: str
    figure: str
    value: object = None


@dataclass(frozen=True)
class Table:
    """Rows as they are written; the first ``text_columns`` are set to the left, figures to the right."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    text_columns: int = 1
    has_total: bool = False


@dataclass(frozen=True)
class Bars:
    """Horizontal bars per category: one series, several stacked, or (``overlaid``) one inside the other."""

    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]
    overlaid: bool = False


@dataclass(frozen=True)
class Fan:
    """Expected values in their bands by week, and a floor where there is one."""

    weeks: Sequence[date]
    mean: Sequence[float]
    bands: Sequence[tuple[str, Sequence[float], Sequence[float]]]  # name, low, high; the wider first
    mean_name: str
    floor: float | None
    floor_name: str


@dataclass(frozen=True)
class Section:
    """One topic of the pack: figures, a chart, tables, and what has to be said about them."""

    title: str
    purpose: str
    cards: Sequence[Card] = ()
    chart: Bars | Fan | None = None
    tables: Sequence[tuple[str, Table]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Pack:
    """The whole board pack in one language."""

    language: str
    title: str
    group: str
    facts: Sequence[tuple[str, str]]  # run, as of, published, currency
    summary: Sequence[Card]
    sections: Sequence[Section]
    definitions: Table = field(default_factory=lambda: Table((), ()))
    definitions_title: str = ""
    footer: str = ""
    page_word: str = "{number}"

    def texts(self) -> Iterator[str]:
        """Every text of the pack: what its font has to hold."""
        yield from (self.title, self.group, self.footer, self.page_word, self.definitions_title, "0123456789…–,.%")
        for name, value in self.facts:
            yield from (name, value)
        tables = [self.definitions]
        for card in self.summary:
            yield from (card.label, card.figure)
        for section in self.sections:
            yield from (section.title, section.purpose, *section.notes)
            for card in section.cards:
                yield from (card.label, card.figure)
            for title, table in section.tables:
                yield title
                tables.append(table)
            if isinstance(section.chart, Bars):
                yield from section.chart.categories
                yield from (name for name, _ in section.chart.series)
            elif section.chart is not None:
                yield from (section.chart.mean_name, section.chart.floor_name)
                yield from (name for name, *_ in section.chart.bands)
        for table in tables:
            yield from table.headings
            for row in table.rows:
                yield from row


class _Writer:
    """Words, figures and definitions of one language and run."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.run = current_run()
        self.as_of: date = self.run["as_of"]
        self.currency = str(self.run["reporting_currency"])
        self._defined = Definitions(language)
        self.used: dict[str, str] = {}  # measure → its label in the pack

    def t(self, key: str, **values: object) -> str:
        return text_in(self.language, key, **values)

    def value(self, family: str, value: object) -> str:
        return value_in(self.language, family, value)

    def column(self, name: str) -> str:
        return self.t(f"column.{name}", currency=self.currency)

    def card(self, measure: str, label: str, figure: str, value: object = None) -> Card:
        self.used.setdefault(measure, label)
        return Card(measure, label, figure, value)

    def named(self, card: Card) -> Card:
        """The card under the full name of its measure, for where no page title stands over it."""
        one = self._defined.of_measure(card.measure)
        parts = [one.name or card.label, self.currency if one.unit == "reporting_currency" else ""]
        if card.measure in ("revenue", "margin_share"):
            year = fiscal_year_span(self.as_of)
            parts.insert(1, year[0] if year else "")
        return replace(card, label=" · ".join(part for part in parts if part))

    def definitions(self) -> Table:
        rows = []
        for measure, label in self.used.items():
            one = self._defined.of_measure(measure)
            if one.meaning:
                rows.append((one.name or label, one.meaning, one.formula, ", ".join(one.tables)))
        headings = [self.t(f"export.{name}") for name in ("heading", "meaning", "formula", "tables")]
        return Table(headings, rows, text_columns=4)


def board_pack(language: str) -> Pack:
    """The pack of the published run in ``language`` (``en`` or ``zh``).

    Errors: NotReadable where nothing is published, or the file lacks what the pack shows.
    """
    writer = _Writer(language)
    run, t = writer.run, writer.t
    sections = [
        _cash(writer),
        _forecast(writer),
        _receivables(writer),
        _margin(writer),
        _quality(writer),
        _certificate(writer),
    ]
    shown = [card for section in sections for card in section.cards]
    wanted = ("cash_now", "headroom", "open_receivables", "overdue_share", "revenue", "margin_share", "quality_score")
    summary = [writer.named(next(card for card in shown if card.measure == name)) for name in wanted]
    owed = payables_total(writer.as_of).iloc[0]["open"]
    payables = writer.card("open_payables", t("board_pack.payables", currency=writer.currency), amount(owed), owed)
    summary.insert(4, writer.named(payables))
    return Pack(
        language=language,
        title=t("board_pack.title"),
        group=str(run.get("group_name") or ""),
        facts=(
            (t("column.as_of"), day(run["as_of"])),
            (t("export.run"), str(run["run_id"])),
            (t("board_pack.published"), f"{moment(run['finished_at'])} UTC"),
            (t("export.reporting_currency"), writer.currency),
        ),
        summary=summary,
        sections=sections,
        definitions=writer.definitions(),
        definitions_title=t("board_pack.definitions"),
        footer=t("header.strip", run=run["run_id"], as_of=day(run["as_of"]), published=moment(run["finished_at"])),
        page_word=t("board_pack.page"),
    )


def _cash(w: _Writer) -> Section:
    total, by_company, by_account = cash_total().iloc[0], cash_by_company(), cash_by_bank_account()
    floor = w.run.get("cash_floor_reporting_currency")
    cash = total["cash"]
    headroom = None if is_missing(cash) or is_missing(floor) else cash - floor
    notes = [
        w.t(f"cash.{name}", count=count(total[column]))
        for name, column in (
            ("without_statement", "accounts_without_statement"),
            ("without_rate", "accounts_without_rate"),
        )
        if total[column]
    ]
    money = ("closing_balance_bank_currency", "closing_balance_reporting_currency")
    return Section(
        title=w.t("cash.title"),
        purpose=w.t("cash.purpose"),
        cards=(
            w.card("cash_now", w.t("cash.now", currency=w.currency), amount(cash), cash),
            w.card("cash_floor", w.t("cash.floor", currency=w.currency), amount(floor), floor),
            w.card("headroom", w.t("cash.headroom", currency=w.currency), amount(headroom), headroom),
            w.card("bank_account_count", w.t("cash.bank_accounts"), count(total["bank_accounts"]),
                   total["bank_accounts"]),
        ),
        chart=Bars(
            [f"{_text(row['company'])} · {row['currency']}" for row in by_company.to_dict("records")],
            [(w.column(money[1]), _floats(by_company[money[1]]))],
        ),
        tables=(
            (
                w.t("cash.by_bank_account"),
                Table(
                    [w.column(name) for name in ("company", "bank_account", "currency", "statement_date", *money)],
                    [
                        (_text(row["company"]), _text(row["bank_account"]), _text(row["currency"]),
                         day(row["statement_date"]), own, reporting)
                        for row, own, reporting in zip(by_account.to_dict("records"), _money(by_account[money[0]]),
                                                       _money(by_account[money[1]]), strict=True)
                    ]
                    + [(w.t("board_pack.total"), "", "", "", "", amount(cash))],
                    text_columns=4,
                    has_total=True,
                ),
            ),
        ),
        notes=notes,
    )  # fmt: skip


def _forecast(w: _Writer) -> Section:
    floor = w.run.get("cash_floor_reporting_currency")
    floor = None if is_missing(floor) else floor
    weeks, sheet = cash_position_by_week(w.as_of, None), weekly_sheet(w.as_of, None)
    title, purpose = w.t("forecast.title"), w.t("forecast.purpose")
    if weeks.empty:
        return Section(title, purpose, notes=(w.t("forecast.none"),))
    lowest = weeks.iloc[int(weeks["mean"].astype("float64").argmin())]
    last = weeks.iloc[-1]
    figures = [str(name) for name in sheet.columns if name != "week_start"]
    return Section(
        title=title,
        purpose=purpose,
        cards=(
            w.card("closing_cash", w.t("forecast.closing", currency=w.currency, date=day(last["week_end"])),
                   amount(last["mean"]), last["mean"]),
            w.card("lowest_cash", w.t("forecast.lowest", currency=w.currency), amount(lowest["mean"]), lowest["mean"]),
            w.card("chance_below_floor", w.t("forecast.chance"), percent(last["below_floor_so_far_percent"]),
                   last["below_floor_so_far_percent"]),
        ),
        chart=Fan(
            weeks=weeks["week_start"].tolist(),
            mean=_floats(weeks["mean"]),
            bands=(
                (w.t("forecast.band_90"), _floats(weeks["p05"]), _floats(weeks["p95"])),
                (w.t("forecast.band_50"), _floats(weeks["p25"]), _floats(weeks["p75"])),
            ),
            mean_name=w.t("forecast.mean"),
            floor=None if floor is None else float(floor),
            floor_name=w.t("forecast.floor"),
        ),
        tables=(
            (
                f"{w.t('forecast.sheet')}, {w.currency}",
                Table(
                    [w.column(name) for name in ("week_start", *figures)],
                    list(zip(map(day, sheet["week_start"]), *(_money(sheet[name]) for name in figures), strict=True)),
                ),
            ),
        ),
        notes=(w.t("forecast.band_note"),),
    )  # fmt: skip


def _receivables(w: _Writer) -> Section:
    total, by_company = aging_total(w.as_of).iloc[0], aging_by_company(w.as_of)
    buckets = {column: w.value("bucket", name) for name, column in BUCKETS.items()}
    sums = [_sum(by_company[name]) for name in (*buckets, "total")]
    columns = [_money(by_company[name]) for name in (*buckets, "total")]
    rows = list(zip(map(_text, by_company["company"]), *columns, map(count, by_company["open_items"]), strict=True))
    items = int(by_company["open_items"].sum()) if len(by_company) else 0
    return Section(
        title=w.t("receivables.title"),
        purpose=w.t("receivables.purpose"),
        cards=(
            w.card("open_receivables", w.t("receivables.open", currency=w.currency), amount(total["open"]),
                   total["open"]),
            w.card("overdue_receivables", w.t("receivables.overdue", currency=w.currency), amount(total["overdue"]),
                   total["overdue"]),
            w.card("overdue_share", w.t("receivables.overdue_share"), percent(total["overdue_percent"]),
                   total["overdue_percent"]),
            w.card("over_90_days", w.t("receivables.over_90", currency=w.currency), amount(total["over_90"]),
                   total["over_90"]),
        ),
        chart=Bars(
            [_text(name) for name in by_company["company"]],
            [(name, _floats(by_company[column])) for column, name in buckets.items()],
        ),
        tables=(
            (
                f"{w.t('receivables.sheet')}, {w.currency}",
                Table(
                    [w.column("company"), *buckets.values(), w.column("total"), w.column("open_items")],
                    [*rows, (w.t("board_pack.total"), *_money(sums), count(items))],
                    has_total=True,
                ),
            ),
        ),
    )  # fmt: skip


def _margin(w: _Writer) -> Section:
    year, span = fiscal_year_span(w.as_of) or ("", None)
    total, members = margin_total({}, span).iloc[0], margin_by("region", {}, span)
    empty = w.t("value.empty")
    members = members.assign(member=[empty if is_missing(name) else name for name in members["member"]])
    top, rest = members.head(REGIONS_SHOWN), members.iloc[REGIONS_SHOWN:]
    names = ("revenue_reporting_currency", "cost_reporting_currency", "margin_reporting_currency")
    rows = [
        (row["member"], *(amount(row[name]) for name in names), percent(row["margin_percent"]))
        for row in top.to_dict("records")
    ]
    if len(rest):
        rows.append((w.t("board_pack.others", count=len(rest)), *(amount(_sum(rest[name])) for name in names), ""))
    figures = [total[name] for name in names]
    rows.append((w.t("board_pack.total"), *map(amount, figures), percent(total["margin_percent"])))
    notes = []
    if not is_missing(total["revenue_without_cost"]) and total["revenue_without_cost"]:
        notes.append(w.t("margin.cost_unknown", amount=amount(total["revenue_without_cost"]), currency=w.currency))
    return Section(
        title=w.t("board_pack.margin", year=year),
        purpose=w.t("board_pack.margin_purpose"),
        cards=(
            w.card("revenue", w.t("margin.revenue", currency=w.currency), amount(figures[0]), figures[0]),
            w.card("cost_of_sales", w.t("margin.cost", currency=w.currency), amount(figures[1]), figures[1]),
            w.card("margin", w.t("margin.margin", currency=w.currency), amount(figures[2]), figures[2]),
            w.card("margin_share", w.t("margin.percent"), percent(total["margin_percent"]), total["margin_percent"]),
        ),
        chart=Bars(
            [str(name) for name in top["member"]],
            [
                (w.t("margin.revenue", currency=w.currency), _floats(top[names[0]])),
                (w.t("margin.margin", currency=w.currency), _floats(top[names[2]])),
            ],
            overlaid=True,
        ),
        tables=(
            (
                w.t("margin.by.region"),
                Table([w.t("level.region"), *(w.column(name) for name in names), w.column("margin_percent")], rows,
                      has_total=True),
            ),
        ),
        notes=notes,
    )  # fmt: skip


def _quality(w: _Writer) -> Section:
    score, dimensions = total_score(**_ALL_RECORDS)["score_percent"].iloc[0], score_by_dimension(**_ALL_RECORDS)
    names = [w.value("quality_dimension", name) for name in dimensions["quality_dimension"]]
    columns = ("quality_dimension", "score_percent", "records", "failing_records", "amount_at_stake_reporting_currency")
    return Section(
        title=w.t("quality.title"),
        purpose=w.t("quality.purpose"),
        cards=(w.card("quality_score", w.t("quality.score"), _score(score), score),),
        chart=Bars(names, [(w.column("score_percent"), _floats(dimensions["score_percent"]))]),
        tables=(
            (
                w.t("quality.by_dimension"),
                Table(
                    [w.column(name) for name in columns],
                    [
                        (name, _score(row["score_percent"]), count(row["records"]), count(row["failing_records"]),
                         amount(row["amount_at_stake_reporting_currency"]))
                        for name, row in zip(names, dimensions.to_dict("records"), strict=True)
                    ],
                ),
            ),
        ),
    )  # fmt: skip


def _certificate(w: _Writer) -> Section:
    total, by_control = certificate_total(**_EVERYTHING).iloc[0], controls(**_EVERYTHING)
    cards = (
        ("comparison_count", "controls.comparisons", "comparisons"),
        ("comparisons_passed", "controls.passed", "passed"),
        ("blocking_differences", "controls.blocking", "blocking_differences"),
        ("other_differences", "controls.other", "other_differences"),
    )
    return Section(
        title=w.t("controls.title"),
        purpose=w.t("controls.purpose"),
        cards=[w.card(measure, w.t(key), count(total[name]), total[name]) for measure, key, name in cards],
        tables=(
            (
                w.t("controls.by_control"),
                Table(
                    [w.column(name) for name in ("control", "comparisons", "passed", "differences", "blocking")],
                    [
                        (w.value("control", row["control"]), count(row["comparisons"]), count(row["passed"]),
                         count(row["differences"]), w.value("yes_no", bool(row["blocking"])))
                        for row in by_control.to_dict("records")
                    ],
                ),
            ),
        ),
    )  # fmt: skip


def _money(values: Iterable[Decimal | None]) -> list[str]:
    """Amounts of a column written in one way: whole where some are large, else with two decimals."""
    known = list(values)
    if not any(not is_missing(value) and abs(value) >= WHOLE_FROM for value in known if value is not None):
        return [amount(value) for value in known]
    return [NONE if is_missing(value) else f"{value:z,.0f}" for value in known]


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _score(value: object) -> str:
    return NONE if is_missing(value) else f"{value:,.2f} %"


def _floats(values: pd.Series) -> list[float]:
    """For pixels only."""
    return [0.0 if is_missing(value) else float(value) for value in values]


def _sum(values: pd.Series) -> Decimal:
    return sum((value for value in values if not is_missing(value)), Decimal(0))
