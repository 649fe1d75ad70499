{{ open_item('receivable') }}
