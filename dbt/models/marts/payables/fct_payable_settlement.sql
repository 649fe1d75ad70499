{{ open_item_settlement('payable') }}
