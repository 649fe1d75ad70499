{{ open_item_settlement('receivable') }}
