"""The demo group: operational systems of six companies, with behaviour worth forecasting and faults worth finding.

A source like any other: nothing but the command line and the tests knows it.
"""

from demo.group import AS_OF, generate

__all__ = ["AS_OF", "generate"]
