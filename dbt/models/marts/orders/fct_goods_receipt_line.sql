{{ movement_line('purchase') }}
