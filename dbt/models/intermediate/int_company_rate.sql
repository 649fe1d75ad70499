-- Units of the books' currency for one unit of another, as the books round it: a third step of the rates to the
-- reporting currency, so that there is one place where rates come from (decision 51).
select
    company.company_id,
    document.currency,
    document.date_day,
    cast(
        {{ rounded_rate(
            '(cast(document.rate_to_reporting as double) / own.rate_to_reporting)',
            'coalesce(company.rate_decimals, 12)'
        ) }} as decimal(28, 12)
    ) as rate_to_company
from {{ ref('int_company') }} as company
inner join {{ ref('int_reporting_rate') }} as document on company.source_system = document.source_system
inner join {{ ref('int_reporting_rate') }} as own
    on
        company.source_system = own.source_system
        and company.currency = own.currency
        and document.date_day = own.date_day
