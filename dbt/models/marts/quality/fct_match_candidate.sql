select
    concat(pair.object, ':', pair.record_id, '|', pair.other_record_id) as match_candidate_id,
    pair.object,
    pair.record_id,
    pair.other_record_id,
    cast(pair.probability as decimal(9, 6)) as probability,
    pair.zone,
    pair.explanation,
    cast(pair.weight as decimal(9, 4)) as weight,
    cast(pair.weight_start as decimal(9, 4)) as weight_start,
    {% for field in ['name', 'place', 'tax_identifier', 'bank_account_number', 'email'] -%}
    pair.level_{{ field }},
    cast(pair.weight_{{ field }} as decimal(9, 4)) as weight_{{ field }},
    {% endfor -%}
    pair.decision_id,
    split_part(pair.record_id, ':', 1) as source_system,
    pair.record_id as source_key
from {{ source('quality', 'match_pair') }} as pair
