"""Settlehouse: the pipeline from operational systems to the published settlement warehouse."""

__version__ = "0.1.0"
