"""What the companies of the group owe and sell each other, and where the two sides disagree."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_PAIR = """
with pair as (
    select
        pair.*,
        seller.name as seller,
        buyer.name as buyer,
        looks.name as owner_company
    from marts.fct_intercompany_pair as pair
    left join marts.dim_company as seller on pair.seller_company_id = seller.company_id
    left join marts.dim_company as buyer on pair.buyer_company_id = buyer.company_id
    left join marts.dim_company as looks on pair.owner_company_id = looks.company_id
    where ($company_id is null or $company_id in (pair.seller_company_id, pair.buyer_company_id))
        and ($status is null or pair.status = $status)
)
"""


def intercompany_companies() -> pd.DataFrame:
    """Companies (company_id, company) that sell to or buy from another of the group."""
    return query(
        """
        select company_id, name as company
        from marts.dim_company
        where company_id in (select seller_company_id from marts.fct_intercompany_pair)
            or company_id in (select buyer_company_id from marts.fct_intercompany_pair)
        order by company
        """
    )


def pair_statuses() -> list[str]:
    """Every status a pair has."""
    return query("select distinct status from marts.fct_intercompany_pair order by status")["status"].tolist()


def intercompany_total(**filters: object) -> pd.DataFrame:
    """One row: pairs, agreed, open_breaks, open_difference in reporting currency (absolute), oldest_days."""
    return query(
        _PAIR
        + """
        select
            count(*) as pairs,
            count(*) filter (where status = 'agreed') as agreed,
            count(*) filter (where is_open) as open_breaks,
            coalesce(sum(abs(difference_reporting_currency)) filter (where is_open), 0)::decimal(18, 2)
                as open_difference,
            max(age_days) filter (where is_open) as oldest_days
        from pair
        """,
        **filters,
    )


def intercompany_by_direction(**filters: object) -> pd.DataFrame:
    """One row per seller and buyer in reporting currency, most open breaks first: sales, purchases, difference."""
    return query(
        _PAIR
        + """
        select
            seller,
            buyer,
            count(*) as pairs,
            count(*) filter (where is_open) as open_breaks,
            sum(seller_gross_amount_reporting_currency) as sales_reporting_currency,
            sum(buyer_gross_amount_reporting_currency) as purchases_reporting_currency,
            coalesce(sum(difference_reporting_currency) filter (where is_open), 0)::decimal(18, 4)
                as open_difference_reporting_currency
        from pair
        group by seller, buyer
        order by open_breaks desc, seller, buyer
        """,
        **filters,
    )


def intercompany_breaks(**filters: object) -> pd.DataFrame:
    """One row per break, open ones first, oldest first, at most ROWS_LISTED."""
    return query(
        _PAIR
        + """
        select
            status,
            is_open,
            age_days,
            owner_company,
            document_number,
            seller,
            seller_invoice_number,
            seller_posting_date,
            seller_gross_amount_document_currency,
            coalesce(seller_document_currency, buyer_document_currency) as document_currency,
            buyer,
            buyer_invoice_number,
            buyer_posting_date,
            buyer_gross_amount_document_currency,
            difference_document_currency,
            difference_reporting_currency,
            owner
        from pair
        where status <> 'agreed'
        order by is_open desc, age_days desc, intercompany_pair_id
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )
