"""Golden records: which records of all systems are one customer or one supplier.

``names`` takes company names apart, ``scoring`` weighs pairs with Splink by the declared ``model.yml``, ``clusters``
makes clusters of links, ``golden`` does it for a warehouse and obeys the stewards. What a golden record says of itself
is decided in dbt (survivorship). Knows the intermediate models and the quality tables, no Dagster.
"""
