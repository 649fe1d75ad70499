"""Cash application: which open items each incoming bank line pays, with how much, how surely and why.

``candidates`` proposes sets of items (set work in DuckDB), ``ml.cash_application`` says how probable each is,
``assign`` gives each cent away once, ``run`` reads the marts and lands the tables.
"""
