{{ open_item_ledger_control('payable') }}
