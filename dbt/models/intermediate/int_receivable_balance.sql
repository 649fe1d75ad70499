{{ open_item_balance('receivable') }}
