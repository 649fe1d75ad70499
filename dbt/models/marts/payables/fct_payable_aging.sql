{{ open_item_aging('payable') }}
