{# column of the file, element, sign: what is withheld comes positive #}
{% set elements = [
    ('gross', 'gross', ''),
    ('employer_contribution', 'employer_contribution', ''),
    ('income_tax', 'income_tax', '-'),
    ('employee_contribution', 'employee_contribution', '-'),
    ('net_pay', 'net', ''),
] %}

with payroll as (
    select
        *,
        company_code || ':' || employee_number as employee_key
    from {{ source('hr_payroll', 'payroll') }}
),

line as (
    {% for column, element, sign in elements %}
    select
        _source,
        company_code,
        employee_key,
        company_code || ':' || period || ':' || employee_number || ':{{ element }}' as line_key,
        pay_date,
        '{{ element }}' as element,
        currency,
        {{ sign }}{{ column }} as amount
    from payroll
    where {{ column }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    _source || ':' || line_key as payroll_line_id,
    company_code::varchar as company_code,
    _source || ':' || employee_key as employee_id,
    pay_date::date as pay_date,
    element::varchar as element,
    currency::varchar as currency,
    amount::decimal(18, 4) as amount_company_currency,
    _source::varchar as source_system,
    line_key::varchar as source_key
from line
