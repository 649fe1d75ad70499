{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{% if is_incremental() %}
        delete from {{ this }}
        where known_from = {{ as_of() }} and (select max(known_from) from {{ this }}) <= {{ as_of() }}
    {% endif %}"
) }}

{{ open_item_version('receivable') }}
