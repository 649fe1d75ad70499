"""The form in which a treasurer adds a memo record to the forecast, or withdraws one."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.language import t, t_value


def memo_form(companies: pd.DataFrame, memo_ids: list[str], as_of: date) -> None:
    """Forms for those who may decide. ``companies``: company_id, company, currency; ``memo_ids`` may be withdrawn."""
    if not can_decide():
        return
    names = dict(zip(companies["company_id"], companies["company"], strict=True))
    with st.expander(t("memo.add"), icon=":material/add:"), st.form("memo_add"):
        who, flow_column, currency_column, amount_column = st.columns([2, 2, 1, 2])
        company_id = who.selectbox(
            t("column.company"), list(names), format_func=lambda name: str(names[name]), key="memo_company"
        )
        flow = flow_column.selectbox(
            t("column.flow"),
            stewardship.MEMO_FLOWS,
            format_func=lambda name: t_value("flow", name),
            index=len(stewardship.MEMO_FLOWS) - 1,
            key="memo_flow",
        )
        currency = currency_column.text_input(t("column.currency"), max_chars=3, key="memo_currency")
        money = amount_column.text_input(t("memo.amount"), placeholder="-250000.00", key="memo_amount")
        first_column, every_column, until_column = st.columns(3)
        first = first_column.date_input(t("column.first_date"), value=as_of, format="YYYY-MM-DD", key="memo_first")
        every = every_column.selectbox(
            t("column.recurrence"),
            stewardship.MEMO_RECURRENCES,
            format_func=lambda name: t_value("recurrence", name),
            key="memo_every",
        )
        until = until_column.date_input(t("column.end_date"), value=None, format="YYYY-MM-DD", key="memo_until")
        said = who_and_why("memo_add")
        if st.form_submit_button(t("memo.add"), icon=":material/add:"):
            in_books = companies.loc[companies["company_id"] == company_id, "currency"]
            record(
                lambda kept: kept.add_memo(
                    stewardship.directory(),
                    stewardship.memo_of(
                        company_id=str(company_id),
                        flow=str(flow),
                        currency=currency.strip().upper() or str(in_books.iloc[0]),
                        amount=money.replace(",", "").replace("，", "").strip(),
                        first_date=first,
                        recurrence=str(every),
                        end_date=until,
                        known_from=as_of,
                    ),
                    **said,
                ),
                said,
            )
    if memo_ids:
        with st.expander(t("memo.withdraw"), icon=":material/remove:"), st.form("memo_withdraw"):
            memo_id = st.selectbox(t("column.memo_id"), memo_ids, key="memo_withdrawn")
            said = who_and_why("memo_withdraw")
            if st.form_submit_button(t("memo.withdraw"), icon=":material/remove:"):
                record(lambda kept: kept.withdraw_memo(str(memo_id), known_from=as_of, **said), said)
