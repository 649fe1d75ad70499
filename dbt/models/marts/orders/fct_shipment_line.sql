{{ movement_line('sales') }}
