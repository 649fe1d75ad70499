{{ open_item_aging('receivable') }}
