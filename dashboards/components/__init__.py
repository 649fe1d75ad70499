"""What pages are put together from: language, figures, tables, charts, header."""
