"""What is owed to suppliers."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import query


def payables_total(as_of: date) -> pd.DataFrame:
    """One row in reporting currency: open, and overdue, at the end of ``as_of``."""
    return query(
        """
        select
            sum(open_amount_reporting_currency) as open,
            sum(open_amount_reporting_currency) filter (where bucket <> 'not_due') as overdue
        from marts.fct_payable_aging
        where as_of = $as_of
        """,
        as_of=as_of,
    )
