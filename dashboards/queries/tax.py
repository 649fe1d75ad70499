"""Value added tax by company and month, its surcharges, and what was declared against what documents say."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query


def tax_companies() -> pd.DataFrame:
    """Companies (company_id, company, currency) that ever charged or paid value added tax."""
    return query(
        """
        select company_id, name as company, currency
        from marts.dim_company
        where company_id in (
            select company_id from marts.fct_vat_payable_monthly
            where output_tax_company_currency <> 0 or input_tax_company_currency <> 0
        )
        order by company
        """
    )


def tax_by_month(company_id: str | None) -> pd.DataFrame:
    """One row per month, newest first, in company currency: output, input, payable, carried forward, surcharges."""
    return query(
        """
        with surcharge as (
            select company_id, period_start, sum(surcharge_amount_company_currency)::decimal(18, 4) as surcharges
            from marts.fct_tax_surcharge
            group by company_id, period_start
        )
        select
            strftime(vat.period_start, '%Y-%m') as month,
            vat.output_tax_company_currency as output_tax,
            vat.input_tax_company_currency as input_tax,
            vat.carried_forward_opening_company_currency as carried_forward_opening,
            vat.payable_company_currency as tax_payable,
            vat.carried_forward_closing_company_currency as carried_forward_closing,
            surcharge.surcharges
        from marts.fct_vat_payable_monthly as vat
        left join surcharge using (company_id, period_start)
        where vat.company_id = $company_id
        order by vat.period_start desc
        """,
        company_id=company_id,
    )


def tax_declarations(company_id: str | None) -> pd.DataFrame:
    """One row per declared month, direction and rate, those that differ first, newest first, at most ROWS_LISTED."""
    return query(
        """
        select
            strftime(period_start, '%Y-%m') as month,
            direction as tax_direction,
            (100 * tax_rate)::decimal(9, 4) as tax_rate_percent,
            declared_tax_amount_company_currency as declared_tax,
            computed_tax_amount_company_currency as computed_tax,
            tax_difference_company_currency as tax_difference,
            base_difference_company_currency as base_difference,
            filed_date
        from marts.fct_tax_declaration
        where company_id = $company_id
        order by
            coalesce(tax_difference_company_currency <> 0 or base_difference_company_currency <> 0, true) desc,
            period_start desc, direction, tax_rate desc
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )
