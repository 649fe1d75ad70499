"""Income statement, balance sheet and cash flow statement of a company or of the group, lines by accounting periods."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from dashboards.access import made_from, query

INCOME_STATEMENT, BALANCE_SHEET = "income_statement", "balance_sheet"
CASH_FLOW_DIRECT, CASH_FLOW_INDIRECT = "cash_flow_direct", "cash_flow_indirect"
STATEMENTS = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW_DIRECT, CASH_FLOW_INDIRECT)
COMPANY_CURRENCY, REPORTING_CURRENCY = "company_currency", "reporting_currency"
_MONEY = pd.ArrowDtype(pa.decimal128(38, 4))
_ZERO = Decimal(0)

Amounts = dict[
    tuple[str, str], list[Decimal | None]
]  # (section, line) → one amount per period; None: a rate is missing


@dataclass(frozen=True)
class Part:
    """Lines of a statement in their order; the lines of ``section`` that are not named here follow those that are."""

    section: str
    lines: tuple[str, ...]
    subtotal: str = ""
    others: bool = True


_INCOME = (
    Part("result", ("revenue", "cost_of_sales"), "gross_profit", others=False),
    Part("result", ("operating_expense", "depreciation"), "operating_result", others=False),
    Part("result", ("exchange_difference", "interest", "intercompany_difference"), "result_before_tax"),
    Part("result", ("income_tax",), "result", others=False),
)
_BALANCE = (
    Part(
        "asset",
        ("cash", "receivable", "inventory", "tax", "other", "fixed_asset", "intercompany_difference"),
        "total_assets",
    ),
    Part("liability", ("payable", "tax", "other", "loan"), "total_liabilities"),
    Part(
        "equity",
        ("equity", "retained_earnings", "result_of_earlier_years", "result_of_the_year", "translation_difference"),
        "total_equity",
    ),
)
_CASH = (
    Part("cash_balance", ("opening_cash",), others=False),
    Part(
        "operating",
        (
            "receipts_from_customers",
            "payments_to_suppliers",
            "operating_costs_paid",
            "taxes_paid",
            "income_tax_paid",
            "interest_paid",
            "result",
            "depreciation",
            "exchange_differences_on_cash",
            "change_in_receivables",
            "change_in_inventory",
            "change_in_payables",
            "change_in_taxes",
        ),
        "operating_cash_flow",
    ),
    Part("investing", ("fixed_assets",), "investing_cash_flow"),
    Part("financing", ("owners", "loans"), "financing_cash_flow"),
    Part("exchange_effect", ("exchange_effect", "translation")),
    Part("cash_balance", ("closing_cash",), others=False),
)
_PARTS = {
    INCOME_STATEMENT: _INCOME,
    BALANCE_SHEET: _BALANCE,
    CASH_FLOW_DIRECT: _CASH,
    CASH_FLOW_INDIRECT: _CASH,
}

# One row per period, section and line of the scope: the consolidation for the group, where it has the statement.
_CONSOLIDATED = """
with amount as (
    select part.period_start, part.section, part.line, part.amount_reporting_currency as amount
    from marts.fct_consolidation as part
    inner join marts.dim_date as day on part.period_start = day.date_day
    where part.scope = 'group' and part.statement = $statement and day.fiscal_year = $fiscal_year
)
"""
_OF_COMPANIES = """
with amount as (
    select
        {start} as period_start,
        {section} as section,
        line,
        case when $currency = 'company_currency' then amount_company_currency else amount_reporting_currency end
            as amount
    from marts.{table}
    where ($company_id is null or company_id = $company_id) and {year} = $fiscal_year {condition}
)
"""


def statement_companies() -> pd.DataFrame:
    """Companies (company_id, company, currency) that have a balance sheet."""
    return query(
        """
        select company_id, name as company, currency
        from marts.dim_company
        where company_id in (select company_id from marts.fct_balance_sheet)
        order by company
        """
    )


def fiscal_years(company_id: str | None) -> list[str]:
    """Fiscal years of the company, or of the group where it is None, newest first."""
    if company_id is None:
        rows = query(
            """
            select fiscal_year from marts.dim_date
            where date_day in (select period_start from marts.fct_consolidation where scope = 'group')
            group by fiscal_year order by max(date_day) desc
            """
        )
    else:
        rows = query(
            """
            select fiscal_year from marts.fct_balance_sheet
            where company_id = $company_id
            group by fiscal_year order by max(period_end) desc
            """,
            company_id=company_id,
        )
    return rows["fiscal_year"].tolist()


def statement(statement: str, company_id: str | None, fiscal_year: str | None, currency: str) -> pd.DataFrame:
    """The statement as it is read: ``line``, one column per period (``2026-10``), newest first, the income
    statement with a total before them.

    Subtotals stand after the lines they add up. ``residual`` closes the balance sheet and the cash flow statement: what
    they fail to balance by. A subtotal over an amount that is not known, for lack of a rate, is not known either.
    """
    periods, amounts, read = _amounts(statement, company_id, fiscal_year, currency)
    if not periods:
        return pd.DataFrame()
    rows = _rows(statement, amounts, len(periods))
    columns = {month: [row[place] for _, row in rows] for place, month in reversed(list(enumerate(periods)))}
    if statement == INCOME_STATEMENT:
        columns = {"total": [_added(row) for _, row in rows], **columns}
    amounts_of = {name: pd.Series(column, dtype=_MONEY) for name, column in columns.items()}
    return made_from(pd.DataFrame({"line": [name for name, _ in rows], **amounts_of}), read)


def _amounts(
    statement: str, company_id: str | None, fiscal_year: str | None, currency: str
) -> tuple[list[str], Amounts, pd.DataFrame]:
    """The months of the periods, oldest first, the amount of every line in each, and the rows they were read from."""
    values: dict[str, object] = {"fiscal_year": fiscal_year}
    if company_id is None and statement in (INCOME_STATEMENT, BALANCE_SHEET):
        source = _CONSOLIDATED
        values["statement"] = statement
    else:
        source = _OF_COMPANIES.format(
            # The group's months: those in which the periods of its companies end.
            start="period_start" if company_id else "date_trunc('month', period_end)::date",
            year="fiscal_year"
            if company_id
            else "(select fiscal_year from marts.dim_date where date_day = date_trunc('month', period_end)::date)",
            section="'result'" if statement == INCOME_STATEMENT else "section",
            table={INCOME_STATEMENT: "fct_income_statement", BALANCE_SHEET: "fct_balance_sheet"}.get(
                statement, "fct_cash_flow_statement"
            ),
            condition={
                CASH_FLOW_DIRECT: "and method = 'direct'",
                CASH_FLOW_INDIRECT: "and method = 'indirect'",
            }.get(statement, ""),
        )
        values |= {"company_id": company_id, "currency": currency}
    rows = query(
        source
        + """
        select
            strftime(period_start, '%Y-%m') as month,
            section,
            line,
            case when count(*) = count(amount) then sum(amount)::decimal(38, 4) end as amount
        from amount
        group by period_start, section, line
        order by period_start, section, line
        """,
        **values,
    )
    periods = sorted(set(rows["month"]))
    amounts: Amounts = {}
    for month, section, line, amount in rows.itertuples(index=False):
        of_line = amounts.setdefault((section, line), [_ZERO] * len(periods))
        of_line[periods.index(month)] = None if pd.isna(amount) else amount
    return periods, amounts, rows


def _rows(statement: str, amounts: Amounts, periods: int) -> list[tuple[str, list[Decimal | None]]]:
    rows: list[tuple[str, list[Decimal | None]]] = []
    parts = _PARTS[statement]
    named = {(part.section, line) for part in parts for line in part.lines}
    before: list[list[Decimal | None]] = []  # all lines so far, for the running subtotals of the income statement
    subtotals: dict[str, list[Decimal | None]] = {}
    for part in parts:
        lines = [line for line in part.lines if (part.section, line) in amounts]
        if part.others:
            lines += sorted(
                line for section, line in amounts if section == part.section and (section, line) not in named
            )
        of_part = [amounts[part.section, line] for line in lines]
        rows += list(zip(lines, of_part, strict=True))
        before += of_part
        if part.subtotal:
            added = before if statement == INCOME_STATEMENT else of_part
            subtotals[part.subtotal] = _sum_by_period(added, periods)
            rows.append((part.subtotal, subtotals[part.subtotal]))
    if statement == BALANCE_SHEET:
        financed = _sum_by_period([subtotals["total_liabilities"], subtotals["total_equity"]], periods)
        rows.append(("liabilities_and_equity", financed))
        rows.append(("residual", _sum_by_period([subtotals["total_assets"], _negative(financed)], periods)))
    if statement in (CASH_FLOW_DIRECT, CASH_FLOW_INDIRECT):
        closing = amounts.get(("cash_balance", "closing_cash"), [_ZERO] * periods)
        reached = [row for (_, line), row in amounts.items() if line != "closing_cash"]
        rows.append(("residual", _sum_by_period([closing, *map(_negative, reached)], periods)))
    return rows


def _added(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _ZERO) if len(known) == len(amounts) else None


def _sum_by_period(lines: list[list[Decimal | None]], periods: int) -> list[Decimal | None]:
    return [_added([line[place] for line in lines]) for place in range(periods)]


def _negative(amounts: list[Decimal | None]) -> list[Decimal | None]:
    return [None if amount is None else -amount for amount in amounts]


def statement_controls(statement: str, company_id: str | None) -> pd.DataFrame:
    """The controls (control, comparisons, differences) that vouch for the statement, whole history, of the scope."""
    controls = ["cash_flow"] if statement.startswith("cash_flow") else ["balance_sheet", "consolidation"]
    return query(
        """
        select control, count(*) as comparisons, count(*) filter (where not passed) as differences
        from marts.fct_tie_out
        where list_contains($controls, control)
            and ($company_id is null or company_id = $company_id)
        group by control
        order by control
        """,
        controls=tuple(controls),
        company_id=company_id,
    )
