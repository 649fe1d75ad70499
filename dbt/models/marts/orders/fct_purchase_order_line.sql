{{ order_line('purchase') }}
