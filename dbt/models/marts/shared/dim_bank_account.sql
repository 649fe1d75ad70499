select
    bank_account.bank_account_id,
    bank_account.company_id,
    {{ as_decided('bank_account', 'name') }},
    bank_account.currency,
    {{ as_decided('bank_account', 'iban') }},
    bank_account.account_id,
    case when {{ is_held('bank_account', 'bank_account.bank_account_id') }} then 'held' else 'active' end as status,
    bank_account.source_system,
    bank_account.source_key
from {{ ref('int_bank_account') }} as bank_account
