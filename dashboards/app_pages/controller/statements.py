"""Controller: income statement, balance sheet and cash flow statement, lines by months, with their residual."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pandas as pd
import streamlit as st

from dashboards.access import sees_every_row
from dashboards.components.about import explain
from dashboards.components.figures import amount
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.statements import (
    BALANCE_SHEET,
    COMPANY_CURRENCY,
    INCOME_STATEMENT,
    REPORTING_CURRENCY,
    STATEMENTS,
    fiscal_years,
    statement,
    statement_companies,
    statement_controls,
)


def figure(frame: pd.DataFrame, line: str) -> Decimal | None:
    """The amount of ``line`` in the first column: the total, or the newest period; None where there is no such line."""
    if frame.empty:
        return None
    amounts: dict[str, Decimal | None] = dict(zip(frame["line"].tolist(), frame.iloc[:, 1].tolist(), strict=True))
    return amounts.get(line)


run = begin_page("statements.title", "statements.purpose")
companies = statement_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))

statement_picker, company_picker, year_picker, currency_picker = st.columns([1.3, 1.6, 1, 1])
with statement_picker:
    kind = pick(
        "statement",
        t("filter.statement"),
        list(STATEMENTS[1:]),
        partial(t_value, "statement"),
        everything=t_value("statement", INCOME_STATEMENT),
    )
kind = kind or INCOME_STATEMENT
with company_picker:
    # The group is for who sees every company; others begin with their first.
    begin_with = None if sees_every_row() else next(iter(names), None)
    company_id = pick(
        "company",
        t("filter.company"),
        [name for name in names if name != begin_with],
        names.get,
        everything=names[begin_with] if begin_with else t("filter.group"),
    )
company_id = company_id or begin_with
years = fiscal_years(company_id)
newest = years[0] if years else ""
with year_picker:
    year = pick("year", t("filter.fiscal_year"), years[1:], lambda value: value, everything=newest or t("filter.all"))
year = year or newest
currency_kind, currency = REPORTING_CURRENCY, run.reporting_currency
if company_id:
    own = str(companies.set_index("company_id").loc[company_id, "currency"])
    with currency_picker:
        in_own = pick(
            "currency",
            t("filter.currency"),
            [COMPANY_CURRENCY],
            lambda _: own,
            everything=f"{currency} ({t('filter.group')})",
        )
    if in_own:
        currency_kind, currency = COMPANY_CURRENCY, own

income = statement(INCOME_STATEMENT, company_id, year, currency_kind)
balance = statement(BALANCE_SHEET, company_id, year, currency_kind)
revenue_card, result_card, cash_card, equity_card = st.columns(4)
revenue_card.metric(
    t("statements.revenue", currency=currency),
    amount(figure(income, "revenue")),
    border=True,
    help=explain("statement_revenue"),
)
result_card.metric(
    t("statements.result", currency=currency),
    amount(figure(income, "result")),
    border=True,
    help=explain("statement_result"),
)
cash_card.metric(
    t("statements.cash", currency=currency),
    amount(figure(balance, "cash")),
    border=True,
    help=explain("statement_cash"),
)
equity_card.metric(
    t("statements.equity", currency=currency),
    amount(figure(balance, "total_equity")),
    border=True,
    help=explain("statement_equity"),
)

st.subheader(t("statements.heading", statement=t_value("statement", kind), year=year, currency=currency), anchor=False)
sheet = {INCOME_STATEMENT: income, BALANCE_SHEET: balance}.get(kind)
if sheet is None:
    sheet = statement(kind, company_id, year, currency_kind)
    if company_id is None:
        st.caption(t("statements.cash_flow_not_eliminated"))
for control, comparisons, differences in statement_controls(kind, company_id).itertuples(index=False):
    words = t(
        "statements.control",
        control=t_value("control", control),
        comparisons=f"{comparisons:,}",
        differences=f"{differences:,}",
    )
    if differences:
        st.warning(words, icon=":material/balance:")
    else:
        st.caption(words)
months = [column for column in sheet.columns if column not in ("line", "total")]
if not sheet.empty:
    sheet = sheet.assign(line=[t_value("statement_line", line) for line in sheet["line"]])
show_table(
    sheet,
    "statement",
    file_name=f"{kind}_{year}.csv",
    currency=currency,
    labels={month: month for month in months},
    measures={month: "statement_amount" for month in months},
    rows_shown=len(sheet),
)
