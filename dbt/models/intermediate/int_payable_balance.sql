{{ open_item_balance('payable') }}
