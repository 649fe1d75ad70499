{{ union_staging('exchange_rate', [
    'exchange_rate_id', 'currency', 'rate_type', 'rate_date', 'units_per_base', 'source_system', 'source_key'
]) }}
