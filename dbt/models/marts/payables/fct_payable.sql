{{ open_item('payable') }}
