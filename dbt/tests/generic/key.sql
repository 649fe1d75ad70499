{# The grain of a model: the columns together are never empty and never stand on two rows. #}
{% test key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as records
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
