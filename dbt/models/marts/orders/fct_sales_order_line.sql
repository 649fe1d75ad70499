{{ order_line('sales') }}
