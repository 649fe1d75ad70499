"""A page that reads as the dashboards do, slowly enough that runs are published in the middle of a view of it."""

import time

import streamlit as st

from dashboards import access
from dashboards.memory import spare_the_collector
from dashboards.queries import receivables

spare_the_collector()
access.choose_file()
marks = []
for table, column in (
    ("dim_run", "run_id"), ("fct_tie_out", "run_id"), ("dim_company", "name"), ("fct_receivable", "invoice_number"),
    ("fct_bank_movement", "reference"),
):  # fmt: skip
    frame = access.query(f"select distinct {column} as mark from marts.{table}")
    marks += frame["mark"].tolist()
    time.sleep(0.1)
days = receivables.aging_dates()
aging = access.query("select * from marts.fct_receivable_aging where as_of = $as_of", as_of=days[0])
st.dataframe(aging.head(200))
st.text(f"marks {' '.join(sorted(set(marks)))} rows {len(aging)}")
