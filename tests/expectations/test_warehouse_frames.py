"""Frames as the warehouse gives them, issues as it takes them."""

from __future__ import annotations

import duckdb


def test_frames_from_duckdb_and_issues_back_into_it(gate):
    warehouse = duckdb.connect()
    warehouse.execute(
        """create table int_customer as
           select 'erp:' || i as customer_id, 'C' || i as code, case when i > 0 then 'Customer ' || i end as name,
                  cast(null as varchar) as tax_identifier, 'DE' as country, cast(null as varchar) as email,
                  'EUR' as currency, case when i <> 1 then i * 200 end::integer as payment_term_days,
                  case when i <> 2 then true end as is_active,
                  case when i <> 2 then (i - 3) * 0.01 end::decimal(18, 4) as credit_limit_company_currency,
                  cast(null as varchar) as segment, cast(null as varchar) as replaced_by_customer_id,
                  'erp' as source_system, i::varchar as source_key
           from range(4) as numbers(i)"""
    )
    frame = warehouse.execute("select * from int_customer").fetch_arrow_table().to_pandas()
    issues = gate({"customer": frame}).issues
    warehouse.register("found", issues)
    rows = warehouse.execute("select rule, source_key, failed_value, due_days from found order by all").fetchall()
    assert rows == [
        ("customer_credit_limit_not_negative", "0", "-0.0300", 3),
        ("customer_credit_limit_not_negative", "1", "-0.0200", 3),
        ("customer_name_present", "0", None, 3),
        ("customer_payment_term_plausible", "2", "400", 3),
        ("customer_payment_term_plausible", "3", "600", 3),
    ]
    text_columns = [c for c in issues.columns if c != "due_days"]
    types = warehouse.execute("select column_name, column_type from (describe found)").fetchall()
    assert {name: kind for name, kind in types if name in text_columns} == dict.fromkeys(text_columns, "VARCHAR")
