{{ open_item_ledger_control('receivable') }}
