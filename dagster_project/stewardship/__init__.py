"""What data stewards decide: an append-only, hash-chained log in a store of its own, and what follows from it.

``chain`` what an entry is and how tampering shows · ``rules`` what may be decided, and which decisions hold ·
``store`` the transactional store · ``directory`` which records, attributes and faults there are ·
``memo`` memo records of treasurers ·
``commands`` and ``memo_commands`` the command line. No Dagster here; the warehouse takes decisions over in ``gate.py``.
"""
