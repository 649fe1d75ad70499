"""Forecasts of receipts and cash: frames in, frames out. Knows no file, no warehouse and no page."""
