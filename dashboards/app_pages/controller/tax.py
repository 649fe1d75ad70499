"""Controller: value added tax of a company by month, and its declarations against its documents."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import amount
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.tax import tax_by_month, tax_companies, tax_declarations

begin_page("tax.title", "tax.purpose")
companies = tax_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))
currencies = dict(zip(companies["company_id"], companies["currency"], strict=True))
known = list(names)
first = known[0] if known else None
# One company at a time: tax is owed in the currency and to the authority of each.
company_id = (
    pick("company", t("filter.company"), known[1:], names.get, everything=names[first] if first else t("value.empty"))
    or first
)
currency = currencies.get(company_id, "")

months = tax_by_month(company_id)
newest = months.iloc[0].to_dict() if not months.empty else {}
month = newest.get("month", "")
MEASURES = {
    "output_tax": "output_tax",
    "input_tax": "input_tax",
    "tax_payable": "tax_payable",
    "carried_forward_closing": "tax_carried_forward",
}
for column, (name, measure) in zip(st.columns(4), MEASURES.items(), strict=True):
    label = f"{t(f'column.{name}')}, {month} {currency}".rstrip(", ")
    column.metric(label, amount(newest.get(name)), border=True, help=explain(measure))

st.subheader(t("tax.by_month", currency=currency), anchor=False)
show_table(months, "months", file_name="tax_by_month.csv")

st.subheader(t("tax.declarations", currency=currency), anchor=False)
st.caption(t("tax.declarations_note"))
declarations = tax_declarations(company_id)
declarations = declarations.assign(
    tax_direction=[t_value("tax_direction", value) for value in declarations["tax_direction"]]
)
show_table(declarations, "declarations", file_name="tax_declarations.csv")
