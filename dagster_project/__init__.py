"""Settlehouse: the pipeline from operational systems to the published settlement warehouse."""
